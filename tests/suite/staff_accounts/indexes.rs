//! What a list asks the database, and that an index answers it.

use latchkey::{
    domain::id::AccountId,
    store::{
        DbConnection, StoreError,
        accounts::{
            list::{Key, Place, Query, Which, count, find_owned_token, list_by_ids, list_expiring, list_keys},
            terms,
        },
        plans,
    },
};
use time::Duration;

use super::make_many;
use crate::support::{World, plans as query_plans};

on_both!(
    a_page_costs_the_same_for_one_as_for_fifty,
    every_list_is_read_by_an_index,
);

fn a_page_costs_the_same_for_one_as_for_fifty(world: &World) {
    world.customer_without_password("a000");
    let asked = |limit: i64| {
        world
            .app
            .store
            .read_here(|connection| {
                let asked = query_plans(connection, |connection| {
                    let query = Query {
                        limit,
                        ..Query::default()
                    };
                    let keys = list_keys(connection, &query).unwrap();
                    let ids: Vec<AccountId> = keys.iter().map(|(id, _)| *id).collect();
                    assert_eq!(list_by_ids(connection, &ids).unwrap().len(), ids.len());
                });
                Ok::<_, StoreError>(asked.len())
            })
            .unwrap()
    };
    let one = asked(50);
    for number in 1..50 {
        world.customer_without_password(&format!("a{number:03}"));
    }
    assert_eq!((one, asked(50)), (3, 3), "the keys, the rows, the counts of tokens");
}

/// Each filter with each place, by name.
#[expect(clippy::too_many_lines, reason = "a list: one filter after another")]
fn all_queries(world: &World) -> Vec<(String, Query)> {
    let now = world.app.now();
    let soon = Some((now, now + Duration::days(7)));
    let key = || Key {
        username: "m".to_owned(),
        quiet_since: now,
    };
    let plan = world
        .app
        .store
        .read_here(|connection| plans::find_by_name(connection, "standard"))
        .unwrap();
    let filters = [
        ("all", Query::default()),
        (
            "active",
            Query {
                which: Which::Active,
                ..Query::default()
            },
        ),
        (
            "suspended",
            Query {
                which: Which::Suspended,
                ..Query::default()
            },
        ),
        (
            "plan",
            Query {
                plan,
                ..Query::default()
            },
        ),
        (
            "quiet",
            Query {
                quiet_since: Some(now),
                ..Query::default()
            },
        ),
        (
            "quiet on a plan",
            Query {
                plan,
                quiet_since: Some(now),
                ..Query::default()
            },
        ),
        (
            "expiring",
            Query {
                expiring: soon,
                ..Query::default()
            },
        ),
        (
            "among",
            Query {
                among: Some(vec![AccountId(1), AccountId(2)]),
                ..Query::default()
            },
        ),
    ];
    let mut all = Vec::new();
    for (name, query) in filters {
        for place in [Place::First, Place::After(key()), Place::Before(key())] {
            let query = Query {
                place,
                limit: 51,
                ..query.clone()
            };
            all.push((format!("{name} {:?}", query.place), query));
        }
    }
    all
}

fn every_list_is_read_by_an_index(world: &World) {
    make_many(world, 3);
    let queries = all_queries(world);
    let now = world.app.now();
    let check = |connection: &mut DbConnection| {
        for (name, query) in &queries {
            let planned = query_plans(connection, |connection| {
                list_keys(connection, query).unwrap();
                count(connection, query, 1_001).unwrap();
            });
            assert_eq!(planned.len(), 2);
            for (statement, plan) in planned {
                assert_is_indexed(name, &statement, &plan);
            }
        }
        let others = query_plans(connection, |connection| {
            terms::search(connection, "a", 1_000).unwrap();
            list_expiring(connection, (now, now + Duration::days(7)), 5_001).unwrap();
            list_by_ids(connection, &[AccountId(1), AccountId(2)]).unwrap();
            let id = "Ab12Cd34".parse().unwrap();
            find_owned_token(connection, &id).unwrap();
        });
        for (statement, plan) in others {
            assert_is_indexed("", &statement, &plan);
        }
        Ok::<_, StoreError>(())
    };
    world.app.store.read_here(check).unwrap();
}

/// Nothing is read whole, and what comes in the order of an index is not sorted again.
fn assert_is_indexed(name: &str, statement: &str, plan: &str) {
    let whole = plan.lines().any(|step| {
        let step = step.trim_start();
        step.contains("Seq Scan") || (step.starts_with("SCAN") && !step.contains("INDEX"))
    });
    let sorted = plan.contains("Sort") || plan.contains("TEMP B-TREE FOR ORDER BY");
    let may_sort = name.starts_with("among") || !statement.contains("ORDER BY");
    assert!(!whole && (may_sort || !sorted), "{name}: {statement}\n{plan}");
}
