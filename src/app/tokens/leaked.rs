//! Ending tokens that were found where they should not be.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    one::change,
    revoke::{end, end_once},
};
use crate::{
    app::{
        App, AppError, Caller,
        throttle::{Buckets, TooMany},
        verify::{Compared, look_up},
    },
    domain::{
        audit::Action,
        id::{AccountId, TokenId},
        permission::Act,
        secret::{PublicId, TokenSecret},
        text::Reason,
        usage::SecretGeneration,
    },
    store,
};

/// Tokens that one report may have.
pub const MOST_REPORTED: usize = 1_000;
/// Look-ups of one report that wait for the database at the same time.
const AT_ONCE: usize = 16;

/// Ends a token because somebody else has it. The event says so, and so does the mail to the owner.
///
/// Errors with [`Rule::Revoked`](crate::app::Rule::Revoked) when it is over already.
pub async fn report(app: &App, caller: &Caller, account: AccountId, id: PublicId) -> Result<(), AppError> {
    change(
        app,
        caller,
        Act::StopTokens,
        (account, id),
        |connection, caller, token, now| end(connection, caller, token, Action::TokenLeaked, now),
    )
    .await
}

/// A whole secret that somebody found.
#[derive(Debug)]
pub struct Found {
    /// The secret.
    pub secret: TokenSecret,
    /// Where it was, in the words of whoever found it.
    pub place: Option<Reason>,
}

/// Ends those tokens whose secrets are among `found`, [`MOST_REPORTED`] at most: the one that a token has, or the
/// outgoing one of a rotation while it works. Not a use of any token. Nobody is told which of them there were: what is
/// looked up, compared and written is the same, but for the rows of tokens that end.
///
/// Errors with [`AppError::TooManyTries`] when too much was reported from this address; then nothing is ended.
pub async fn end_found(app: &App, caller: &Caller, found: Vec<Found>) -> Result<(), AppError> {
    caller.may(Act::RevokeFound, None)?;
    let buckets = caller
        .address
        .map(|address| Buckets::of_reports(app, address, found.len()));
    if let Some(buckets) = &buckets {
        buckets.check(app).await?;
    }
    let lookups = stream::iter(found.into_iter().take(MOST_REPORTED));
    let ends: Vec<Option<Working>> = lookups
        .map(|found| find_working(app, found))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut ends: Vec<Working> = ends.into_iter().flatten().collect();
    // Every node takes the rows in this order, so that no two reports wait for each other.
    ends.sort_by_key(|working| working.id);
    let (now, caller) = (app.now(), caller.clone());
    let written = app.store.write(move |connection| {
        let refused = buckets.map_or(Ok(None), |buckets| buckets.take_here(connection, now))?;
        if let Some(until) = refused {
            return Ok::<_, AppError>(Some(TooMany { until, now }));
        }
        for working in ends {
            let Some(token) = store::tokens::find(connection, working.account, &working.public_id)? else {
                continue;
            };
            let caller = Caller {
                reason: working.place,
                ..caller.clone()
            };
            // Ended by somebody else meanwhile, it is over all the same.
            end_once(connection, &caller, &token, Action::TokenLeaked, now)?;
        }
        Ok(None)
    });
    written.await?.map_or(Ok(()), |refused| Err(refused.into()))
}

/// A token that a found secret lets in, or would if it were not paused or expired.
struct Working {
    id: TokenId,
    account: AccountId,
    public_id: PublicId,
    place: Option<Reason>,
}

async fn find_working(app: &App, found: Found) -> Result<Option<Working>, AppError> {
    let (known, compared) = look_up(app, &found.secret, None).await?;
    let Some(known) = known.filter(|known| !known.removed) else {
        return Ok(None);
    };
    let works = match compared {
        Compared::Same(SecretGeneration::Current) => true,
        Compared::Same(SecretGeneration::Previous) => known.overlap(app.now()).is_some(),
        Compared::Other | Compared::KeyIsGone => false,
    };
    Ok(works.then_some(Working {
        id: known.id,
        account: known.account,
        public_id: known.public_id,
        place: found.place,
    }))
}
