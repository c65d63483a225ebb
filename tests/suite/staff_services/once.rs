//! One form makes one service credential, whose secret is shown once and kept nowhere.

use std::thread;

use latchkey::domain::secret::ServiceSecret;
use time::Duration;

use super::{LIST, MAKE, NEW, administrator, asked, filled, live, revoke, secret};
use crate::{
    support::{Page, World},
    tokens_new::once::{log_here, logged, stored},
};

on_both!(
    the_same_form_makes_one,
    eight_at_once_make_one,
    nothing_keeps_the_secret,
);

const BEFORE: &str = "was already made. Its secret can’t be shown again.";

fn the_same_form_makes_one(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Proxy");
    let id = ServiceSecret::parse(&secret(&form.submit(MAKE).expect(200)))
        .unwrap()
        .public_id();
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
    revoke(world, &live(world)[0]);
    let after = form.submit(MAKE).expect(200);
    assert!(after.has("It has been revoked since.") && after.link("Revoke it").is_none());
    assert!(live(world).is_empty());
    for key in ["", "short", "*", &"a".repeat(5_000)] {
        form.clone().forge("creation_key", key).submit(MAKE).expect(400);
    }
}

fn eight_at_once_make_one(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Proxy");
    let pages: Vec<Page> = thread::scope(|scope| {
        let sending: Vec<_> = (0..8).map(|_| scope.spawn(|| form.submit(MAKE))).collect();
        sending.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    let shown = pages.iter().filter(|page| page.document().by_id("secret").is_some());
    let before = pages.iter().filter(|page| page.has(BEFORE));
    assert_eq!((shown.count(), before.count(), live(world).len()), (1, 7, 1));
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
    let ask = format!("{LIST}/{id}/revoke");
    for path in [
        LIST,
        NEW,
        &ask,
        "/staff/audit",
        "/staff/audit.csv",
        "/staff/audit.jsonl",
    ] {
        assert!(!browser.get(path).expect(200).body().contains(part), "{path}");
    }
    assert_eq!(asked(world, &secret, "203.0.113.7"), 200);
    browser
        .get(&ask)
        .form(&ask)
        .submit("Revoke service credential")
        .expect(303);
    assert_eq!(asked(world, &secret, "203.0.113.7"), 401);

    let bytes = stored(world);
    let holds = |wanted: &str| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    assert!(holds("Canary 4712") && holds(id), "the search finds what is there");
    assert!(!holds(part), "the secret is in the database");
    tracing::info!("lk_ {id}");
    let logged = logged();
    assert!(logged.contains(&format!("lk_ {id}")), "the log is seen here");
    assert!(!logged.contains(part), "the secret is in the log");
}
