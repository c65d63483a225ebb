//! Which tokens a run is about.

use latchkey::{
    app::{
        Caller,
        runs::{self, Preview},
        usage::Counted,
    },
    domain::{
        id::AccountId,
        policy::Policy,
        run::{Criteria, Limit, RunKind},
        token::{Expiry, Token},
        usage::{ALLOWED, SecretGeneration},
    },
    store::{self, tokens::Outgoing},
};
use time::{Duration, PrimitiveDateTime};

use super::{begin, run_again, scope, token_again, work_through};
use crate::support::{World, mint};

on_both!(
    a_token_counts_by_its_secret,
    a_scope_is_held_by_itself_by_implication_and_by_full_access,
    an_address_is_one_of_the_usage_or_of_the_last_use,
    ranges_of_ipv6_are_found_however_they_are_written,
    everything_that_is_given_must_hold,
    what_is_over_or_paused_by_support_is_left_out,
    a_limit_shortens_what_lives_longer,
);

fn preview(world: &World, criteria: &Criteria, kind: RunKind) -> Preview {
    let caller = Caller::shell();
    world.wait(runs::preview(&world.app, &caller, criteria, kind)).unwrap()
}

/// The names of the tokens that a run would revoke.
fn found(world: &World, criteria: &Criteria) -> Vec<String> {
    let preview = preview(world, criteria, RunKind::Revoke);
    assert_eq!(usize::try_from(preview.count).unwrap(), preview.first.len());
    preview.first.iter().map(|owned| owned.token.name.to_string()).collect()
}

fn named(world: &World, account: AccountId, name: &str, scopes: &str) -> Token {
    let minted = mint(&world.app, account, |new| {
        new.name = name.parse().unwrap();
        new.scopes = scopes.parse().unwrap();
    });
    minted.token
}

fn call(world: &World, token: &Token, from: &str, outcome: &'static str) {
    world.app.usage.count(&Counted {
        token: token.id,
        generation: SecretGeneration::Current,
        at: world.app.now(),
        route: "GET /sites",
        scope: "sites:read",
        site: "",
        from: from.parse().unwrap(),
        outcome,
    });
}

fn used_from(range: &str) -> Criteria {
    Criteria {
        used_from: Some(range.parse().unwrap()),
        ..Criteria::default()
    }
}

fn rotate(world: &World, token: &Token, until: PrimitiveDateTime) {
    let other = mint(&world.app, token.account, |_| ());
    let known = world.wait(world.app.store.token_standing(other.token.public_id, None));
    let known = known.unwrap().unwrap();
    let outgoing = Outgoing {
        digest: known.digest,
        key: known.key,
        last4: "abcd".to_owned(),
        at: world.app.now(),
        until,
    };
    let (id, revision) = (token.id, token.revision);
    let rotated = world.app.store.write_here(|connection| {
        store::tokens::revoke(connection, other.token.id, outgoing.at)?;
        store::tokens::rotate(connection, id, revision, &outgoing)
    });
    assert!(rotated.unwrap());
}

fn a_token_counts_by_its_secret(world: &World) {
    let account = world.customer_without_password("priya").id;
    named(world, account, "old", "backups:create");
    let over = named(world, account, "rotated", "backups:create");
    let overlapping = named(world, account, "overlapping", "backups:create");
    world.clock.advance(Duration::hours(1));
    let instant = world.app.now();
    named(world, account, "at the instant", "backups:create");
    world.clock.advance(Duration::hours(1));
    named(world, account, "new", "backups:create");
    rotate(world, &over, world.app.now());
    rotate(world, &overlapping, world.app.now() + Duration::hours(1));
    let criteria = Criteria {
        issued_before: Some(instant),
        ..Criteria::default()
    };
    assert_eq!(found(world, &criteria), ["old", "overlapping"]);
    world.clock.advance(Duration::hours(2));
    assert_eq!(found(world, &criteria), ["old"]);
}

fn a_scope_is_held_by_itself_by_implication_and_by_full_access(world: &World) {
    let account = world.customer_without_password("priya").id;
    let entry = |text: &str| world.app.catalogue.scope(&text.parse().unwrap()).unwrap();
    let implied = entry("backups:create").implies.iter().next().unwrap().to_string();
    named(world, account, "itself", &implied);
    named(world, account, "implying", "backups:create dns:read");
    named(world, account, "full", "*");
    named(world, account, "other", "dns:read");
    assert_eq!(found(world, &scope(&implied)), ["itself", "implying", "full"]);
    assert_eq!(found(world, &scope("backups:create")), ["implying", "full"]);
    assert_eq!(found(world, &scope("dns:read")), ["implying", "full", "other"]);
}

fn an_address_is_one_of_the_usage_or_of_the_last_use(world: &World) {
    let account = world.customer_without_password("priya").id;
    let token = |name: &str| named(world, account, name, "backups:create");
    let (near, far, refused, moved) = (token("near"), token("far"), token("refused"), token("moved"));
    token("never used");
    call(world, &near, "203.0.113.7", ALLOWED);
    call(world, &far, "203.0.114.7", ALLOWED);
    call(world, &refused, "203.0.113.8", "expired");
    call(world, &moved, "203.0.113.9", ALLOWED);
    world.wait(world.app.usage.flush(&world.app)).unwrap();
    world.clock.advance(Duration::SECOND);
    call(world, &moved, "198.51.100.1", ALLOWED);
    assert_eq!(found(world, &used_from("203.0.113.7")), ["near"]);
    assert_eq!(found(world, &used_from("203.0.113.0/24")), ["near", "refused", "moved"]);
    assert_eq!(found(world, &used_from("203.0.113.8/31")), ["refused", "moved"]);
    assert_eq!(found(world, &used_from("203.0.112.0/21")).len(), 4);
    assert_eq!(found(world, &used_from("203.0.113.70")), [""; 0]);
    assert_eq!(found(world, &used_from("198.51.100.0/24")), ["moved"]);
    // Its hours are no longer kept; where it was used last still is.
    world.clock.advance(Duration::days(100));
    let now = world.app.now();
    let swept = world
        .app
        .store
        .write_here(|connection| store::usage::sweep(connection, now));
    assert!(swept.unwrap() > 0);
    assert_eq!(found(world, &used_from("203.0.113.0/24")), ["near"]);
}

fn ranges_of_ipv6_are_found_however_they_are_written(world: &World) {
    let account = world.customer_without_password("priya").id;
    let addresses = [
        "2001:db8::1",
        "2001:db8:0:5::1",
        "2001:db8:1:2:3:4:5:6",
        "2001:db9::1",
        "::1",
        "10.0.0.1",
        "::ffff:10.0.0.2",
    ];
    for address in addresses {
        let token = named(world, account, &address.replace(':', "-"), "backups:create");
        call(world, &token, address, ALLOWED);
    }
    for (range, count) in [
        ("2001:db8::/32", 3),
        ("2001:db8::/48", 2),
        ("2001:db8:0:5::/64", 1),
        ("2001:db8:1::/60", 1),
        ("2001:db8:1:10::/60", 0),
        ("2001:db8:1::/47", 3),
        ("2001:db8::/31", 4),
        ("2001::/16", 4),
        ("::/16", 1),
        ("10.0.0.0/8", 2),
        ("::ffff:10.0.0.0/104", 2),
        ("2001:db8::1", 1),
        ("2001:0db8:0000:0005::0001", 1),
    ] {
        assert_eq!(found(world, &used_from(range)).len(), count, "{range}");
    }
}

fn everything_that_is_given_must_hold(world: &World) {
    let (priya, ben) = (
        world.customer_without_password("priya"),
        world.customer_without_password("ben"),
    );
    let old = named(world, priya.id, "old", "backups:create");
    let elsewhere = named(world, ben.id, "elsewhere", "backups:create");
    let other = named(world, ben.id, "other", "dns:read");
    world.clock.advance(Duration::hours(1));
    let new = named(world, ben.id, "new", "backups:create");
    for token in [&old, &other, &new] {
        call(world, token, "203.0.113.7", ALLOWED);
    }
    call(world, &elsewhere, "198.51.100.1", ALLOWED);
    let criteria = Criteria {
        issued_before: Some(world.app.now()),
        plan: Some("standard".to_owned()),
        scope: Some("backups:create".parse().unwrap()),
        ..used_from("203.0.113.0/24")
    };
    assert_eq!(found(world, &criteria), ["old"]);
    let on_another_plan = Criteria {
        plan: Some("other".to_owned()),
        ..criteria.clone()
    };
    assert_eq!(found(world, &on_another_plan), [""; 0]);
    let both = Criteria {
        issued_before: None,
        ..criteria
    };
    let preview = preview(world, &both, RunKind::Pause);
    assert_eq!((preview.count, preview.accounts), (2, 2));
    assert_eq!(preview.first[1].username, "ben");
    assert_eq!(preview.first[1].account, ben.public_id);
}

fn what_is_over_or_paused_by_support_is_left_out(world: &World) {
    use latchkey::domain::token::PausedBy;
    let account = world.customer_without_password("priya").id;
    let token = |name: &str| named(world, account, name, "backups:create");
    let (revoked, owners, supports, expired) =
        (token("revoked"), token("owner's"), token("support's"), token("expired"));
    let now = world.app.now();
    let done = world.app.store.write_here(|connection| {
        store::tokens::revoke(connection, revoked.id, now)?;
        store::tokens::pause(connection, owners.id, PausedBy::Owner, now)?;
        store::tokens::pause(connection, supports.id, PausedBy::Staff, now)?;
        store::tokens::extend(connection, expired.id, expired.revision, Expiry::At(now))
    });
    assert!(done.unwrap());
    assert_eq!(
        found(world, &scope("backups:create")),
        ["owner's", "support's", "expired"]
    );
    let paused = preview(world, &scope("backups:create"), RunKind::Pause);
    assert_eq!(paused.count, 2, "what support has paused is paused");
}

fn a_limit_shortens_what_lives_longer(world: &World) {
    let account = world.customer_without_password("priya").id;
    let now = world.app.now();
    let with = |name: &str, expiry: Expiry| {
        mint(&world.app, account, |new| {
            new.name = name.parse().unwrap();
            new.expiry = expiry;
        })
        .token
    };
    let short = with("short", Expiry::At(now + Duration::days(20)));
    let long = with("long", Expiry::At(now + Duration::days(200)));
    let never = with("never", Expiry::Never);
    let policy = Policy {
        max_lifetime_days: Some(30),
        ..Policy::default()
    };
    let kind = RunKind::Shorten(Limit::of(&policy, now, Duration::days(7)));
    assert_eq!(preview(world, &Criteria::default(), kind).count, 2);
    let longer = Criteria {
        expires_after: Some(now + Duration::days(20)),
        ..Criteria::default()
    };
    assert_eq!(found(world, &longer), ["long", "never"]);
    let run = begin(world, &Caller::shell(), kind, &Criteria::default());
    work_through(world);
    assert_eq!(run_again(&world.app, &run).changed, 2);
    let latest = Expiry::At(now + Duration::days(31));
    for (token, expiry) in [(&short, short.expiry), (&long, latest), (&never, latest)] {
        assert_eq!(token_again(&world.app, token).expiry, expiry, "{}", token.name);
    }
    let none_left = Criteria {
        never_expires: true,
        ..Criteria::default()
    };
    assert_eq!(found(world, &none_left), [""; 0]);
}
