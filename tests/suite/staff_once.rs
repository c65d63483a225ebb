//! One form makes one thing that has a secret, which is shown once and kept nowhere: what holds for every such form of the
//! staff area.

use latchkey::domain::{secret::PublicId, staff::Role};
use time::Duration;

use crate::{
    services::at_once,
    support::{Browser, Form, Page, World},
    tokens_new::once::{log_here, logged, stored},
};

/// A kind of thing that such a form makes, for an administrator called meera.
pub(crate) struct Kind {
    /// Where its list is.
    pub(crate) list: &'static str,
    /// Where its form is.
    pub(crate) new: &'static str,
    /// What the form's button says.
    pub(crate) make: &'static str,
    /// What the button says that ends one.
    pub(crate) end: &'static str,
    /// What its secrets begin with.
    pub(crate) prefix: &'static str,
    /// The pages about one, below the list and its id.
    pub(crate) pages: &'static [&'static str],
    /// The form, with a name and otherwise with what it needs.
    pub(crate) filled: fn(&Browser, &str) -> Form,
    /// How many there are that have not ended.
    pub(crate) live: fn(&World) -> usize,
    /// Ends one.
    pub(crate) revoke: fn(&World, PublicId),
    /// Whether its holder is let in.
    pub(crate) works: fn(&World, &str) -> bool,
}

const BEFORE: &str = "was already made. Its secret can’t be shown again.";

/// An administrator, signed in.
pub(crate) fn administrator(world: &World) -> Browser {
    world.staff("meera", Role::Admin);
    world.signed_in("meera")
}

/// The secret on a page.
#[track_caller]
pub(crate) fn secret(page: &Page) -> String {
    page.document().by_id("secret").expect("the page shows a secret").text()
}

impl Kind {
    fn id_in(&self, secret: &str) -> PublicId {
        let body = secret.strip_prefix(self.prefix).unwrap();
        body.split('_').next().unwrap().parse().unwrap()
    }
}

/// A form that is sent again makes nothing and shows no secret.
pub(crate) fn the_same_form_makes_one(world: &World, kind: &Kind) {
    let browser = administrator(world);
    let form = (kind.filled)(&browser, "Billing");
    let id = kind.id_in(&secret(&form.submit(kind.make).expect(200)));
    let again = form.submit(kind.make).expect(200);
    assert!(
        again.has(BEFORE) && again.document().by_id("secret").is_none(),
        "{}",
        again.text()
    );
    let ask = format!("{}/{id}/revoke", kind.list);
    assert_eq!(again.link("Revoke it").as_deref(), Some(&*ask));
    // Not even another name, later and without the password.
    world.clock.advance(Duration::minutes(12));
    let other = form.clone().forge("name", "Other").submit(kind.make);
    assert!(other.expect(200).has(BEFORE));
    assert_eq!((kind.live)(world), 1);
    (kind.revoke)(world, id);
    let after = form.submit(kind.make).expect(200);
    assert!(after.has("It has been revoked since.") && after.link("Revoke it").is_none());
    assert_eq!((kind.live)(world), 0);
    for key in ["", "short", "*", &"a".repeat(5_000)] {
        form.clone().forge("creation_key", key).submit(kind.make).expect(400);
    }
}

/// A form that is sent eight times at once makes one, and one answer shows its secret.
pub(crate) fn eight_at_once_make_one(world: &World, kind: &Kind) {
    let browser = administrator(world);
    let form = (kind.filled)(&browser, "Billing");
    let pages = at_once(|_| form.submit(kind.make));
    let shown = pages.iter().filter(|page| page.document().by_id("secret").is_some());
    let before = pages.iter().filter(|page| page.has(BEFORE));
    assert_eq!((shown.count(), before.count(), (kind.live)(world)), (1, 7, 1));
}

/// The secret stands on one page, and neither on another one nor in the database nor in the log; it is not compressed.
pub(crate) fn nothing_keeps_the_secret(world: &World, kind: &Kind) {
    log_here();
    let browser = administrator(world);
    let page = (kind.filled)(&browser, "Canary 4712").submit(kind.make).expect(200);
    let secret = secret(&page);
    let (id, part) = (kind.id_in(&secret), secret.rsplit_once('_').unwrap().1);
    assert_eq!(part.len(), 38);
    assert!(!page.title().contains(part) && !page.path().contains(part));
    assert!(page.cookies_set().iter().all(|cookie| !cookie.contains(part)));
    let packed = (kind.filled)(&browser, "Packed").request(kind.make);
    let packed = browser.send(&packed.header("Accept-Encoding", "gzip, br"));
    assert_eq!(packed.header("Content-Encoding"), None, "its length would tell");
    let own = kind.pages.iter().map(|page| format!("{}/{id}{page}", kind.list));
    let shared = [
        kind.list,
        kind.new,
        "/staff/audit",
        "/staff/audit.csv",
        "/staff/audit.jsonl",
    ];
    for path in own.chain(shared.map(str::to_owned)) {
        assert!(!browser.get(&path).expect(200).body().contains(part), "{path}");
    }
    assert!((kind.works)(world, &secret));
    let ask = format!("{}/{id}/revoke", kind.list);
    browser.get(&ask).form(&ask).submit(kind.end).expect(303);
    assert!(!(kind.works)(world, &secret));
    is_not_kept(world, id.as_str(), part);
}

fn is_not_kept(world: &World, id: &str, part: &str) {
    let bytes = stored(world);
    let holds = |wanted: &str| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    assert!(holds("Canary 4712") && holds(id), "the search finds what is there");
    assert!(!holds(part), "the secret is in the database");
    tracing::info!("lk_ {id}");
    let logged = logged();
    assert!(logged.contains(&format!("lk_ {id}")), "the log is seen here");
    assert!(!logged.contains(part), "the secret is in the log");
}
