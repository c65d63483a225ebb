//! The mails that bring a link: it works once, for whoever has it, and stands nowhere but in the mail.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use latchkey::{
    app::{self, Caller, links},
    store::{self, StoreError},
};
use time::Duration;

use super::{Received, every::Scene};
use crate::support::{Browser, PASSWORD, Page, World};

on_both_with_python!(
    an_invitation_is_mailed_and_works_once,
    a_reset_that_was_asked_for_is_mailed,
    a_reset_that_staff_send_is_mailed,
    a_link_that_is_made_at_the_server_is_told_of,
    another_address_is_confirmed_there_and_told_of_here,
    a_link_that_is_over_is_not_mailed,
);

const OTHER_PASSWORD: &str = "seven otters read by lamplight";

/// The path of the only link of a mail, which nothing else has.
fn path_in(scene: &Scene<'_>, mail: &Received) -> String {
    let [link] = mail.links()[..] else { panic!("{mail:#?}") };
    let path = link.strip_prefix(scene.panel.url()).unwrap().to_owned();
    assert!(path.starts_with("/link/"), "{link}");
    let secret = path["/link/".len()..].to_owned();
    let kept = format!("{:?}", outbox(scene.world));
    assert!(!kept.contains(&secret), "a link is not kept: {kept}");
    path
}

#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "it is printed")]
    kept: String,
}

/// Everything that waits or waited.
#[expect(clippy::disallowed_methods, reason = "no use case reads what has been sent")]
fn outbox(world: &World) -> Vec<Row> {
    let rows = |connection: &mut _| {
        let all = "SELECT recipient || message || COALESCE(once_key, '') AS kept FROM outbox";
        Ok(sql_query(all).load(connection)?)
    };
    world.app.store.read_here::<_, StoreError>(rows).unwrap()
}

fn set_password(browser: &Browser, path: &str) -> Page {
    let form = browser.get(path).expect(200).form(path);
    form.fill("new_password", OTHER_PASSWORD).submit("Set password")
}

/// Sets a password by the link of a mail, which then is over; somebody is told of that.
fn use_link(scene: &Scene<'_>, mail: &Received, username: &str) {
    let path = path_in(scene, mail);
    let browser = scene.panel.server.browser();
    set_password(&browser, &path).expect(303);
    assert_eq!(browser.get(&path).expect(404).heading(), "This link does not work");
    let told = scene.panel.take_one(scene.world);
    assert_eq!(
        (&told.to, told.subject.as_str()),
        (&mail.to, "Your password was set by a link")
    );
    assert!(
        told.text.contains("- From: 127.0.0.1, a browser on Linux"),
        "{}",
        told.text
    );
    let form = browser.get("/sign-in").form("/sign-in").fill("username", username);
    form.fill("password", OTHER_PASSWORD).submit("Sign in").expect(303);
    assert_eq!(scene.panel.open(&browser, told.links()[0]), 200);
    let news: Vec<String> = scene
        .panel
        .take(scene.world)
        .into_iter()
        .map(|mail| mail.subject)
        .collect();
    let new_browser = "New sign-in to your Sun & Moon account with a browser on Linux";
    let known = if username == "priya" {
        vec![new_browser]
    } else {
        Vec::new()
    };
    assert_eq!(news, known, "the first sign-in of all is no news");
}

fn an_invitation_is_mailed_and_works_once(world: &World) {
    let scene = Scene::new(world);
    let form = scene
        .asha
        .get("/staff/accounts/new")
        .expect(200)
        .form("/staff/accounts/new");
    let form = form.fill("username", "arjun").fill("email", "arjun@mail.example");
    let page = form.fill("time_zone", "Europe/Berlin").submit("Create account");
    assert!(!page.body().contains("/link/"), "what is mailed is shown to nobody");
    let mail = scene.panel.take_one(world);
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("arjun@mail.example", "Choose a password for your Sun & Moon account")
    );
    for words in [
        "Your user name is arjun.",
        "The link works once, until 26 Nov 2026, 13:00 CET.",
    ] {
        assert!(mail.text.contains(words), "{}", mail.text);
    }
    use_link(&scene, &mail, "arjun");

    let form = scene.asha.get("/staff/members/new").form("/staff/members/new");
    let form = form.fill("name", "Meera Rao").fill("username", "meera");
    let form = form.fill("email", "meera@staff.example").fill("role", "support");
    form.submit("Invite").expect(303);
    let mail = scene.panel.take_one(world);
    assert_eq!(mail.to, "meera@staff.example");
    use_link(&scene, &mail, "meera");
}

fn ask(scene: &Scene<'_>, name: &str) {
    let browser = scene.panel.server.browser();
    let form = browser.get("/sign-in/forgot").expect(200).form("/sign-in/forgot");
    form.fill("username", name).submit("Send link").expect(200);
    scene.world.wait(links::resolve(&scene.panel.server.app)).unwrap();
}

fn a_reset_that_was_asked_for_is_mailed(world: &World) {
    let scene = Scene::new(world);
    for nobody in ["nobody", "nobody@mail.example"] {
        ask(&scene, nobody);
        assert_eq!(scene.panel.take(world).len(), 0);
    }
    ask(&scene, "PRIYA@mail.example");
    let mail = scene.panel.take_one(world);
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        (
            "priya@mail.example",
            "Choose a new password for your Sun & Moon account"
        )
    );
    for words in ["If it was not you, do nothing", "until 23 Nov 2026, 18:30 IST"] {
        assert!(mail.text.contains(words), "{}", mail.text);
    }
    use_link(&scene, &mail, "priya");
}

fn a_reset_that_staff_send_is_mailed(world: &World) {
    let scene = Scene::new(world);
    let overview = format!("/staff/accounts/{}", scene.account.public_id);
    let page = scene.asha.get(&overview).expect(200);
    let form = page.form(&format!("{overview}/link"));
    let sent = form.submit("Send a password reset link").follow();
    assert!(!sent.body().contains("/link/0") && sent.status() == 200);
    let mail = scene.panel.take_one(world);
    assert_eq!(mail.subject, "Choose a new password for your Sun & Moon account");
    use_link(&scene, &mail, "priya");
}

fn a_link_that_is_made_at_the_server_is_told_of(world: &World) {
    let scene = Scene::new(world);
    let app = &scene.panel.server.app;
    let caller = Caller::shell().because("She called".parse().unwrap());
    let (link, _) = world.wait(links::print(app, &caller, &scene.person())).unwrap();
    let mail = scene.panel.take_one(world);
    assert_eq!(mail.subject, "A link to choose your password was made");
    assert!(
        mail.text.contains("- By: support\n- Reason: She called"),
        "{}",
        mail.text
    );
    assert!(mail.links().is_empty() && !mail.html.contains(&link), "{}", mail.text);
}

fn another_address_is_confirmed_there_and_told_of_here(world: &World) {
    let scene = Scene::new(world);
    let form = scene.priya.get("/security").expect(200).form("/security/email");
    let form = form.fill("email", "new@mail.example").fill("password", PASSWORD);
    form.submit("Change e-mail address").expect(303);
    let mail = scene.panel.take_one(world);
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("new@mail.example", "Confirm your new e-mail address for Sun & Moon")
    );
    let path = path_in(&scene, &mail);
    let form = scene.panel.server.browser().get(&path).expect(200).form(&path);
    form.fill("current_password", PASSWORD)
        .submit("Confirm address")
        .expect(303);
    let [to_new, to_old] = &scene.panel.take(world)[..] else {
        panic!("both addresses are told")
    };
    assert_eq!(
        (to_new.to.as_str(), to_old.to.as_str()),
        ("new@mail.example", "priya@mail.example")
    );
    assert!(
        to_new.text.contains("is now new@mail.example: this one."),
        "{}",
        to_new.text
    );
    assert!(
        to_old.text.contains("Mail about it no longer comes here."),
        "{}",
        to_old.text
    );
    assert!(
        !to_old.text.contains("new@mail.example"),
        "whoever reads the old one need not know"
    );
    for mail in [to_new, to_old] {
        assert!(
            mail.text.contains("- From: 127.0.0.1, a browser on Linux"),
            "{}",
            mail.text
        );
    }
}

fn a_link_that_is_over_is_not_mailed(world: &World) {
    let scene = Scene::new(world);
    ask(&scene, "priya");
    ask(&scene, "priya");
    assert_eq!(
        scene.panel.take(world).len(),
        1,
        "the first one was over before it was sent"
    );
    ask(&scene, "priya");
    world.clock.advance(Duration::hours(1));
    assert_eq!(scene.panel.take(world).len(), 0, "an hour later it is of no use");
    let open = world.wait(app::mail::list(&world.app, &Caller::shell())).unwrap();
    let why: Vec<_> = open
        .iter()
        .map(|mail| (mail.kind, mail.last_error.as_deref()))
        .collect();
    assert_eq!(
        why,
        [
            ("password-reset", Some("it is too late for it")),
            ("password-reset", Some("there is nothing left to say"))
        ]
    );
    let sweep = |connection: &mut _| store::outbox::queue::sweep(connection, world.clock.now());
    assert_eq!(world.app.store.write_here::<_, StoreError>(sweep).unwrap(), 3);
}
