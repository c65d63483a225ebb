//! A real server of SMTP that demands STARTTLS and a sign-in, refuses, puts off and delays.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use latchkey::{
    app::{
        self, Caller,
        mail::{Sent, send_test},
    },
    domain::mail::{Message, NewMail},
    mail::SendError,
    store::{self, StoreError},
};
use time::Duration;

use super::Received;
use crate::support::{Server, World};

on_both_with_python!(
    a_real_server_takes_puts_off_and_refuses,
    only_a_verified_server_gets_mail,
);

struct MailServer {
    child: Child,
    output: BufReader<ChildStdout>,
    port: String,
}

impl MailServer {
    fn start(folder: &Path) -> Self {
        for name in ["server", "other"] {
            let made = Command::new("openssl")
                .args([
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-days",
                    "2",
                    "-subj",
                    "/CN=localhost",
                ])
                .args([
                    "-addext",
                    "subjectAltName=DNS:localhost",
                    "-addext",
                    "basicConstraints=critical,CA:FALSE",
                ])
                .arg("-keyout")
                .arg(folder.join(format!("{name}.key")))
                .arg("-out")
                .arg(folder.join(format!("{name}.pem")))
                .stderr(Stdio::null())
                .status();
            assert!(made.unwrap().success());
        }
        let mut child = Command::new("/usr/bin/python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/server.py"))
            .arg(folder.join("server.pem"))
            .arg(folder.join("server.key"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        output.read_line(&mut port).unwrap();
        Self {
            child,
            output,
            port: port.trim().to_owned(),
        }
    }

    fn panel(&self, world: &World, ca: &Path, password: &str) -> Server {
        world.join_with(&[
            ("LATCHKEY_MAIL_TRANSPORT", "smtp"),
            ("LATCHKEY_MAIL_FROM", "panel@hosting.example"),
            ("LATCHKEY_MAIL_SMTP_HOST", "localhost"),
            ("LATCHKEY_MAIL_SMTP_PORT", &self.port),
            ("LATCHKEY_MAIL_SMTP_USERNAME", "panel"),
            ("LATCHKEY_MAIL_SMTP_PASSWORD", password),
            ("LATCHKEY_MAIL_SMTP_CA", ca.to_str().unwrap()),
        ])
    }

    fn taken(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn put(server: &Server, to: &str) {
    let mail = NewMail {
        account: None,
        recipient: to.parse().unwrap(),
        message: Message::Test,
        once_key: None,
        stale_at: None,
    };
    let (id, now) = (server.app.new_public_id(), server.app.now());
    server
        .app
        .store
        .write_here::<_, StoreError>(|connection| store::outbox::insert(connection, &id, &mail, now))
        .unwrap();
}

fn a_real_server_takes_puts_off_and_refuses(world: &World) {
    let scratch = tempfile::tempdir().unwrap();
    let mut mail_server = MailServer::start(scratch.path());
    let panel = mail_server.panel(world, &scratch.path().join("server.pem"), "hush");
    for to in [
        "priya@mail.example",
        "later@mail.example",
        "refused@mail.example",
        "slow@mail.example",
    ] {
        put(&panel, to);
    }
    let send = || world.wait(app::mail::send_due(&panel.app)).unwrap();
    let first = Sent {
        sent: 2,
        later: 1,
        given_up: 1,
    };
    assert_eq!(send(), first);
    for _ in 0..2 {
        let taken = mail_server.taken();
        assert_eq!((&taken["tls"], &taken["user"]), (&true.into(), &"panel".into()));
        Received::parse(taken["text"].as_str().unwrap());
    }
    let open = world.wait(app::mail::list(&panel.app, &Caller::shell())).unwrap();
    let refused = open.iter().find(|mail| mail.recipient.starts_with("refused")).unwrap();
    assert!(refused.due_at.is_none() && refused.last_error.as_deref().unwrap().contains("nobody of that name"));
    assert_eq!(send(), Sent::default(), "not before its time");
    world.clock.advance(Duration::minutes(1));
    assert_eq!(send().sent, 1);
    assert_eq!(mail_server.taken()["to"][0], "later@mail.example");
}

fn only_a_verified_server_gets_mail(world: &World) {
    let scratch = tempfile::tempdir().unwrap();
    let mail_server = MailServer::start(scratch.path());
    let to = "priya@mail.example".parse().unwrap();
    let stranger = mail_server.panel(world, &scratch.path().join("other.pem"), "hush");
    let answer = world.wait(send_test(&stranger.app, &Caller::shell(), &to)).unwrap();
    assert!(
        matches!(&answer, Err(SendError::Temporary(error)) if error.contains("certificate")),
        "{answer:?}"
    );
    let wrong = mail_server.panel(world, &scratch.path().join("server.pem"), "guess");
    let answer = world.wait(send_test(&wrong.app, &Caller::shell(), &to)).unwrap();
    assert!(
        matches!(&answer, Err(SendError::Temporary(error)) if error.contains("535")),
        "{answer:?}"
    );
}
