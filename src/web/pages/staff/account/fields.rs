//! What stands in the forms about an account: read, and said what is wrong with it.

use crate::{
    app::Rule,
    domain::{
        account::{EmailAddress, Username},
        site::{SiteName, SiteNameError},
        text::{MAX_NOTE, MAX_REASON, Note, Reason, TextError},
    },
    web::form::Faults,
};

/// More sites than this are not read from one form.
const MAX_SITES: usize = 500;

pub(super) const USERNAME: &str = "username";
pub(super) const EMAIL: &str = "email";
pub(super) const SITES: &str = "sites";
pub(super) const PLAN: &str = "plan";
pub(super) const REASON: &str = "reason";
pub(super) const NOTE: &str = "note";

pub(in crate::web::pages::staff) fn username(text: &str, faults: &mut Faults) -> Option<Username> {
    let text = text.trim();
    let read = text.parse().ok();
    if text.is_empty() {
        faults.add(USERNAME, "Enter a user name");
    } else if read.is_none() {
        let words = "Choose a user name of 1 to 16 lower-case letters a to z and digits that starts with a letter";
        faults.add(USERNAME, words);
    }
    read
}

pub(in crate::web::pages::staff) fn email(text: &str, faults: &mut Faults) -> Option<EmailAddress> {
    let read = text.parse().ok();
    if text.trim().is_empty() {
        faults.add(EMAIL, "Enter an e-mail address");
    } else if read.is_none() {
        faults.add(EMAIL, "Enter an e-mail address like priya@example.com");
    }
    read
}

/// One domain a line, each once.
pub(super) fn sites(text: &str, faults: &mut Faults) -> Option<Vec<SiteName>> {
    let mut read: Vec<SiteName> = Vec::new();
    let lines = text.lines().map(str::trim).enumerate();
    for (place, line) in lines.filter(|(_, line)| !line.is_empty()) {
        match line.parse() {
            Ok(site) if read.contains(&site) => {}
            Ok(site) => read.push(site),
            Err(error) => {
                faults.add(SITES, format!("Line {}: {}", place + 1, site_words(error)));
                return None;
            }
        }
    }
    if read.len() > MAX_SITES {
        faults.add(SITES, format!("Enter at most {MAX_SITES} sites"));
        return None;
    }
    Some(read)
}

fn site_words(error: SiteNameError) -> &'static str {
    match error {
        SiteNameError::Wildcard => "leave out the *. Enter each domain on a line of its own",
        SiteNameError::NotAscii => "enter an international domain in its xn-- form",
        SiteNameError::Address => "enter a domain, not an IP address",
        SiteNameError::TooLong => "the domain is too long. Check that it is only one",
        SiteNameError::Empty | SiteNameError::OneLabel | SiteNameError::Label => "enter a domain like shop.example",
    }
}

/// What the customer is to read as the reason.
pub(super) fn reason(text: &str, faults: &mut Faults) -> Option<Reason> {
    match text.parse() {
        Ok(reason) => Some(reason),
        Err(error) => {
            faults.add(REASON, text_words(error, "a reason", MAX_REASON));
            None
        }
    }
}

/// A reason, or nothing where none was given.
pub(super) fn optional_reason(text: &str, faults: &mut Faults) -> Option<Reason> {
    if text.trim().is_empty() {
        return None;
    }
    reason(text, faults)
}

pub(super) fn note(text: &str, faults: &mut Faults) -> Option<Note> {
    match text.parse() {
        Ok(note) => Some(note),
        Err(error) => {
            faults.add(NOTE, text_words(error, "a note", MAX_NOTE));
            None
        }
    }
}

fn text_words(error: TextError, what: &str, max: usize) -> String {
    match error {
        TextError::Empty => format!("Enter {what}"),
        TextError::TooLong { .. } => format!("Shorten it to {max} characters"),
        TextError::Control => "Take out the characters that cannot be seen. Typing it anew helps".to_owned(),
        TextError::Secret => "Take out the token: its secret must not be kept here".to_owned(),
    }
}

/// Says at its field what stands against an account; false when `rule` is about something else.
pub(super) fn explain(rule: &Rule, faults: &mut Faults) -> bool {
    match rule {
        Rule::UsernameTaken => faults.add(
            USERNAME,
            "An account or a staff member has that user name. Choose another",
        ),
        Rule::EmailTaken => faults.add(
            EMAIL,
            "An account or a staff member has that e-mail address. Enter another",
        ),
        Rule::SiteTaken(site) => faults.add(SITES, format!("{site} belongs to another account. Leave it out")),
        Rule::UnknownPlan => faults.add(PLAN, "Choose a plan from the list"),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_read_a_line_each_and_the_bad_one_is_named() {
        let mut faults = Faults::default();
        let read = sites(" B.example \r\n\r\na.example\nb.example", &mut faults).unwrap();
        assert_eq!(
            read.iter().map(SiteName::as_str).collect::<Vec<_>>(),
            ["b.example", "a.example"]
        );
        assert!(sites("a.example\n*.example", &mut faults).is_none());
        assert!(faults.of(SITES).starts_with("Line 2: leave out the *"));
    }
}
