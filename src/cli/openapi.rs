//! `latchkey openapi`: prints the description of the JSON API, as the server serves it at `/api/openapi.json`.

use crate::web::api::reference::Published;

use super::{
    Context,
    output::{self, CommandError},
};

/// Print the OpenAPI document of the JSON API
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  latchkey openapi > openapi.json")]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, context: &Context) -> Result<(), CommandError> {
    let published = Published::new(&context.settings()?);
    output::line(published.json().trim_end());
    Ok(())
}
