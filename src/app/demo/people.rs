//! The people of the demo: two customers with sites and plans, two staff members, their sign-ins.

use std::net::IpAddr;

use time::{Duration, PrimitiveDateTime};

use super::{DemoPerson, Part, samples};
use crate::{
    app::{App, AppError, Caller, PasswordHash, accounts::insert_login},
    domain::{
        account::Account,
        audit::{Action, Change, NewEvent, Party},
        permission::Actor,
        policy::{Plan, Policy},
        scope::ScopeSet,
        staff::{Role, StaffMember},
    },
    store::{self, DbConnection, StoreError, sessions::Session},
};

/// Letters and digits that cannot be taken for others.
const LEGIBLE: &str = "abcdefghjkmnpqrstuvwxyz23456789";
const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36";
const LAPTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
/// Where the shop's owner works, and where her phone is.
pub(super) const PLACES: [(&str, &str); 2] = [("203.0.113.24", LAPTOP), ("203.0.113.90", PHONE)];

/// A customer as the demo has them.
struct Customer {
    part: Part,
    username: &'static str,
    email: &'static str,
    plan: &'static str,
    time_zone: &'static str,
    sites: &'static [&'static str],
    /// Days before now.
    since: i64,
}

const CUSTOMERS: [Customer; 2] = [
    Customer {
        part: Part::Customer,
        username: "priya",
        email: "priya@teahouse.example",
        plan: "business",
        time_zone: "Asia/Kolkata",
        sites: &samples::SITES,
        since: 412,
    },
    Customer {
        part: Part::NewCustomer,
        username: "arjun",
        email: "arjun@mehta-photos.example",
        plan: "starter",
        time_zone: "Europe/Berlin",
        sites: &["mehta-photos.example", "weddings.mehta-photos.example"],
        since: 1,
    },
];

/// What the smaller of the two plans leaves out: whatever runs commands or opens another way in.
const STARTER: &str = "backups:create backups:download backups:read backups:restore certificates:read \
    certificates:write databases:export databases:read databases:write dns:challenge dns:read dns:write domains:read \
    email:read email:write files:delete files:read files:write ftp:read statistics:read tokens:read websites:deploy \
    websites:read websites:write";

/// Everybody of the demo, each with a new password.
pub(super) fn cast(app: &App) -> Vec<DemoPerson> {
    let customers = CUSTOMERS.iter().map(|one| (one.part, one.username, one.email));
    let staff = [
        (Part::Support, "asha", "asha@support.example"),
        (Part::Admin, "meera", "meera@support.example"),
    ];
    let person = |(part, username, email): (Part, &str, &str)| DemoPerson {
        part,
        username: username.to_owned(),
        email: email.to_owned(),
        password: password(app),
    };
    customers.chain(staff).map(person).collect()
}

/// Four groups of four letters: 79 bits, and easy to copy by hand.
fn password(app: &App) -> String {
    let groups: Vec<String> = (0..4).map(|_| app.clock.random_text(LEGIBLE, 4)).collect();
    groups.join("-")
}

/// Stores the plans that the customers are on.
pub(super) fn insert_plans(connection: &mut DbConnection, app: &App) -> Result<(), StoreError> {
    let plan = |name: &str, scopes: ScopeSet, policy: Policy| Plan {
        public_id: app.new_public_id(),
        name: name.to_owned(),
        scopes,
        policy,
    };
    store::plans::put(connection, &plan("business", ScopeSet::full(), Policy::default()))?;
    let small = Policy {
        max_lifetime_days: Some(180),
        max_live_tokens: Some(10),
        ..Policy::default()
    };
    store::plans::put(
        connection,
        &plan("starter", STARTER.parse().expect("a list of scopes"), small),
    )
}

/// Stores a customer with what they have; returns the account and its first event.
pub(super) fn insert_customer(
    connection: &mut DbConnection,
    app: &App,
    person: &DemoPerson,
    hash: &PasswordHash,
    now: PrimitiveDateTime,
) -> Result<(Account, NewEvent), AppError> {
    let found = CUSTOMERS.iter().find(|customer| customer.part == person.part);
    let customer = found.ok_or(AppError::NotFound)?;
    let at = now - Duration::days(customer.since);
    let plan = store::plans::find_by_name(connection, customer.plan)?.ok_or(AppError::NotFound)?;
    let (username, email) = names(person);
    let login = insert_login(connection, &username, &email, Some(hash), at)?;
    let id = store::accounts::insert(connection, &app.new_public_id(), login, plan, customer.time_zone, at)?;
    for site in customer.sites {
        store::accounts::insert_site(connection, id, &site.parse().expect("the name of a site"), at)?;
    }
    store::accounts::terms::refresh(connection, id)?;
    let account = store::accounts::find(connection, id)?.ok_or(StoreError::CutOff)?;
    let changes = vec![
        Change::new("username", &account.username),
        Change::new("email", &account.email),
        Change::new("plan", &account.plan_name),
        Change::new("sites", customer.sites.join(" ")),
    ];
    let target = Party::new("account", &account.public_id, &account.username);
    let event = Caller::shell().event(at, Action::AccountCreated, Some(id), target, changes);
    Ok((account, event))
}

/// Stores a staff member; returns the event with them.
pub(super) fn insert_staff(
    connection: &mut DbConnection,
    app: &App,
    person: &DemoPerson,
    hash: &PasswordHash,
    now: PrimitiveDateTime,
) -> Result<(StaffMember, NewEvent), AppError> {
    let (name, role) = match person.part {
        Part::Admin => ("Meera Iyer", Role::Admin),
        _ => ("Asha Rao", Role::Support),
    };
    let at = now - Duration::days(500);
    let (username, email) = names(person);
    let login = insert_login(connection, &username, &email, Some(hash), at)?;
    store::staff::insert(connection, &app.new_public_id(), login, name, role, at)?;
    let member = store::staff::find_by_login(connection, login)?.ok_or(StoreError::CutOff)?;
    let changes = vec![
        Change::new("username", &member.username),
        Change::new("email", &member.email),
        Change::new("role", role),
    ];
    let target = Party::new("staff", &member.public_id, name);
    let event = Caller::shell().event(at, Action::StaffCreated, None, target, changes);
    Ok((member, event))
}

fn names(person: &DemoPerson) -> (crate::domain::account::Username, crate::domain::account::EmailAddress) {
    (
        person.username.parse().expect("the demo's people have user names"),
        person.email.parse().expect("the demo's people have addresses"),
    )
}

/// Somebody who asks from one of the demo's places.
pub(super) fn caller(actor: Actor, (address, browser): (&str, &str)) -> Caller {
    Caller {
        actor,
        address: address.parse::<IpAddr>().ok(),
        browser: Some(browser.to_owned()),
        request_id: String::new(),
        password_at: None,
        reason: None,
    }
}

/// The sign-ins of the last weeks, and the sessions that are left of them. Nobody has their cookies.
pub(super) fn insert_sign_ins(
    connection: &mut DbConnection,
    app: &App,
    (account, hash): (&Account, &PasswordHash),
    now: PrimitiveDateTime,
) -> Result<Vec<NewEvent>, AppError> {
    let mut events = Vec::new();
    for (days, place) in [(58, 0), (41, 0), (32, 1), (23, 0), (9, 0), (2, 1), (0, 0)] {
        let at = now - Duration::days(days) - Duration::minutes(320);
        let (address, browser) = PLACES[place];
        let mut caller = caller(Actor::from(account), PLACES[place]);
        caller.request_id = app.new_public_id();
        let session_id = app.new_public_id();
        let target = Party::new("session", &session_id, "");
        events.push(caller.event(at, Action::SignedIn, Some(account.id), target, Vec::new()));
        if days <= 2 {
            let session = Session {
                public_id: session_id,
                login: account.login,
                state: "{}".to_owned(),
                created_at: at,
                last_seen_at: at + Duration::minutes(5),
                password_at: at,
                address: address.to_owned(),
                browser: browser.to_owned(),
            };
            let mut nobodys = [0; 32];
            app.clock.fill(&mut nobodys);
            store::sessions::insert(connection, &nobodys, &session)?;
        }
        store::logins::record_sign_in(connection, account.login, &hash.0, at)?;
    }
    Ok(events)
}
