//! `/sign-in/forgot`: nobody learns whether a name is anybody's.

use latchkey::{
    app::{AppError, links},
    domain::{account::Account, audit::Action, link::Purpose, staff::Role},
    store::{self, StoreError},
};
use time::Duration;

use super::{count, events, mailing, person};
use crate::support::{Page, Server, World};

fn ask(server: &Server, address: &str, name: &str) -> Page {
    let browser = server.browser().at_address(address);
    let form = browser.get("/sign-in/forgot").expect(200).form("/sign-in/forgot");
    form.fill("username", name).submit("Send link")
}

fn purpose(world: &World, account: &Account) -> Option<Purpose> {
    let now = world.app.now();
    [Purpose::PasswordReset, Purpose::Invitation]
        .into_iter()
        .find(|purpose| {
            let find = |connection: &mut _| store::links::find_of(connection, account.login, *purpose, now);
            world.app.store.read_here::<_, StoreError>(find).unwrap().is_some()
        })
}

fn every_name_is_answered_alike(world: &World) {
    let (priya, lena) = (world.customer("priya"), world.customer_without_password("lena"));
    let (suspended, gone) = (world.customer("sus"), world.customer("gone"));
    world.staff("asha", Role::Support);
    let now = world.app.now();
    let arrange = |connection: &mut _| {
        store::accounts::put_suspension(connection, suspended.id, Some((now, "unpaid")))?;
        store::accounts::change::remove(connection, &gone, now)
    };
    assert!(world.app.store.write_here::<_, StoreError>(arrange).unwrap());
    let server = mailing(world);
    let names = [
        "priya",
        "PRIYA@mail.example",
        "lena",
        "sus",
        "gone",
        "asha",
        "nobody",
        "a b\u{e9}",
        &"x".repeat(300),
    ];
    let answers: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| ask(&server, &format!("198.51.{number}.7"), name))
        .collect();
    for page in &answers {
        let like = |page: &Page| (page.status(), page.text(), page.body().len(), page.cookies_set().len());
        assert_eq!(like(page), like(&answers[0]));
    }
    assert_eq!(answers[0].heading(), "Check your e-mail");
    assert_eq!(
        purpose(world, &priya),
        None,
        "nothing is looked up while somebody waits"
    );
    assert_eq!(world.wait(links::resolve(&server.app)).unwrap(), 5);
    assert_eq!(purpose(world, &priya), Some(Purpose::PasswordReset));
    assert_eq!(purpose(world, &suspended), Some(Purpose::PasswordReset));
    assert_eq!(purpose(world, &lena), Some(Purpose::Invitation), "invited anew");
    assert_eq!(purpose(world, &gone), None);
    assert_eq!(
        (
            count(world, "link_requests"),
            world.wait(links::resolve(&server.app)).unwrap()
        ),
        (0, 0)
    );
    let made = events(world, &priya, Action::PasswordLinkMade);
    assert_eq!(made[0].event.actor.kind, "system");
    assert_eq!(made[0].event.address.as_deref(), Some("198.51.1.7"));
}

fn an_address_that_staff_changed_lately_gets_nothing(world: &World) {
    let account = world.customer("priya");
    let (server, now) = (mailing(world), world.app.now());
    let moved = |connection: &mut _| {
        links::put_email_in(
            connection,
            &person(&account),
            &"new@mail.example".parse().unwrap(),
            true,
            now,
        )
    };
    world.app.store.write_here::<_, AppError>(moved).unwrap();
    ask(&server, "198.51.100.7", "new@mail.example").expect(200);
    assert_eq!(world.wait(links::resolve(&server.app)).unwrap(), 0);
    assert_eq!(purpose(world, &account), None);
    world.clock.advance(Duration::hours(24));
    ask(&server, "198.51.100.7", "new@mail.example").expect(200);
    assert_eq!(world.wait(links::resolve(&server.app)).unwrap(), 1);
}

fn nobody_is_flooded(world: &World) {
    let account = world.customer("priya");
    let server = mailing(world);
    for place in 0..7 {
        ask(&server, &format!("198.51.{place}.7"), "priya").expect(200);
        ask(&server, &format!("198.51.{place}.7"), "priya@mail.example").expect(200);
    }
    assert_eq!(
        world.wait(links::resolve(&server.app)).unwrap(),
        5,
        "by both names together"
    );
    assert_eq!(events(world, &account, Action::PasswordLinkMade).len(), 5);
    for number in 0..10 {
        ask(&server, "203.0.113.24", &format!("n{number}")).expect(200);
    }
    let refused = ask(&server, "203.0.113.24", "other").expect(429);
    assert!(refused.error_words()[0].starts_with("Too many tries."));
    assert!(refused.header("Retry-After").is_some());
    world.clock.advance(Duration::minutes(61));
    let swept = world.wait(latchkey::app::upkeep::sweep(&world.app)).unwrap();
    assert_eq!(
        (swept.links, count(world, "link_requests")),
        (11, 0),
        "ten requests and the last link"
    );
}

fn two_nodes_make_one_link(world: &World) {
    let account = world.customer("priya");
    let server = mailing(world);
    ask(&server, "198.51.100.7", "priya").expect(200);
    let made: usize = std::thread::scope(|scope| {
        let resolve = || {
            let app = &server.app;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(links::resolve(app)).unwrap()
            })
        };
        let threads: Vec<_> = (0..8).map(|_| resolve()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((made, events(world, &account, Action::PasswordLinkMade).len()), (1, 1));
}

fn without_mail_the_page_says_whom_to_ask(world: &World) {
    world.customer("priya");
    assert_eq!(world.browser().get("/sign-in").link("Forgot your password?"), None);
    let page = world.browser().get("/sign-in/forgot").expect(200);
    assert!(page.has("for help to sign in again"));
    let server = mailing(world);
    let link = server.browser().get("/sign-in").link("Forgot your password?");
    assert_eq!(link.as_deref(), Some("/sign-in/forgot"));
    let empty = ask(&server, "198.51.100.7", " ").expect(422);
    assert_eq!(empty.error_words(), ["Enter your username or e-mail address"]);
    let refused = world.wait(links::ask(&world.app, "priya", [203, 0, 113, 1].into()));
    assert!(refused.is_err(), "the form may be sent by hand");
}

on_both!(
    every_name_is_answered_alike,
    an_address_that_staff_changed_lately_gets_nothing,
    nobody_is_flooded,
    two_nodes_make_one_link,
    without_mail_the_page_says_whom_to_ask
);
