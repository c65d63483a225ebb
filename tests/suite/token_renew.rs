//! `/tokens/{id}/renew`: another expiry, the same secret.

use latchkey::{
    app::{AppError, tokens::renew::renew},
    domain::{
        audit::Action,
        policy::Policy,
        token::{Expiry, Token},
    },
    store::{StoreError, installation, tokens},
};
use time::{Duration, macros::datetime};

use crate::{
    support::{Minted, PASSWORD, World, mint},
    token::{events, fresh},
    token_stop::wins,
};

on_both!(
    a_renewal_moves_the_expiry_and_nothing_else,
    an_expired_token_works_again,
    a_later_date_asks_for_the_password_and_an_earlier_one_does_not,
    the_policys_limits_are_told_and_hold,
    a_token_that_has_used_up_its_time_is_not_renewed,
    another_window_is_told_and_loses_nothing,
    one_of_ten_renewals_wins,
);

fn path(token: &Token) -> String {
    format!("/tokens/{}/renew", token.public_id)
}

fn expiry(world: &World, token: &Token) -> Expiry {
    let found = world
        .app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap().expiry
}

fn set_policy(world: &World, policy: &Policy) {
    let done: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| installation::put_policy(connection, policy));
    done.unwrap();
}

fn a_renewal_moves_the_expiry_and_nothing_else(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret } = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(datetime!(2026-11-25 18:29:59));
    });
    let browser = world.signed_in("priya");
    let page = browser.get(&path(&token)).expect(200);
    assert!(page.has("It now expires on 25 Nov 2026, 23:59 IST."));
    assert!(page.has("90 days 21 Feb 2027"), "{}", page.text());
    let done = page.form(&path(&token)).fill("expires", "30").submit("Renew").follow();
    assert!(done.has("Renewed. The secret stays the same.") && done.has("23 Dec 2026, 23:59 IST (18:29 UTC)"));
    assert_eq!(expiry(world, &token), Expiry::At(datetime!(2026-12-23 18:29:59)));
    world.clock.advance(Duration::days(10));
    world.api().with_token(&secret).get("/api/v1/token").expect(200);
    let written = events(world, &token);
    assert_eq!((written.len(), written[0].action), (1, Action::TokenRenewed));
    let change = &written[0].changes[0];
    assert_eq!(
        (change.before.as_deref(), change.after.as_deref()),
        (Some("2026-11-25T18:29:59Z"), Some("2026-12-23T18:29:59Z"))
    );
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).form(&path(&token));
    let same = form
        .fill("expires", "date")
        .fill("date", "2026-12-23")
        .submit("Renew")
        .follow();
    assert!(same.has("Nothing was different, so nothing was changed."));
    assert_eq!(events(world, &token).len(), 1);
}

fn an_expired_token_works_again(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret } = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(new.created_at + Duration::hours(1));
    });
    world.clock.advance(Duration::hours(2));
    world.api().with_token(&secret).get("/api/v1/token").expect(401);
    let browser = world.signed_in("priya");
    let page = browser
        .get(&format!("/tokens/{}", token.public_id))
        .click("Renew")
        .expect(200);
    assert!(page.has("It expired on 23 Nov 2026, 18:30 IST."));
    page.form(&path(&token)).submit("Renew").expect(303);
    world.api().with_token(&secret).get("/api/v1/token").expect(200);
}

fn a_later_date_asks_for_the_password_and_an_earlier_one_does_not(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    world.clock.advance(Duration::minutes(11));
    let form = browser.get(&path(&token)).form(&path(&token));
    form.clone().fill("expires", "7").submit("Renew").expect(303);
    let form = browser.get(&path(&token)).form(&path(&token));
    let refused = form.fill("expires", "365").submit("Renew").expect(422);
    assert_eq!(
        refused.errors(),
        [("password".to_owned(), "Enter your password to go on".to_owned())]
    );
    let form = refused.form(&path(&token));
    assert_eq!(form.values("expires"), ["365"]);
    form.fill("password", PASSWORD).submit("Renew").expect(303);
    assert_eq!(expiry(world, &token), Expiry::At(datetime!(2027-11-23 18:29:59)));
    let stale = fresh(world, &account);
    world.clock.advance(Duration::minutes(11));
    let later = renew(&world.app, &stale, &account, token.public_id, 2, Expiry::Never);
    assert!(matches!(world.wait(later), Err(AppError::PasswordNeeded)));
}

fn the_policys_limits_are_told_and_hold(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let policy = |days, total| Policy {
        max_lifetime_days: Some(days),
        max_total_lifetime_days: total,
        ..Policy::default()
    };
    set_policy(world, &policy(60, Some(100)));
    world.clock.advance(Duration::days(70));
    let browser = world.signed_in("priya");
    let page = browser.get(&path(&token)).expect(200);
    assert!(
        page.has("A token can be given at most 60 days at a time"),
        "{}",
        page.text()
    );
    let form = page.form(&path(&token));
    assert_eq!(
        form.choices("expires"),
        ["1", "7", "30", "date"],
        "30 of its 100 days are left"
    );
    let late = form
        .clone()
        .fill("expires", "date")
        .fill("date", "2027-03-05")
        .submit("Renew")
        .expect(422);
    assert_eq!(
        late.errors(),
        [("date".to_owned(), "Choose a date up to 3 Mar 2027".to_owned())]
    );
    let past = form
        .clone()
        .fill("expires", "date")
        .fill("date", "2027-01-31")
        .submit("Renew")
        .expect(422);
    assert_eq!(past.error_words(), ["Choose a date from 1 Feb 2027 on"]);
    let forged = form.clone().forge("expires", "never").submit("Renew").expect(422);
    assert_eq!(forged.error_words(), ["Choose a date up to 3 Mar 2027"]);
    assert!(events(world, &token).is_empty());
    form.fill("expires", "date")
        .fill("date", "2027-03-03")
        .submit("Renew")
        .expect(303);
    // Whatever the policy has become, an earlier end is no widening.
    set_policy(world, &policy(5, None));
    let form = browser.get(&path(&token)).form(&path(&token));
    form.fill("expires", "date")
        .fill("date", "2027-02-20")
        .submit("Renew")
        .expect(303);
    assert_eq!(expiry(world, &token), Expiry::At(datetime!(2027-02-20 18:29:59)));
}

fn a_token_that_has_used_up_its_time_is_not_renewed(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    set_policy(
        world,
        &Policy {
            max_total_lifetime_days: Some(30),
            ..Policy::default()
        },
    );
    world.clock.advance(Duration::days(40));
    let browser = world.signed_in("priya");
    let page = browser.get(&path(&token)).expect(200);
    assert!(page.has("This token has lived as long as a token may.") && page.has("Create a new token in its place"));
    assert!(page.forms().iter().all(|form| form.action() != path(&token)));
}

fn another_window_is_told_and_loses_nothing(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let slow = browser.get(&path(&token)).form(&path(&token)).fill("expires", "180");
    browser
        .get(&path(&token))
        .form(&path(&token))
        .fill("expires", "7")
        .submit("Renew")
        .expect(303);
    let told = slow.submit("Renew").expect(409);
    assert!(told.has("This token was changed in another window."));
    assert!(told.has("It now expires on 30 Nov 2026, 23:59 IST."));
    let form = told.form(&path(&token));
    assert_eq!(form.values("expires"), ["180"]);
    form.submit("Renew").expect(303);
    assert_eq!(expiry(world, &token), Expiry::At(datetime!(2027-05-22 18:29:59)));
}

fn one_of_ten_renewals_wins(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let caller = fresh(world, &account);
    let until = Expiry::At(datetime!(2027-11-23 18:29:59));
    let wins = wins(|| {
        world.wait(renew(
            &world.app,
            &caller,
            &account,
            token.public_id,
            token.revision,
            until,
        ))
    });
    assert_eq!((wins, events(world, &token).len()), (1, 1));
}
