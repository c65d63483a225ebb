//! Ending tokens that nobody uses, where the policy asks for it.

use time::{Duration, PrimitiveDateTime};

use super::one::{event, find_live};
use crate::{
    app::{App, AppError, Caller},
    domain::{
        audit::{Action, Change},
        id::AccountId,
        secret::PublicId,
    },
    store::{self, DbConnection, StoreError},
};

/// Tokens that are looked up at once.
const AT_ONCE: i64 = 200;
/// A use may stand in another node's memory for so long before it is written.
pub(crate) const GRACE: Duration = Duration::minutes(5);

/// Revokes every token that its plan's policy gives no more time without use; returns how many. One transaction for those
/// of an account, whose holder gets one mail about them, so that it can be interrupted; and conditional, so that several
/// nodes may do it at once.
///
/// Tokens of suspended accounts stay: they cannot be used.
pub async fn revoke_unused(app: &App) -> Result<usize, AppError> {
    let plans: Vec<(String, u16)> = app
        .store
        .read(|connection| {
            let installation = store::installation::find(connection)?.policy;
            let plans = store::plans::list(connection)?;
            let days = plans.into_iter().filter_map(|plan| {
                let policy = installation.narrowed_by(&plan.policy);
                Some((plan.name, policy.revoke_unused_days?))
            });
            Ok::<_, StoreError>(days.collect())
        })
        .await?;
    if plans.is_empty() {
        return Ok(0);
    }
    app.usage.flush(app).await?;
    let mut revoked = 0;
    for (plan, days) in plans {
        let before = app.now() - Duration::days(days.into()) - GRACE;
        loop {
            let name = plan.clone();
            let mut unused = app
                .store
                .read(move |connection| store::tokens::list_unused(connection, &name, before, AT_ONCE))
                .await?;
            unused.sort_by_key(|(account, _)| account.0);
            let mut ended = 0;
            for of_account in unused.chunk_by(|(one, _), (other, _)| one == other) {
                ended += revoke(app, of_account.to_vec(), before, days).await?;
            }
            revoked += ended;
            // Those that were used or revoked meanwhile are not found again.
            if unused.len() < usize::try_from(AT_ONCE).unwrap_or_default() || ended == 0 {
                break;
            }
        }
    }
    Ok(revoked)
}

async fn revoke(
    app: &App,
    tokens: Vec<(AccountId, PublicId)>,
    before: PrimitiveDateTime,
    days: u16,
) -> Result<usize, AppError> {
    let now = app.now();
    app.store
        .write(move |connection| {
            let mut revoked = 0;
            for (account, id) in &tokens {
                revoked += usize::from(revoke_one(connection, (*account, *id), before, days, now)?);
            }
            Ok(revoked)
        })
        .await
}

fn revoke_one(
    connection: &mut DbConnection,
    (account, id): (AccountId, PublicId),
    before: PrimitiveDateTime,
    days: u16,
    now: PrimitiveDateTime,
) -> Result<bool, AppError> {
    let token = match find_live(connection, account, id) {
        Ok(token) => token,
        Err(AppError::Rule(_) | AppError::NotFound) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !store::tokens::revoke_unused(connection, token.id, before, now)? {
        return Ok(false);
    }
    let changes = Change::between("status", "unused", "revoked").into_iter().collect();
    let mut event = event(&Caller::system(), now, Action::TokenRevoked, &token, changes);
    event.reason = Some(format!("Not used for {days} days"));
    store::audit::insert(connection, &event)?;
    Ok(true)
}
