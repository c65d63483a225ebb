//! How mail leaves: not at all, into files, or to an SMTP server.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
};

use super::{
    secret_text::SecretText,
    values::{Given, Values},
};
use crate::domain::account::EmailAddress;

/// Where the files go, in the data folder, when no other folder is named.
const DEFAULT_FOLDER: &str = "mail";

/// Mail as it was set, checked.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `mail.transport`.
    pub transport: MailTransport,
    /// `mail.from`; there whenever mail is sent.
    pub from: Option<EmailAddress>,
    /// `mail.folder`: where the transport `file` puts its files.
    pub folder: PathBuf,
    /// `mail.smtp_*` and `mail.smtp_ca`.
    pub smtp: SmtpSettings,
}

/// How mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTransport {
    /// It does not: no mail is ever written.
    Off,
    /// Each mail becomes a file in a folder.
    File,
    /// A server takes it.
    Smtp,
}

/// The server that takes mail.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// `mail.smtp_host`: a name or an address; there whenever the transport is `smtp`.
    pub host: Option<String>,
    /// `mail.smtp_port`.
    pub port: u16,
    /// `mail.smtp_security`.
    pub security: SmtpSecurity,
    /// `mail.smtp_username`; there exactly when `password` is.
    pub username: Option<String>,
    /// `mail.smtp_password`.
    pub password: Option<SecretText>,
    /// `mail.smtp_ca`: who vouches for the server in place of the public certificate authorities.
    pub ca: Option<CaFile>,
}

/// How the connection to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// STARTTLS, without which nothing is sent (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314, 3.3).
    Tls,
    /// Nothing: only to a server on the same machine.
    None,
}

/// Certificates, read whole when the settings are read.
#[derive(Clone)]
pub struct CaFile {
    /// Where they were read from.
    pub path: PathBuf,
    /// One certificate or more, in PEM.
    pub pem: Vec<u8>,
}

impl fmt::Debug for CaFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CaFile({}, {} bytes)", self.path.display(), self.pem.len())
    }
}

/// In a few words, for the operator: `smtp.example.com:587 starttls`.
impl fmt::Display for MailSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.transport {
            MailTransport::Off => out.write_str("off"),
            MailTransport::File => write!(out, "files in {}", self.folder.display()),
            MailTransport::Smtp => {
                let SmtpSettings {
                    host, port, security, ..
                } = &self.smtp;
                write!(out, "{}:{port} {security}", host.as_deref().unwrap_or_default())
            }
        }
    }
}

impl fmt::Display for MailTransport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Off => "off",
            Self::File => "file",
            Self::Smtp => "smtp",
        })
    }
}

impl fmt::Display for SmtpSecurity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Starttls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        })
    }
}

impl SmtpSecurity {
    /// The port that is meant where none is named (RFC 6409, RFC 8314, RFC 5321).
    fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

impl MailSettings {
    pub(super) fn read(values: &mut Values<'_>, data: &Path) -> Self {
        let read_file = values.read_file;
        let security = values.read("mail.smtp_security", security);
        let settings = Self {
            transport: values.read("mail.transport", transport),
            from: values.read_optional("mail.from", from),
            folder: values
                .read_optional("mail.folder", super::parse::path)
                .unwrap_or_else(|| data.join(DEFAULT_FOLDER)),
            smtp: SmtpSettings {
                host: values.read_optional("mail.smtp_host", host),
                port: values
                    .read_optional("mail.smtp_port", port)
                    .unwrap_or_else(|| security.port()),
                security,
                username: values.read_optional("mail.smtp_username", username),
                password: values.read_optional("mail.smtp_password", super::parse::secret),
                ca: values.read_optional("mail.smtp_ca", |given| ca_file(given, read_file)),
            },
        };
        settings.check(values);
        settings
    }

    /// Whether mail is sent at all.
    pub fn is_on(&self) -> bool {
        self.transport != MailTransport::Off
    }

    /// What one setting asks of another counts once mail is switched on.
    fn check(&self, values: &mut Values<'_>) {
        if self.is_on() && self.from.is_none() && !values.was_given("mail.from") {
            values.refuse(
                "mail.from",
                "mail is switched on. Write the address that mail comes from.",
            );
        }
        if self.transport != MailTransport::Smtp {
            return;
        }
        let smtp = &self.smtp;
        match &smtp.host {
            None if !values.was_given("mail.smtp_host") => {
                values.refuse("mail.smtp_host", "mail.transport is smtp. Write the server's name.");
            }
            Some(host) if smtp.security == SmtpSecurity::None && !is_loopback(host) => {
                let problem =
                    "none would send passwords and links unencrypted to another machine. Write starttls or tls.";
                values.refuse("mail.smtp_security", problem);
            }
            _ => {}
        }
        match (&smtp.username, &smtp.password) {
            (Some(_), None) if !values.was_given("mail.smtp_password") => {
                values.refuse(
                    "mail.smtp_username",
                    "mail.smtp_password is missing. Give both, or neither.",
                );
            }
            (None, Some(_)) if !values.was_given("mail.smtp_username") => {
                values.refuse(
                    "mail.smtp_password",
                    "mail.smtp_username is missing. Give both, or neither.",
                );
            }
            _ => {}
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn transport(given: &Given) -> Result<MailTransport, String> {
    match given.text.as_str() {
        "off" => Ok(MailTransport::Off),
        "file" => Ok(MailTransport::File),
        "smtp" => Ok(MailTransport::Smtp),
        other => Err(format!("“{other}” must be off, file or smtp.")),
    }
}

fn security(given: &Given) -> Result<SmtpSecurity, String> {
    match given.text.as_str() {
        "starttls" => Ok(SmtpSecurity::Starttls),
        "tls" => Ok(SmtpSecurity::Tls),
        "none" => Ok(SmtpSecurity::None),
        other => Err(format!("“{other}” must be starttls, tls or none.")),
    }
}

fn from(given: &Given) -> Result<EmailAddress, String> {
    let text = &given.text;
    let address = text.parse();
    address.map_err(|_| format!("“{text}” must be an e-mail address alone, such as panel@example.com."))
}

fn host(given: &Given) -> Result<String, String> {
    let text = &given.text;
    let is_name = |text: &str| {
        let part =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        text.split('.').all(part)
    };
    if text.len() <= 253 && (text.parse::<IpAddr>().is_ok() || is_name(text)) {
        return Ok(text.clone());
    }
    Err(format!(
        "“{text}” must be the name or the address of a server without a port, such as smtp.example.com."
    ))
}

fn port(given: &Given) -> Result<u16, String> {
    match given.text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(format!("“{}” must be a number from 1 to 65535.", given.text)),
    }
}

fn username(given: &Given) -> Result<String, String> {
    if given.text.is_empty() || given.text.chars().any(char::is_control) {
        return Err("write a name on one line, or remove the setting.".to_owned());
    }
    Ok(given.text.clone())
}

fn ca_file(given: &Given, read_file: super::ReadFile<'_>) -> Result<CaFile, String> {
    let path = given.path();
    let pem = read_file(&path).map_err(|error| {
        format!(
            "{} cannot be read ({error}). Check its path and its permissions.",
            path.display()
        )
    })?;
    if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
        return Err(format!("{} holds no certificate in PEM.", path.display()));
    }
    Ok(CaFile { path, pem })
}
