//! The store on both databases: what its queries answer and what its conditional writes promise.

use diesel::connection::SimpleConnection;
use latchkey::{
    domain::{
        address::AddressSet,
        id::AccountId,
        scope::ScopeSet,
        secret::{PublicId, TokenSecret, digest},
        site::SiteSet,
        token::{Description, Expiry, PausedBy, Status},
        usage::{SecretGeneration, SeenUse, UsageDay, UsageKey, UsageRow, day_of, hour_of},
    },
    store::{
        StoreError,
        tokens::{self, Filter, Inserted, NewToken, Order, Query, Sort},
        usage,
    },
};
use time::Duration;

use crate::support::World;

on_both!(
    a_token_is_found_by_its_owner_alone,
    lists_filter_search_and_sort,
    each_filter_has_its_count,
    a_name_is_free_again_after_a_revoke,
    one_of_eight_revokes_wins,
    a_token_stands_as_its_account_does_whoever_changes_it_meanwhile,
    usage_adds_up,
);

fn new_token(world: &World, account: AccountId, name: &str) -> NewToken {
    let random = |length| world.clock.random_base62(length);
    let public_id = PublicId::mint(random);
    let secret = TokenSecret::mint(public_id, random);
    let keyring = world.app.keyring();
    let (key, digest_key) = keyring.current();
    NewToken {
        public_id,
        account,
        name: name.parse().unwrap(),
        description: Description::default(),
        scopes: "backups:create".parse().unwrap(),
        sites: SiteSet::All,
        addresses: AddressSet::any(),
        expiry: Expiry::At(world.clock.now() + Duration::days(90)),
        created_at: world.clock.now(),
        created_by: "priya".to_owned(),
        creation_key: None,
        digest: digest(digest_key, &secret),
        key: key.clone(),
        last4: secret.last4().to_owned(),
    }
}

fn insert(world: &World, new: NewToken) -> Inserted {
    world
        .app
        .store
        .write_here(|connection| tokens::insert(connection, &new))
        .unwrap()
}

fn stored(world: &World, new: NewToken) -> latchkey::domain::token::Token {
    match insert(world, new) {
        Inserted::Stored(token) => *token,
        other => panic!("{other:?}"),
    }
}

fn a_token_is_found_by_its_owner_alone(world: &World) {
    let (owner, stranger) = (world.customer("priya"), world.customer("arjun"));
    let token = stored(world, new_token(world, owner.id, "Nightly backup"));
    let find = |account| {
        world
            .app
            .store
            .read_here(|connection| tokens::find(connection, account, &token.public_id))
    };
    assert_eq!(find(owner.id).unwrap().unwrap().name.as_str(), "Nightly backup");
    assert!(find(stranger.id).unwrap().is_none());
    assert_eq!(token.scopes, "backups:create".parse::<ScopeSet>().unwrap());
    assert_eq!(token.status(false, world.clock.now()), Status::Active);
}

/// One that expires soon, one that never does, and two more, a minute apart.
fn four_tokens(world: &World, account: AccountId) {
    for (position, name) in ["Zebra", "alpha", "50% off", "Mike"].into_iter().enumerate() {
        let mut new = new_token(world, account, name);
        if position == 0 {
            new.expiry = Expiry::At(world.clock.now() + Duration::days(3));
        }
        if position == 1 {
            new.expiry = Expiry::Never;
        }
        stored(world, new);
        world.clock.advance(Duration::minutes(1));
    }
}

fn lists_filter_search_and_sort(world: &World) {
    let account = world.customer("priya").id;
    four_tokens(world, account);
    let now = world.clock.now();
    let names = |filter, search: &str, sort, order| -> Vec<String> {
        let query = Query {
            filter,
            search: search.to_owned(),
            sort,
            order,
            offset: 0,
            limit: 25,
        };
        let found = world
            .app
            .store
            .read_here(|connection| tokens::list(connection, account, &query, now));
        found.unwrap().into_iter().map(|token| token.name.to_string()).collect()
    };
    assert_eq!(
        names(Filter::All, "", Sort::Name, Order::Ascending),
        ["50% off", "alpha", "Mike", "Zebra"]
    );
    assert_eq!(
        names(Filter::All, "", Sort::Created, Order::Descending),
        ["Mike", "50% off", "alpha", "Zebra"]
    );
    assert_eq!(
        names(Filter::All, "", Sort::Expiry, Order::Ascending),
        ["Zebra", "50% off", "Mike", "alpha"]
    );
    assert_eq!(names(Filter::Expiring, "", Sort::Name, Order::Ascending), ["Zebra"]);
    assert_eq!(names(Filter::All, "50%", Sort::Name, Order::Ascending), ["50% off"]);
    assert_eq!(names(Filter::All, "ALPHA", Sort::Name, Order::Ascending), ["alpha"]);
    assert_eq!(
        names(Filter::All, "_", Sort::Name, Order::Ascending),
        Vec::<String>::new()
    );
}

fn each_filter_has_its_count(world: &World) {
    let account = world.customer("priya").id;
    four_tokens(world, account);
    let now = world.clock.now();
    let counts = world
        .app
        .store
        .read_here(|connection| tokens::count(connection, account, "", now))
        .unwrap();
    assert_eq!(
        (counts.all, counts.active, counts.expiring, counts.never_used),
        (4, 4, 1, 4)
    );
    assert_eq!((counts.expired, counts.paused, counts.revoked), (0, 0, 0));
    let later = now + Duration::days(4);
    let counts = world
        .app
        .store
        .read_here(|connection| tokens::count(connection, account, "", later))
        .unwrap();
    assert_eq!((counts.all, counts.active, counts.expired), (4, 3, 1));
}

fn a_name_is_free_again_after_a_revoke(world: &World) {
    let account = world.customer("priya").id;
    let first = stored(world, new_token(world, account, "Deploy"));
    assert!(matches!(
        insert(world, new_token(world, account, "dEPLOY")),
        Inserted::NameTaken
    ));
    let now = world.clock.now();
    assert!(
        world
            .app
            .store
            .write_here(|connection| tokens::revoke(connection, first.id, now))
            .unwrap()
    );
    assert!(matches!(
        insert(world, new_token(world, account, "dEPLOY")),
        Inserted::Stored(_)
    ));
}

fn one_of_eight_revokes_wins(world: &World) {
    let account = world.customer("priya").id;
    let token = stored(world, new_token(world, account, "Deploy"));
    let now = world.clock.now();
    let pause = |connection: &mut _| tokens::pause(connection, token.id, PausedBy::Owner, now);
    assert!(world.app.store.write_here(pause).unwrap());
    let wins = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let revoke = |connection: &mut _| tokens::revoke(connection, token.id, now);
                    let won: Result<bool, StoreError> = world.app.store.write_here(revoke);
                    usize::from(won.unwrap())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    assert_eq!(wins, 1);
}

/// What is compared when the world ends. Nobody holds the account before, as the application does.
fn a_token_stands_as_its_account_does_whoever_changes_it_meanwhile(world: &World) {
    let account = world.customer("priya").id;
    let change = |sql: &str| {
        let changed: Result<(), StoreError> = world
            .app
            .store
            .write_here(|connection| Ok(connection.batch_execute(sql)?));
        changed.unwrap();
    };
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let change = &change;
            scope.spawn(move || {
                for round in 0..6 {
                    match thread % 4 {
                        0 | 1 => {
                            let token = stored(world, new_token(world, account, &format!("Deploy {thread} {round}")));
                            let pause = |connection: &mut _| {
                                tokens::pause(connection, token.id, PausedBy::Owner, world.clock.now())
                            };
                            assert!(world.app.store.write_here(pause).unwrap());
                        }
                        2 => {
                            change("UPDATE accounts SET suspended_at = created_at");
                            change("UPDATE accounts SET suspended_at = NULL");
                        }
                        _ => change(&format!("UPDATE accounts SET username = 'priya{thread}{round}'")),
                    }
                }
            });
        }
    });
    change("UPDATE accounts SET suspended_at = created_at");
}

fn usage_adds_up(world: &World) {
    let account = world.customer("priya").id;
    let token = stored(world, new_token(world, account, "Deploy"));
    let now = world.clock.now();
    let row = UsageRow {
        key: UsageKey {
            token: token.id,
            hour: hour_of(now),
            route: "POST /sites/{site}/backups".to_owned(),
            scope: "backups:create".to_owned(),
            site: "priya.example".to_owned(),
            address: "203.0.113.7".to_owned(),
            outcome: "allowed".to_owned(),
        },
        calls: 3,
        last_at: now,
    };
    let seen = SeenUse {
        token: token.id,
        generation: SecretGeneration::Current,
        at: now,
        from: "203.0.113.7".parse().unwrap(),
    };
    for _ in 0..2 {
        let written: Result<(), StoreError> = world.app.store.write_here(|connection| {
            usage::add(connection, &row)?;
            usage::add_day(
                connection,
                &UsageDay {
                    token: token.id,
                    day: day_of(now),
                    allowed: 3,
                    refused: 1,
                },
            )?;
            tokens::record_use(connection, &seen)
        });
        written.unwrap();
    }
    let read: Result<_, StoreError> = world.app.store.read_here(|connection| {
        let hours = usage::list_hours(connection, token.id, now - Duration::days(1), 10)?;
        let days = usage::list_days(connection, &[token.id], now - Duration::days(14))?;
        Ok((hours, days, tokens::find(connection, account, &token.public_id)?))
    });
    let (hours, days, found) = read.unwrap();
    assert_eq!((hours.len(), hours[0].calls), (1, 6));
    assert_eq!((days.len(), days[0].allowed, days[0].refused), (1, 6, 2));
    let last = found.unwrap().last_use.unwrap();
    assert_eq!((last.at, last.from.to_string().as_str()), (now, "203.0.113.7"));
}
