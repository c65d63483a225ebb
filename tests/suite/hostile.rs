//! What nobody sends by accident: bytes that a database chokes on, names that are made not to be seen, a secret in the
//! wrong place, a database that fails under a session.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
};

use diesel::connection::SimpleConnection;
use latchkey::{
    app::open_store,
    domain::usage::UsageRow,
    store::{Store, StoreError, audit, usage},
};
use serde_json::json;
use time::Duration;

use crate::support::{Browser, Database, Minted, Page, Process, World, mint};

on_both!(
    a_nul_is_no_reason_to_fail,
    a_name_has_to_be_seen,
    a_token_is_kept_in_no_words,
    a_session_that_cannot_be_read_is_no_fault_of_the_visitor,
    a_token_that_names_a_new_site_with_each_call_fills_no_database,
);

fn a_nul_is_no_reason_to_fail(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let stranger = world.browser();
    let form = stranger.get("/sign-in").expect(200).form("/sign-in");
    form.fill("username", "pri\0ya")
        .fill("password", "violet tram")
        .submit("Sign in")
        .expect(400);

    let browser = world.signed_in("priya");
    let form = browser.get("/security").expect(200).form("/security");
    form.fill("current_password", "\0")
        .submit("Change password")
        .expect(400);
    let end = |id: &str| {
        let sign_out = browser.get("/security").expect(200).form("/sign-out");
        let body = format!("form_token={}", sign_out.values("form_token")[0]);
        browser.send(&browser.form_request("POST", &format!("/security/sessions/{id}/end"), &body))
    };
    end("%00").expect(404);
    end("%ff").expect(404);
    browser
        .get(&format!("/tokens?q=%00&back=%00#{}", token.public_id))
        .expect(200);
}

/// Sends the form of a new token with that name and description.
fn named(browser: &Browser, name: &str, description: &str) -> Page {
    let form = browser.get("/tokens/new").expect(200).form("/tokens/new");
    let form = form.fill("name", name).fill("description", description);
    form.check("scope", "backups:create").submit("Review token")
}

fn a_name_has_to_be_seen(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    for name in ["\u{200d}", "\u{200c} \u{fe0f}"] {
        let page = named(&browser, name, "").expect(422);
        assert_eq!(page.error_words(), ["Enter a name for the token"], "{name:?}");
    }
    for name in [
        "\u{200b}",
        "\u{3164}",
        "\u{2800}",
        "Back\u{200b}up",
        "Backup\u{2060}",
        "Back\u{ad}up",
        "Backup\u{200f}",
        "Backup\u{e0041}",
        "Back\u{2028}up",
        "Back\u{202e}up",
    ] {
        let page = named(&browser, name, "").expect(422);
        assert_eq!(
            page.error_words(),
            ["Take the invisible characters out of the name: type it again"],
            "{name:?}"
        );
    }
    for name in [
        "क्\u{200d}ष",
        "می\u{200c}خواهم",
        "👨\u{200d}👩\u{200d}👧 backup",
        "❤\u{fe0f}",
    ] {
        named(&browser, name, "soft\u{ad}hyphen").expect(200);
    }
}

fn a_token_is_kept_in_no_words(world: &World) {
    let account = world.customer("priya");
    let Minted { secret, token } = mint(&world.app, account.id, |_| ());
    let browser = world.signed_in("priya");
    let page = named(&browser, &secret, &format!("for Jenkins: {secret}")).expect(422);
    assert_eq!(
        page.error_words(),
        ["name", "description"].map(|field| format!(
            "Take the token itself out of the {field}: everybody who reads it could use the token"
        ))
    );
    let form = browser
        .get(&format!("/tokens/{}/edit", token.public_id))
        .expect(200)
        .form(&format!("/tokens/{}/edit", token.public_id));
    form.fill("description", &secret).submit("Review changes").expect(422);
    let query = audit::Query {
        limit: 100,
        ..audit::Query::default()
    };
    let events: Result<_, StoreError> = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query));
    assert!(!format!("{:?}", events.unwrap()).contains(&secret));

    // Nor does it get into the address to which a visitor is sent whose session has ended.
    let form = browser.get("/tokens/new").expect(200).form("/tokens/new");
    world.clock.advance(Duration::days(2));
    let page = form
        .fill("name", "Kept")
        .fill("description", &secret)
        .submit("Review token");
    let to = page.expect(303).header("Location").unwrap().to_owned();
    assert!(to.contains("Kept") && !to.contains(&secret), "{to}");
}

fn a_session_that_cannot_be_read_is_no_fault_of_the_visitor(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let dropped: Result<_, StoreError> = world
        .app
        .store
        .write_here(|connection| Ok(connection.batch_execute("DROP TABLE sessions")?));
    dropped.unwrap();
    let page = browser.get("/tokens").expect(503);
    assert!(page.header("Retry-After").is_some() && page.header("Cache-Control") == Some("no-store"));
}

fn a_token_that_names_a_new_site_with_each_call_fills_no_database(world: &World) {
    let Minted { secret, token } = mint(&world.app, world.customer("priya").id, |_| ());
    let api = world.api().with_token(&secret);
    for number in 0..1_100 {
        let asked = json!({ "scopes": ["backups:create"], "site": format!("s{number}.example") });
        api.post("/api/v1/decide", &asked).expect(200);
        if number % 300 == 0 {
            world.wait(world.app.usage.flush(&world.app)).unwrap();
        }
    }
    world.wait(world.app.usage.flush(&world.app)).unwrap();
    let since = world.clock.now() - Duration::days(1);
    let rows: Result<Vec<UsageRow>, StoreError> = world
        .app
        .store
        .read_here(|connection| usage::list_hours(connection, token.id, since, 5_000));
    let rows = rows.unwrap();
    assert_eq!(
        (rows.len(), rows.iter().map(|row| row.calls).sum::<i64>()),
        (1_001, 1_100)
    );
}

/// Also in a folder that others may look into.
#[test]
fn the_embedded_database_is_its_owners_alone() {
    let database = Database::sqlite();
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(database.folder(), open).unwrap();
    let world = World::from(database);
    world.customer("priya");
    let path = world.app.store.sqlite_path().unwrap().to_owned();
    for file in Store::sqlite_files(&path) {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
    open_store(&world.app.settings).expect("an existing file is opened as it is");
}

/// The program's own log, at its most talkative.
#[test]
fn the_log_holds_no_token_and_no_password() {
    let secret = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";
    let database = Database::sqlite();
    let path = database.folder().join("log");
    let mut process = Process::on(&database);
    process.start_with_log("trace", File::create(&path).unwrap().into());
    let browser = Browser::new(process.address);
    browser.get(&format!("/tokens/{secret}")).expect(404);
    browser
        .get(&format!("/x/{}?q={secret}", secret.replace('_', "%5F")))
        .expect(404);
    for path in [
        "/link/geheimnisgeheimnisgeheimnisgeheimni",
        "/%6Cink/geheim",
        "/x/LINK/geheim",
    ] {
        browser.get(path).expect(404);
    }
    let form = browser.get("/sign-in").expect(200).form("/sign-in");
    form.fill("username", "priya")
        .fill("password", "geheimes Wort im Formular")
        .submit("Sign in")
        .expect(422);
    process.terminate();
    process.ended();
    let log = fs::read_to_string(path).unwrap();
    assert!(log.contains("/tokens/lk_EXAMPLE1_"), "{log}");
    assert!(!log.contains("19WjLP") && !log.contains("geheim"));
}
