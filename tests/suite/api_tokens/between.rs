//! Rule 7 where the token that asks is changed after the call was let in and before anything is written.

use latchkey::{
    app::{
        AppError, Caller, Rule,
        tokens::{create, edit, pause, renew, rotate, rotate::Overlap},
        verify::verify,
    },
    domain::{
        account::Account,
        draft::Draft,
        id::AccountId,
        permission::{Actor, Denied},
        token::{Expiry, Life, PausedBy, Token},
    },
    store::{StoreError, tokens},
};
use time::Duration;

use super::{
    rule7::{end_all, switch_off},
    stored,
};
use crate::support::{World, mint};

on_both!(a_token_that_changes_between_asking_and_writing_gives_nothing);

/// A call is let in and then its token is narrowed, paused, revoked, expires or loses the scope, all before the change is
/// written.
fn a_token_that_changes_between_asking_and_writing_gives_nothing(world: &World) {
    let account = world.customer("priya");
    for what in ["narrowed", "unscoped", "paused", "revoked", "expired", "rotated"] {
        let own = mint(&world.app, account.id, |new| {
            new.scopes = "tokens:manage dns:write".parse().unwrap();
            new.expiry = Expiry::At(world.app.now() + Duration::hours(1));
        });
        let target = mint(&world.app, account.id, |new| {
            new.scopes = "dns:write".parse().unwrap();
            new.expiry = Expiry::At(world.app.now() + Duration::minutes(50));
        });
        let paused = mint(&world.app, account.id, |new| {
            new.scopes = "dns:write".parse().unwrap();
            new.expiry = Expiry::At(world.app.now() + Duration::minutes(50));
        });
        switch_off(world, &paused.token);
        let verified = world.wait(verify(&world.app, &own.secret)).unwrap();
        let caller = Caller {
            actor: verified.actor(&world.app.catalogue),
            ..Caller::system()
        };
        assert!(matches!(&caller.actor, Actor::Token { powers, .. } if powers.manage));
        befall(world, &own.token, what);
        for refused in attempts(world, &account, &caller, &target.token, &paused.token) {
            let held = match &refused {
                Err(AppError::Rule(rule)) => matches!(**rule, Rule::BeyondToken(_)),
                Err(AppError::Denied(denied)) => matches!(denied, Denied::Scope(_)),
                _ => false,
            };
            // A new secret alone takes nothing from what the token may do.
            assert!(held || what == "rotated" && refused.is_ok(), "{what}: {refused:?}");
        }
        if what != "rotated" {
            assert_eq!(stored(world, &target.token).revision, 0, "{what}");
            assert!(
                matches!(stored(world, &paused.token).life, Life::Paused { .. }),
                "{what}"
            );
        }
        end_all(world, &account);
    }
}

fn befall(world: &World, own: &Token, what: &str) {
    let now = world.app.now();
    let narrow = |scopes: &str| Draft {
        scopes: scopes.parse().unwrap(),
        ..Draft::from(own)
    };
    let done: Result<bool, StoreError> = world.app.store.write_here(|connection| match what {
        "narrowed" => tokens::update(connection, own.id, 0, &narrow("tokens:manage dns:read")),
        "unscoped" => tokens::update(connection, own.id, 0, &narrow("tokens:read dns:write")),
        "paused" => tokens::pause(connection, own.id, PausedBy::Owner, now),
        "revoked" => tokens::revoke(connection, own.id, now),
        "expired" => tokens::extend(connection, own.id, 0, Expiry::At(now)),
        _ => Ok(true),
    });
    assert!(done.unwrap(), "{what}");
}

/// Everything that could make more of a token.
fn attempts(
    world: &World,
    account: &Account,
    caller: &Caller,
    target: &Token,
    paused: &Token,
) -> Vec<Result<(), AppError>> {
    let app = &world.app;
    let new = Draft {
        name: "made by it".parse().unwrap(),
        ..Draft::from(target)
    };
    let changed = Draft {
        description: "changed".parse().unwrap(),
        ..Draft::from(target)
    };
    let later = Expiry::At(app.now() + Duration::minutes(55));
    let (id, whose) = (target.public_id, account.id);
    vec![
        world.wait(create::create(app, caller, account, new, None)).map(|_| ()),
        world.wait(edit::edit(app, caller, account, id, 0, changed)).map(|_| ()),
        world.wait(resume(world, caller, whose, paused)),
        world
            .wait(renew::renew(
                app,
                caller,
                account,
                id,
                stored(world, target).revision,
                later,
            ))
            .map(|_| ()),
        world
            .wait(rotate::rotate(
                app,
                caller,
                whose,
                id,
                stored(world, target).revision,
                Overlap::None,
            ))
            .map(|_| ()),
    ]
}

async fn resume(world: &World, caller: &Caller, account: AccountId, token: &Token) -> Result<(), AppError> {
    pause::resume(&world.app, caller, account, token.public_id).await
}
