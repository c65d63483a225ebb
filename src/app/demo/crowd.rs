//! The other customers of the demo, so that staff have something to search, to filter and to turn the pages of. Nobody
//! knows their password.

use time::{Duration, PrimitiveDateTime};

use super::{
    people,
    samples::{DAY, PLAIN, Sample},
    story::Stage,
    traffic::Dice,
};
use crate::{
    app::{App, AppError, PasswordHash, accounts::insert_login},
    domain::{
        account::Account,
        audit::{Action, Change, NewEvent, Party},
        permission::Actor,
    },
    store::{self, DbConnection, StoreError},
};

/// What they are called; their main site is named after what they do.
const NAMES: [&str; 60] = [
    "aanya", "abdul", "adele", "aisha", "akira", "alba", "amara", "anders", "anita", "baker", "bela", "bruno", "carla",
    "chen", "chloe", "dara", "deepa", "diego", "edith", "elif", "emeka", "farah", "felix", "freya", "gita", "goran",
    "hana", "henrik", "ines", "isaac", "jamal", "jonas", "joyce", "kabir", "kamala", "karim", "lena", "liam", "lucia",
    "malik", "maren", "mei", "nadia", "nikhil", "noor", "olga", "omar", "paolo", "petra", "rahul", "rosa", "samir",
    "sofia", "tariq", "tomas", "uma", "vera", "viktor", "yusuf", "zara",
];
const TRADES: [&str; 7] = ["bakery", "books", "cycles", "dental", "garden", "law", "travel"];
const PLANS: [&str; 3] = ["standard", "starter", "business"];
const ZONES: [&str; 4] = ["Asia/Kolkata", "Europe/Berlin", "Europe/London", "America/New_York"];
/// Who is suspended, by position, since so many days, and why.
const SUSPENDED: (usize, i64, &str) = (17, 6, "Invoice 2026-0917 has been open for 60 days.");
/// Of so many, one has tokens.
const WITH_TOKENS: usize = 4;

/// What tokens they have, in turns.
const TOKENS: [Sample; 4] = [
    Sample {
        name: "Backup script",
        scopes: "nightly-backup",
        created: 60 * DAY,
        expires: Some(30),
        ..PLAIN
    },
    Sample {
        name: "Website builds",
        scopes: "deploy-website",
        created: 26 * DAY,
        expires: Some(4),
        ..PLAIN
    },
    Sample {
        name: "Certificates",
        scopes: "dns-certificates",
        created: 80 * DAY,
        expires: Some(10),
        ..PLAIN
    },
    Sample {
        name: "Visitor numbers",
        scopes: "statistics:read",
        created: 29 * DAY,
        expires: Some(1),
        ..PLAIN
    },
];

/// Stores all of them with their tokens; returns their history.
pub(super) fn insert(
    connection: &mut DbConnection,
    app: &App,
    (member, nobodys): (&Actor, &PasswordHash),
    now: PrimitiveDateTime,
) -> Result<Vec<NewEvent>, AppError> {
    let mut events = Vec::new();
    for (number, name) in NAMES.iter().enumerate() {
        let (account, event) = insert_account(connection, app, (number, name), nobodys, now)?;
        events.push(event);
        if number % WITH_TOKENS == 1 {
            events.extend(insert_tokens(connection, app, (&account, member), number, now)?);
        }
        let (suspended, days, why) = SUSPENDED;
        if number == suspended {
            let at = now - Duration::days(days);
            store::accounts::put_suspension(connection, account.id, Some((at, why)))?;
            let mut caller = people::caller(member.clone(), people::PLACES[0]);
            caller.request_id = app.new_public_id();
            let target = Party::new("account", &account.public_id, &account.username);
            let mut event = caller.event(at, Action::AccountSuspended, Some(account.id), target, Vec::new());
            event.reason = Some(why.to_owned());
            events.push(event);
        }
    }
    Ok(events)
}

fn insert_account(
    connection: &mut DbConnection,
    app: &App,
    (number, name): (usize, &str),
    nobodys: &PasswordHash,
    now: PrimitiveDateTime,
) -> Result<(Account, NewEvent), AppError> {
    let spread = i64::try_from(number).unwrap_or_default();
    let made = now - Duration::days(90 + spread * 37 % 900) - Duration::minutes(spread * 53);
    let (plan_name, zone) = (PLANS[number * 5 / 7 % PLANS.len()], ZONES[number % ZONES.len()]);
    let domain = format!("{name}-{}.example", TRADES[number % TRADES.len()]);
    let plan = store::plans::find_by_name(connection, plan_name)?.ok_or(AppError::NotFound)?;
    let username = name.parse().expect("a user name");
    let email = format!("{name}@{domain}").parse().expect("an address");
    let login = insert_login(connection, &username, &email, Some(nobodys), made)?;
    let id = store::accounts::insert(connection, &app.new_public_id(), login, plan, zone, made)?;
    let mut sites = vec![domain.clone()];
    sites.extend((number % 3 == 0).then(|| format!("shop.{domain}")));
    for site in &sites {
        store::accounts::insert_site(connection, id, &site.parse().expect("the name of a site"), made)?;
    }
    store::accounts::terms::refresh(connection, id)?;
    if number % 8 != 3 {
        let ago = Duration::days(spread * spread * 7 % 230) + Duration::minutes(11 + spread * 41);
        store::logins::record_sign_in(connection, login, &nobodys.0, (now - ago).max(made))?;
    }
    let account = store::accounts::find(connection, id)?.ok_or(StoreError::CutOff)?;
    let changes = vec![
        Change::new("username", &account.username),
        Change::new("email", &account.email),
        Change::new("plan", &account.plan_name),
        Change::new("sites", sites.join(" ")),
    ];
    let target = Party::new("account", &account.public_id, &account.username);
    let event = crate::app::Caller::shell().event(made, Action::AccountCreated, Some(id), target, changes);
    Ok((account, event))
}

fn insert_tokens(
    connection: &mut DbConnection,
    app: &App,
    (account, member): (&Account, &Actor),
    number: usize,
    now: PrimitiveDateTime,
) -> Result<Vec<NewEvent>, AppError> {
    let stage = Stage {
        app,
        now,
        account,
        zone: app.zone(account),
        owner: people::caller(Actor::from(account), people::PLACES[0]),
        staff: people::caller(member.clone(), people::PLACES[0]),
        dice: Dice::new(now),
    };
    let mut events = Vec::new();
    let turn = number / WITH_TOKENS;
    for sample in TOKENS.iter().cycle().skip(turn).take(1 + turn % 3) {
        events.extend(stage.tell(connection, sample)?.1);
    }
    Ok(events)
}
