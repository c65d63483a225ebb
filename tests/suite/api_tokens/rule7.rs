//! Rule 7, without a gap: whatever token asks for whatever, nothing comes of it that can do more than that token. What a
//! token can do is told here by points, in a way that shares nothing with the code that holds the rule.

use std::{collections::BTreeSet, net::IpAddr};

use latchkey::{
    domain::{
        account::Account,
        scope::{Scope, ScopeSet},
        site::SiteSet,
        token::{Expiry, PausedBy, Token},
    },
    store::{self, StoreError, tokens},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use time::Duration;

use super::{PATH, code, path, send, stored};
use crate::support::{Minted, World, mint};

on_both!(nothing_comes_of_a_token_that_can_do_more);

const SCOPES: [&str; 5] = ["backups:read", "backups:create", "dns:read", "dns:write", "files:read"];
const SITES: [&str; 4] = [
    "*",
    "priya.example",
    "shop.priya.example",
    "priya.example shop.priya.example",
];
const ADDRESSES: [&str; 5] = [
    "*",
    "127.0.0.0/8",
    "127.0.0.1",
    "127.0.0.0/8 203.0.113.0/24",
    "203.0.113.0/25",
];
const DAYS: [i64; 4] = [3, 30, 300, 0];

/// The content of a token, as places in the lists above; the last of the days is never.
#[derive(Clone, Debug)]
struct Content {
    scopes: Vec<&'static str>,
    sites: usize,
    addresses: usize,
    days: usize,
}

impl Content {
    fn scopes(&self) -> ScopeSet {
        self.scopes.join(" ").parse().unwrap()
    }

    fn expiry(&self, world: &World) -> Expiry {
        match DAYS[self.days] {
            0 => Expiry::Never,
            days => Expiry::At(world.app.now() + Duration::days(days)),
        }
    }

    fn mint(&self, world: &World, account: &Account) -> Minted {
        mint(&world.app, account.id, |new| {
            new.scopes = self.scopes();
            new.sites = SITES[self.sites].parse().unwrap();
            new.addresses = ADDRESSES[self.addresses].parse().unwrap();
            new.expiry = self.expiry(world);
        })
    }

    fn json(&self, world: &World) -> Value {
        let list = |text: &str, all: &str| match text {
            "*" => json!(all),
            text => json!(text.split(' ').collect::<Vec<_>>()),
        };
        json!({
            "scopes": self.scopes,
            "sites": list(SITES[self.sites], "all"),
            "addresses": list(ADDRESSES[self.addresses], "any"),
            "expires": self.expires(world),
        })
    }

    fn expires(&self, world: &World) -> Value {
        match self.expiry(world) {
            Expiry::Never => json!("never"),
            expiry @ Expiry::At(_) => json!({"at": expiry.to_string()}),
        }
    }
}

/// What a token can do, in each of four ways; it can do every combination of these.
#[derive(Debug, PartialEq, Eq)]
struct Can([BTreeSet<String>; 4]);

impl Can {
    fn of(world: &World, token: &Token) -> Self {
        let addresses = [
            "127.0.0.1",
            "127.9.9.9",
            "203.0.113.7",
            "203.0.113.200",
            "198.51.100.9",
            "2001:db8::1",
        ];
        let from = addresses
            .into_iter()
            .filter(|text| token.addresses.contains(text.parse::<IpAddr>().unwrap()));
        let sites = ["priya.example", "shop.priya.example", "one-to-come.example"];
        let there = sites.into_iter().filter(|site| match &token.sites {
            SiteSet::All => true,
            SiteSet::Named(names) => names.iter().any(|name| name.as_str() == *site),
        });
        let days = [1, 10, 100, 10_000].into_iter().filter(|days| match token.expiry {
            Expiry::Never => true,
            Expiry::At(at) => at > world.app.now() + Duration::days(*days),
        });
        Self([
            everything(world, &token.scopes),
            there.map(str::to_owned).collect(),
            from.map(str::to_owned).collect(),
            days.map(|days| days.to_string()).collect(),
        ])
    }

    fn is_within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(ours, theirs)| ours.is_subset(theirs))
    }
}

/// Every scope with all that it implies, followed one by one.
fn everything(world: &World, scopes: &ScopeSet) -> BTreeSet<String> {
    if scopes.is_full() {
        let all = world.app.catalogue.areas().iter().flat_map(|area| &area.scopes);
        let all = all.map(|entry| entry.scope.to_string());
        return all.chain(["one:to-come".to_owned()]).collect();
    }
    let (mut found, mut left): (BTreeSet<String>, Vec<Scope>) = (BTreeSet::new(), scopes.iter().cloned().collect());
    while let Some(scope) = left.pop() {
        if found.insert(scope.to_string()) {
            let entry = world.app.catalogue.scope(&scope).unwrap();
            left.extend(entry.implies.iter().cloned());
        }
    }
    found
}

fn contents() -> impl Strategy<Value = Content> {
    let scopes = prop_oneof![
        9 => prop::sample::subsequence(SCOPES.to_vec(), 1..=5),
        1 => Just(vec!["*"]),
    ];
    let parts = (scopes, 0..SITES.len(), 0..ADDRESSES.len(), 0..DAYS.len());
    parts.prop_map(|(scopes, sites, addresses, days)| Content {
        scopes,
        sites,
        addresses,
        days,
    })
}

/// Somebody who may manage tokens, and may ask from here.
fn callers() -> impl Strategy<Value = Content> {
    (contents(), 0..4_usize).prop_map(|(mut content, addresses)| {
        if content.scopes != ["*"] {
            content.scopes.push("tokens:manage");
        }
        content.addresses = addresses;
        content
    })
}

const ACTIONS: [&str; 7] = ["create", "patch", "renew", "rotate", "resume", "pause", "revoke"];

fn nothing_comes_of_a_token_that_can_do_more(world: &World) {
    let account = world.customer("priya");
    let config = Config {
        cases: 150,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let cases = (
        callers(),
        contents(),
        contents(),
        prop::sample::select(ACTIONS.to_vec()),
    );
    let done = runner.run(&cases, |(caller, target, wanted, action)| {
        let kept = try_once(world, &account, (&caller, &target, &wanted), action);
        end_all(world, &account);
        kept
    });
    done.unwrap();
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn try_once(
    world: &World,
    account: &Account,
    (caller, target, wanted): (&Content, &Content, &Content),
    action: &str,
) -> Result<(), TestCaseError> {
    let own = caller.mint(world, account);
    let target = target.mint(world, account).token;
    if action == "resume" {
        switch_off(world, &target);
    }
    let before = stored(world, &target);
    let (api, path) = (world.api().with_token(&own.secret), path(&target));
    let mut body = wanted.json(world);
    let answer = match action {
        "create" => {
            body["name"] = json!("made by it");
            api.post(PATH, &body)
        }
        "patch" => {
            body.as_object_mut().unwrap().remove("expires");
            send(&api, ("PATCH", &path), "*", &body)
        }
        "renew" => send(
            &api,
            ("POST", &format!("{path}/renew")),
            "*",
            &json!({"expires": wanted.expires(world)}),
        ),
        "rotate" => send(
            &api,
            ("POST", &format!("{path}/rotate")),
            "*",
            &json!({"overlap": "week"}),
        ),
        "revoke" => api.delete(&path),
        action => api.post(&format!("{path}/{action}"), &json!({})),
    };
    let limit = Can::of(world, &own.token);
    let after = stored(world, &target);
    let was_within = Can::of(world, &before).is_within(&limit);
    let touched = after.revision != before.revision;
    prop_assert!(
        was_within || !touched,
        "{action} of what can do more: {}",
        answer.text()
    );
    let list = |query: &store::tokens::Query| -> Result<Vec<Token>, StoreError> {
        world
            .app
            .store
            .read_here(|connection| tokens::list(connection, account.id, query, world.app.now()))
    };
    let query = store::tokens::Query {
        limit: 100,
        ..store::tokens::Query::default()
    };
    for token in list(&query).unwrap() {
        let is_old = token.id == own.token.id || token.id == target.id && !touched;
        prop_assert!(
            is_old || Can::of(world, &token).is_within(&limit),
            "{action}: {token:?}"
        );
    }
    // And it is no narrower than it has to be.
    let would_be = match action {
        "create" => Some(wanted.mint(world, account).token),
        "patch" => Some(Token {
            expiry: before.expiry,
            ..wanted.mint(world, account).token
        }),
        "renew" => Some(Token {
            expiry: wanted.expiry(world),
            ..before.clone()
        }),
        _ => None,
    };
    let fits = would_be.is_none_or(|token| Can::of(world, &token).is_within(&limit));
    let may = fits && (action == "create" || was_within);
    let unchanged = action == "patch" && !touched && answer.status() == 200;
    let allowed = (200..300).contains(&answer.status());
    prop_assert_eq!(
        allowed,
        may || unchanged,
        "{}: {} {}",
        action,
        answer.status(),
        answer.text()
    );
    if !allowed {
        prop_assert_eq!(code(&answer), "beyond-this-token");
    }
    Ok(())
}

pub(super) fn switch_off(world: &World, token: &Token) {
    let now = world.app.now();
    let done: Result<bool, StoreError> = world
        .app
        .store
        .write_here(|connection| tokens::pause(connection, token.id, PausedBy::Owner, now));
    assert!(done.unwrap());
}

pub(super) fn end_all(world: &World, account: &Account) {
    let done: Result<(), StoreError> = world.app.store.write_here(|connection| {
        for token in tokens::list_live(connection, account.id)? {
            tokens::revoke(connection, token.id, world.app.now())?;
        }
        Ok(())
    });
    done.unwrap();
}
