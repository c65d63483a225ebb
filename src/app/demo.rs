//! Made-up data for showing the panel: two customers, two staff members, and tokens in every state with their usage and
//! history; 60 more customers for staff to look after, an incident that some of them were part of, service credentials, and tokens of the staff members.
//!
//! Everything is placed relative to now and is the same each time, but for passwords, ids and secrets.

mod crowd;
mod incident;
mod people;
mod samples;
mod services;
mod staff_tokens;
mod story;
mod traffic;

use std::sync::Arc;

use time::PrimitiveDateTime;
use zeroize::Zeroizing;

use super::{App, AppError, PasswordHash};
use crate::{
    clock::Clock,
    domain::{account::Account, audit::NewEvent, id::PUBLIC_ID_LENGTH, permission::Actor},
    store::{self, DbConnection, Store, StoreError},
};

use self::{story::Stage, traffic::Dice};

/// Characters of the password that nobody is told.
const NOBODYS: usize = 40;

/// What somebody in the demo is there to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A customer with tokens in every state.
    Customer,
    /// A customer without a token.
    NewCustomer,
    /// A staff member who looks after accounts.
    Support,
    /// A staff member who administers the installation.
    Admin,
}

/// Somebody whom visitors of the demo may sign in as.
#[derive(Clone, Debug)]
pub struct DemoPerson {
    /// What they are there for.
    pub part: Part,
    /// What they sign in with.
    pub username: String,
    /// Signs in as well.
    pub email: String,
    /// Made anew at each start; known to everybody who sees the sign-in page.
    pub password: String,
}

/// A token of the demo whose secret is handed out, to be tried.
#[derive(Clone, Debug)]
pub struct DemoToken {
    /// Its name.
    pub name: String,
    /// Its secret; absent where it is not handed out.
    pub secret: Option<Zeroizing<String>>,
}

/// Marks an empty database as a demo's. False when somebody has a login in it: real data are never mixed with made-up
/// ones.
pub fn claim(store: &Store, clock: &Clock) -> Result<bool, StoreError> {
    let (salt, now) = (clock.random_base62(PUBLIC_ID_LENGTH), clock.now());
    store.write_here(|connection| {
        if store::logins::has_any(connection)? {
            return Ok(false);
        }
        store::installation::find_or_create(connection, &salt, now)?;
        store::installation::mark_demo(connection)?;
        Ok(true)
    })
}

/// Fills a database that [`claim`] has marked, all of it in one transaction. Returns the tokens, the first one with its
/// secret.
pub async fn seed(app: &Arc<App>) -> Result<Vec<DemoToken>, AppError> {
    let cast = people::cast(app);
    let mut hashed = Vec::new();
    for person in &cast {
        let hash = app.passwords.hash(person.password.clone().into()).await?;
        hashed.push((person.clone(), hash));
    }
    // One for all others, of a password that nobody is told.
    let nobodys = app.passwords.hash(app.clock.random_base62(NOBODYS).into()).await?;
    let (stage, now) = (Arc::clone(app), app.now());
    let tokens = app
        .store
        .write(move |connection| fill(connection, &stage, (&hashed, &nobodys), now))
        .await?;
    // The second call of a caller who seeds twice has already failed on the user names.
    _ = app.demo_people.set(cast);
    Ok(tokens)
}

fn fill(
    connection: &mut DbConnection,
    app: &App,
    (cast, nobodys): (&[(DemoPerson, PasswordHash)], &PasswordHash),
    now: PrimitiveDateTime,
) -> Result<Vec<DemoToken>, AppError> {
    people::insert_plans(connection, app)?;
    store::installation::close_setup(connection, now)?;
    let (mut accounts, mut staff, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for (person, hash) in cast {
        let event = match person.part {
            Part::Customer | Part::NewCustomer => {
                let (account, event) = people::insert_customer(connection, app, person, hash, now)?;
                accounts.push((account, hash));
                event
            }
            Part::Support | Part::Admin => {
                let (member, event) = people::insert_staff(connection, app, person, hash, now)?;
                staff.push(member);
                event
            }
        };
        events.push(event);
    }
    let ([(account, hash), ..], [member, admin, ..]) = (accounts.as_slice(), staff.as_slice()) else {
        return Err(AppError::NotFound);
    };
    events.extend(people::insert_sign_ins(connection, app, (account, hash), now)?);
    let member = Actor::from(member);
    events.extend(crowd::insert(connection, app, (&member, nobodys), now)?);
    events.extend(incident::insert(connection, app, &Actor::from(admin), now)?);
    events.extend(services::insert(connection, app, &Actor::from(admin), now)?);
    events.extend(staff_tokens::insert(connection, app, &staff, now)?);
    let tokens = insert_tokens(connection, app, (account, member), &mut events, now)?;
    // The history is read in the order in which it was written.
    events.sort_by_key(|event| event.at);
    for event in &events {
        store::audit::insert(connection, event)?;
    }
    Ok(tokens)
}

fn insert_tokens(
    connection: &mut DbConnection,
    app: &App,
    (account, member): (&Account, Actor),
    events: &mut Vec<NewEvent>,
    now: PrimitiveDateTime,
) -> Result<Vec<DemoToken>, AppError> {
    let stage = Stage {
        app,
        now,
        account,
        zone: app.zone(account),
        owner: people::caller(Actor::from(account), people::PLACES[0]),
        staff: people::caller(member, ("198.51.100.2", people::PLACES[0].1)),
        dice: Dice::new(now),
    };
    let mut tokens = Vec::new();
    for sample in samples::SAMPLES {
        let (secret, history) = stage.tell(connection, sample)?;
        events.extend(history);
        tokens.push(DemoToken {
            name: sample.name.to_owned(),
            secret: tokens.is_empty().then_some(secret),
        });
    }
    Ok(tokens)
}
