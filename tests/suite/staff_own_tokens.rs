//! Tokens of staff members: how they are made, and when their holders are let in; and their pages and commands.

mod bounds;
mod command;
mod once;
mod pages;
mod race;

use latchkey::{
    app::{
        AppError, Caller, Rule, staff as members,
        staff_tokens::{self, Created, StaffIdentity, StaffRefusal, Unrecognised},
        tokens::create::ActKey,
    },
    domain::{
        audit::Action,
        permission::Actor,
        policy::ExpiryRefusal,
        secret::{StaffSecret, TokenSecret},
        staff::{Role, StaffMember},
        staff_scope::StaffScopes,
        staff_token::{MAX_LIFE, StaffDraft, StaffToken},
    },
    keyring::Keyring,
    store,
};
use time::Duration;

use crate::{
    services::events,
    support::{World, mint, mint_service},
};

on_both!(
    a_token_is_let_in_until_it_is_revoked,
    it_is_let_in_from_its_addresses_and_in_its_time,
    no_kind_passes_for_another,
    a_deactivated_member_takes_their_tokens_along,
    a_form_makes_one_token,
    what_does_not_fit_is_refused,
    a_changed_token_was_changed_by_one,
    a_use_is_written_once_a_minute,
    without_its_key_nobody_is_let_in,
);

pub(crate) fn member(world: &World, username: &str) -> StaffMember {
    let all = world.app.store.read_here(store::staff::list).unwrap();
    let found = all.into_iter().find(|member| member.username.as_str() == username);
    found.unwrap()
}

/// A staff member who has just given the password.
fn staff(world: &World, username: &str, role: Role) -> (Caller, StaffMember) {
    world.staff(username, role);
    let member = member(world, username);
    let caller = Caller {
        actor: Actor::from(&member),
        password_at: Some(world.clock.now()),
        ..Caller::system()
    };
    (caller, member)
}

fn draft(world: &World, name: &str, scopes: &str) -> StaffDraft {
    StaffDraft {
        name: name.parse().unwrap(),
        scopes: scopes.parse().unwrap(),
        addresses: "*".parse().unwrap(),
        expires_at: world.clock.now() + Duration::days(30),
    }
}

fn create(
    world: &World,
    caller: &Caller,
    member: &StaffMember,
    draft: StaffDraft,
    key: Option<&str>,
) -> Result<Created, AppError> {
    let key = key.map(|key| ActKey::Form(key.to_owned()));
    world.wait(staff_tokens::create(&world.app, caller, member.id, draft, key))
}

/// A new token and its secret.
fn make(world: &World, caller: &Caller, member: &StaffMember, draft: StaffDraft) -> (String, StaffToken) {
    match create(world, caller, member, draft, None).unwrap() {
        Created::New(token, secret) => (secret.expose().to_owned(), *token),
        Created::Before(token) => panic!("{token:?}"),
    }
}

fn verify(world: &World, secret: &str, from: &str) -> Result<StaffIdentity, Unrecognised> {
    world.wait(staff_tokens::verify(&world.app, secret, from.parse().unwrap()))
}

/// Why whoever shows a secret is not let in.
#[track_caller]
fn refused(world: &World, secret: &str, from: &str) -> Option<StaffRefusal> {
    match verify(world, secret, from) {
        Err(Unrecognised::Refused(_, refusal)) => Some(refusal),
        Err(Unrecognised::Nobody) => None,
        other => panic!("{other:?}"),
    }
}

/// Somebody who calls with a token.
fn caller_of(world: &World, secret: &str) -> Caller {
    Caller {
        actor: verify(world, secret, "127.0.0.1").unwrap().actor(),
        ..Caller::system()
    }
}

#[track_caller]
fn rule<T: std::fmt::Debug>(result: Result<T, AppError>) -> Rule {
    match result {
        Err(AppError::Rule(rule)) => *rule,
        other => panic!("{other:?}"),
    }
}

fn live(world: &World, member: &StaffMember) -> Vec<StaffToken> {
    let found = world.wait(staff_tokens::list(&world.app, &Caller::shell(), member.id));
    found.unwrap()
}

fn revoke(world: &World, caller: &Caller, token: &StaffToken) -> Result<StaffToken, AppError> {
    world.wait(staff_tokens::revoke(&world.app, caller, token.member, token.public_id))
}

fn a_token_is_let_in_until_it_is_revoked(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (secret, token) = make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    assert!(secret.starts_with(&format!("lka_{}_", token.public_id)) && secret.ends_with(&token.last4));
    let identity = verify(world, &secret, "203.0.113.9").unwrap();
    assert_eq!(
        (identity.token.public_id, identity.member.id),
        (token.public_id, member.id)
    );
    let (other, _) = make(world, &meera, &member, draft(world, "Another", "accounts:read"));
    // Well formed, with the id of one and the secret of the other.
    let foreign = StaffSecret::mint(token.public_id, |_| other[13..45].to_owned());
    for wrong in ["", "lka_", &secret[..50], &format!("{secret}0"), foreign.expose()] {
        assert_eq!(refused(world, wrong, "203.0.113.9"), None, "{wrong}");
    }
    let second = world.join();
    let at = world.clock.now();
    world
        .wait(staff_tokens::revoke(&second.app, &meera, member.id, token.public_id))
        .unwrap();
    assert_eq!(refused(world, &secret, "203.0.113.9"), Some(StaffRefusal::Revoked(at)));
    assert!(matches!(rule(revoke(world, &meera, &token)), Rule::Revoked(_)));
    // Its name is free again.
    make(world, &meera, &member, draft(world, "BILLING", "accounts:read"));
}

fn it_is_let_in_from_its_addresses_and_in_its_time(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let mut wanted = draft(world, "Billing", "accounts:read");
    wanted.addresses = "10.0.0.0/24 2001:db8::1".parse().unwrap();
    let (secret, token) = make(world, &meera, &member, wanted);
    for address in ["10.0.0.9", "::ffff:10.0.0.9", "2001:db8::1"] {
        assert!(verify(world, &secret, address).is_ok(), "{address}");
    }
    let foreign = "10.0.1.9".parse().unwrap();
    assert_eq!(
        refused(world, &secret, "10.0.1.9"),
        Some(StaffRefusal::AddressNotAllowed(foreign))
    );
    world.clock.advance(Duration::days(30) - Duration::SECOND);
    assert!(verify(world, &secret, "10.0.0.9").is_ok());
    world.clock.advance(Duration::SECOND);
    assert_eq!(
        refused(world, &secret, "10.0.0.9"),
        Some(StaffRefusal::Expired(token.expires_at))
    );
}

fn no_kind_passes_for_another(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (secret, _) = make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    let token = mint(&world.app, world.customer("priya").id, |_| ()).secret;
    let (service, _) = mint_service(world, "Proxy", "*");
    for other in [
        &token,
        &service,
        &token.replacen("lk_", "lka_", 1),
        &service.replacen("lks_", "lka_", 1),
    ] {
        assert_eq!(refused(world, other, "127.0.0.1"), None, "{other}");
    }
    assert!(TokenSecret::parse(&secret.replacen("lka_", "lk_", 1)).is_err());
    world.api().with_token(&secret).get("/api/v1/token").expect(401);
}

fn a_deactivated_member_takes_their_tokens_along(world: &World) {
    let (meera, _) = staff(world, "meera", Role::Admin);
    let (asha, member) = staff(world, "asha", Role::Support);
    let (secret, token) = make(
        world,
        &asha,
        &member,
        draft(world, "Billing", "accounts:read staff-tokens:manage"),
    );
    let by_token = caller_of(world, &secret);
    world
        .wait(members::deactivate(&world.app, &meera, &member.public_id))
        .unwrap();
    assert_eq!(refused(world, &secret, "127.0.0.1"), Some(StaffRefusal::Deactivated));
    // What was let in before is held in its transaction.
    for caller in [&asha, &by_token] {
        let late = create(world, caller, &member, draft(world, "Late", "accounts:read"), None);
        assert!(
            matches!(late, Err(AppError::Denied(_) | AppError::NotFound)),
            "{late:?}"
        );
    }
    assert_eq!(live(world, &member).len(), 1);
    world
        .wait(members::reactivate(&world.app, &meera, &member.public_id))
        .unwrap();
    assert_eq!(verify(world, &secret, "127.0.0.1").unwrap().token.id, token.id);
}

fn a_form_makes_one_token(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (asha, other) = staff(world, "asha", Role::Support);
    let new = || draft(world, "Billing", "accounts:read");
    let first = create(world, &meera, &member, new(), Some("the same form")).unwrap();
    let Created::New(first, _) = first else {
        panic!("{first:?}")
    };
    world.clock.advance(Duration::minutes(12));
    let again = create(world, &meera, &member, new(), Some("the same form")).unwrap();
    assert!(matches!(again, Created::Before(token) if token.id == first.id));
    let found = world.wait(staff_tokens::find_made(&world.app, &meera, member.id, "the same form"));
    assert_eq!(found.unwrap().unwrap().id, first.id);
    // Another member's keys and names are theirs.
    let asha = Caller {
        password_at: Some(world.clock.now()),
        ..asha
    };
    let theirs = create(world, &asha, &other, new(), Some("the same form")).unwrap();
    assert!(matches!(theirs, Created::New(..)));
    let foreign = create(world, &asha, &member, new(), None);
    assert!(matches!(foreign, Err(AppError::NotFound)));
}

fn what_does_not_fit_is_refused(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    let try_with = |change: &dyn Fn(&mut StaffDraft)| {
        let mut wanted = draft(world, "Other", "accounts:read");
        change(&mut wanted);
        rule(create(world, &meera, &member, wanted, None))
    };
    let now = world.clock.now();
    assert!(matches!(
        try_with(&|wanted| wanted.scopes = StaffScopes::default()),
        Rule::NoScope
    ));
    assert!(matches!(
        try_with(&|wanted| wanted.name = "billing".parse().unwrap()),
        Rule::NameTaken
    ));
    assert!(matches!(
        try_with(&|wanted| wanted.expires_at = now),
        Rule::Expiry(ExpiryRefusal::Past)
    ));
    let late = try_with(&|wanted| wanted.expires_at = now + MAX_LIFE + Duration::SECOND);
    assert!(matches!(late, Rule::Expiry(ExpiryRefusal::TooLate { latest }) if latest == now + MAX_LIFE));
    assert_eq!(live(world, &member).len(), 1);
    assert_eq!(events(world, Action::StaffTokenCreated), 1);
}

fn a_changed_token_was_changed_by_one(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (_, token) = make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    let change = |name: &str, revision| {
        let mut wanted = StaffDraft::from(&token);
        wanted.name = name.parse().unwrap();
        world.wait(staff_tokens::change(
            &world.app,
            &meera,
            member.id,
            token.public_id,
            revision,
            wanted,
        ))
    };
    assert!(change("One", 0).unwrap().1);
    assert!(matches!(rule(change("Two", 0)), Rule::Outdated));
    revoke(world, &meera, &token).unwrap();
    assert!(matches!(rule(change("Two", 2)), Rule::Revoked(_)));
}

fn a_use_is_written_once_a_minute(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (secret, _) = make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    let used = |from: &str| {
        assert!(verify(world, &secret, from).is_ok());
        world.wait(world.app.staff_tokens.flush(&world.app)).unwrap();
        let last = live(world, &member)[0].last_use.unwrap();
        (last.at, last.from.to_string())
    };
    let start = world.clock.now();
    assert_eq!(used("203.0.113.1"), (start, "203.0.113.1".to_owned()));
    world.clock.advance(Duration::seconds(59));
    assert_eq!(used("203.0.113.2"), (start, "203.0.113.1".to_owned()));
    world.clock.advance(Duration::seconds(1));
    assert_eq!(used("203.0.113.3"), (world.clock.now(), "203.0.113.3".to_owned()));
}

fn without_its_key_nobody_is_let_in(world: &World) {
    let (meera, member) = staff(world, "meera", Role::Admin);
    let (secret, _) = make(world, &meera, &member, draft(world, "Billing", "accounts:read"));
    let other = "other b1946ac92492d2347c6235b4d2611184f2a9c0d76e35b8f01a4c7d2e95b6083f 2026-07-01T12:00:00Z";
    world.app.replace_keyring(Keyring::from_text(other).unwrap());
    let unchecked = verify(world, &secret, "127.0.0.1");
    assert!(
        matches!(unchecked, Err(Unrecognised::Unchecked(AppError::Key(_)))),
        "{unchecked:?}"
    );
    let missing = latchkey::app::upkeep::missing_keys(&world.app).unwrap();
    assert_eq!(missing.len(), 1);
}
