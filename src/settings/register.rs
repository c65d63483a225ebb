//! The one list of settings: key, variable, default, what it is for. The settings file, the environment, `latchkey settings`
//! and the documentation are all read from it.

mod compat;
mod mail;

use super::{Settings, company::show_text};

/// What stands in a setting's place when nobody gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// This text, read as if it had been given.
    Text(&'static str),
    /// A value that depends on the machine or on other settings, in words.
    Computed(&'static str),
    /// Nothing: what it is for is switched off.
    Nothing,
}

/// What a setting is written as in the settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `key = "text"`.
    Text,
    /// `key = 60`.
    Number,
    /// `key = ["one", "two"]`; in a variable the items stand between commas.
    List,
}

impl Kind {
    pub(super) fn request(self) -> &'static str {
        match self {
            Self::Text => "write a text in quotation marks here.",
            Self::Number => "write a whole number without quotation marks here.",
            Self::List => "write a list of texts here, such as [\"127.0.0.1\", \"10.0.0.0/8\"].",
        }
    }
}

/// One setting as the register describes it.
#[derive(Debug)]
pub struct Setting {
    /// Its key in the settings file; a dot stands for a table.
    pub key: &'static str,
    /// How the file writes it.
    pub kind: Kind,
    /// What holds when nobody gives it.
    pub fallback: Fallback,
    /// An example that is not the default.
    pub example: &'static str,
    /// What it is for and what it may be, in one or two sentences.
    pub about: &'static str,
    /// Whether its value is a secret.
    pub secret: bool,
    /// The value in force, with what is secret in it left out.
    pub show: fn(&Settings) -> String,
}

impl Setting {
    /// Its variable: `LATCHKEY_` and the key in capitals. The same name with `_FILE` behind it names a file that holds the value.
    pub fn variable(&self) -> String {
        format!("LATCHKEY_{}", self.key.replace('.', "_").to_uppercase())
    }
}

/// The setting called `key`, which the caller knows to exist.
pub(super) fn setting(key: &str) -> &'static Setting {
    REGISTER
        .iter()
        .find(|setting| setting.key == key)
        .expect("settings are read by keys of the register")
}

/// A hint for somebody who wrote `name` where a setting's `label` was expected; all labels begin with `prefix`.
pub(super) fn nearest(name: &str, prefix: &str, label: impl Fn(&Setting) -> String) -> String {
    let labels = REGISTER.iter().map(label);
    let best = labels.map(|label| (edits(name, &label), label)).min();
    match best {
        Some((distance, label)) if distance <= 1 + (label.len() - prefix.len()) / 4 => format!("Did you mean {label}?"),
        _ => "“latchkey settings” lists what there is.".to_owned(),
    }
}

/// How many letters must be added, removed or changed to get from one text to the other (Levenshtein).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.chars().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (column, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

/// Every setting, in the order in which they are documented.
pub const REGISTER: &[Setting] = &[
    Setting {
        key: "listen",
        kind: Kind::Text,
        fallback: Fallback::Text("127.0.0.1:8080"),
        example: "0.0.0.0:8080",
        about: "The address and port that the server answers on. The flag --listen goes before it.",
        secret: false,
        show: |settings| settings.listen.to_string(),
    },
    Setting {
        key: "data",
        kind: Kind::Text,
        fallback: Fallback::Text("./data"),
        example: "/var/lib/latchkey",
        about: "The folder for the SQLite database and the server key. The flag --data goes before it.",
        secret: false,
        show: |settings| settings.data.display().to_string(),
    },
    Setting {
        key: "database",
        kind: Kind::Text,
        fallback: Fallback::Computed("latchkey.db in the data folder"),
        example: "postgres://latchkey@db.example.com/latchkey?sslmode=verify-full",
        about: "Where the data is kept: sqlite:///absolute/path, sqlite://relative/path or postgres://... The flag --database \
                goes before it.",
        secret: false,
        show: |settings| settings.database.to_string(),
    },
    Setting {
        key: "public_url",
        kind: Kind::Text,
        fallback: Fallback::Computed("http:// and the address that the server listens on"),
        example: "https://panel.example.com",
        about: "What visitors type: scheme, host and port, without a path. With https:// the cookies are Secure.",
        secret: false,
        show: |settings| settings.public_url.to_string(),
    },
    Setting {
        key: "trusted_proxies",
        kind: Kind::List,
        fallback: Fallback::Text(""),
        example: "127.0.0.1, 10.0.0.0/8",
        about: "Addresses and networks of the proxies in front, whose X-Forwarded-For is believed.",
        secret: false,
        show: |settings| {
            let networks: Vec<String> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
            networks.join(", ")
        },
    },
    Setting {
        key: "gateways",
        kind: Kind::List,
        fallback: Fallback::Text("127.0.0.0/8, ::1/128"),
        example: "10.0.0.5, 10.1.0.0/16",
        about: "Addresses and networks of the proxies that ask under /authz/ whether a request may pass; nobody else is \
                answered there.",
        secret: false,
        show: |settings| {
            let networks: Vec<String> = settings.gateways.iter().map(ToString::to_string).collect();
            networks.join(", ")
        },
    },
    Setting {
        key: "workers",
        kind: Kind::Number,
        fallback: Fallback::Computed("one for each processor"),
        example: "4",
        about: "How many threads answer requests, 1 to 256.",
        secret: false,
        show: |settings| settings.workers.to_string(),
    },
    Setting {
        key: "log",
        kind: Kind::Text,
        fallback: Fallback::Text("info"),
        example: "warn,latchkey=debug",
        about: "What is logged: error, warn, info, debug or trace, for all or for each module.",
        secret: false,
        show: |settings| settings.log.clone(),
    },
    Setting {
        key: "log_format",
        kind: Kind::Text,
        fallback: Fallback::Text("text"),
        example: "json",
        about: "How a line of the log looks: text for people or json for programs.",
        secret: false,
        show: |settings| settings.log_format.to_string(),
    },
    Setting {
        key: "time_zone",
        kind: Kind::Text,
        fallback: Fallback::Text("UTC"),
        example: "Asia/Kolkata",
        about: "The time zone that a new account begins with, by its IANA name.",
        secret: false,
        show: |settings| settings.time_zone.name().to_owned(),
    },
    Setting {
        key: "server_key",
        kind: Kind::Text,
        fallback: Fallback::Computed("the key file in the data folder"),
        example: "",
        about: "The text of the server key file, for several servers on one database. Best given by LATCHKEY_SERVER_KEY_FILE.",
        secret: true,
        show: |settings| {
            settings
                .server_key
                .as_ref()
                .map_or_else(String::new, |_| "(hidden)".to_owned())
        },
    },
    Setting {
        key: "catalogue",
        kind: Kind::Text,
        fallback: Fallback::Computed("the catalogue that is compiled in"),
        example: "/etc/latchkey/catalogue.toml",
        about: "A TOML file with areas, scopes, templates and routes in place of the default ones.",
        secret: false,
        show: |settings| {
            settings
                .catalogue
                .as_ref()
                .map_or_else(String::new, |path| path.display().to_string())
        },
    },
    Setting {
        key: "company.name",
        kind: Kind::Text,
        fallback: Fallback::Text("Latchkey"),
        example: "Example Hosting",
        about: "The hosting company's name, as it stands on every page; at most 60 characters.",
        secret: false,
        show: |settings| settings.company.name.clone(),
    },
    Setting {
        key: "company.logo",
        kind: Kind::Text,
        fallback: Fallback::Nothing,
        example: "/etc/latchkey/logo.svg",
        about: "An SVG, PNG or WebP file of at most 100 KB, shown beside the name.",
        secret: false,
        show: |settings| {
            settings
                .company
                .logo
                .as_ref()
                .map_or_else(String::new, |logo| logo.path.display().to_string())
        },
    },
    Setting {
        key: "company.accent",
        kind: Kind::Text,
        fallback: Fallback::Nothing,
        example: "#0a7d4b",
        about: "The company's colour as #rrggbb. Refused when its contrast on white is under 3 to 1; the shades for links and \
                for dark pages follow from it.",
        secret: false,
        show: |settings| {
            settings
                .company
                .accent
                .map_or_else(String::new, |accent| accent.brand.to_string())
        },
    },
    Setting {
        key: "company.support_email",
        kind: Kind::Text,
        fallback: Fallback::Nothing,
        example: "help@example.com",
        about: "Where customers write to when they need help.",
        secret: false,
        show: |settings| show_text(settings.company.support_email.as_ref()),
    },
    Setting {
        key: "company.support_phone",
        kind: Kind::Text,
        fallback: Fallback::Nothing,
        example: "+91 80 5555 0100",
        about: "The telephone number that customers call when they need help.",
        secret: false,
        show: |settings| show_text(settings.company.support_phone.as_ref()),
    },
    Setting {
        key: "company.support_url",
        kind: Kind::Text,
        fallback: Fallback::Nothing,
        example: "https://www.example.com/help",
        about: "The company's own help page, an http:// or https:// address.",
        secret: false,
        show: |settings| show_text(settings.company.support_url.as_ref()),
    },
    Setting {
        key: "sessions.customer_idle_minutes",
        kind: Kind::Number,
        fallback: Fallback::Text("60"),
        example: "30",
        about: "A customer is signed out after so many minutes without a request.",
        secret: false,
        show: |settings| settings.sessions.customer.idle.whole_minutes().to_string(),
    },
    Setting {
        key: "sessions.customer_absolute_minutes",
        kind: Kind::Number,
        fallback: Fallback::Text("720"),
        example: "480",
        about: "A customer is signed out so many minutes after signing in, whatever happens.",
        secret: false,
        show: |settings| settings.sessions.customer.absolute.whole_minutes().to_string(),
    },
    Setting {
        key: "sessions.staff_idle_minutes",
        kind: Kind::Number,
        fallback: Fallback::Text("15"),
        example: "10",
        about: "A staff member is signed out after so many minutes without a request.",
        secret: false,
        show: |settings| settings.sessions.staff.idle.whole_minutes().to_string(),
    },
    Setting {
        key: "sessions.staff_absolute_minutes",
        kind: Kind::Number,
        fallback: Fallback::Text("720"),
        example: "480",
        about: "A staff member is signed out so many minutes after signing in, whatever happens.",
        secret: false,
        show: |settings| settings.sessions.staff.absolute.whole_minutes().to_string(),
    },
    mail::TRANSPORT,
    mail::FROM,
    mail::FOLDER,
    mail::SMTP_HOST,
    mail::SMTP_PORT,
    mail::SMTP_SECURITY,
    mail::SMTP_USERNAME,
    mail::SMTP_PASSWORD,
    mail::SMTP_CA,
    compat::LISTEN,
    compat::CERTIFICATE,
    compat::KEY,
];
