//! Stopping or renewing several tokens at once: all that can be, in one transaction with one event each, and why the
//! others were not.

use time::PrimitiveDateTime;

use super::{bounds::Bounds, pause::pause_in, renew::renew_in, revoke::revoke_in};
use crate::{
    app::{App, AppError, Caller, Rule, policy_for},
    clock::TimeZone,
    domain::{
        account::Account,
        audit::Action,
        id::AccountId,
        permission::Act,
        policy::{DEFAULT_LIFETIME_DAYS, ExpiryRefusal, Policy},
        secret::PublicId,
        token::{EXPIRING, Expiry, Life, Token},
    },
    store::{self, DbConnection},
};

/// Tokens that are changed at once, at most; further ids are passed over.
pub const MOST: usize = 100;

/// What became of the tokens that somebody named. Ids that are not the account's are not there at all.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Those that were changed, as they were before.
    pub done: Vec<Token>,
    /// Those that were not, and why.
    pub skipped: Vec<(Token, Rule)>,
}

/// Switches tokens off; those that are off or over already are skipped.
pub async fn pause(app: &App, caller: &Caller, account: AccountId, ids: Vec<PublicId>) -> Result<Outcome, AppError> {
    caller.may(Act::StopTokens, Some(account))?;
    each(
        app,
        caller,
        account,
        ids,
        |connection, caller, token, now| match token.life {
            Life::Revoked { at } => Err(Rule::Revoked(at).into()),
            Life::Paused { by, .. } => Err(Rule::Paused(Some(by)).into()),
            Life::Live => pause_in(connection, caller, token, now),
        },
    )
    .await
}

/// Ends tokens for good; those that are over already are skipped.
pub async fn revoke(app: &App, caller: &Caller, account: AccountId, ids: Vec<PublicId>) -> Result<Outcome, AppError> {
    caller.may(Act::StopTokens, Some(account))?;
    each(
        app,
        caller,
        account,
        ids,
        |connection, caller, token, now| match token.life {
            Life::Revoked { at } => Err(Rule::Revoked(at).into()),
            Life::Live | Life::Paused { .. } => revoke_in(connection, caller, token, now),
        },
    )
    .await
}

/// Ends every token of an account that is not over yet, in one transaction: none can be made meanwhile.
///
/// Errors with [`AppError::PasswordNeeded`] when the password is not fresh.
pub async fn revoke_all(app: &App, caller: &Caller, account: AccountId) -> Result<Outcome, AppError> {
    caller.may(Act::StopTokens, Some(account))?;
    let (now, bounds) = (app.now(), Bounds::of(app, caller));
    let caller = caller.clone();
    caller.needs_fresh_password(now)?;
    app.store
        .write(move |connection| {
            store::tokens::hold_account(connection, account)?;
            let tokens = store::tokens::list_live(connection, account)?;
            let end = |connection: &mut DbConnection, token: &Token| {
                bounds.hold_token(connection, token, now)?;
                revoke_in(connection, &caller, token, now)
            };
            through(connection, tokens, end)
        })
        .await
}

/// Gives tokens that expire this month, and those that have expired, their former lifetime again. Those that somebody
/// has renewed since are skipped, as are those that the policy lets live no longer.
///
/// Errors with [`AppError::PasswordNeeded`] when the password is not fresh.
pub async fn renew(app: &App, caller: &Caller, account: &Account, ids: Vec<PublicId>) -> Result<Outcome, AppError> {
    caller.may(Act::ExtendTokens, Some(account.id))?;
    caller.needs_fresh_password(app.now())?;
    let (owner, zone, bounds) = (account.clone(), app.zone(account), Bounds::of(app, caller));
    each(app, caller, account.id, ids, move |connection, caller, token, now| {
        if let Life::Revoked { at } = token.life {
            return Err(Rule::Revoked(at).into());
        }
        if token.expiry.is_later_than(Expiry::At(end_of_month(&zone, now))) {
            return Err(Rule::Changed(Box::new(token.clone())).into());
        }
        let policy = policy_for(connection, &owner)?;
        let set_at = expiry_set_at(connection, std::slice::from_ref(token))?[0];
        let expiry = renewed(token, set_at, &policy, &zone, now).map_err(|why| match why {
            NotRenewed::Refused(refusal) => Rule::Expiry(refusal),
            NotRenewed::NotLater => Rule::Changed(Box::new(token.clone())),
        })?;
        renew_in(connection, caller, (token, &bounds), expiry, &policy, now).map(|_| ())
    })
    .await
}

/// Does `work` to each of the tokens in one transaction. A rule that stands against one of them skips that one, as it
/// is found out before anything is written.
async fn each(
    app: &App,
    caller: &Caller,
    account: AccountId,
    mut ids: Vec<PublicId>,
    work: impl Fn(&mut DbConnection, &Caller, &Token, PrimitiveDateTime) -> Result<(), AppError> + Send + 'static,
) -> Result<Outcome, AppError> {
    ids.truncate(MOST);
    let bounds = Bounds::of(app, caller);
    let (now, caller) = (app.now(), caller.clone());
    app.store
        .write(move |connection| {
            let tokens = store::tokens::list_by_ids(connection, account, &ids)?;
            through(connection, tokens, |connection, token| {
                bounds.hold_token(connection, token, now)?;
                work(connection, &caller, token, now)
            })
        })
        .await
}

/// Does `work` to each of the tokens, which come in the order of their rows, so that two transactions never wait for
/// each other.
fn through(
    connection: &mut DbConnection,
    tokens: Vec<Token>,
    work: impl Fn(&mut DbConnection, &Token) -> Result<(), AppError>,
) -> Result<Outcome, AppError> {
    let mut outcome = Outcome::default();
    for token in tokens {
        match work(connection, &token) {
            Ok(()) => outcome.done.push(token),
            Err(AppError::Rule(rule)) => outcome.skipped.push((token, *rule)),
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

/// A token that expires this month, and the expiry that it would get.
pub type Renewal = (Token, Result<Expiry, NotRenewed>);

/// Why a token that expires this month would not be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRenewed {
    /// The policy lets it live no longer.
    Refused(ExpiryRefusal),
    /// Its expiry was set so lately that the same time again would end no later.
    NotLater,
}

/// What "renew all that expire this month" would do.
#[derive(Debug)]
pub struct Renewals {
    /// The tokens that expire until then are listed.
    pub until: PrimitiveDateTime,
    /// The first to expire first, at most [`MOST`].
    pub tokens: Vec<Renewal>,
    /// Whether there are more.
    pub more: bool,
}

/// The account's tokens that expire this month.
pub async fn renewals(app: &App, caller: &Caller, account: &Account) -> Result<Renewals, AppError> {
    caller.may(Act::View, Some(account.id))?;
    let (account, zone, now) = (account.clone(), app.zone(account), app.now());
    let until = end_of_month(&zone, now);
    app.store
        .read(move |connection| {
            let one_more = i64::try_from(MOST + 1).expect("it is a small number");
            let mut tokens = store::tokens::list_expiring(connection, account.id, (now, until), one_more)?;
            let more = tokens.len() > MOST;
            tokens.truncate(MOST);
            let policy = policy_for(connection, &account)?;
            let set = expiry_set_at(connection, &tokens)?;
            let renewal = |(token, set_at): (Token, PrimitiveDateTime)| {
                let expiry = renewed(&token, set_at, &policy, &zone, now);
                (token, expiry)
            };
            let tokens = tokens.into_iter().zip(set).map(renewal).collect();
            Ok(Renewals { until, tokens, more })
        })
        .await
}

/// The end of this month in `zone`, or of the day that lies [`EXPIRING`] ahead where that is later: what the list
/// warns of can always be renewed.
fn end_of_month(zone: &TimeZone, now: PrimitiveDateTime) -> PrimitiveDateTime {
    let today = zone.today(now);
    let last = today.month().length(today.year());
    let last = today.replace_day(last).unwrap_or(today);
    zone.end_of_day(last.max(today.saturating_add(EXPIRING)))
}

/// When the expiry of each of an account's tokens was set: at its creation or its last renewal.
fn expiry_set_at(connection: &mut DbConnection, tokens: &[Token]) -> Result<Vec<PrimitiveDateTime>, AppError> {
    let Some(first) = tokens.first() else {
        return Ok(Vec::new());
    };
    let ids: Vec<String> = tokens.iter().map(|token| token.public_id.to_string()).collect();
    let renewed = store::audit::list_latest(connection, first.account, Action::TokenRenewed, ("token", &ids))?;
    let set_at = |(token, id): (&Token, &String)| {
        let found = renewed.iter().find(|(renewed, _)| renewed == id);
        found.map_or(token.created_at, |(_, at)| *at)
    };
    Ok(tokens.iter().zip(&ids).map(set_at).collect())
}

/// The expiry that gives a token as many days again as it had, or [`DEFAULT_LIFETIME_DAYS`] where that was less than
/// one; earlier where the policy says so.
fn renewed(
    token: &Token,
    set_at: PrimitiveDateTime,
    policy: &Policy,
    zone: &TimeZone,
    now: PrimitiveDateTime,
) -> Result<Expiry, NotRenewed> {
    let had = token.expiry.instant().map_or(0, |at| (at - set_at).whole_days());
    let days = if had > 0 { had } else { i64::from(DEFAULT_LIFETIME_DAYS) };
    let wanted = zone.today(now).saturating_add(time::Duration::days(days));
    let latest = policy.latest_expiry(token.created_at, now);
    let day = latest.map_or(wanted, |latest| wanted.min(last_whole_day(zone, latest)));
    let expiry = Expiry::At(zone.end_of_day(day));
    if expiry.is_later_than(token.expiry) {
        let checked = policy.check_expiry(expiry, token.created_at, now);
        return checked.map(|()| expiry).map_err(NotRenewed::Refused);
    }
    Err(match latest {
        Some(latest) if latest <= now => NotRenewed::Refused(ExpiryRefusal::TotalLifetimeOver),
        Some(latest) if day < wanted => NotRenewed::Refused(ExpiryRefusal::TooLate { latest }),
        _ => NotRenewed::NotLater,
    })
}

/// The last day in `zone` that is over at `latest`.
fn last_whole_day(zone: &TimeZone, latest: PrimitiveDateTime) -> time::Date {
    let day = zone.today(latest);
    if zone.end_of_day(day) <= latest {
        day
    } else {
        day.previous_day().unwrap_or(day)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_month_ends_in_the_accounts_zone_and_never_within_a_week() {
        let zone: TimeZone = "Asia/Kolkata".parse().unwrap();
        assert_eq!(
            end_of_month(&zone, datetime!(2026-11-02 12:00)),
            datetime!(2026-11-30 18:29:59)
        );
        // There it is the first of December already.
        assert_eq!(
            end_of_month(&zone, datetime!(2026-11-30 20:00)),
            datetime!(2026-12-31 18:29:59)
        );
        assert_eq!(
            end_of_month(&zone, datetime!(2026-11-29 12:00)),
            datetime!(2026-12-06 18:29:59)
        );
        assert_eq!(
            end_of_month(&zone, datetime!(2028-02-03 12:00)),
            datetime!(2028-02-29 18:29:59)
        );
    }
}
