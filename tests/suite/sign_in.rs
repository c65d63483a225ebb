//! `/sign-in` and `/sign-out`.

mod guessing;
mod sessions;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use latchkey::{
    app::people::Person,
    domain::{audit::Action, staff::Role},
    store::{self, StoreError},
};

use crate::support::{PASSWORD, Page, World};

/// A try from a browser of its own at `address`.
fn attempt_from(world: &World, address: &str, name: &str, password: &str) -> Page {
    let browser = world.browser().at_address(address);
    let form = browser.get("/sign-in").expect(200).form("/sign-in");
    form.fill("username", name).fill("password", password).submit("Sign in")
}

fn attempt(world: &World, name: &str, password: &str) -> Page {
    attempt_from(world, "203.0.113.9", name, password)
}

fn a_customer_signs_in_by_name_or_address(world: &World) {
    world.customer("priya");
    for name in ["priya", " Priya ", "PRIYA@mail.example"] {
        let browser = world.browser();
        assert_eq!(browser.get("/").expect(303).header("Location"), Some("/sign-in"));
        let form = browser.get("/sign-in").form("/sign-in");
        let form = form.fill("username", name).fill("password", PASSWORD);
        assert_eq!(form.submit("Sign in").expect(303).header("Location"), Some("/"));
        assert_eq!(browser.get("/").expect(303).header("Location"), Some("/tokens"));
        assert_eq!(browser.get("/sign-in").expect(303).header("Location"), Some("/"));
    }
    let refused = attempt(world, "priya", "violet tram under the peaR").expect(422);
    assert_eq!(refused.error_words(), ["Username or password is not right"]);
    assert!(refused.title().starts_with("Error: "));
    assert_eq!(refused.form("/sign-in").values("username"), ["priya"]);
    assert_eq!(refused.form("/sign-in").values("password"), [""]);
    let empty = attempt(world, "", "").expect(422);
    assert_eq!(
        empty.error_words(),
        ["Enter your username or e-mail address", "Enter your password"]
    );
}

fn a_sign_in_is_an_event_and_a_sign_out_too(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let page = browser.get("/security").expect(200);
    let session = browser.cookie("latchkey-session").unwrap();
    let gone = page.form("/sign-out").submit("Sign out").expect(303);
    assert_eq!(gone.header("Clear-Site-Data"), Some("\"cache\", \"storage\""));
    assert_eq!(browser.cookie("latchkey-session"), None);
    assert!(gone.follow().expect(200).has("You are signed out."));
    browser.set_cookie("latchkey-session", &session);
    let replayed = browser.get("/security").expect(303);
    assert_eq!(replayed.header("Location"), Some("/sign-in?next=%2Fsecurity"));
    let query = store::audit::Query {
        limit: 10,
        ..store::audit::Query::default()
    };
    let list = |connection: &mut _| store::audit::list(connection, account.id, &query);
    let events = world.app.store.read_here(list).unwrap();
    let done: Vec<Action> = events.iter().map(|event| event.event.action).collect();
    assert_eq!(done, [Action::SignedOut, Action::SignedIn, Action::AccountCreated]);
    let signed_in = &events[1].event;
    assert_eq!(signed_in.address.as_deref(), Some("127.0.0.1"));
    assert!(signed_in.browser.as_deref().unwrap().contains("Latchkey-Tests"));
    assert!(!signed_in.request_id.is_empty());
}

/// Everything that a stranger can compare, without what is new in each answer.
fn seen(page: &Page, name: &str) -> (u16, String, Vec<String>) {
    let form = page.form("/sign-in");
    let token = form.values("form_token")[0].to_owned();
    let body = page.body().replace(&token, "").replace(name, "");
    let cookies = page.cookies_set();
    let names = cookies.iter().map(|line| line.split('=').next().unwrap_or_default());
    let mut headers: Vec<String> = names.map(str::to_owned).collect();
    for header in ["Content-Type", "Cache-Control", "Retry-After", "Location", "Vary"] {
        headers.push(format!("{header}: {:?}", page.header(header)));
    }
    (page.status(), body, headers)
}

fn every_refusal_is_the_same(world: &World) {
    let (suspended, _) = (world.customer("suspended"), world.customer("priya"));
    world.staff("asha", Role::Support);
    let now = world.clock.now();
    let suspend = |connection: &mut _| {
        store::accounts::put_suspension(connection, suspended.id, Some((now, "the invoice of October is open")))
    };
    assert!(world.app.store.write_here::<_, StoreError>(suspend).unwrap());
    let unknown = seen(&attempt(world, "nobody", "wrong password it is"), "nobody");
    assert_eq!(unknown.0, 422);
    for name in ["priya", "suspended", "asha", "priya@mail.example"] {
        assert_eq!(
            seen(&attempt(world, name, "wrong password it is"), name),
            unknown,
            "{name}"
        );
    }
    let long = "x".repeat(300);
    assert_eq!(seen(&attempt(world, "priya", &long), "priya"), unknown);
    let form = attempt(world, "suspended", PASSWORD).expect(303);
    assert_eq!(form.header("Location"), Some("/"));
    let page = world.signed_in("suspended").get("/security").expect(200);
    assert!(page.has("the invoice of October is open"));
}

fn next_leads_to_our_own_pages_alone(world: &World) {
    world.customer("priya");
    for (next, to) in [
        ("/tokens/new?name=a%2520b&days=90", "/tokens/new?name=a%20b&days=90"),
        ("//evil.example", "/"),
        ("/%5Cevil.example", "/"),
        ("https:evil.example", "/"),
        ("/%2509/evil.example", "/"),
        ("/a%0D%0ASet-Cookie:%20a=b", "/"),
    ] {
        world.clock.advance(time::Duration::minutes(1));
        let browser = world.browser();
        let page = browser.get(&format!("/sign-in?next={}", next.replace('&', "%26")));
        let form = page.expect(200).form("/sign-in");
        let form = form.fill("username", "priya").fill("password", PASSWORD);
        let answer = form.submit("Sign in").expect(303);
        assert_eq!(answer.header("Location"), Some(to), "{next}");
        let forged = browser.get(&format!("/sign-in?next={next}")).expect(303);
        assert!(forged.header("Location").unwrap().starts_with('/'));
    }
    let forged = world
        .browser()
        .get("/sign-in")
        .form("/sign-in")
        .forge("next", "//evil.example");
    let forged = forged.fill("username", "priya").fill("password", PASSWORD);
    assert_eq!(forged.submit("Sign in").expect(303).header("Location"), Some("/"));
    let ended = world.browser().get("/sign-in?ended=1").expect(200);
    assert!(ended.has("Your session ended. Sign in again – your answers are kept."));
}

fn another_site_signs_nobody_in(world: &World) {
    world.customer("priya");
    let browser = world.browser();
    let form = browser.get("/sign-in").form("/sign-in");
    let form = form.fill("username", "priya").fill("password", PASSWORD);
    for site in ["cross-site", "same-site"] {
        let request = form.request("Sign in").header("Sec-Fetch-Site", site);
        browser.send(&request).expect(403);
    }
    let request = form.request("Sign in").without("Sec-Fetch-Site");
    browser
        .send(&request.clone().header("Origin", "https://evil.example"))
        .expect(403);
    browser.send(&request.without("Origin")).expect(403);
    form.clone().drop_field("form_token").submit("Sign in").expect(403);
    let other = world.browser().get("/sign-in").form("/sign-in");
    let token = other.values("form_token")[0];
    form.clone().forge("form_token", token).submit("Sign in").expect(403);
    form.clone().forge("staff", "true").submit("Sign in").expect(400);
    assert_eq!(browser.cookie("latchkey-session"), None);
    form.submit("Sign in").expect(303);
    assert!(browser.cookie("latchkey-session").is_some());
    // The same page in another window, which does not know of the session yet.
    form.submit("Sign in").expect(303);
}

fn cookies_are_as_strict_as_the_address_allows(world: &World) {
    world.customer("priya");
    let form = world.browser().get("/sign-in").form("/sign-in");
    let plain = form
        .fill("username", "priya")
        .fill("password", PASSWORD)
        .submit("Sign in");
    let secure = world.join_with(&[("LATCHKEY_PUBLIC_URL", "https://panel.example")]);
    let browser = secure.browser();
    let page = browser.send(&browser.request("GET", "/sign-in").header("Host", "panel.example"));
    let form = page.expect(200).form("/sign-in");
    let form = form.fill("username", "priya").fill("password", PASSWORD);
    let request = form.request("Sign in").header("Host", "panel.example");
    let secured = browser
        .send(&request.header("Origin", "https://panel.example"))
        .expect(303);
    for (page, prefix, secure) in [(&plain, "latchkey-", false), (&secured, "__Host-latchkey-", true)] {
        let cookies = page.cookies_set();
        assert_eq!(cookies.len(), 2, "{cookies:?}");
        for cookie in cookies {
            assert!(cookie.starts_with(prefix), "{cookie}");
            assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax") && cookie.contains("; Path=/"));
            assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
            assert!(!cookie.contains("Domain") && cookie.len() < 4096);
            assert_eq!(
                cookie.contains("-device="),
                cookie.contains("Max-Age=31536000"),
                "{cookie}"
            );
        }
    }
}

fn a_hash_of_other_days_is_made_anew(world: &World) {
    let account = world.customer("priya");
    let hash = |world: &World| {
        let find = |connection: &mut _| store::logins::find(connection, account.login);
        world.app.store.read_here(find).unwrap().unwrap().password_hash.unwrap()
    };
    // The same password with 12 MiB and three passes, as an import may bring it.
    let params = Params::new(12 * 1024, 3, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let old = argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap();
    let old = old.to_string();
    let put = |connection: &mut _| store::logins::put_password(connection, account.login, &old, None);
    world.app.store.write_here(put).unwrap();
    attempt(world, "priya", PASSWORD).expect(303);
    assert!(hash(world).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    attempt(world, "priya", PASSWORD).expect(303);
    let find = latchkey::app::people::find(&world.app, account.login);
    assert!(matches!(world.wait(find).unwrap(), Some(Person::Customer(_))));
}

on_both!(
    a_customer_signs_in_by_name_or_address,
    a_sign_in_is_an_event_and_a_sign_out_too,
    every_refusal_is_the_same,
    next_leads_to_our_own_pages_alone,
    another_site_signs_nobody_in,
    cookies_are_as_strict_as_the_address_allows,
    a_hash_of_other_days_is_made_anew,
);
