//! The hosting company as its customers see it.

use std::{fmt, path::PathBuf};

use super::{
    Accent, PublicUrl, ReadFile,
    colour::Colour,
    values::{Given, Values},
};

/// The largest logo, in bytes: it is part of the first page's weight.
pub const MAX_LOGO_BYTES: usize = 100 * 1024;
const LONGEST_NAME: usize = 60;

/// Name, looks and how to get help. What is `None` is left out of the pages.
#[derive(Clone, Debug)]
pub struct Company {
    /// `company.name`: 1 to 60 characters.
    pub name: String,
    /// `company.logo`.
    pub logo: Option<Logo>,
    /// `company.accent`: the company's colour. `None`: the colours of the main stylesheet.
    pub accent: Option<Accent>,
    /// `company.support_email`.
    pub support_email: Option<String>,
    /// `company.support_phone`, as people write it; digits, spaces and `+-().`.
    pub support_phone: Option<String>,
    /// `company.support_url`: an http or https address.
    pub support_url: Option<String>,
}

/// A picture, read whole when the settings are read.
#[derive(Clone)]
pub struct Logo {
    /// Where it was read from.
    pub path: PathBuf,
    /// `image/svg+xml`, `image/png` or `image/webp`, by what the file holds, whatever it is called.
    pub media_type: &'static str,
    /// The file; at most [`MAX_LOGO_BYTES`].
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Logo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "Logo({}, {}, {} bytes)",
            self.path.display(),
            self.media_type,
            self.bytes.len()
        )
    }
}

impl Company {
    pub(super) fn read(values: &mut Values<'_>) -> Self {
        let read_file = values.read_file;
        Self {
            name: values.read("company.name", name),
            logo: values.read_optional("company.logo", |given| logo(given, read_file)),
            accent: values.read_optional("company.accent", accent),
            support_email: values.read_optional("company.support_email", email),
            support_phone: values.read_optional("company.support_phone", phone),
            support_url: values.read_optional("company.support_url", url),
        }
    }

    /// The stylesheet that sets the company's colour, to be served as a file after the main one.
    pub fn accent_css(&self) -> Option<String> {
        self.accent.as_ref().map(Accent::css)
    }

    /// The telephone number as a `tel:` link wants it (RFC 3966): digits, and the plus sign if there is one.
    pub fn support_phone_digits(&self) -> Option<String> {
        let phone = self.support_phone.as_ref()?;
        Some(
            phone
                .chars()
                .filter(|letter| letter.is_ascii_digit() || *letter == '+')
                .collect(),
        )
    }
}

pub(super) fn show_text(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn name(given: &Given) -> Result<String, String> {
    let length = given.text.chars().count();
    if length == 0 || length > LONGEST_NAME || given.text.chars().any(char::is_control) {
        return Err(format!("write a name of 1 to {LONGEST_NAME} characters on one line."));
    }
    Ok(given.text.clone())
}

fn accent(given: &Given) -> Result<Accent, String> {
    let text = &given.text;
    let colour = text
        .parse::<Colour>()
        .map_err(|_| format!("“{text}” must be a colour of # and six hexadecimal digits, such as #0a7d4b."))?;
    Accent::new(colour).map_err(|refusal| format!("{colour} cannot be read well: {refusal}"))
}

fn email(given: &Given) -> Result<String, String> {
    let text = &given.text;
    let plain = !text.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    match text.split_once('@') {
        Some((user, host)) if plain && !user.is_empty() && host.contains('.') && !host.contains('@') => {
            Ok(text.clone())
        }
        _ => Err(format!("“{text}” must be an e-mail address, such as help@example.com.")),
    }
}

fn phone(given: &Given) -> Result<String, String> {
    let digits = given.text.chars().filter(char::is_ascii_digit).count();
    let plain = given
        .text
        .chars()
        .all(|letter| letter.is_ascii_digit() || " +-().".contains(letter));
    if plain && (3..=20).contains(&digits) {
        return Ok(given.text.clone());
    }
    Err(format!(
        "“{}” must be a telephone number, such as +91 80 5555 0100.",
        given.text
    ))
}

fn url(given: &Given) -> Result<String, String> {
    let text = &given.text;
    let bad = || format!("“{text}” must be an http:// or https:// address, such as https://www.example.com/help.");
    if text
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control() || "\"'<>\\".contains(letter))
    {
        return Err(bad());
    }
    let after_scheme = text.find("://").ok_or_else(bad)? + 3;
    let end = text[after_scheme..]
        .find(['/', '?', '#'])
        .map_or(text.len(), |at| after_scheme + at);
    PublicUrl::parse(&text[..end]).map_err(|_| bad())?;
    Ok(text.clone())
}

fn logo(given: &Given, read_file: ReadFile<'_>) -> Result<Logo, String> {
    let path = given.path();
    let bytes = read_file(&path).map_err(|error| {
        format!(
            "{} cannot be read ({error}). Check its path and its permissions.",
            path.display()
        )
    })?;
    if bytes.len() > MAX_LOGO_BYTES {
        let kilobytes = bytes.len().div_ceil(1024);
        return Err(format!(
            "{} has {kilobytes} KB. Make it 100 KB or smaller.",
            path.display()
        ));
    }
    let Some(media_type) = media_type(&bytes) else {
        return Err(format!(
            "{} holds no SVG, PNG or WebP picture. Choose a file that does.",
            path.display()
        ));
    };
    Ok(Logo {
        path,
        media_type,
        bytes,
    })
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    let text = std::str::from_utf8(bytes)
        .ok()?
        .trim_start_matches('\u{feff}')
        .trim_start();
    let begins = ["<svg", "<?xml", "<!--", "<!DOCTYPE svg"]
        .iter()
        .any(|start| text.starts_with(start));
    (begins && text.contains("<svg")).then_some("image/svg+xml")
}
