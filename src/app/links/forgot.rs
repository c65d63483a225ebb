//! Asking for a link at sign-in, without learning whether a name is anybody's (ASVS 5.0 6.3.8).
//!
//! [`ask`] stores what was typed and does the same work whatever that is; [`resolve`] looks it up later, in a job that
//! nobody waits for.

use std::net::IpAddr;

use time::{Duration, PrimitiveDateTime};

use super::{
    Draft,
    reset::{make_for, purpose_for, settled},
};
use crate::{
    app::{App, AppError, Caller, Rule, people, throttle, throttle::Buckets},
    domain::{account::MAX_EMAIL, secret::DigestKey},
    store::{self, DbConnection, StoreError, links::Request},
};

/// Requests that wait at most: nobody fills the disk.
const WAITING: i64 = 1_000;
/// Requests that are looked up in one run of the job.
const AT_ONCE: i64 = 100;
/// A request that was not looked up for so long is forgotten: nobody waits for the mail any more.
pub(in crate::app) const FORGOTTEN: Duration = Duration::hours(1);

/// Somebody at `address` asks for a link for whoever signs in as `name`.
///
/// Says nothing about the name: one that was asked for too often lately is passed over in silence. [`Rule::MailOff`];
/// [`AppError::TooManyTries`] for an address that asks too often; [`AppError::Busy`] when too many requests wait.
pub async fn ask(app: &App, name: &str, address: IpAddr) -> Result<(), AppError> {
    if !app.sends_mail() {
        return Err(Rule::MailOff.into());
    }
    let name = name.trim().to_lowercase();
    if name.len() > MAX_EMAIL {
        return Ok(());
    }
    Buckets::of_link_requests(app, address).take(app).await?;
    let named = Buckets::of_link_name(app, &name);
    let (now, address) = (app.now(), address.to_string());
    let stored = app
        .store
        .write(move |connection| {
            // The row is written in any case, and is of no use to anybody when the name was asked for too often.
            let refused = named.take_here(connection, now)?.is_some();
            let name = if refused { "" } else { &name };
            store::links::insert_request(connection, name, &address, now, WAITING)
        })
        .await;
    if stored.map_err(|error: StoreError| error)? {
        Ok(())
    } else {
        Err(AppError::Busy)
    }
}

/// Makes the links that were asked for. Returns how many were made.
///
/// Nothing for a name that is nobody's, a removed account, a deactivated staff member, or an address that staff changed
/// lately. A suspended account gets its link; somebody without a password is invited anew.
pub async fn resolve(app: &App) -> Result<usize, AppError> {
    if !app.sends_mail() {
        return Ok(0);
    }
    let waiting = app
        .store
        .read(|connection| store::links::list_requests(connection, AT_ONCE))
        .await?;
    let mut made = 0;
    for request in waiting {
        let draft = Draft::new(app);
        let key = throttle::key(app);
        let resolved = app
            .store
            .write(move |connection| resolve_one(connection, &key, &request, &draft))
            .await?;
        made += usize::from(resolved);
    }
    Ok(made)
}

fn resolve_one(
    connection: &mut DbConnection,
    key: &DigestKey,
    request: &Request,
    draft: &Draft,
) -> Result<bool, AppError> {
    if !store::links::take_request(connection, request.id)? {
        return Ok(false);
    }
    let Some(found) = store::logins::find_by_name(connection, &request.name)? else {
        return Ok(false);
    };
    store::logins::lock(connection, found.id)?;
    let Some(login) = store::logins::find(connection, found.id)? else {
        return Ok(false);
    };
    let Some(person) = people::holder(connection, login.id)? else {
        return Ok(false);
    };
    let purpose = purpose_for(&login);
    let too_often = Buckets::of_link_login(key, login.id).take_here(connection, draft.now)?;
    if too_often.is_some() || is_unsettled(&login, draft.now) {
        return Ok(false);
    }
    let caller = Caller {
        address: request.address.parse().ok(),
        ..Caller::system()
    };
    make_for(connection, &caller, &person, draft, purpose)?;
    Ok(true)
}

fn is_unsettled(login: &store::logins::Login, now: PrimitiveDateTime) -> bool {
    login.password_hash.is_some() && settled(login, now).is_err()
}
