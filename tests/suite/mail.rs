//! What is mailed, to whom, when, and how it leaves.

/// `on_both!` for tests that read mail or take it with programs that tests/run installs.
macro_rules! on_both_with_python {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            #[ignore = "needs Python: tests/run"]
            fn sqlite() {
                super::$name(&$crate::support::Database::sqlite().into());
            }

            #[test]
            #[ignore = "needs Python and PostgreSQL: tests/run"]
            fn postgres() {
                super::$name(&$crate::support::Database::postgres().into());
            }
        }
    )+};
}

#[path = "mail/by_staff.rs"]
mod by_staff;
#[path = "mail/command.rs"]
mod command;
#[path = "mail/every.rs"]
mod every;
#[path = "mail/found.rs"]
mod found;
#[path = "mail/letters.rs"]
mod letters;
#[path = "mail/links.rs"]
mod links;
#[path = "mail/nodes.rs"]
mod nodes;
#[path = "mail/reminders.rs"]
mod reminders;
#[path = "mail/server.rs"]
mod server;
#[path = "mail/smtp.rs"]
mod smtp;
#[path = "mail/to_staff.rs"]
mod to_staff;

use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::PathBuf, process::Stdio};

use latchkey::app::{self, mail::Sent};
use serde::Deserialize;

use crate::support::{Browser, PASSWORD, Server, World};

/// The settings with which a server sends mail into a folder, in the name of a company.
fn into_folder(folder: &str) -> [(&str, &str); 4] {
    [
        ("LATCHKEY_MAIL_TRANSPORT", "file"),
        ("LATCHKEY_MAIL_FROM", "panel@hosting.example"),
        ("LATCHKEY_MAIL_FOLDER", folder),
        ("LATCHKEY_COMPANY_NAME", "Sun & Moon"),
    ]
}

/// A server on the world's database that sends mail into files.
struct Panel {
    server: Server,
    folder: PathBuf,
    _scratch: tempfile::TempDir,
}

impl Panel {
    fn of(world: &World) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("out");
        Self {
            server: world.join_with(&into_folder(folder.to_str().unwrap())),
            folder,
            _scratch: scratch,
        }
    }

    /// Where its panel is, without a slash at the end.
    fn url(&self) -> &str {
        self.server.app.settings.public_url.as_str().trim_end_matches('/')
    }

    fn send(&self, world: &World) -> Sent {
        world.wait(app::mail::send_due(&self.server.app)).unwrap()
    }

    /// Sends what is due and takes it out of the folder, by address and subject.
    fn take(&self, world: &World) -> Vec<Received> {
        self.send(world);
        let mut mails: Vec<Received> = fs::read_dir(&self.folder)
            .map(|entries| entries.map(|entry| Received::read(&entry.unwrap().path())).collect())
            .unwrap_or_default();
        for mail in &mails {
            mail.check(self.url());
        }
        mails.sort_by(|one, other| (&one.to, &one.subject).cmp(&(&other.to, &other.subject)));
        mails
    }

    /// The only mail that is due.
    fn take_one(&self, world: &World) -> Received {
        let mut mails = self.take(world);
        assert_eq!(mails.len(), 1, "{mails:#?}");
        mails.remove(0)
    }

    /// Opens the address that a mail has, as its reader would.
    fn open(&self, browser: &Browser, link: &str) -> u16 {
        let path = link.strip_prefix(self.url()).expect("it leads to the panel");
        let mut page = browser.get(path);
        while page.status() == 303 {
            page = page.follow();
        }
        assert_ne!(page.heading(), "Sign in", "{link} is not shown to whom it was sent");
        page.status()
    }
}

/// A mail as its reader gets it.
#[derive(Debug, Deserialize)]
struct Received {
    from: String,
    to: String,
    subject: String,
    id: String,
    automatic: String,
    text: String,
    html: String,
}

/// Prints what a mail says as JSON, whatever way it travelled.
const DECODER: &str = "import email,email.policy,json,sys
m=email.message_from_string(sys.stdin.read(),policy=email.policy.default)
body=lambda kind: m.get_body((kind,)).get_content()
print(json.dumps({'from':m['From'],'to':m['To'],'subject':m['Subject'],'id':m['Message-ID'],
  'automatic':m['Auto-Submitted'],'text':body('plain').replace('\\r\\n','\\n'),'html':body('html')}))";

impl Received {
    fn read(path: &std::path::Path) -> Self {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        let raw = fs::read_to_string(path).unwrap();
        fs::remove_file(path).unwrap();
        Self::parse(&raw)
    }

    fn parse(raw: &str) -> Self {
        let mut python = std::process::Command::new("/usr/bin/python3")
            .args(["-c", DECODER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(raw.as_bytes()).unwrap();
        let output = python.wait_with_output().unwrap();
        let mail: Self = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(mail.automatic, "auto-generated");
        assert!(raw.len() < 100_000, "{} bytes", raw.len());
        mail
    }

    /// Every address in it, in their order.
    fn links(&self) -> Vec<&str> {
        let words = self.text.split_whitespace();
        words.filter(|word| word.contains("://")).collect()
    }

    /// What every mail is: in the company's name, the same in both forms, without a secret, and it leads nowhere but to
    /// the panel.
    fn check(&self, panel: &str) {
        let said = format!("{self:#?}");
        assert_eq!(self.from, "Sun & Moon <panel@hosting.example>");
        assert!(!self.subject.is_empty() && self.subject.chars().count() < 120, "{said}");
        assert!(
            self.text.contains("Sun & Moon") && self.html.contains("Sun &#38; Moon"),
            "{said}"
        );
        for link in self.links() {
            assert!(
                link.strip_prefix(panel).is_some_and(|path| path.starts_with('/')),
                "{said}"
            );
        }
        let hrefs = self
            .html
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        assert_eq!(hrefs.collect::<Vec<_>>(), self.links(), "{said}");
        for form in [&self.text, &self.html] {
            assert!(
                !form.contains("lk_") && !form.contains(PASSWORD),
                "a mail holds no secret: {said}"
            );
        }
        for outside in ["<img", "<script", "src=", "url(", "<link", "<form"] {
            assert!(!self.html.contains(outside), "{outside} in {said}");
        }
        for line in self.text.lines().filter(|line| !line.contains("://")) {
            let plain = line.trim_start_matches("- ");
            let escaped = plain.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
            let escaped = escaped.replace('"', "&#34;").replace('\'', "&#39;");
            assert!(self.html.contains(&escaped), "{plain} is in the text alone: {said}");
        }
    }
}
