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

#[path = "mail/letters.rs"]
mod letters;
#[path = "mail/smtp.rs"]
mod smtp;

use std::{fs, path::PathBuf};

use latchkey::app::{self, mail::Sent};

use crate::support::{Server, World};

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
        let server = world.join_with(&[
            ("LATCHKEY_MAIL_TRANSPORT", "file"),
            ("LATCHKEY_MAIL_FROM", "panel@hosting.example"),
            ("LATCHKEY_MAIL_FOLDER", folder.to_str().unwrap()),
            ("LATCHKEY_COMPANY_NAME", "Sun & Moon"),
        ]);
        Self {
            server,
            folder,
            _scratch: scratch,
        }
    }

    fn send(&self, world: &World) -> Sent {
        world.wait(app::mail::send_due(&self.server.app)).unwrap()
    }

    /// Sends what is due and takes it out of the folder.
    fn take(&self, world: &World) -> Vec<Received> {
        self.send(world);
        let mut mails: Vec<Received> = fs::read_dir(&self.folder)
            .map(|entries| entries.map(|entry| Received::read(&entry.unwrap().path())).collect())
            .unwrap_or_default();
        mails.sort_by(|one, other| (&one.to, &one.subject).cmp(&(&other.to, &other.subject)));
        mails
    }

    /// The only mail that is due.
    fn take_one(&self, world: &World) -> Received {
        let mut mails = self.take(world);
        assert_eq!(mails.len(), 1, "{mails:#?}");
        mails.remove(0)
    }
}

/// A mail as its reader gets it.
#[derive(Debug)]
struct Received {
    to: String,
    subject: String,
    text: String,
    html: String,
}

impl Received {
    fn read(path: &std::path::Path) -> Self {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        let raw = fs::read_to_string(path).unwrap();
        fs::remove_file(path).unwrap();
        Self::parse(&raw)
    }

    fn parse(raw: &str) -> Self {
        let decoder = concat!(
            "import email,email.policy,json,sys\n",
            "m=email.message_from_string(sys.stdin.read(),policy=email.policy.default)\n",
            "print(json.dumps([m['To'],m['Subject'],m['Auto-Submitted'],m['From'],",
            "m.get_body(('plain',)).get_content(),m.get_body(('html',)).get_content()]))",
        );
        let mut python = std::process::Command::new("/usr/bin/python3")
            .args(["-c", decoder])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut python.stdin.take().unwrap(), raw.as_bytes()).unwrap();
        let output = python.wait_with_output().unwrap();
        let [to, subject, automatic, _, text, html]: [String; 6] = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(automatic, "auto-generated");
        assert!(!text.contains("lk_") && !html.contains("lk_"), "a mail holds no secret");
        Self {
            to,
            subject,
            text: text.replace("\r\n", "\n"),
            html,
        }
    }
}
