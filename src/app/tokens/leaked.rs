//! Ending tokens that were found where they should not be.

use futures_util::{StreamExt, TryStreamExt, stream};
use time::PrimitiveDateTime;

use super::{
    one::change,
    revoke::{end, end_once},
};
use crate::{
    app::{
        App, AppError, Caller,
        staff_tokens::leaked as of_staff,
        throttle::{Buckets, TooMany},
        verify::{Compared, look_up},
    },
    domain::{
        audit::Action,
        id::{AccountId, TokenId},
        permission::Act,
        secret::{PublicId, TokenSecret, WholeToken},
        text::Reason,
        usage::SecretGeneration,
    },
    store::{self, DbConnection},
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
    pub secret: WholeToken,
    /// Where it was, in the words of whoever found it.
    pub place: Option<Reason>,
}

/// Ends those tokens whose secrets are among `found`, [`MOST_REPORTED`] at most: the one that a token has, or the
/// outgoing one of a rotation while it works; those of staff members too. Not a use of any token. Nobody is told which of
/// them there were: what is looked up, compared and written is the same, but for the rows of tokens that end.
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
    let working: Working = stream::iter(found.into_iter().take(MOST_REPORTED))
        .map(|found| find_working(app, found))
        .buffered(AT_ONCE)
        .try_fold(Working::default(), async |all, one| Ok(all.and(one)))
        .await?;
    let (now, caller) = (app.now(), caller.clone());
    let written = app.store.write(move |connection| {
        let refused = buckets.map_or(Ok(None), |buckets| buckets.take_here(connection, now))?;
        if let Some(until) = refused {
            return Ok::<_, AppError>(Some(TooMany { until, now }));
        }
        working.end(connection, &caller, now)?;
        Ok(None)
    });
    written.await?.map_or(Ok(()), |refused| Err(refused.into()))
}

/// Tokens that found secrets let in, or would if they were not paused or expired.
#[derive(Default)]
struct Working {
    of_accounts: Vec<OfAccount>,
    of_staff: Vec<of_staff::Working>,
}

/// A token of an account among them.
struct OfAccount {
    id: TokenId,
    account: AccountId,
    public_id: PublicId,
    place: Option<Reason>,
}

impl Working {
    fn and(mut self, mut more: Self) -> Self {
        self.of_accounts.append(&mut more.of_accounts);
        self.of_staff.append(&mut more.of_staff);
        self
    }

    /// Ends all of them. What was ended by somebody else meanwhile is over all the same.
    fn end(mut self, connection: &mut DbConnection, caller: &Caller, now: PrimitiveDateTime) -> Result<(), AppError> {
        // Every node takes the rows in this order, so that no two reports wait for each other.
        self.of_accounts.sort_by_key(|working| working.id);
        for working in self.of_accounts {
            if let Some(token) = store::tokens::find(connection, working.account, &working.public_id)? {
                let caller = caller.found_at(working.place);
                end_once(connection, &caller, &token, Action::TokenLeaked, now)?;
            }
        }
        of_staff::end(connection, caller, self.of_staff, now)
    }
}

async fn find_working(app: &App, found: Found) -> Result<Working, AppError> {
    let mut working = Working::default();
    match found.secret {
        WholeToken::Account(secret) => working.of_accounts.extend(of_account(app, &secret, found.place).await?),
        WholeToken::Staff(secret) => working
            .of_staff
            .extend(of_staff::find(app, &secret, found.place).await?),
    }
    Ok(working)
}

async fn of_account(app: &App, secret: &TokenSecret, place: Option<Reason>) -> Result<Option<OfAccount>, AppError> {
    let (known, compared) = look_up(app, secret, None).await?;
    let Some(known) = known.filter(|known| !known.removed) else {
        return Ok(None);
    };
    let works = match compared {
        Compared::Same(SecretGeneration::Current) => true,
        Compared::Same(SecretGeneration::Previous) => known.overlap(app.now()).is_some(),
        Compared::Other | Compared::KeyIsGone => false,
    };
    Ok(works.then_some(OfAccount {
        id: known.id,
        account: known.account,
        public_id: known.public_id,
        place,
    }))
}
