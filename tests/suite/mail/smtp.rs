//! A real server of SMTP that demands encryption and a sign-in, refuses, puts off, delays, and is not who it says.

use std::{fs, net::TcpListener};

use latchkey::{
    app::{
        self, App, Caller,
        mail::{Listed, Sent, send_test},
    },
    mail::SendError,
};
use time::Duration;

use super::server::{Certificates, MailServer, Way, put};
use crate::support::World;

on_both_with_python!(
    a_real_server_takes_puts_off_and_refuses,
    each_way_of_encryption_is_spoken,
    only_a_verified_server_gets_mail,
    a_refused_sign_in_loses_no_mail,
    tries_come_ever_later_until_somebody_puts_it_right,
    what_cannot_be_sent_for_days_is_given_up,
);

fn send(world: &World, app: &App) -> Sent {
    world.wait(app::mail::send_due(app)).unwrap()
}

/// What waits or was given up.
fn open(world: &World) -> Vec<Listed> {
    world.wait(app::mail::list(&world.app, &Caller::shell())).unwrap()
}

/// What the server would say to a mail, and that it is not the mail's fault.
fn complaint(world: &World, app: &App) -> String {
    let to = "priya@mail.example".parse().unwrap();
    match world.wait(send_test(app, &Caller::shell(), &to)).unwrap() {
        Err(SendError::Temporary(error)) => error,
        other => panic!("{other:?}"),
    }
}

const LATER: Sent = Sent {
    sent: 0,
    later: 1,
    given_up: 0,
};

fn a_real_server_takes_puts_off_and_refuses(world: &World) {
    let certificates = Certificates::new();
    let mut server = MailServer::start(Way::Starttls, &certificates, "server");
    let panel = server.panel(world, &certificates.path("ca.pem"));
    for name in ["priya", "later", "refused", "slow"] {
        put(&panel.app, &format!("{name}@mail.example"));
    }
    let first = Sent {
        sent: 2,
        later: 1,
        given_up: 1,
    };
    assert_eq!(send(world, &panel.app), first);
    for _ in 0..2 {
        let taken = server.taken();
        assert!(
            taken.tls && taken.answered && taken.user.as_deref() == Some("panel"),
            "{taken:?}"
        );
        taken
            .mail()
            .check(panel.app.settings.public_url.as_str().trim_end_matches('/'));
    }
    let refused = open(world)
        .into_iter()
        .find(|mail| mail.recipient.starts_with("refused"));
    let refused = refused.unwrap();
    assert!(refused.due_at.is_none() && refused.last_error.unwrap().contains("nobody of that name"));
    assert_eq!(send(world, &panel.app), Sent::default(), "not before its time");
    world.clock.advance(Duration::minutes(1));
    assert_eq!(send(world, &panel.app).sent, 1);
    assert_eq!(server.taken().to, ["later@mail.example"]);
}

fn each_way_of_encryption_is_spoken(world: &World) {
    let certificates = Certificates::new();
    // Who vouches may be one of several.
    let bundle = certificates.path("bundle.pem");
    let read = |name: &str| fs::read_to_string(certificates.path(name)).unwrap();
    fs::write(&bundle, read("other.pem") + &read("ca.pem")).unwrap();
    for way in [Way::Starttls, Way::Tls] {
        let mut server = MailServer::start(way, &certificates, "server");
        let panel = server.panel(world, &bundle);
        world.wait(panel.app.post().unwrap().unwrap().check()).unwrap();
        put(&panel.app, "priya@mail.example");
        assert_eq!(send(world, &panel.app).sent, 1, "{way:?}");
        let taken = server.taken();
        assert!(taken.tls && taken.user.as_deref() == Some("panel"), "{way:?} {taken:?}");
    }
    // Whoever asks for encryption sends nothing where there is none, not even the password.
    let plain = MailServer::start(Way::Plain, &certificates, "");
    for (security, says) in [("starttls", "STARTTLS"), ("tls", "Connection error")] {
        let ca = certificates.path("ca.pem");
        let panel = plain.panel_with(world, &ca, &[("LATCHKEY_MAIL_SMTP_SECURITY", security)]);
        let error = complaint(world, &panel.app);
        assert!(error.contains(says), "{security}: {error}");
    }
}

fn only_a_verified_server_gets_mail(world: &World) {
    let certificates = Certificates::new();
    let (ca, other) = (certificates.path("ca.pem"), certificates.path("other.pem"));
    for way in [Way::Starttls, Way::Tls] {
        let right = MailServer::start(way, &certificates, "server");
        let elsewhere = MailServer::start(way, &certificates, "elsewhere");
        let stranger = MailServer::start(way, &certificates, "other");
        for (server, believed) in [(&right, &other), (&elsewhere, &ca), (&stranger, &ca)] {
            let panel = server.panel(world, believed);
            let error = complaint(world, &panel.app);
            assert!(error.contains("certificate"), "{way:?}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
    // Nothing is lost: the mail goes out when somebody names the right authority.
    let mut server = MailServer::start(Way::Starttls, &certificates, "server");
    let (wrong, right) = (server.panel(world, &other), server.panel(world, &ca));
    put(&wrong.app, "priya@mail.example");
    assert_eq!(send(world, &wrong.app), LATER);
    let waiting = &open(world)[0];
    assert!(waiting.due_at.is_some() && waiting.last_error.as_deref().unwrap().contains("certificate"));
    world.clock.advance(Duration::minutes(1));
    assert_eq!(send(world, &right.app).sent, 1);
    assert_eq!(server.taken().to, ["priya@mail.example"]);
}

fn a_refused_sign_in_loses_no_mail(world: &World) {
    let certificates = Certificates::new();
    let ca = certificates.path("ca.pem");
    let mut server = MailServer::start(Way::Starttls, &certificates, "server");
    let wrong = server.panel_with(world, &ca, &[("LATCHKEY_MAIL_SMTP_PASSWORD", "guess")]);
    put(&wrong.app, "priya@mail.example");
    assert_eq!(
        send(world, &wrong.app),
        LATER,
        "535 is about us, and not about the mail"
    );
    assert!(complaint(world, &wrong.app).contains("535"));
    let error = open(world)[0].last_error.clone().unwrap();
    assert!(error.contains("535") && !error.contains("guess"), "{error}");
    world.clock.advance(Duration::minutes(1));
    assert_eq!(send(world, &server.panel(world, &ca).app).sent, 1);
    assert_eq!(server.taken().to, ["priya@mail.example"]);
}

/// A port on which nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

fn tries_come_ever_later_until_somebody_puts_it_right(world: &World) {
    let certificates = Certificates::new();
    let ca = certificates.path("ca.pem");
    let mut server = MailServer::start(Way::Starttls, &certificates, "server");
    let down = server.panel_with(world, &ca, &[("LATCHKEY_MAIL_SMTP_PORT", &nowhere())]);
    put(&down.app, "priya@mail.example");
    for (tries, minutes) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        assert_eq!(send(world, &down.app), LATER);
        let waiting = &open(world)[0];
        let wait = waiting.due_at.unwrap() - world.clock.now();
        assert_eq!((waiting.tries, wait), (tries, Duration::minutes(minutes)));
        assert!(
            waiting.last_error.as_deref().unwrap().contains("refused"),
            "{waiting:?}"
        );
        world.clock.advance(wait - Duration::SECOND);
        assert_eq!(send(world, &down.app), Sent::default());
        world.clock.advance(Duration::SECOND);
    }
    assert_eq!(send(world, &down.app), LATER);
    let up = server.panel(world, &ca);
    assert_eq!(send(world, &up.app), Sent::default(), "not for a quarter of an hour");
    assert_eq!(world.wait(app::mail::retry(&up.app, &Caller::shell())).unwrap(), 1);
    assert_eq!(send(world, &up.app).sent, 1);
    assert!(server.taken().answered && open(world).is_empty());
}

fn what_cannot_be_sent_for_days_is_given_up(world: &World) {
    let certificates = Certificates::new();
    let ca = certificates.path("ca.pem");
    let mut server = MailServer::start(Way::Starttls, &certificates, "server");
    let down = server.panel_with(world, &ca, &[("LATCHKEY_MAIL_SMTP_PORT", &nowhere())]);
    put(&down.app, "priya@mail.example");
    let mut tries = 0;
    while open(world)[0].due_at.is_some() {
        let sent = send(world, &down.app);
        tries += sent.later + sent.given_up;
        world.clock.advance(Duration::HOUR);
    }
    assert!((12..30).contains(&tries), "{tries} in three days");
    assert_eq!(send(world, &down.app), Sent::default());
    let up = server.panel(world, &ca);
    assert_eq!(world.wait(app::mail::retry(&up.app, &Caller::shell())).unwrap(), 1);
    assert_eq!(send(world, &up.app).sent, 1);
    assert_eq!(server.taken().to, ["priya@mail.example"]);
}
