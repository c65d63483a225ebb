//! Pausing, resuming and revoking: what programs may ask as often as they like.

use latchkey::{
    domain::{
        audit::Action,
        token::{Life, PausedBy},
    },
    store::{StoreError, audit, tokens},
};
use serde_json::{Value, json};

use super::{PATH, code, holder, manager, path, stored};
use crate::support::{World, mint};

on_both!(
    a_token_is_paused_and_resumed_however_often,
    what_staff_paused_only_they_resume,
    a_revoked_token_works_no_more,
    a_token_may_end_itself,
    no_body_is_needed_and_no_other_one_read,
);

fn a_token_is_paused_and_resumed_however_often(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let minted = mint(&world.app, account.id, |_| ());
    let path = path(&minted.token);
    let works = || world.api().with_token(&minted.secret).get("/api/v1/token").status() == 200;
    let ask = |action: &str| api.post(&format!("{path}/{action}"), &json!({})).expect(200).json();
    assert_eq!(ask("resume")["paused_by"], Value::Null);
    for _ in 0..2 {
        let said = ask("pause");
        assert_eq!(
            (&said["status"], &said["paused_by"]),
            (&json!("paused"), &json!("owner"))
        );
    }
    assert!(!works());
    for _ in 0..2 {
        assert_eq!(ask("resume")["status"], "active");
    }
    assert!(works());
    let query = audit::Query {
        actions: vec![Action::TokenPaused, Action::TokenResumed],
        limit: 10,
        ..audit::Query::default()
    };
    let events: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query));
    assert_eq!(events.unwrap().len(), 2);
}

fn what_staff_paused_only_they_resume(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let now = world.app.now();
    let paused: Result<bool, StoreError> = world
        .app
        .store
        .write_here(|connection| tokens::pause(connection, token.id, PausedBy::Staff, now));
    assert!(paused.unwrap());
    let path = path(&token);
    assert_eq!(
        code(&api.post(&format!("{path}/resume"), &json!({})).expect(409)),
        "paused-by-staff"
    );
    assert_eq!(
        api.post(&format!("{path}/pause"), &json!({})).expect(200).json()["paused_by"],
        "staff"
    );
    assert!(matches!(
        stored(world, &token).life,
        Life::Paused {
            by: PausedBy::Staff,
            ..
        }
    ));
}

fn a_revoked_token_works_no_more(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let minted = mint(&world.app, account.id, |_| ());
    api.delete(&path(&minted.token)).expect(204);
    let refused = world.api().with_token(&minted.secret).get("/api/v1/token").expect(401);
    assert_eq!(code(&refused), "token-revoked");
}

fn a_token_may_end_itself(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    api.delete(&path(&own)).expect(204);
    assert_eq!(code(&api.delete(&path(&own)).expect(401)), "token-revoked");
    // Without the scope there is another address for it.
    let (api, own) = holder(world, &account, |new| new.scopes = "tokens:read".parse().unwrap());
    assert_eq!(code(&api.delete(&path(&own)).expect(403)), "insufficient-scope");
    api.get(&path(&own)).expect(200);
    api.delete("/api/v1/token").expect(204);
}

fn no_body_is_needed_and_no_other_one_read(world: &World) {
    let account = world.customer("priya");
    let (api, _) = manager(world, &account);
    let token = mint(&world.app, account.id, |_| ()).token;
    let path = path(&token);
    for action in ["pause", "resume"] {
        let path = format!("{path}/{action}");
        api.send(&api.request("POST", &path)).expect(200);
        assert_eq!(
            code(&api.post(&path, &json!({"reason": "none"})).expect(422)),
            "invalid-body"
        );
        let text = api.request("POST", &path).body("text/plain", "now");
        assert_eq!(code(&api.send(&text).expect(415)), "unsupported-media-type");
    }
    assert_eq!(api.get(PATH).expect(200).json()["next"], Value::Null);
}
