//! What there is before anybody has signed in: the database, and the pages that need nobody.

use std::{error::Error, iter};

use latchkey::{
    app,
    settings::{Flags, Settings},
};
use time::Duration;

use crate::support::{Database, World};

fn the_server_lives_and_knows_what_it_has_not(world: &World) {
    assert_eq!(world.browser().get("/healthz").status(), 200);
    assert_eq!(
        world.browser().get("/no/such/page").expect(404).heading(),
        "We can't find that page."
    );
    assert_eq!(world.api().get("/api/v1/nothing").expect(404).json()["status"], 404);
    let second = world.join();
    assert_eq!(second.browser().get("/healthz").status(), 200);
    assert_eq!(second.api().get("/healthz").status(), 200);
    let before = world.app.now();
    world.clock.advance(Duration::hours(1));
    assert_eq!(world.app.now() - before, Duration::hours(1));
}

on_both!(the_server_lives_and_knows_what_it_has_not);

/// Why the database at `url` cannot be opened, with every cause; nothing if it can.
fn refusal(database: &Database, url: String) -> Option<String> {
    let flags = Flags {
        data: Some(database.folder().display().to_string()),
        database: Some(url),
        ..Flags::default()
    };
    let nothing = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let settings = Settings::load(&flags, iter::empty(), &nothing).expect("the settings are right");
    let error = app::open_store(&settings).err()?;
    let causes = iter::successors(Some(&error as &(dyn Error + 'static)), |error| (*error).source());
    Some(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}

/// `tests/run` gives a URL with `sslmode=verify-full`. Beside the right authority it puts one that signed nothing, and the
/// server listens on an address too that its certificate does not name.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_database_server_must_prove_who_it_is() {
    let database = Database::postgres();
    let url = database.url();
    assert!(
        url.contains("sslmode=verify-full"),
        "the tests' server must be one with a certificate: run tests/run"
    );
    assert_eq!(refusal(&database, url.clone()), None);
    for wrong in [
        url.replace("/ca.crt", "/other-ca.crt"),
        url.replace("@localhost:", "@127.0.0.2:"),
    ] {
        let why = refusal(&database, wrong).expect("it is refused");
        assert!(why.contains("certificate"), "{why}");
    }
}
