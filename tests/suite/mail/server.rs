//! A real SMTP server of the tests, certificates for it, and panels that send to it.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use latchkey::{
    app::App,
    domain::mail::{Message, NewMail},
    store::{self, StoreError},
};
use serde::Deserialize;

use super::Received;
use crate::support::{Server, World};

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In the clear, and encryption is not offered.
    Plain,
    /// STARTTLS is demanded.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
}

/// Certificates in a folder of their own: `ca.pem`; `server.pem` and `elsewhere.pem`, for which it vouches, the second with
/// another name; `other.pem`, for which nobody does.
#[derive(Debug)]
pub(super) struct Certificates(tempfile::TempDir);

impl Certificates {
    pub(super) fn new() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        let own = ["-addext", "basicConstraints=critical,CA:TRUE"];
        made.make("ca", "Example Mail CA", &own);
        let vouched = ["-CA", "ca.pem", "-CAkey", "ca.key"];
        made.make("server", "localhost", &vouched);
        made.make("elsewhere", "mail.example", &vouched);
        made.make("other", "localhost", &[]);
        made
    }

    fn make(&self, name: &str, host: &str, more: &[&str]) {
        let mut request = Command::new("openssl");
        request
            .current_dir(self.0.path())
            .args([
                "req",
                "-x509",
                "-nodes",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-subj", &format!("/CN={host}")])
            .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
        if name != "ca" {
            request.args(["-addext", &format!("subjectAltName=DNS:{host}")]);
            request.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        }
        let made = request.args(more).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }
}

/// A mail that came in whole.
#[derive(Debug, Deserialize)]
pub(super) struct Taken {
    pub(super) to: Vec<String>,
    /// Whether the client was told that it is taken.
    pub(super) answered: bool,
    pub(super) tls: bool,
    pub(super) user: Option<String>,
    text: String,
}

impl Taken {
    pub(super) fn mail(&self) -> Received {
        Received::parse(&self.text)
    }
}

pub(super) struct MailServer {
    child: Child,
    output: BufReader<ChildStdout>,
    way: Way,
    pub(super) port: String,
}

impl MailServer {
    /// A server that shows the certificate of that name.
    pub(super) fn start(way: Way, certificates: &Certificates, name: &str) -> Self {
        let mut command = Command::new("/usr/bin/python3");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/server.py"));
        if way != Way::Plain {
            command
                .arg(certificates.path(&format!("{name}.pem")))
                .arg(certificates.path(&format!("{name}.key")))
                .arg(if way == Way::Tls { "tls" } else { "starttls" });
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        output.read_line(&mut port).unwrap();
        Self {
            child,
            output,
            way,
            port: port.trim().to_owned(),
        }
    }

    /// A panel that sends to it and believes the certificates in `ca`.
    pub(super) fn panel(&self, world: &World, ca: &Path) -> Server {
        self.panel_with(world, ca, &[])
    }

    /// The same with other settings in place of some.
    pub(super) fn panel_with(&self, world: &World, ca: &Path, other: &[(&str, &str)]) -> Server {
        let mut settings: Vec<(&str, &str)> = vec![
            ("LATCHKEY_MAIL_TRANSPORT", "smtp"),
            ("LATCHKEY_MAIL_FROM", "panel@hosting.example"),
            ("LATCHKEY_COMPANY_NAME", "Sun & Moon"),
            ("LATCHKEY_MAIL_SMTP_HOST", "localhost"),
            ("LATCHKEY_MAIL_SMTP_PORT", &self.port),
            ("LATCHKEY_MAIL_SMTP_USERNAME", "panel"),
            ("LATCHKEY_MAIL_SMTP_PASSWORD", "hush"),
            ("LATCHKEY_MAIL_SMTP_CA", ca.to_str().unwrap()),
        ];
        if self.way == Way::Tls {
            settings.push(("LATCHKEY_MAIL_SMTP_SECURITY", "tls"));
        }
        settings.retain(|(name, _)| !other.iter().any(|(replaced, _)| replaced == name));
        settings.extend(other);
        world.join_with(&settings)
    }

    /// The next mail that comes in.
    pub(super) fn taken(&mut self) -> Taken {
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

/// Puts a mail into the outbox.
pub(super) fn put(app: &App, to: &str) {
    let mail = NewMail {
        account: None,
        recipient: to.parse().unwrap(),
        message: Message::Test,
        once_key: None,
        stale_at: None,
    };
    let (id, now) = (app.new_public_id(), app.now());
    app.store
        .write_here::<_, StoreError>(|connection| store::outbox::insert(connection, &id, &mail, now))
        .unwrap();
}
