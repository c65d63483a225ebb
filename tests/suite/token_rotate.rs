//! `/tokens/{id}/rotate`: a new secret, shown once, and the end of the old one.

use latchkey::{
    app::{
        AppError, Rule,
        tokens::rotate::{Overlap, retire, rotate},
    },
    domain::{
        audit::Action,
        token::{Expiry, Token},
    },
    store::tokens,
};
use time::Duration;

use crate::{
    support::{Minted, PASSWORD, Page, World, mint},
    token::{events, fresh},
    token_stop::wins,
};

on_both!(
    the_new_secret_works_and_the_old_one_until_its_time,
    a_use_that_is_noted_after_a_rotation_is_one_of_the_old_secret,
    rotating_at_once_ends_the_old_secret,
    the_password_is_asked_for_when_it_is_stale,
    the_same_form_rotates_once,
    another_window_is_told,
    rotating_again_ends_the_older_secret,
    the_old_secret_can_be_retired_early,
    a_token_that_is_over_gets_no_secret,
    one_of_ten_rotations_wins,
);

const PING: &str = "/api/v1/token";

fn now(world: &World, token: &Token) -> Token {
    let found = world
        .app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap()
}

fn secret_on(page: &Page) -> String {
    let shown = page.document().by_id("secret").map(crate::support::Element::text);
    shown.unwrap_or_else(|| panic!("no secret: {}", page.text()))
}

fn path(token: &Token) -> String {
    format!("/tokens/{}/rotate", token.public_id)
}

fn the_new_secret_works_and_the_old_one_until_its_time(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret: old } = mint(&world.app, account.id, |_| ());
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).expect(200).form(&path(&token));
    assert_eq!(form.values("overlap"), ["day"]);
    assert_eq!(form.choices("overlap"), ["now", "hour", "day", "week"]);
    assert!(!form.offers("password"), "it was just given");
    let page = form.fill("overlap", "hour").submit("Make a new secret").expect(200);
    assert_eq!(page.header("Cache-Control"), Some("no-store"));
    assert_eq!(page.header("Content-Encoding"), None);
    let new = secret_on(&page);
    assert!(page.has(&format!(
        "The old one, ending in {}, works until 23 Nov 2026, 18:30 IST",
        token.last4
    )));
    assert_eq!(page.body().matches(&old).count(), 0);
    for secret in [&old, &new] {
        world.api().with_token(secret).get(PING).expect(200);
    }
    world.clock.advance(Duration::minutes(61));
    world.api().with_token(&old).get(PING).expect(401);
    world.api().with_token(&new).get(PING).expect(200);
    let written = events(world, &token);
    assert_eq!(written[0].action, Action::TokenRotated);
    let fields: Vec<&str> = written[0].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["last4", "overlap"]);
    let text = format!("{written:?}");
    assert!(!text.contains(&new[12..40]) && !text.contains(&old[12..40]));
    let unchanged = now(world, &token);
    assert_eq!((unchanged.name, unchanged.expiry), (token.name, token.expiry));
}

fn a_use_that_is_noted_after_a_rotation_is_one_of_the_old_secret(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret } = mint(&world.app, account.id, |_| ());
    world.api().with_token(&secret).get(PING).expect(200);
    let used_at = world.clock.now();
    world.clock.advance(Duration::seconds(1));
    let form = world.signed_in("priya").get(&path(&token)).form(&path(&token));
    form.fill("overlap", "hour").submit("Make a new secret").expect(200);
    world.wait(world.app.usage.flush(&world.app)).unwrap();
    let found = now(world, &token);
    let rotation = found.rotation.unwrap();
    assert_eq!(rotation.last_use.map(|last| last.at), Some(used_at));
    assert_eq!(
        (found.secret_use, found.last_use.map(|last| last.at)),
        (None, Some(used_at))
    );
}

fn rotating_at_once_ends_the_old_secret(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret: old } = mint(&world.app, account.id, |_| ());
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).form(&path(&token)).fill("overlap", "now");
    let page = form.submit("Make a new secret").expect(200);
    assert!(page.has("The old one no longer works."));
    world.api().with_token(&old).get(PING).expect(401);
    world.api().with_token(&secret_on(&page)).get(PING).expect(200);
    assert!(
        !browser
            .get(&format!("/tokens/{}", token.public_id))
            .has("Two secrets work")
    );
}

fn the_password_is_asked_for_when_it_is_stale(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    world.clock.advance(Duration::minutes(11));
    let form = browser.get(&path(&token)).form(&path(&token)).fill("overlap", "week");
    let refused = form.submit("Make a new secret").expect(422);
    assert_eq!(refused.error_words(), ["Enter your password to go on"]);
    let wrong = form
        .clone()
        .fill("password", "not it")
        .submit("Make a new secret")
        .expect(422);
    assert_eq!(
        wrong.form(&path(&token)).values("overlap"),
        ["week"],
        "the choice is kept"
    );
    assert_eq!(wrong.form(&path(&token)).values("password"), [""]);
    assert!(events(world, &token).is_empty());
    let forged = form.clone().forge("overlap", "never").fill("password", PASSWORD);
    let refused = forged.submit("Make a new secret").expect(422);
    assert_eq!(refused.error_words(), ["Choose when the old secret stops working"]);
    let form = refused.form(&path(&token)).fill("overlap", "week");
    secret_on(&form.submit("Make a new secret").expect(200));
    let unasked = fresh(world, &account);
    world.clock.advance(Duration::minutes(11));
    let stale = now(world, &token);
    let stale = rotate(
        &world.app,
        &unasked,
        account.id,
        token.public_id,
        stale.revision,
        Overlap::None,
    );
    assert!(matches!(world.wait(stale), Err(AppError::PasswordNeeded)));
}

fn the_same_form_rotates_once(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).form(&path(&token));
    let first = secret_on(&form.submit("Make a new secret").expect(200));
    world.clock.advance(Duration::minutes(20));
    let again = form.submit("Make a new secret").expect(200);
    assert!(again.heading().ends_with("was already rotated"), "{}", again.heading());
    assert!(again.has("For your safety we can’t show it again.") && again.document().by_id("secret").is_none());
    assert!(again.link("Make another secret").is_some());
    world.api().with_token(&first).get(PING).expect(200);
    assert_eq!(events(world, &token).len(), 1);
}

fn another_window_is_told(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).form(&path(&token)).fill("overlap", "hour");
    let page = format!("/tokens/{}", token.public_id);
    browser
        .get(&page)
        .form(&format!("{page}/pause"))
        .submit("Pause")
        .expect(303);
    let told = form.submit("Make a new secret").expect(409);
    assert!(told.has("This token was changed in another window."));
    let form = told.form(&path(&token));
    assert_eq!(form.values("overlap"), ["hour"]);
    secret_on(&form.submit("Make a new secret").expect(200));
}

fn rotating_again_ends_the_older_secret(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret: first } = mint(&world.app, account.id, |_| ());
    let browser = world.signed_in("priya");
    let page = browser
        .get(&path(&token))
        .form(&path(&token))
        .submit("Make a new secret");
    let second = secret_on(&page.expect(200));
    let form_page = browser.get(&path(&token)).expect(200);
    assert!(form_page.has(&format!(
        "An older secret, ending in {}, still works until",
        token.last4
    )));
    assert!(form_page.has("It ends at once when you rotate again"));
    let third = secret_on(&form_page.form(&path(&token)).submit("Make a new secret").expect(200));
    world.api().with_token(&first).get(PING).expect(401);
    for secret in [&second, &third] {
        world.api().with_token(secret).get(PING).expect(200);
    }
}

fn the_old_secret_can_be_retired_early(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret: old } = mint(&world.app, account.id, |_| ());
    let browser = world.signed_in("priya");
    let new = browser
        .get(&path(&token))
        .form(&path(&token))
        .submit("Make a new secret");
    let new = secret_on(&new.expect(200));
    world.clock.advance(Duration::minutes(15));
    let page = format!("/tokens/{}", token.public_id);
    let retire_form = browser.get(&page).form(&format!("{page}/retire"));
    let done = retire_form.submit("Retire the old one now").follow();
    assert!(done.has("The old secret no longer works.") && !done.has("Two secrets work"));
    world.api().with_token(&old).get(PING).expect(401);
    world.api().with_token(&new).get(PING).expect(200);
    assert_eq!(events(world, &token)[0].action, Action::TokenSecretRetired);
    // The page of before the next rotation means a secret that is gone.
    let caller = fresh(world, &account);
    let current = now(world, &token);
    let next = rotate(
        &world.app,
        &caller,
        account.id,
        token.public_id,
        current.revision,
        Overlap::Day,
    );
    world.wait(next).unwrap();
    retire_form.submit("Retire the old one now").expect(303);
    world.api().with_token(&new).get(PING).expect(200);
    let gone = world.wait(retire(
        &world.app,
        &caller,
        account.id,
        token.public_id,
        token.last4.clone(),
    ));
    assert!(matches!(gone, Err(AppError::Rule(rule)) if matches!(*rule, Rule::NoOverlap)));
}

fn a_token_that_is_over_gets_no_secret(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let expired = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(new.created_at + Duration::minutes(5));
    });
    let form = browser.get(&path(&expired.token)).form(&path(&expired.token));
    world.clock.advance(Duration::minutes(6));
    let told = form.submit("Make a new secret").expect(200);
    assert!(told.heading().ends_with("has expired") && told.link("Renew").is_some());
    assert_eq!(browser.get(&path(&expired.token)).expect(200).heading(), told.heading());
    let revoked = mint(&world.app, account.id, |_| ()).token;
    let form = browser.get(&path(&revoked)).form(&path(&revoked));
    let at = world.clock.now();
    let done = world
        .app
        .store
        .write_here(|connection| tokens::revoke(connection, revoked.id, at));
    assert!(done.unwrap());
    assert!(
        form.submit("Make a new secret")
            .expect(200)
            .heading()
            .ends_with("is revoked")
    );
    assert!(
        browser
            .get(&path(&revoked))
            .expect(200)
            .heading()
            .ends_with("is revoked")
    );
}

fn one_of_ten_rotations_wins(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let caller = fresh(world, &account);
    let wins = wins(|| {
        world
            .wait(rotate(
                &world.app,
                &caller,
                account.id,
                token.public_id,
                token.revision,
                Overlap::Day,
            ))
            .map(|_| true)
    });
    assert_eq!((wins, events(world, &token).len()), (1, 1));
    assert_eq!(now(world, &token).rotation.unwrap().last4, token.last4);
}
