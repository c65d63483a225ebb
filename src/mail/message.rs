//! A mail in the format in which it travels (RFC 5322, MIME).

use std::time::{Duration, SystemTime};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use time::PrimitiveDateTime;

use super::{Mail, SendError};
use crate::domain::account::EmailAddress;

/// Builds the message. One that cannot be built never will be.
pub(super) fn build(from: &EmailAddress, mail: &Mail) -> Result<Message, SendError> {
    let never = |what: &str| SendError::Permanent(format!("{what} cannot stand in a mail"));
    let address = |text: &str| text.parse::<Address>();
    let sender = address(&from.to_string()).map_err(|_| never("the sender's address"))?;
    let id = format!("<{}@{}>", mail.id, sender.domain());
    let recipient = address(&mail.to).map_err(|_| never("the recipient's address"))?;
    // Sent by a program that wants no answer from another one (RFC 3834, 5).
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    Message::builder()
        .from(Mailbox::new(Some(one_line(&mail.from_name)), sender))
        .to(Mailbox::new(None, recipient))
        .subject(one_line(&mail.letter.subject))
        .date(system_time(mail.at))
        .message_id(Some(id))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(
            mail.letter.text.clone(),
            mail.letter.html.clone(),
        ))
        .map_err(|error| SendError::Permanent(error.to_string()))
}

/// The text with a space for whatever could end a header or hide in it (ASVS 5.0 1.3.11).
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn system_time(at: PrimitiveDateTime) -> SystemTime {
    let seconds = u64::try_from(at.as_utc().unix_timestamp()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::mail::Letter;

    fn formatted(subject: &str, to: &str) -> Result<String, SendError> {
        let mail = Mail {
            id: "Ab12".to_owned(),
            at: datetime!(2026-11-23 12:00),
            from_name: "Example\r\nBcc: x@y.example".to_owned(),
            to: to.to_owned(),
            letter: Letter {
                subject: subject.to_owned(),
                text: "Hello".to_owned(),
                html: "<p>Hello</p>".to_owned(),
            },
        };
        let from = "panel@example.com".parse().unwrap();
        build(&from, &mail).map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_message_has_its_headers_and_both_forms() {
        let message = formatted("A subject", "priya@mail.example").unwrap();
        for header in [
            "To: priya@mail.example\r\n",
            "Subject: A subject\r\n",
            "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n",
            "Message-ID: <Ab12@example.com>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
        ] {
            assert!(message.contains(header), "{header} is missing in {message}");
        }
    }

    #[test]
    fn nothing_ends_a_header() {
        let message = formatted("One\r\nBcc: two@mail.example\u{2028}", "priya@mail.example").unwrap();
        let (headers, _) = message.split_once("\r\n\r\n").unwrap();
        assert!(!headers.lines().any(|line| line.starts_with("Bcc:")), "{headers}");
        assert!(formatted("One", "priya@mail.example\r\nBcc: x@y.example").is_err());
    }
}
