//! Suspending, restoring and removing accounts, and the ways into one.

use latchkey::domain::audit::Action;
use serde_json::{Value, json};

use super::{administrator, code, errors, path, program, send, stored};
use crate::{
    services::{at_once, events},
    support::{World, mint},
};

on_both!(
    a_suspension_holds_at_once_and_ends,
    a_removal_needs_a_reason_and_is_for_good,
    eight_at_once_suspend_it_once,
    a_sign_in_link_opens_one_session,
    a_password_is_set_or_asked_for,
);

fn a_suspension_holds_at_once_and_ends(world: &World) {
    let api = program(world, "accounts:suspend");
    let account = world.customer("priya");
    let secret = mint(&world.app, account.id, |_| ()).secret;
    let customer = world.api().with_token(&secret);
    customer.get("/api/v1/token").expect(200);
    let (suspend, unsuspend) = (path(&account, "/suspend"), path(&account, "/unsuspend"));
    let missing = api.post(&suspend, &json!({})).expect(422);
    assert_eq!(errors(&missing), [("/reason".to_owned(), "missing".to_owned())]);
    let done = api
        .post(&suspend, &json!({"reason": "The invoice is open"}))
        .expect(200)
        .json();
    assert_eq!(done["tokens_stopped"], 1);
    assert_eq!(code(&customer.get("/api/v1/token").expect(401)), "account-suspended");
    assert_eq!(
        code(&api.post(&suspend, &json!({"reason": "Again"})).expect(409)),
        "already-so"
    );
    // What it did needs no other scope, and tells no more than it did.
    api.get(&path(&account, "")).expect(403);
    send(&api, ("POST", &unsuspend), "", &Value::Null).expect(204);
    customer.get("/api/v1/token").expect(200);
    assert_eq!(
        code(&send(&api, ("POST", &unsuspend), "", &Value::Null).expect(409)),
        "already-so"
    );
    assert_eq!(
        (
            events(world, Action::AccountSuspended),
            events(world, Action::AccountUnsuspended)
        ),
        (1, 1)
    );
    let shown = administrator(world)
        .get("/api/v1/audit?action=account.suspended")
        .json()["items"][0]
        .clone();
    assert_eq!(shown["reason"], "The invoice is open");
    assert!(
        shown["actor"]["name"]
            .as_str()
            .unwrap()
            .starts_with("Staff meera (token ")
    );
}

fn a_removal_needs_a_reason_and_is_for_good(world: &World) {
    let api = program(world, "accounts:remove");
    let account = world.customer("priya");
    let secret = mint(&world.app, account.id, |_| ()).secret;
    let one = path(&account, "");
    assert_eq!(
        errors(&send(&api, ("DELETE", &one), "", &json!({"reason": " "})).expect(422))[0].1,
        "empty"
    );
    send(&api, ("DELETE", &one), "", &Value::Null).expect(415);
    let done = send(&api, ("DELETE", &one), "", &json!({"reason": "Asked for it"}))
        .expect(200)
        .json();
    assert_eq!(done["tokens_revoked"], 1);
    assert!(stored(world, &account).is_none());
    world.api().with_token(&secret).get("/api/v1/token").expect(401);
    send(&api, ("DELETE", &one), "", &json!({"reason": "Again"})).expect(404);
}

fn eight_at_once_suspend_it_once(world: &World) {
    let api = administrator(world);
    let suspend = path(&world.customer("priya"), "/suspend");
    let done = at_once(|number| api.post(&suspend, &json!({"reason": format!("No {number}")})).status());
    assert_eq!(done.iter().filter(|status| **status == 200).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|status| **status == 409).count(), 7, "{done:?}");
    assert_eq!(events(world, Action::AccountSuspended), 1);
}

fn a_sign_in_link_opens_one_session(world: &World) {
    let api = program(world, "accounts:sign-in");
    let account = world.customer("priya");
    let made = send(&api, ("POST", &path(&account, "/sign-in-link")), "", &Value::Null).expect(201);
    assert_eq!(made.header("Cache-Control"), Some("no-store"));
    let said = made.json();
    let url = said["url"].as_str().unwrap();
    let origin = world.app.settings.public_url.as_str();
    assert!(url.starts_with(&format!("{origin}/link/")), "{url}");
    assert_eq!(events(world, Action::SignInLinkMade), 1);
}

fn a_password_is_set_or_asked_for(world: &World) {
    let api = administrator(world);
    let (account, invited) = (world.customer("priya"), world.customer_without_password("lena"));
    let set = path(&account, "/password");
    assert_eq!(
        code(&api.post(&set, &json!({"password": "priya"})).expect(422)),
        "weak-password"
    );
    api.post(&set, &json!({"password": "correct horse battery staple"}))
        .expect(200);
    let form = world.browser().get("/sign-in").form("/sign-in");
    let signed_in = form
        .fill("username", "priya")
        .fill("password", "correct horse battery staple")
        .submit("Sign in");
    assert_eq!(signed_in.status(), 303);
    // No mail is sent here: a reset is nothing that staff see, and an invitation is handed over.
    let reset = send(&api, ("POST", &path(&account, "/password-link")), "", &Value::Null).expect(409);
    assert_eq!(code(&reset), "conflict");
    let invitation = send(&api, ("POST", &path(&invited, "/password-link")), "", &Value::Null)
        .expect(201)
        .json();
    assert_eq!(invitation["purpose"], "invitation");
    assert!(invitation["url"].as_str().unwrap().contains("/link/"));
}
