//! `/login` and the sessions of programs.

use latchkey::{
    app::{Caller, accounts::sign_in_link},
    domain::audit::Action,
};
use serde_json::json;
use time::Duration;

use super::events;
use crate::support::{Browser, PASSWORD, Request, World};

on_both!(
    a_program_signs_in_and_calls_with_its_session,
    a_session_without_its_security_token_calls_nothing,
    a_wrong_password_is_refused_as_on_the_page,
    a_link_signs_in_once_and_without_a_password,
);

/// What a program sends that signs in.
fn login(path: &str, form: &str) -> Request {
    Request::new("POST", path).body("application/x-www-form-urlencoded", form)
}

fn form() -> String {
    format!("user=priya&pass={}", PASSWORD.replace(' ', "+"))
}

/// The request that a program sends with the cookies of its session.
fn with_cookies(browser: &Browser, method: &str, path: &str) -> Request {
    browser
        .request(method, path)
        .without("Sec-Fetch-Site")
        .without("Origin")
}

fn a_program_signs_in_and_calls_with_its_session(world: &World) {
    let priya = world.customer("priya");
    let browser = world.browser();
    let page = browser.send(&login("/login/?login_only=1", &form()));
    let said: serde_json::Value = serde_json::from_str(page.body()).unwrap();
    assert_eq!((page.status(), &said["status"]), (200, &json!(1)));
    let security_token = said["security_token"].as_str().unwrap();
    assert_eq!(said["redirect"], format!("{security_token}/tokens"));
    let path = format!("{security_token}/execute/Tokens/create_full_access?name=a");
    let made = browser.send(&with_cookies(&browser, "GET", &path));
    let made: serde_json::Value = serde_json::from_str(made.body()).unwrap();
    assert!(made["data"]["token"].is_string(), "the password was just given: {made}");

    // A browser that follows the path is in the panel.
    let other = world.browser();
    let page = other.send(&login("/login", &form()));
    let to = page.header("Location").unwrap().to_owned();
    assert!(page.status() == 303 && to.starts_with("/cpsess") && to.split('/').nth(1).unwrap().len() == 16);
    let landed = other.get(&to).expect(303);
    assert_eq!(landed.header("Location"), Some("/tokens"));
    assert!(other.get("/tokens").expect(200).has("priya"));
    assert_eq!(other.get("/login").expect(303).header("Location"), Some("/sign-in"));

    assert_eq!(events(world, priya.id, &[Action::SignedIn]).len(), 2);
    world.clock.advance(Duration::minutes(11));
    let stale = browser.send(&with_cookies(&browser, "GET", &path.replace("=a", "=b")));
    assert!(stale.body().contains("too long ago"), "{}", stale.body());
}

fn a_session_without_its_security_token_calls_nothing(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    for path in ["/execute/Tokens/list", "/cpsess0000000000/execute/Tokens/list"] {
        let page = browser.send(&with_cookies(&browser, "GET", path));
        assert_eq!(page.status(), 401, "{path}");
        assert!(page.body().contains("Access denied"));
    }
    assert_eq!(
        browser
            .send(&with_cookies(&browser, "POST", "/cpsess1/execute/Tokens/list"))
            .status(),
        404
    );
}

fn a_wrong_password_is_refused_as_on_the_page(world: &World) {
    world.customer("priya");
    let browser = world.browser();
    let send = |form: &str| browser.send(&login("/login/?login_only=1", form));
    assert_eq!(send("user=priya").status(), 401);
    let page = send("user=priya&pass=wrong");
    assert_eq!(page.status(), 401);
    assert!(page.body().contains("not right") && browser.cookie("latchkey-session").is_none());
    let asked: Vec<u16> = (0..11).map(|_| send("user=priya&pass=wrong").status()).collect();
    assert_eq!(asked.last(), Some(&429));
    // A page of somebody else's cannot sign a visitor in.
    let foreign = login("/login", &form()).header("Origin", "https://evil.example");
    let page = browser.send(&foreign);
    assert_eq!(page.status(), 403);
    assert!(page.body().starts_with('{'), "{}", page.body());
}

fn a_link_signs_in_once_and_without_a_password(world: &World) {
    let priya = world.customer("priya");
    let make = || {
        world
            .wait(sign_in_link::make(&world.app, &Caller::shell(), &priya))
            .unwrap()
    };
    let path = |address: &str| address[address.find("/link/").unwrap()..].to_owned();
    let link = make();
    let browser = world.browser();
    assert_eq!(
        browser.get(&path(&link.address)).expect(303).header("Location"),
        Some("/tokens")
    );
    assert!(browser.get("/tokens").expect(200).has("priya"));
    world.browser().get(&path(&link.address)).expect(404);

    // What makes a token asks for the password, and the right one makes it.
    let security_token = latchkey::web::cpanel::security_token::SecurityTokens::of(&world.app).path(&link.session);
    let create = format!("{security_token}/execute/Tokens/create_full_access?name=a");
    let refused = browser.send(&with_cookies(&browser, "GET", &create));
    assert!(refused.body().contains("too long ago"), "{}", refused.body());
    let list = browser.send(&with_cookies(
        &browser,
        "GET",
        &format!("{security_token}/execute/Tokens/list"),
    ));
    assert!(list.body().contains("\"status\":1"));

    let late = make();
    world.clock.advance(Duration::seconds(60));
    world.browser().get(&path(&late.address)).expect(404);
    let (older, newer) = (make(), make());
    world.browser().get(&path(&older.address)).expect(404);
    world.browser().get(&path(&newer.address)).expect(303);

    assert_eq!(events(world, priya.id, &[Action::SignInLinkMade]).len(), 4);

    let eight = make();
    let address = path(&eight.address);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (browser, address) = (world.browser(), &address);
                scope.spawn(move || browser.get(address).status())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 303).count(),
        1,
        "{statuses:?}"
    );
}
