//! Error pages, and the hosting company's look on every page.

use std::{net::TcpListener, sync::Arc};

use actix_web::{HttpResponse, web};
use latchkey::web::{error::WebError, panel::Panel, routes, server, serving};
use tokio::sync::oneshot;

use crate::support::{Browser, Database, Page, Request, World};

on_both!(an_error_page_knows_who_is_signed_in);

fn has_navigation(page: &Page) -> bool {
    let navs = page.document().all("nav");
    navs.iter().any(|nav| nav.attribute("aria-label") == Some("Main"))
}

fn an_error_page_knows_who_is_signed_in(world: &World) {
    world.customer("priya");
    let page = world.browser().get("/no/such/page").expect(404);
    assert_eq!(page.title(), "We can't find that page. – Latchkey");
    assert!(!has_navigation(&page) && page.link("Go to the start page").is_some());
    assert!(page.has("tell support this reference: "));

    let browser = world.signed_in("priya");
    let page = browser.get("/no/such/page").expect(404);
    assert!(has_navigation(&page) && page.has("priya"));
    assert_eq!(page.link("Go to your tokens").as_deref(), Some("/tokens"));
    // Its forms work: their token is bound to the session.
    assert_eq!(page.form("/sign-out").submit("Sign out").status(), 303);
    assert!(!has_navigation(&browser.get("/no/such/page").expect(404)));
}

#[test]
fn a_program_that_asks_for_json_gets_no_page() {
    let world = World::from(Database::sqlite());
    let asked = world.browser().request("GET", "/no/such/page");
    let page = world
        .browser()
        .send(&asked.header("Accept", "application/json"))
        .expect(404);
    assert_eq!(page.header("Content-Type"), Some("application/problem+json"));
}

/// What `/fail/<status>` answers.
async fn fail(status: web::Path<u16>) -> Result<HttpResponse, WebError> {
    Err(match status.into_inner() {
        400 => WebError::BadRequest,
        403 => WebError::Forbidden,
        405 => WebError::NotAllowed { allow: "POST" },
        409 => WebError::Conflict,
        413 => WebError::TooLarge,
        421 => WebError::Misdirected,
        429 => WebError::TooMany { retry_after: 40 },
        503 => WebError::Unavailable,
        _ => WebError::internal("the cause"),
    })
}

#[test]
fn every_error_has_a_page_in_the_panels_look() {
    let world = World::from(Database::sqlite());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let browser = Browser::new(listener.local_addr().unwrap());
    let panel = Arc::new(Panel::new(Arc::clone(&world.app)));
    let edge = serving::edge(&panel).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let configure = move |config: &mut web::ServiceConfig| {
        config.service(web::resource("/fail/{status}").get(fail));
        routes::configure(config, &panel);
    };
    let shutdown = async {
        _ = stopped.await;
    };
    let server = std::thread::spawn(move || {
        actix_web::rt::System::new()
            .block_on(server::serve(listener, edge, configure, shutdown))
            .unwrap();
    });
    for (status, words) in [
        (400, "We can't make sense of that request."),
        (403, "You don't have permission to do this."),
        (404, "We can't find that page."),
        (405, "This page can't be used like that."),
        (409, "This was changed in another window."),
        (413, "That is more than we can take at once."),
        (421, "This address is not ours."),
        (429, "Too many tries."),
        (500, "Something went wrong on our side."),
        (503, "We can't do that right now."),
    ] {
        let path = if status == 404 {
            "/nothing".to_owned()
        } else {
            format!("/fail/{status}")
        };
        let page = browser.get(&path).expect(status);
        assert_eq!(page.heading(), words, "{status}");
        assert!(
            page.has("Help & support") && page.has("Skip to main content"),
            "{status}"
        );
        assert!(!has_navigation(&page) && !page.body().contains("the cause"), "{status}");
        assert!(page.header("Content-Security-Policy").is_some(), "{status}");
    }
    let page = browser.get("/fail/429");
    assert!(
        page.has("You can try again at 12:00 UTC (in 40 seconds)."),
        "{}",
        page.text()
    );
    assert_eq!(page.header("Retry-After"), Some("40"));
    drop(stop);
    server.join().unwrap();
}

const LOGO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/brand/mark.svg");

#[test]
fn the_companys_look_stands_on_every_page() {
    let world = World::from(Database::sqlite());
    let server = world.join_with(&[
        ("LATCHKEY_COMPANY_NAME", "Example Hosting"),
        ("LATCHKEY_COMPANY_LOGO", LOGO),
        ("LATCHKEY_COMPANY_ACCENT", "#0a7d4b"),
        ("LATCHKEY_COMPANY_SUPPORT_EMAIL", "help@hosting.example"),
        ("LATCHKEY_COMPANY_SUPPORT_PHONE", "+91 80 5550 0100"),
        ("LATCHKEY_COMPANY_SUPPORT_URL", "https://hosting.example/help"),
    ]);
    world.customer("priya");
    let browser = server.browser();
    browser.sign_in("priya");
    let mut pages = vec![server.browser().get("/sign-in"), server.browser().get("/no/such/page")];
    for route in crate::matrix::pages() {
        pages.push(browser.get(route));
    }
    for page in &pages {
        if page.status() == 303 {
            continue;
        }
        let path = page.path();
        assert!(page.title().ends_with(" – Example Hosting"), "{path}: {}", page.title());
        assert_eq!(
            page.link("Help & support").as_deref(),
            Some("https://hosting.example/help"),
            "{path}"
        );
        assert_eq!(
            page.link("help@hosting.example").as_deref(),
            Some("mailto:help@hosting.example")
        );
        assert_eq!(
            page.link("+91 80 5550 0100").as_deref(),
            Some("tel:+918055500100"),
            "{path}"
        );
        assert!(page.body().contains("<img src=\"/brand/logo?v="), "{path}");
        assert!(page.body().contains("href=\"/brand/accent.css?v="), "{path}");
    }
    look_is_served_and_kept(&server.browser(), pages[0].body());
}

fn look_is_served_and_kept(browser: &Browser, body: &str) {
    for (beginning, media_type) in [
        ("/brand/logo?v=", "image/svg+xml"),
        ("/brand/accent.css?v=", "text/css; charset=utf-8"),
    ] {
        let start = body.find(beginning).unwrap();
        let address = body[start..].split('"').next().unwrap();
        let file = browser.get(address).expect(200);
        assert_eq!(file.header("Content-Type"), Some(media_type));
        assert_eq!(
            file.header("Cache-Control"),
            Some("public, max-age=31536000, immutable")
        );
        let tag = file.header("ETag").unwrap().to_owned();
        let again: Request = browser.request("GET", address).header("If-None-Match", &tag);
        assert_eq!(browser.send(&again).status(), 304);
        let old = browser.get(address.split('?').next().unwrap()).expect(200);
        assert_eq!(old.header("Cache-Control"), Some("no-cache"));
    }
    for (path, media_type) in [("/favicon.ico", "image/png"), ("/favicon.svg", "image/svg+xml")] {
        let icon = browser.get(path);
        assert_eq!((icon.status(), icon.header("Content-Type")), (200, Some(media_type)));
    }
}

#[test]
fn without_a_logo_there_is_none_to_fetch() {
    let world = World::from(Database::sqlite());
    world.browser().get("/brand/logo").expect(404);
    world.browser().get("/brand/accent.css").expect(404);
    assert!(!world.browser().get("/sign-in").body().contains("/brand/logo"));
}
