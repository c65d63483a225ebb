//! `/staff/services`: making a service credential whose secret is shown once, seeing and revoking them.

mod once;

use latchkey::{
    app::{Caller, services},
    domain::{
        audit::Action,
        secret::{EXAMPLE, ServiceSecret},
        service::{MAX_LIVE, ServiceCredential},
        staff::Role,
    },
};
use time::Duration;

use crate::{
    oauth::FORM,
    services::events,
    staff_once::{administrator, secret},
    support::{Browser, Form, PASSWORD, World, mint, mint_service},
};

on_both!(
    an_administrator_makes_one_that_works,
    what_was_typed_is_kept,
    a_name_belongs_to_one_and_there_is_a_most,
    the_password_is_asked_for_again,
    an_ended_session_keeps_the_answers,
    a_revoked_one_is_refused_from_the_next_request,
    revoked_ones_are_paged,
    support_neither_sees_nor_reaches_them,
);

const LIST: &str = "/staff/services";
const NEW: &str = "/staff/services/new";
const MAKE: &str = "Make service credential";

#[track_caller]
fn filled(browser: &Browser, name: &str) -> Form {
    browser.get(NEW).expect(200).form(NEW).fill("name", name)
}

fn live(world: &World) -> Vec<ServiceCredential> {
    world.wait(services::list(&world.app, &Caller::shell())).unwrap()
}

fn revoke(world: &World, credential: &ServiceCredential) {
    let done = world.wait(services::revoke(&world.app, &Caller::shell(), credential.public_id));
    done.unwrap();
}

/// The status that a question about the example is answered with.
fn asked(world: &World, secret: &str, from: &str) -> u16 {
    let api = world.api().with_token(secret).at_address(from);
    let body = format!("token={EXAMPLE}");
    api.send(&api.request("POST", "/oauth/introspect").body(FORM, body))
        .status()
}

fn an_administrator_makes_one_that_works(world: &World) {
    let browser = administrator(world);
    let empty = browser.get("/staff/members").click("Services").expect(200);
    assert!(empty.has("No service credential yet"), "{}", empty.text());
    let form = empty.click("New service credential").expect(200).form(NEW);
    let form = form
        .fill("name", " Backup API ")
        .fill("addresses", "203.0.113.7\r\n10.0.0.9/8, 10.1.2.3");
    let page = form.submit(MAKE).expect(200);
    assert_eq!(page.header("Cache-Control"), Some("no-store"));
    assert!(page.has("From where you are now, 127.0.0.1, it will be refused"));
    let secret = secret(&page);
    let id = ServiceSecret::parse(&secret).unwrap().public_id();
    let text = |id: &str| page.document().by_id(id).unwrap().text();
    let url = world.app.settings.public_url.as_str();
    let curl = format!("curl -H \"Authorization: Bearer {secret}\" -d token={EXAMPLE} {url}/oauth/introspect");
    assert_eq!(text("curl"), curl);
    assert_eq!(text("header"), format!("X-Service-Credential: {secret}"));
    assert_eq!(asked(world, &secret, "203.0.113.7"), 200);
    assert_eq!(asked(world, &secret, "203.0.113.8"), 401);
    assert_eq!(events(world, Action::ServiceCredentialCreated), 1);

    let hint = format!("lks_{id}…{}", &secret[secret.len() - 4..]);
    let row = browser.get(LIST).expect(200).rows().remove(0);
    assert_eq!(row[0], format!("Backup API {hint}"));
    assert_eq!(row[1], "10.0.0.0/8 203.0.113.7");
    assert_eq!(
        row[2..],
        ["Active", "Never", "23 Nov 2026 by Staff meera", "Revoke Backup API"]
    );
    world.wait(world.app.services.flush(&world.app)).unwrap();
    let row = browser.get(LIST).rows().remove(0);
    assert_eq!(row[3], "23 Nov 2026, 12:00 UTC from 203.0.113.7");
}

fn what_was_typed_is_kept(world: &World) {
    let browser = administrator(world);
    let wrong = filled(&browser, &"x".repeat(51)).fill("addresses", "10.0.0.1\r\nmy server\r\n10.0.0.0/40");
    let page = wrong.submit(MAKE).expect(422);
    assert!(page.title().starts_with("Error: "));
    let sentence = |line: u8, text: &str| {
        format!(
            "Line {line}: “{text}” is not an address. Write an address such as 203.0.113.24 or a range such as \
             203.0.113.0/24"
        )
    };
    assert_eq!(
        page.error_words(),
        [
            "Use at most 50 characters for the name".to_owned(),
            sentence(2, "my"),
            sentence(2, "server"),
            sentence(3, "10.0.0.0/40"),
        ]
    );
    let shown = page.form(NEW);
    for field in ["name", "addresses", "creation_key"] {
        let typed: Vec<String> = shown.values(field).iter().map(|text| text.replace('\r', "")).collect();
        let sent: Vec<String> = wrong.values(field).iter().map(|text| text.replace('\r', "")).collect();
        assert_eq!(typed, sent, "{field}");
    }
    for (name, words) in [
        (" ", "Enter a name: which service or proxy will have it"),
        (
            "a\u{202e}b",
            "Take the invisible characters out of the name: type it again",
        ),
        (
            EXAMPLE,
            "Take the secret out of the name: everybody who reads it could use it",
        ),
    ] {
        assert_eq!(filled(&browser, name).submit(MAKE).expect(422).error_words(), [words]);
    }
    let many: Vec<String> = (0..=100).map(|number| format!("10.0.{number}.1")).collect();
    let page = filled(&browser, "Many")
        .fill("addresses", &many.join("\n"))
        .submit(MAKE);
    assert!(page.expect(422).error_words()[0].starts_with("Write at most 100 addresses; “10.0.100.1” on line 101"));
    assert_eq!(
        (live(world).len(), events(world, Action::ServiceCredentialCreated)),
        (0, 0)
    );
}

fn a_name_belongs_to_one_and_there_is_a_most(world: &World) {
    let browser = administrator(world);
    let (_, first) = mint_service(world, "Proxy", "*");
    let page = filled(&browser, "PROXY").submit(MAKE).expect(422);
    let words = "Another service credential has that name. Choose another name, or revoke that one first";
    assert_eq!(page.errors(), [("name".to_owned(), words.to_owned())]);
    for number in 1..MAX_LIVE {
        mint_service(world, &format!("Proxy {number}"), "*");
    }
    let form = filled(&browser, "One more");
    let page = form.submit(MAKE).expect(422);
    assert!(page.error_words()[0].starts_with("There are 200 service credentials, which is the most."));
    assert_eq!(page.form(NEW).values("name"), ["One more"]);
    assert_eq!(browser.get(LIST).expect(200).rows().len(), 200);
    revoke(world, &first);
    form.submit(MAKE).expect(200);
}

fn the_password_is_asked_for_again(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Proxy").fill("addresses", "10.0.0.0/8");
    assert!(!form.offers("password"));
    world.clock.advance(Duration::minutes(11));
    // The form that was opened before has no field for it.
    let page = form.submit(MAKE).expect(422);
    assert_eq!(
        page.errors()[0],
        ("password".to_owned(), "Enter your password to go on".to_owned())
    );
    let form = page.form(NEW);
    assert_eq!(
        (form.values("name"), form.values("addresses")),
        (vec!["Proxy"], vec!["10.0.0.0/8"])
    );
    let page = form.clone().fill("password", "wrong").submit(MAKE).expect(422);
    assert!(page.error_words()[0].starts_with("That is not your password."));
    assert_eq!(page.form(NEW).values("password"), [""], "no password is shown again");
    assert!(live(world).is_empty());
    page.form(NEW).fill("password", PASSWORD).submit(MAKE).expect(200);
    assert_eq!(live(world).len(), 1);
    assert!(!filled(&browser, "Other").offers("password"));
    world.clock.advance(Duration::minutes(11));
    // To end one it is never asked for.
    let asking = browser.get(LIST).click("Revoke Proxy").expect(200);
    asking
        .forms()
        .into_iter()
        .find(|form| form.action().ends_with("/revoke"))
        .unwrap()
        .submit("Revoke service credential")
        .expect(303);
}

fn an_ended_session_keeps_the_answers(world: &World) {
    let browser = administrator(world);
    let form = filled(&browser, "Proxy").fill("addresses", "10.0.0.1");
    world.clock.advance(Duration::minutes(16));
    let sign_in = form.submit(MAKE).follow();
    let again = sign_in
        .form("/sign-in")
        .fill("username", "meera")
        .fill("password", PASSWORD);
    let page = again.submit("Sign in").follow().expect(200);
    let kept = page.form(NEW);
    for field in ["name", "addresses", "creation_key"] {
        assert_eq!(kept.values(field), form.values(field), "{field}");
    }
    kept.submit(MAKE).expect(200);
}

fn a_revoked_one_is_refused_from_the_next_request(world: &World) {
    let browser = administrator(world);
    let (secret, credential) = mint_service(world, "Proxy", "*");
    let ask = format!("{LIST}/{}/revoke", credential.public_id);
    let unused = browser.get(LIST).click("Revoke Proxy").expect(200);
    assert_eq!((unused.path(), unused.heading().as_str()), (&*ask, "Revoke “Proxy”?"));
    assert!(unused.has("It was never used. Whoever uses it is refused from the next request on."));
    assert_eq!(asked(world, &secret, "203.0.113.7"), 200);
    world.wait(world.app.services.flush(&world.app)).unwrap();
    world.clock.advance(Duration::minutes(10));
    let used = browser.get(&ask).expect(200);
    assert!(
        used.has("It is in use. It was used 10 minutes ago from 203.0.113.7."),
        "{}",
        used.text()
    );
    let form = used.form(&ask);
    let done = form.submit("Revoke service credential").follow();
    assert!(done.has("Revoked. Whoever uses the service credential is refused from the next request on."));
    assert_eq!(asked(world, &secret, "203.0.113.7"), 401);
    assert!(done.has("All of them were revoked") && done.rows().is_empty());
    let again = form.submit("Revoke service credential").expect(200);
    assert_eq!(again.heading(), "“Proxy” is revoked");
    assert!(again.has("It was revoked on 23 Nov 2026, 12:10 UTC"));
    assert_eq!(events(world, Action::ServiceCredentialRevoked), 1);
    let row = browser
        .get("/staff/services?status=revoked")
        .expect(200)
        .rows()
        .remove(0);
    assert_eq!((row.len(), &*row[2]), (5, "Revoked 23 Nov 2026"));
    for id in ["Ab12Cd34", "none", "a%00b"] {
        browser.get(&format!("{LIST}/{id}/revoke")).expect(404);
    }
}

fn revoked_ones_are_paged(world: &World) {
    let browser = administrator(world);
    let none = browser.get("/staff/services?status=revoked").expect(200);
    assert!(none.has("No service credential yet"));
    for number in 0..51 {
        let (_, credential) = mint_service(world, &format!("Proxy {number}"), "*");
        // Two by two at the same instant.
        world.clock.advance(Duration::seconds(number % 2));
        revoke(world, &credential);
    }
    let page = browser.get("/staff/services?status=revoked").expect(200);
    let mut names: Vec<String> = page.rows().into_iter().map(|mut row| row.remove(0)).collect();
    assert_eq!((names.len(), page.link("Latest")), (50, None));
    let older = page.click("Older").expect(200);
    assert_eq!(older.link("Older"), None);
    assert_eq!(older.link("Latest").as_deref(), Some("/staff/services?status=revoked"));
    names.extend(older.rows().into_iter().map(|mut row| row.remove(0)));
    let numbers = names
        .iter()
        .map(|name| name.split(' ').nth(1).unwrap().parse().unwrap());
    assert_eq!(numbers.collect::<Vec<u8>>(), (0..51).rev().collect::<Vec<u8>>());
    let (_, live) = mint_service(world, "Works", "*");
    for before in ["none", "Ab12Cd34", live.public_id.as_str()] {
        browser
            .get(&format!("/staff/services?status=revoked&before={before}"))
            .expect(404);
    }
}

fn support_neither_sees_nor_reaches_them(world: &World) {
    world.staff("asha", Role::Support);
    let (_, credential) = mint_service(world, "Proxy", "*");
    let key = "k".repeat(services::new_creation_key(&world.app).len());
    let (support, customer) = (world.signed_in("asha"), {
        let account = world.customer("priya");
        mint(&world.app, account.id, |_| ());
        world.signed_in("priya")
    });
    assert_eq!(
        support.get("/staff/accounts").expect(200).link("Service credentials"),
        None
    );
    for browser in [support, customer] {
        let ask = format!("{LIST}/{}/revoke", credential.public_id);
        let token = browser.get("/security").form("/sign-out").values("form_token")[0].to_owned();
        for path in [
            LIST,
            NEW,
            &ask,
            "/staff/services/none/revoke",
            "/staff/services?status=revoked&before=none",
        ] {
            let page = browser.get(path);
            assert!([403, 404].contains(&page.status()), "{path}: {}", page.status());
            assert!(!page.has("Proxy"), "{path}");
        }
        for (path, fields) in [
            (NEW, format!("&name=Mine&addresses=&creation_key={key}")),
            (&ask, String::new()),
        ] {
            let body = format!("form_token={token}{fields}");
            browser.send(&browser.form_request("POST", path, &body)).expect(403);
        }
    }
    assert_eq!(
        (live(world).len(), events(world, Action::ServiceCredentialCreated)),
        (1, 1)
    );
}
