//! Making the first administrator of an installation.

use super::{App, AppError};
use crate::store::{self, StoreError};

/// Whether there is no administrator yet.
pub async fn is_open(app: &App) -> Result<bool, AppError> {
    let installation = app
        .store
        .read(|connection| store::installation::find(connection))
        .await
        .map_err(|error: StoreError| error)?;
    Ok(installation.setup_closed_at.is_none())
}
