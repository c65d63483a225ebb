//! The settings of mail.

use super::{Fallback, Kind, Setting, show_text};

pub(super) const TRANSPORT: Setting = Setting {
    key: "mail.transport",
    kind: Kind::Text,
    fallback: Fallback::Text("off"),
    example: "smtp",
    about: "How mail leaves: off, file (each mail becomes a file) or smtp.",
    secret: false,
    show: |settings| settings.mail.transport.to_string(),
};

pub(super) const FROM: Setting = Setting {
    key: "mail.from",
    kind: Kind::Text,
    fallback: Fallback::Nothing,
    example: "panel@example.com",
    about: "The address that mail comes from; the name beside it is the company's. Needed unless mail is off.",
    secret: false,
    show: |settings| {
        settings
            .mail
            .from
            .as_ref()
            .map_or_else(String::new, ToString::to_string)
    },
};

pub(super) const FOLDER: Setting = Setting {
    key: "mail.folder",
    kind: Kind::Text,
    fallback: Fallback::Computed("mail in the data folder"),
    example: "/var/spool/latchkey",
    about: "The folder for the files of the transport file.",
    secret: false,
    show: |settings| settings.mail.folder.display().to_string(),
};

pub(super) const SMTP_HOST: Setting = Setting {
    key: "mail.smtp_host",
    kind: Kind::Text,
    fallback: Fallback::Nothing,
    example: "smtp.example.com",
    about: "The server that takes mail, by its name or address. Needed for the transport smtp.",
    secret: false,
    show: |settings| show_text(settings.mail.smtp.host.as_ref()),
};

pub(super) const SMTP_PORT: Setting = Setting {
    key: "mail.smtp_port",
    kind: Kind::Number,
    fallback: Fallback::Computed("587, 465 with tls, 25 with none"),
    example: "2525",
    about: "The port of that server.",
    secret: false,
    show: |settings| settings.mail.smtp.port.to_string(),
};

pub(super) const SMTP_SECURITY: Setting = Setting {
    key: "mail.smtp_security",
    kind: Kind::Text,
    fallback: Fallback::Text("starttls"),
    example: "tls",
    about: "How the connection is protected: starttls, tls from the first byte, or none, for a server on the same machine \
            only. The server's certificate is always verified.",
    secret: false,
    show: |settings| settings.mail.smtp.security.to_string(),
};

pub(super) const SMTP_USERNAME: Setting = Setting {
    key: "mail.smtp_username",
    kind: Kind::Text,
    fallback: Fallback::Nothing,
    example: "panel",
    about: "What the panel signs in with at that server, where it asks for that.",
    secret: false,
    show: |settings| show_text(settings.mail.smtp.username.as_ref()),
};

pub(super) const SMTP_PASSWORD: Setting = Setting {
    key: "mail.smtp_password",
    kind: Kind::Text,
    fallback: Fallback::Nothing,
    example: "",
    about: "The password that belongs to it. Best given by LATCHKEY_MAIL_SMTP_PASSWORD_FILE.",
    secret: true,
    show: |settings| {
        let password = settings.mail.smtp.password.as_ref();
        password.map_or_else(String::new, |_| "(hidden)".to_owned())
    },
};

pub(super) const SMTP_CA: Setting = Setting {
    key: "mail.smtp_ca",
    kind: Kind::Text,
    fallback: Fallback::Nothing,
    example: "/etc/latchkey/mail-ca.pem",
    about: "A PEM file with the certificates that vouch for that server, in place of the public certificate authorities.",
    secret: false,
    show: |settings| {
        let ca = settings.mail.smtp.ca.as_ref();
        ca.map_or_else(String::new, |ca| ca.path.display().to_string())
    },
};
