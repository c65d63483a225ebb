//! `/link/{secret}`: choosing a password with an invitation or a reset link.

mod email;
mod forgot;

use diesel::{RunQueryDsl, sql_types::BigInt};
use latchkey::{
    app::{
        AppError, Caller, Rule,
        links::{self, Draft},
        people::{self, Person},
        security::{self, NewPassword},
    },
    domain::{
        account::Account,
        audit::{Action, Event},
        link::Purpose,
        permission::{Actor, Denied},
        staff::Role,
    },
    store::{self, DbConnection, StoreError, audit},
};
use time::Duration;

use crate::support::{Browser, PASSWORD, Page, Server, World};

const OTHER_PASSWORD: &str = "seven otters read by lamplight";
/// What a server needs in order to send mail.
const MAIL: [(&str, &str); 2] = [
    ("LATCHKEY_MAIL_TRANSPORT", "file"),
    ("LATCHKEY_MAIL_FROM", "panel@example.com"),
];

/// A server that sends mail, on the database of one that does not.
fn mailing(world: &World) -> Server {
    world.join_with(&MAIL)
}

fn person(account: &Account) -> Person {
    Person::Customer(Box::new(account.clone()))
}

/// A link of somebody's, as the path that a browser opens.
fn path_of(world: &World, person: &Person) -> String {
    let printed = world.wait(links::print(&world.app, &Caller::shell(), person));
    path(&printed.unwrap().0)
}

fn path(address: &str) -> String {
    let at = address.find("/link/").expect("it is the address of a link");
    address[at..].to_owned()
}

fn choose(browser: &Browser, path: &str, password: &str) -> Page {
    let form = browser.get(path).expect(200).form(path);
    form.fill("new_password", password).submit("Set password")
}

fn sign_in(browser: &Browser, username: &str, password: &str) -> u16 {
    let form = browser.get("/sign-in").expect(200).form("/sign-in");
    form.fill("username", username)
        .fill("password", password)
        .submit("Sign in")
        .status()
}

fn events(world: &World, account: &Account, action: Action) -> Vec<Event> {
    let query = audit::Query {
        actions: vec![action],
        limit: 100,
        ..audit::Query::default()
    };
    let found = world
        .app
        .store
        .read_here(|connection| audit::list(connection, account.id, &query));
    found.unwrap()
}

fn is_rule(error: &AppError, wanted: impl Fn(&Rule) -> bool) -> bool {
    matches!(error, AppError::Rule(rule) if wanted(rule))
}

/// Does what no page can.
#[expect(clippy::disallowed_methods, reason = "each is asked once, in a test")]
fn sql(world: &World, statement: &str) {
    let done = world
        .app
        .store
        .write_here::<_, StoreError>(|connection| Ok(diesel::sql_query(statement).execute(connection)?));
    done.unwrap();
}

/// How many rows a table has.
fn count(world: &World, table: &str) -> i64 {
    let count = |connection: &mut DbConnection| {
        let rows = diesel::dsl::sql::<BigInt>(&format!("(SELECT COUNT(*) FROM {table})"));
        Ok(diesel::select(rows).get_result(connection)?)
    };
    world.app.store.read_here::<_, StoreError>(count).unwrap()
}

/// One page for every link that does not work.
fn assert_over(browser: &Browser, path: &str) {
    let page = browser.get(path).expect(404);
    assert_eq!(page.heading(), "This link does not work");
    assert_eq!(page.header("Referrer-Policy"), Some("strict-origin"));
}

fn an_invitation_works_once(world: &World) {
    let account = world.customer_without_password("priya");
    let caller = Caller::shell();
    let sent = world
        .wait(links::send_reset(&world.app, &caller, &person(&account)))
        .unwrap();
    assert_eq!((sent.purpose, sent.mailed), (Purpose::Invitation, false));
    let shown = world
        .wait(links::invitation(&world.app, &caller, &person(&account)))
        .unwrap();
    let address = shown.expect("no mail is sent, so the invitation is shown");
    assert!(address.starts_with(world.app.settings.public_url.as_str()), "{address}");
    let (browser, path) = (world.browser(), path(&address));
    let looked = browser.get(&path).expect(200);
    assert_eq!(looked.heading(), "Choose your password");
    assert!(looked.has("You sign in as priya"));
    assert_eq!(looked.header("Cache-Control"), Some("no-store"));
    assert_eq!(looked.header("Referrer-Policy"), Some("strict-origin"));
    browser.send(&browser.request("HEAD", &path)).expect(200);
    for (password, words) in [("", "Enter a password"), ("short", "Make the password longer")] {
        let refused = choose(&browser, &path, password).expect(422);
        assert!(refused.error_words()[0].starts_with(words), "{password}");
    }
    let before = looked.form(&path).fill("new_password", OTHER_PASSWORD);
    let done = choose(&browser, &path, OTHER_PASSWORD).expect(303);
    assert_eq!(done.header("Location"), Some("/sign-in"));
    assert!(done.follow().expect(200).has("Your password is set."));
    assert_eq!(
        before.submit("Set password").expect(404).heading(),
        "This link does not work"
    );
    assert_over(&browser, &path);
    assert_eq!(sign_in(&browser, "priya", OTHER_PASSWORD), 303);
    let written = events(world, &account, Action::PasswordSet);
    assert_eq!((written.len(), written[0].event.actor.name.as_str()), (1, "priya"));
    assert_eq!(events(world, &account, Action::PasswordLinkMade).len(), 1);
    let shown = world
        .wait(links::invitation(&world.app, &caller, &person(&account)))
        .unwrap();
    assert_eq!(shown, None, "who has a password has no invitation");
}

fn eight_at_once_have_one_winner(world: &World) {
    let account = world.customer("priya");
    let path = path_of(world, &person(&account));
    let forms: Vec<_> = (0..8)
        .map(|_| world.browser().get(&path).expect(200).form(&path))
        .collect();
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = forms
            .into_iter()
            .map(|form| {
                let form = form.fill("new_password", OTHER_PASSWORD);
                scope.spawn(move || form.submit("Set password").status())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(
        answers.iter().filter(|status| **status == 303).count(),
        1,
        "{answers:?}"
    );
    assert!(answers.iter().all(|status| [303, 404].contains(status)), "{answers:?}");
    assert_eq!(events(world, &account, Action::PasswordSet).len(), 1);
}

fn links_made_at_once_leave_one_that_works(world: &World) {
    let account = world.customer("priya");
    let paths: Vec<String> = std::thread::scope(|scope| {
        let make = || {
            let (app, person) = (&world.app, person(&account));
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let printed = runtime.block_on(links::print(app, &Caller::shell(), &person));
                path(&printed.unwrap().0)
            })
        };
        let threads: Vec<_> = (0..8).map(|_| make()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let browser = world.browser();
    let open = paths.iter().filter(|path| browser.get(path).status() == 200).count();
    assert_eq!(open, 1);
}

fn a_link_is_over_by_the_clock_and_by_a_newer_one(world: &World) {
    let account = person(&world.customer("priya"));
    let browser = world.browser();
    let (first, second) = (path_of(world, &account), path_of(world, &account));
    assert_over(&browser, &first);
    world.clock.advance(Duration::minutes(59));
    let form = browser.get(&second).expect(200).form(&second);
    world.clock.advance(Duration::minutes(1));
    assert_over(&browser, &second);
    let late = form.fill("new_password", OTHER_PASSWORD).submit("Set password");
    assert_eq!(late.expect(404).heading(), "This link does not work");
    let swept = world.wait(latchkey::app::upkeep::sweep(&world.app)).unwrap();
    assert_eq!(swept.links, 1, "the newer one took the place of the older");
}

fn nobody_makes_a_link_of_their_own(world: &World) {
    let account = person(&world.customer("priya"));
    let browser = world.browser();
    let path = path_of(world, &account);
    let (start, last) = path.split_at(path.len() - 1);
    // The last character carries two bits that stand for nothing, and is compared all the same.
    for other in "ABCDwxyz0189-_".chars().filter(|other| !last.starts_with(*other)) {
        assert_over(&browser, &format!("{start}{other}"));
    }
    let (id, mac) = path["/link/".len()..].split_at(12);
    for forged in [
        id.to_owned(),
        mac.to_owned(),
        format!("{mac}{id}"),
        format!("{id}{}", "A".repeat(22)),
    ] {
        assert_over(&browser, &format!("/link/{forged}"));
    }
    assert_over(&browser, &format!("{path}."));
    browser.get(&path).expect(200);
    // Whoever can write to the database moves the link to another login, or makes it live longer: it is over.
    let other = world.customer("mallory").login;
    sql(world, &format!("UPDATE links SET login_id = {}", other.0));
    assert_over(&browser, &path);
}

fn a_new_password_ends_sessions_and_links(world: &World) {
    let account = world.customer("priya");
    let (old, browser) = (world.signed_in("priya"), world.browser());
    let path = path_of(world, &person(&account));
    choose(&browser, &path, OTHER_PASSWORD).expect(303);
    assert_eq!(
        old.get("/security").expect(303).header("Location"),
        Some("/sign-in?next=%2Fsecurity")
    );
    let again = path_of(world, &person(&account));
    assert_eq!(sign_in(&browser, "priya", OTHER_PASSWORD), 303);
    let given = NewPassword {
        current: OTHER_PASSWORD.to_owned().into(),
        new: PASSWORD.to_owned().into(),
    };
    let caller = Caller {
        actor: Actor::from(&account),
        ..Caller::shell()
    };
    let owner = person(&account);
    let changed = security::change_password(&world.app, &caller, &owner, "", given);
    world.wait(changed).unwrap();
    assert_over(&world.browser(), &again);
}

fn the_wrong_passwords_of_strangers_are_forgotten(world: &World) {
    let account = world.customer("priya");
    for _ in 0..10 {
        assert_eq!(sign_in(&world.browser(), "priya", "not the password"), 422);
        world.clock.advance(Duration::seconds(6));
    }
    assert_eq!(sign_in(&world.browser(), "priya", PASSWORD), 429);
    let path = path_of(world, &person(&account));
    choose(&world.browser(), &path, OTHER_PASSWORD).expect(303);
    world.clock.advance(Duration::seconds(6));
    assert_eq!(sign_in(&world.browser(), "priya", OTHER_PASSWORD), 303);
}

fn staff_cannot_act_as_a_customer(world: &World) {
    let account = world.customer("priya");
    world.staff("asha", Role::Admin);
    let staff = world.wait(people::find_by_username(
        &world.app,
        &Caller::shell(),
        &"asha".parse().unwrap(),
    ));
    let caller = Caller {
        actor: staff.unwrap().expect("there is one").actor(),
        ..Caller::shell()
    };
    let priya = person(&account);
    let off = world.wait(links::send_reset(&world.app, &caller, &priya)).unwrap_err();
    assert!(is_rule(&off, |rule| matches!(rule, Rule::MailOff)), "{off}");
    let printed = world.wait(links::print(&world.app, &caller, &priya));
    assert!(matches!(printed, Err(AppError::Denied(Denied::Role))));
    path_of(world, &priya);
    assert_eq!(
        world.wait(links::invitation(&world.app, &caller, &priya)).unwrap(),
        None
    );
    let customer = Caller {
        actor: Actor::from(&account),
        ..Caller::shell()
    };
    for denied in [
        world.wait(links::send_reset(&world.app, &customer, &priya)).map(drop),
        world.wait(links::invitation(&world.app, &customer, &priya)).map(drop),
    ] {
        assert!(matches!(denied, Err(AppError::Denied(Denied::Role))));
    }
    let (mailing, now) = (mailing(world), world.app.now());
    let moved =
        |connection: &mut _| links::put_email_in(connection, &priya, &"new@mail.example".parse().unwrap(), true, now);
    world.app.store.write_here::<_, AppError>(moved).unwrap();
    let early = world
        .wait(links::send_reset(&mailing.app, &caller, &priya))
        .unwrap_err();
    let until = now + Duration::hours(24);
    assert!(
        is_rule(
            &early,
            |rule| matches!(rule, Rule::EmailChangedRecently { until: at } if *at == until)
        ),
        "{early}"
    );
    world.clock.advance(Duration::hours(24));
    let sent = world.wait(links::send_reset(&mailing.app, &caller, &priya)).unwrap();
    assert!(sent.mailed && sent.purpose == Purpose::PasswordReset);
    assert_eq!(
        events(world, &account, Action::PasswordLinkMade)[0].event.actor.kind,
        "staff"
    );
}

fn an_invitation_is_made_with_its_login(world: &World) {
    let account = world.customer_without_password("priya");
    let mailing = mailing(world);
    let draft = Draft::new(&mailing.app);
    let invited = mailing.app.store.write_here::<_, StoreError>(|connection| {
        links::invite_in(connection, &draft, account.login, Some(account.id), &account.email)
    });
    let address = world.wait(links::address(&mailing.app, &invited.unwrap())).unwrap();
    mailing.browser().get(&path(&address.unwrap())).expect(200);
    let shown = world.wait(links::invitation(&mailing.app, &Caller::shell(), &person(&account)));
    assert_eq!(shown.unwrap(), None, "it went out by mail");
    assert_eq!(count(world, "outbox"), 1);
}

fn the_command_line_prints_a_link(world: &World) {
    let account = world.customer("priya");
    world.staff("asha", Role::Support);
    let arguments = ["account", "reset-link", "priya", "--reason", "She called", "--json"];
    let output = world.latchkey(&arguments, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&shown["username"], &shown["expires_at"]).0, "priya");
    assert!(shown["link"].as_str().unwrap().contains("/link/"));
    let made = events(world, &account, Action::PasswordLinkMade);
    assert_eq!(
        (made[0].event.actor.kind.as_str(), made[0].event.reason.as_deref()),
        ("shell", Some("She called"))
    );
    let output = world.latchkey(&["staff", "reset-link", "asha"], "");
    assert!(String::from_utf8_lossy(&output.stdout).contains("/link/"));
    let output = world.latchkey(&["staff", "reset-link", "priya"], "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("There is no staff member priya"), "{said}");
}

fn links_of_those_who_may_not_sign_in_are_over(world: &World) {
    let account = world.customer("priya");
    let path = path_of(world, &person(&account));
    let now = world.app.now();
    let suspend = |connection: &mut _| store::accounts::put_suspension(connection, account.id, Some((now, "unpaid")));
    assert!(world.app.store.write_here::<_, StoreError>(suspend).unwrap());
    world.browser().get(&path).expect(200);
    let remove = |connection: &mut _| store::accounts::change::remove(connection, &account, now);
    assert!(world.app.store.write_here::<_, StoreError>(remove).unwrap());
    assert_over(&world.browser(), &path);
}

on_both!(
    an_invitation_works_once,
    eight_at_once_have_one_winner,
    links_made_at_once_leave_one_that_works,
    a_link_is_over_by_the_clock_and_by_a_newer_one,
    nobody_makes_a_link_of_their_own,
    a_new_password_ends_sessions_and_links,
    the_wrong_passwords_of_strangers_are_forgotten,
    staff_cannot_act_as_a_customer,
    an_invitation_is_made_with_its_login,
    the_command_line_prints_a_link,
    links_of_those_who_may_not_sign_in_are_over
);
