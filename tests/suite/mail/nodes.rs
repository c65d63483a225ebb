//! A node that dies between two lines of the conversation: the mail is sent by another one, and it is the same mail.

use latchkey::{
    app::{self, mail::Sent},
    clock::Clock,
    store::StoreError,
};
use time::Duration;

use super::server::{Certificates, MailServer, Way, put};
use crate::support::{Database, Process};

on_both_with_python!(a_node_that_is_killed_while_it_sends_loses_no_mail);

fn a_node_that_is_killed_while_it_sends_loses_no_mail(database: &Database) {
    let certificates = Certificates::new();
    let mut server = MailServer::start(Way::Starttls, &certificates, "server");
    let ca = certificates.path("ca.pem");
    let mut node = Process::on(database).with(&[
        ("LATCHKEY_MAIL_TRANSPORT", "smtp"),
        ("LATCHKEY_MAIL_FROM", "panel@hosting.example"),
        ("LATCHKEY_MAIL_SMTP_HOST", "localhost"),
        ("LATCHKEY_MAIL_SMTP_PORT", &server.port),
        ("LATCHKEY_MAIL_SMTP_USERNAME", "panel"),
        ("LATCHKEY_MAIL_SMTP_PASSWORD", "hush"),
        ("LATCHKEY_MAIL_SMTP_CA", ca.to_str().unwrap()),
    ]);
    let other = node.app();
    put(&other, "stuck@mail.example");
    node.start();
    let first = server.taken();
    assert!(!first.answered, "the server has it and has not said so");
    node.kill();

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let send = |app: &app::App| runtime.block_on(app::mail::send_due(app)).unwrap();
    assert_eq!(send(&other), Sent::default(), "the lease holds");
    let later = node.app_at(Clock::fixed(other.now() + Duration::minutes(6), 7));
    let once = Sent {
        sent: 1,
        ..Sent::default()
    };
    assert_eq!((send(&later), send(&later)), (once, Sent::default()));
    let second = server.taken();
    assert!(second.answered);
    assert_eq!(
        (second.mail().id, second.to),
        (first.mail().id, first.to),
        "whoever gets both sees one"
    );
    let open = |connection: &mut _| latchkey::store::outbox::queue::list_open(connection, 10);
    assert!(later.store.read_here::<_, StoreError>(open).unwrap().is_empty());
}
