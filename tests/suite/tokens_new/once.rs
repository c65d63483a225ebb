//! One form makes one token, whose secret is shown once and kept nowhere.

use std::{
    io::{self, Write},
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

use latchkey::{
    app::{Caller, tokens::revoke::revoke},
    domain::secret::TokenSecret,
    settings::Database,
};

use super::{filled, live, made, put_plan, reviewed, secret};
use crate::support::{Form, Page, World};

on_both!(
    the_same_form_makes_one_token,
    eight_at_once_make_one_token,
    eight_at_once_keep_to_the_limit,
    nothing_keeps_the_secret,
);

const BEFORE: &str = "was already created. For your safety we can’t show it again.";

fn the_same_form_makes_one_token(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let form = reviewed(&filled(&browser, "Backup"));
    let first = form.submit("Create token").expect(200);
    let id = TokenSecret::parse(&secret(&first)).unwrap().public_id();
    let again = form.submit("Create token").expect(200);
    assert!(
        again.has(BEFORE) && again.document().by_id("secret").is_none(),
        "{}",
        again.text()
    );
    assert_eq!(
        again.link("Make a new secret").as_deref(),
        Some(&*format!("/tokens/{id}/rotate"))
    );
    assert_eq!(again.link("See this token").as_deref(), Some(&*format!("/tokens/{id}")));
    // Not even another name, later and without the password.
    world.clock.advance(time::Duration::minutes(30));
    assert!(
        form.clone()
            .forge("name", "Other")
            .submit("Create token")
            .expect(200)
            .has(BEFORE)
    );
    assert_eq!(live(world, account.id), 1);
    world
        .wait(revoke(&world.app, &Caller::shell(), account.id, id))
        .unwrap();
    let after = form.submit("Create token").expect(200);
    assert!(after.has("It has been revoked since.") && after.link("Make a new secret").is_none());
    assert_eq!(live(world, account.id), 0);
    form.forge("creation_key", "").submit("Create token").expect(400);
}

/// Sends all of these at the same time.
fn send_at_once(forms: &[Form]) -> Vec<Page> {
    thread::scope(|scope| {
        let sending: Vec<_> = forms
            .iter()
            .map(|form| scope.spawn(|| form.submit("Create token")))
            .collect();
        sending.into_iter().map(|sent| sent.join().unwrap()).collect()
    })
}

fn eight_at_once_make_one_token(world: &World) {
    let account = world.customer("priya");
    let form = reviewed(&filled(&world.signed_in("priya"), "Backup"));
    let pages = send_at_once(&vec![form; 8]);
    let shown = pages
        .iter()
        .filter(|page| page.document().by_id("secret").is_some())
        .count();
    let before = pages.iter().filter(|page| page.has(BEFORE)).count();
    assert_eq!((shown, before, live(world, account.id)), (1, 7, 1));
}

fn eight_at_once_keep_to_the_limit(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    put_plan(world, |plan| plan.policy.max_live_tokens = Some(3));
    let forms: Vec<Form> = (0..8)
        .map(|number| reviewed(&filled(&browser, &format!("Token {number}"))))
        .collect();
    let pages = send_at_once(&forms);
    let made = pages.iter().filter(|page| page.status() == 200).count();
    assert_eq!((made, live(world, account.id)), (3, 3));
    for refused in pages.iter().filter(|page| page.status() != 200) {
        assert_eq!(refused.status(), 422);
        assert_eq!(refused.errors()[0].0, "name");
        assert!(refused.has("You have 3 of 3 tokens."), "{}", refused.text());
    }
}

/// Every line of the log that may hold a secret.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        if ["lk_", "lks_"].iter().any(|prefix| line.contains(prefix)) {
            LOGGED.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that the database holds, in whatever form it keeps it.
pub(crate) fn stored(world: &World) -> Vec<u8> {
    if let Database::Postgres(url) = &world.app.settings.database {
        let psql = std::env::var("LATCHKEY_TEST_PSQL").unwrap_or_else(|_| "psql".to_owned());
        let query = "SELECT database_to_xml(true, false, '')";
        let output = Command::new(psql)
            .args(["-X", "-At", "-d", url.expose(), "-c", query])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return output.stdout;
    }
    let files = std::fs::read_dir(&world.app.settings.data).unwrap();
    let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
    files.flat_map(|path| std::fs::read(path).unwrap()).collect()
}

/// Sees every line of the log from now on.
pub(crate) fn log_here() {
    // Another test of this process may have set it up already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter("debug,latchkey=trace")
        .with_writer(|| Log)
        .try_init();
}

/// Every line of the log so far that may hold a secret.
pub(crate) fn logged() -> String {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn nothing_keeps_the_secret(world: &World) {
    log_here();
    world.customer("priya");
    let browser = world.signed_in("priya");
    let page = made(&browser, "Canary 4711");
    let secret = secret(&page);
    let (name, part) = secret.rsplit_once('_').unwrap();
    assert_eq!((name.len(), part.len()), (11, 38));
    assert!(!page.title().contains(part) && !page.path().contains(part));
    assert!(page.cookies_set().iter().all(|cookie| !cookie.contains(part)));
    assert_eq!(page.header("Referrer-Policy"), Some("same-origin"));
    world.api().with_token(&secret).get("/api/v1/token").expect(200);
    for path in ["/", "/tokens/new", "/security"] {
        assert!(!browser.get(path).body().contains(part), "{path}");
    }
    let packed = reviewed(&filled(&browser, "Packed")).request("Create token");
    let packed = browser.send(&packed.header("Accept-Encoding", "gzip, br"));
    assert_eq!(packed.header("Content-Encoding"), None, "its length would tell");

    let bytes = stored(world);
    let holds = |wanted: &str| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    assert!(
        holds("Canary 4711") && holds(&name[3..]),
        "the search finds what is there"
    );
    assert!(!holds(part), "the secret is in the database");
    tracing::info!("lk_ {}", &name[3..]);
    let logged = logged();
    assert!(logged.contains(&format!("lk_ {}", &name[3..])), "the log is seen here");
    assert!(!logged.contains(part), "the secret is in the log");
}
