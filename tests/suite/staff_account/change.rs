//! Changing what an account is.

use latchkey::{
    domain::{
        audit::Action,
        policy::{Plan, Policy},
    },
    store::{self, StoreError},
};
use time::Duration;

use super::{cast, events, page_of, works};
use crate::support::{Browser, Form, PASSWORD, Page, World, mint};

on_both!(
    a_renamed_account_keeps_its_tokens,
    sites_that_go_are_counted_before_they_go,
    a_smaller_plan_says_what_it_takes,
    another_address_asks_for_the_password,
    two_windows_do_not_overwrite_each_other,
    what_others_have_is_told_at_the_field,
);

fn form_of(asha: &Browser, path: &str) -> Form {
    asha.get(path).expect(200).form(path)
}

/// Saves what a review shows.
fn save(review: &Page, path: &str) -> Page {
    review.form(&format!("{path}/save")).submit("Save the change")
}

fn a_renamed_account_keeps_its_tokens(world: &World) {
    let (account, asha) = cast(world);
    let (minted, path) = (mint(&world.app, account.id, |_| ()), page_of(&account, "/change"));
    let unchanged = form_of(&asha, &path).submit("Review the change").expect(303).follow();
    assert!(unchanged.has("Nothing was different"));
    let form = form_of(&asha, &path)
        .fill("username", "priyanka")
        .fill("reason", "She married");
    let review = form.submit("Review the change").expect(200);
    assert!(
        review.has("The customer signs in as priyanka from now on. 1 token goes on working"),
        "{}",
        review.text()
    );
    save(&review, &path).expect(303).follow().expect(200);
    assert!(works(world, &minted));
    let browser = world.signed_in("priyanka");
    let told = browser.get("/activity").expect(200).rows();
    assert!(
        told[1][0].contains("Account “priyanka” was changed") && told[1][0].contains("She married"),
        "{told:?}"
    );
    assert!(told[1][0].contains("priya → priyanka"), "{told:?}");
    let new = asha
        .get("/staff/accounts/new?username=priya")
        .form("/staff/accounts/new");
    new.fill("email", "other@mail.example")
        .submit("Create account")
        .expect(200);
}

fn sites_that_go_are_counted_before_they_go(world: &World) {
    let (account, asha) = cast(world);
    mint(&world.app, account.id, |token| {
        token.sites = "shop.priya.example".parse().unwrap();
    });
    let path = page_of(&account, "/change");
    let form = form_of(&asha, &path);
    assert_eq!(form.values("sites"), ["priya.example\r\nshop.priya.example"]);
    let review = form
        .fill("sites", "new.example\r\npriya.example")
        .submit("Review the change")
        .expect(200);
    assert!(
        review.has("shop.priya.example is taken away: 1 token names it"),
        "{}",
        review.text()
    );
    save(&review, &path).expect(303);
    assert_eq!(form_of(&asha, &path).values("sites"), ["new.example\r\npriya.example"]);
    let event = &events(world, &account)[0].event;
    let fields: Vec<&str> = event.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(
        (event.action, fields),
        (Action::AccountChanged, vec!["main_site", "sites"])
    );
}

fn a_smaller_plan_says_what_it_takes(world: &World) {
    let (account, asha) = cast(world);
    for scope in ["backups:create", "files:read", "*"] {
        mint(&world.app, account.id, |token| token.scopes = scope.parse().unwrap());
    }
    let small = Plan {
        public_id: world.app.new_public_id(),
        name: "small".to_owned(),
        scopes: "files:read".parse().unwrap(),
        policy: Policy {
            max_lifetime_days: Some(30),
            max_live_tokens: Some(2),
            ..Policy::default()
        },
    };
    let put = |connection: &mut _| store::plans::put(connection, &small);
    world.app.store.write_here::<_, StoreError>(put).unwrap();
    let path = page_of(&account, "/change");
    let review = form_of(&asha, &path)
        .fill("plan", "small")
        .submit("Review the change")
        .expect(200);
    for words in [
        "2 tokens lose permissions",
        "3 tokens live longer than the new plan allows",
        "allows 2 tokens and there are 3",
    ] {
        assert!(review.has(words), "{words}: {}", review.text());
    }
    save(&review, &path).expect(303);
    assert!(asha.get(&page_of(&account, "")).has("Plan: small"));
}

fn another_address_asks_for_the_password(world: &World) {
    let (account, asha) = cast(world);
    world.clock.advance(Duration::minutes(11));
    let path = page_of(&account, "/change");
    let form = form_of(&asha, &path).fill("email", "priya@new.example");
    let review = form.submit("Review the change").expect(200);
    let refused = save(&review, &path).expect(422);
    assert_eq!(refused.error_words(), ["Enter your password to go on"]);
    let confirmed = refused.form(&format!("{path}/save")).fill("password", PASSWORD);
    confirmed.submit("Save the change").expect(303);
    let event = &events(world, &account)[0].event;
    assert_eq!(event.action, Action::EmailChanged);
    let change = &event.changes[0];
    assert_eq!(
        (change.before.as_deref(), change.after.as_deref()),
        (Some("priya@mail.example"), Some("priya@new.example"))
    );
    let sign_ins = |connection: &mut _| store::accounts::detail::sign_ins(connection, account.login);
    let sign_ins = world.app.store.read_here::<_, StoreError>(sign_ins).unwrap();
    assert_eq!(sign_ins.email_changed_by_staff_at, Some(world.app.now()));
}

fn two_windows_do_not_overwrite_each_other(world: &World) {
    let (account, asha) = cast(world);
    let path = page_of(&account, "/change");
    let (one, other) = (form_of(&asha, &path), form_of(&asha, &path));
    // What the customer does with tokens is no change of the account.
    mint(&world.app, account.id, |_| ());
    let late = other
        .fill("sites", "priya.example")
        .submit("Review the change")
        .expect(200);
    let review = one.fill("username", "priyanka").submit("Review the change").expect(200);
    save(&review, &path).expect(303);
    let conflict = save(&late, &path).expect(409);
    assert!(conflict.has("This account was changed meanwhile") && conflict.has("Staff asha"));
    let rows = conflict.rows();
    assert_eq!(rows[0][..2], ["User name", "priyanka"], "{rows:?}");
    let again = conflict.form(&path).submit("Use my version").expect(200);
    save(&again, &path).expect(303);
    assert_eq!(form_of(&asha, &path).values("username"), ["priya"]);
}

fn what_others_have_is_told_at_the_field(world: &World) {
    let (account, asha) = cast(world);
    world.customer("arjun");
    let path = page_of(&account, "/change");
    for (name, value) in [
        ("username", "arjun"),
        ("username", "asha"),
        ("email", "arjun@mail.example"),
        ("sites", "priya.example\narjun.example"),
    ] {
        let form = form_of(&asha, &path).fill(name, value);
        let refused = form.submit("Review the change").expect(422);
        assert_eq!(refused.errors()[0].0, name);
        assert_eq!(refused.form(&path).values(name), [value.replace('\n', "\r\n")]);
    }
    let plan = form_of(&asha, &path).drop_field("plan").forge("plan", "golden");
    let refused = plan.submit("Review the change").expect(422);
    assert_eq!(refused.errors()[0].0, "plan");
    assert_eq!(events(world, &account).len(), 1);
}
