//! The audit of the whole installation: its chain and whether it is whole.

pub mod search;

use super::{App, AppError, Caller};
use crate::{
    domain::{
        chain::{ChainKeys, Head, Report, Verifier},
        permission::Act,
    },
    keyring::Keyring,
    store::{self, StoreError},
};

/// Events that are verified between two looks at the database.
const BATCH: i64 = 1_000;

/// The keys with which events are sealed. Each key of the file gives one, so that what an older key sealed stays
/// verifiable after a rotation.
pub(super) fn chain_keys(keyring: &Keyring) -> ChainKeys {
    let mut keys: Vec<_> = keyring.derive_each("audit chain").collect();
    let current = keys.pop().expect("a keyring has a key");
    ChainKeys::new(keys, current)
}

/// The end of the chain as it now is. Kept outside the database it shows later that nothing was cut off.
pub async fn head(app: &App) -> Result<Option<Head>, AppError> {
    Ok(app.store.read(store::audit::chain::head).await?)
}

/// Writes the head to the log, from where it should go to another machine.
pub async fn log_head(app: &App) -> Result<(), AppError> {
    if let Some(head) = head(app).await? {
        tracing::info!(%head, "audit-head");
    } else {
        tracing::error!("audit-head-missing: somebody removed the head of the audit events");
    }
    Ok(())
}

/// Goes through all events, a batch at a time, and says whether one was changed, removed, or put elsewhere, and whether
/// the end was cut off since `kept`, a head out of the log.
///
/// Without `kept` the end is compared with the database's own head alone, which whoever cuts events off may have changed.
pub async fn verify(app: &App, caller: &Caller, kept: Option<Head>) -> Result<Report, AppError> {
    caller.may(Act::ReadAudit, None)?;
    let keys = app.store.chain_keys().ok_or(StoreError::Unsealed)?;
    // The head before the first event and again after the last: what is written meanwhile is no fault.
    let mut verifier = Verifier::new(&keys, head(app).await?, kept);
    let mut after = 0;
    loop {
        let read = move |connection: &mut _| store::audit::chain::list_entries(connection, after, BATCH);
        let entries = app.store.read(read).await?;
        let Some((last, _)) = entries.last() else { break };
        after = last.id;
        for (entry, seal) in entries {
            verifier.take(entry, seal);
        }
    }
    Ok(verifier.finish(head(app).await?.as_ref()))
}
