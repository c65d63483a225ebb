//! The demo: what it makes, and that it never touches real data.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use latchkey::{
    app::{
        self, App,
        demo::{self, DemoToken, Part},
    },
    catalogue::Catalogue,
    clock::Clock,
    domain::{
        audit::Action,
        run::RunState,
        secret::TokenSecret,
        token::{PausedBy, Status},
        usage::ALLOWED,
    },
    keyring::Keyring,
    settings::{Flags, Settings},
    store::{StoreError, accounts, audit, audit::search, runs, tokens, usage},
};
use time::{Duration, macros::datetime};

use crate::support::{Browser, Database, World};

on_both!(the_demo_shows_everything);

/// Made once for all of it: on PostgreSQL it takes its time.
fn the_demo_shows_everything(demo: &Demo) {
    every_status_has_a_token(demo);
    usage_is_complete(demo);
    the_history_is_in_order(demo);
    counts_are_the_lengths_of_the_lists(demo);
    incidents_have_a_history(demo);
}

/// A seeded database, without a server.
struct Demo {
    app: Arc<App>,
    tokens: Vec<DemoToken>,
    _database: Database,
}

fn settings(database: &Database) -> Settings {
    let flags = Flags {
        data: Some(database.folder().display().to_string()),
        database: Some(database.url()),
        ..Flags::default()
    };
    let nothing = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    Settings::load(&flags, std::iter::empty(), &nothing).unwrap()
}

impl From<Database> for Demo {
    fn from(database: Database) -> Self {
        let clock = Clock::fixed(datetime!(2026-11-23 14:20), 7);
        let settings = settings(&database);
        let (store, _) = app::open_store(&settings).unwrap();
        assert!(demo::claim(&store, &clock).unwrap());
        let app = App::new(settings, store, clock, Catalogue::built_in(), Keyring::for_tests()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let tokens = runtime.block_on(demo::seed(&app)).unwrap();
        Self {
            app,
            tokens,
            _database: database,
        }
    }
}

impl Demo {
    fn all(&self) -> Vec<latchkey::domain::token::Token> {
        let read = |filter| {
            self.app
                .store
                .read_here(|connection| {
                    let account = accounts::find_by_username(connection, "priya")?.unwrap();
                    let query = tokens::Query {
                        filter,
                        limit: 100,
                        ..tokens::Query::default()
                    };
                    tokens::list(connection, account.id, &query, self.app.now())
                })
                .unwrap()
        };
        let mut all = read(tokens::Filter::All);
        all.extend(read(tokens::Filter::Revoked));
        all
    }
}

fn every_status_has_a_token(demo: &Demo) {
    let (all, now) = (demo.all(), demo.app.now());
    let statuses: Vec<Status> = all.iter().map(|token| token.status(false, now)).collect();
    let has = |wanted: fn(&Status) -> bool| assert!(statuses.iter().any(wanted), "{statuses:?}");
    has(|status| matches!(status, Status::Revoked(_)));
    has(|status| matches!(status, Status::Paused(PausedBy::Owner)));
    has(|status| matches!(status, Status::Paused(PausedBy::Staff)));
    has(|status| matches!(status, Status::Expired(_)));
    has(|status| matches!(status, Status::Expiring(_)));
    has(|status| matches!(status, Status::Replaced(_)));
    has(|status| matches!(status, Status::NeverUsed));
    has(|status| matches!(status, Status::Idle));
    has(|status| matches!(status, Status::Active));
    assert!(all.iter().any(|token| token.scopes.is_full()));
    assert!(all.iter().any(|token| !token.addresses.is_any()));
    assert_eq!(all.len(), demo.tokens.len());
    let handed: Vec<_> = demo.tokens.iter().filter_map(|token| token.secret.as_ref()).collect();
    assert_eq!(handed.len(), 1);
    assert!(TokenSecret::parse(handed[0]).is_ok());

    let people = demo.app.demo_people();
    let parts: Vec<Part> = people.iter().map(|person| person.part).collect();
    assert_eq!(parts, [Part::Customer, Part::NewCustomer, Part::Support, Part::Admin]);
    assert!(demo.app.demo && people.iter().all(|person| person.password.len() >= 15));
}

/// Hours and days tell the same, name scopes of the catalogue, and agree with when each token was last used.
fn usage_is_complete(demo: &Demo) {
    let (app, now) = (&demo.app, demo.app.now());
    let since = now - Duration::days(70);
    let mut refused = 0;
    for token in demo.all() {
        let (hours, days) = app
            .store
            .read_here(|connection| {
                let hours = usage::list_hours(connection, token.id, since, 100_000)?;
                let days = usage::list_days(connection, &[token.id], since)?;
                Ok::<_, latchkey::store::StoreError>((hours, days))
            })
            .unwrap();
        let allowed = |row: &&latchkey::domain::usage::UsageRow| row.key.outcome == ALLOWED;
        let total: i64 = hours.iter().map(|row| row.calls).sum();
        assert_eq!(total, days.iter().map(|day| day.allowed + day.refused).sum::<i64>());
        refused += days.iter().map(|day| day.refused).sum::<i64>();
        for row in &hours {
            assert!(
                !row.key.scope.is_empty() && row.calls > 0 && row.last_at < now,
                "{row:?}"
            );
            assert!(row.last_at >= token.created_at, "{}: {row:?}", token.name);
        }
        if let Some(last) = hours.iter().filter(allowed).map(|row| row.last_at).max() {
            assert_eq!(token.last_use.map(|used| used.at), Some(last), "{}", token.name);
        }
    }
    assert!(refused > 100, "{refused}");
}

fn the_history_is_in_order(demo: &Demo) {
    let events = demo
        .app
        .store
        .read_here(|connection| {
            let account = accounts::find_by_username(connection, "priya")?.unwrap();
            let query = audit::Query {
                limit: 1_000,
                ..audit::Query::default()
            };
            audit::list(connection, account.id, &query)
        })
        .unwrap();
    assert!(events.windows(2).all(|pair| pair[0].event.at >= pair[1].event.at));
    for action in [
        Action::TokenCreated,
        Action::TokenChanged,
        Action::TokenRenewed,
        Action::TokenRotated,
        Action::TokenPaused,
        Action::TokenRevoked,
        Action::SignedIn,
    ] {
        assert!(events.iter().any(|event| event.event.action == action), "{action:?}");
    }
    let by_staff = events.iter().filter(|event| event.event.actor.kind == "staff");
    assert!(by_staff.clone().count() >= 2 && by_staff.clone().all(|event| event.event.reason.is_some()));
    let all = format!("{events:?}");
    assert!(!all.contains("lk_"), "no secret is in the history");
}

/// The list of incidents has one that is through and one that was stopped, and the events of what they did.
fn incidents_have_a_history(demo: &Demo) {
    let found = demo.app.store.read_here(|connection| {
        let runs = runs::list(connection, None, 10)?;
        let filter = search::Filter {
            any_of: search::meaning(connection, &runs[0].public_id)?,
            ..search::Filter::default()
        };
        Ok::<_, StoreError>((search::search(connection, &filter, None, 100)?, runs))
    });
    let (events, runs) = found.unwrap();
    let states: Vec<RunState> = runs.iter().map(|run| run.state).collect();
    assert!(
        matches!(states[..], [RunState::Finished(_), RunState::Stopped(_)]),
        "{states:?}"
    );
    let actions: Vec<Action> = events.iter().map(|found| found.event.event.action).collect();
    assert_eq!(
        (actions[0], actions[6], actions.len()),
        (Action::RunFinished, Action::RunStarted, 7),
        "{actions:?}"
    );
    assert!(actions[1..6].iter().all(|action| *action == Action::TokenRevoked));
}

/// Counting takes other ways than listing does; both read the same rules.
fn counts_are_the_lengths_of_the_lists(demo: &Demo) {
    let (app, now) = (&demo.app, demo.app.now());
    for search in ["", "e", "shop"] {
        app.store
            .read_here(|connection| {
                let account = accounts::find_by_username(connection, "priya")?.unwrap();
                let counts = tokens::count(connection, account.id, search, now)?;
                for filter in FILTERS {
                    let query = tokens::Query {
                        filter,
                        search: search.to_owned(),
                        limit: 100,
                        ..tokens::Query::default()
                    };
                    let listed = tokens::list(connection, account.id, &query, now)?;
                    assert_eq!(
                        usize::try_from(counts.of(filter)).unwrap(),
                        listed.len(),
                        "{search:?} {filter:?}"
                    );
                    assert!(!listed.is_empty() || !search.is_empty(), "{filter:?}");
                }
                Ok::<_, latchkey::store::StoreError>(())
            })
            .unwrap();
    }
}

const FILTERS: [tokens::Filter; 7] = [
    tokens::Filter::All,
    tokens::Filter::Active,
    tokens::Filter::Expiring,
    tokens::Filter::NeverUsed,
    tokens::Filter::Expired,
    tokens::Filter::Paused,
    tokens::Filter::Revoked,
];

#[test]
fn real_accounts_are_not_mixed_with_made_up_ones() {
    let world = World::from(Database::sqlite());
    world.customer("priya");
    assert!(!demo::claim(&world.app.store, &world.clock).unwrap());
    assert!(!world.app.demo && world.app.demo_people().is_empty());
}

#[test]
fn the_command_prints_whom_to_sign_in_as_and_serves() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_latchkey"))
        .args(["demo", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let printed: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = printed["url"].as_str().unwrap();
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let people = |kind: &str| printed[kind].as_array().unwrap().len();
    assert_eq!((people("accounts"), people("staff")), (2, 2));
    assert!(printed["tokens"][0]["secret"].as_str().unwrap().starts_with("lk_"));
    Browser::new(address).get("/no/such/page").expect(404);
    child.kill().unwrap();
    child.wait().unwrap();
}
