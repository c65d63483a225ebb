//! One form makes one staff token, whose secret is shown once and kept nowhere.

use std::thread;

use latchkey::{app::Caller, domain::secret::StaffSecret};
use time::Duration;

use super::{
    pages::{LIST, MAKE, NEW, administrator, filled, secret, tokens},
    revoke, verify,
};
use crate::{
    support::{PASSWORD, Page, World},
    tokens_new::once::{log_here, logged, stored},
};

on_both!(
    the_same_form_makes_one,
    eight_at_once_make_one,
    the_password_is_asked_for_again,
    an_ended_session_keeps_the_answers,
    nothing_keeps_the_secret,
);

const BEFORE: &str = "was already made. Its secret can’t be shown again.";

fn the_same_form_makes_one(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Billing");
    let first = form.submit(MAKE).expect(200);
    let id = StaffSecret::parse(&secret(&first)).unwrap().public_id();
    let again = form.submit(MAKE).expect(200);
    assert!(
        again.has(BEFORE) && again.document().by_id("secret").is_none(),
        "{}",
        again.text()
    );
    assert_eq!(
        again.link("Revoke it").as_deref(),
        Some(&*format!("{LIST}/{id}/revoke"))
    );
    // Not even another name, later and without the password.
    world.clock.advance(Duration::minutes(12));
    assert!(form.clone().forge("name", "Other").submit(MAKE).expect(200).has(BEFORE));
    let token = tokens(world, "meera").remove(0);
    revoke(world, &Caller::shell(), &token).unwrap();
    let after = form.submit(MAKE).expect(200);
    assert!(after.has("It has been revoked since.") && after.link("Revoke it").is_none());
    for key in ["", "short", "*", &"a".repeat(5_000)] {
        form.clone().forge("creation_key", key).submit(MAKE).expect(400);
    }
}

fn eight_at_once_make_one(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Billing");
    let pages: Vec<Page> = thread::scope(|scope| {
        let sending: Vec<_> = (0..8).map(|_| scope.spawn(|| form.submit(MAKE))).collect();
        sending.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    let shown = pages.iter().filter(|page| page.document().by_id("secret").is_some());
    let before = pages.iter().filter(|page| page.has(BEFORE));
    assert_eq!((shown.count(), before.count(), tokens(world, "meera").len()), (1, 7, 1));
}

fn the_password_is_asked_for_again(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Billing");
    assert!(!form.offers("password"));
    world.clock.advance(Duration::minutes(11));
    // The form that was opened before has no field for it.
    let page = form.submit(MAKE).expect(422);
    assert_eq!(
        page.errors()[0],
        ("password".to_owned(), "Enter your password to go on".to_owned())
    );
    let page = page.form(NEW).fill("password", "wrong").submit(MAKE).expect(422);
    assert!(page.error_words()[0].starts_with("That is not your password."));
    assert_eq!(page.form(NEW).values("password"), [""], "no password is shown again");
    assert!(tokens(world, "meera").is_empty());
    page.form(NEW).fill("password", PASSWORD).submit(MAKE).expect(200);
    assert_eq!(tokens(world, "meera").len(), 1);
}

fn an_ended_session_keeps_the_answers(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Billing").fill("addresses", "127.0.0.1");
    world.clock.advance(Duration::minutes(16));
    let sign_in = form.submit(MAKE).follow();
    let again = sign_in
        .form("/sign-in")
        .fill("username", "meera")
        .fill("password", PASSWORD);
    let page = again.submit("Sign in").follow().expect(200);
    let kept = page.form(NEW);
    for field in ["name", "scope", "addresses", "expires", "creation_key"] {
        assert_eq!(kept.values(field), form.values(field), "{field}");
    }
    kept.submit(MAKE).expect(200);
}

fn nothing_keeps_the_secret(world: &World) {
    log_here();
    let browser = administrator(world);
    let page = filled(&browser, "Canary 4712").submit(MAKE).expect(200);
    let secret = secret(&page);
    let (name, part) = secret.rsplit_once('_').unwrap();
    let id = &name[4..];
    assert_eq!(part.len(), 38);
    assert!(!page.title().contains(part) && !page.path().contains(part));
    assert!(page.cookies_set().iter().all(|cookie| !cookie.contains(part)));
    let packed = filled(&browser, "Packed")
        .request(MAKE)
        .header("Accept-Encoding", "gzip, br");
    assert_eq!(
        browser.send(&packed).header("Content-Encoding"),
        None,
        "its length would tell"
    );
    let one = format!("{LIST}/{id}");
    for path in [
        LIST,
        NEW,
        &one,
        "/staff/audit",
        "/staff/audit.csv",
        "/staff/audit.jsonl",
    ] {
        assert!(!browser.get(path).expect(200).body().contains(part), "{path}");
    }
    assert!(verify(world, &secret, "127.0.0.1").is_ok());
    let bytes = stored(world);
    let holds = |wanted: &str| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    assert!(holds("Canary 4712") && holds(id), "the search finds what is there");
    assert!(!holds(part), "the secret is in the database");
    tracing::info!("lk_ {id}");
    let logged = logged();
    assert!(logged.contains(&format!("lk_ {id}")), "the log is seen here");
    assert!(!logged.contains(part), "the secret is in the log");
}
