//! `/staff/identify`: whose a token is that somebody found. What is pasted is sent by a form, looked at and forgotten:
//! it stands in no address and is not shown again.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    app::{
        AppError, staff_tokens,
        tokens::identify::{self as tokens, Found, Seen},
    },
    clock::TimeZone,
    domain::{
        draft::Draft,
        secret::{FormatError, Kind, OfService, OfStaff, PREFIX, StaffSecret, TOKEN_LENGTH},
        staff::{Role, StaffMember},
        staff_token::StaffToken,
        text::MAX_REASON,
        token::Rotation,
    },
    store::tokens::KnownToken,
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        pages::{staff::own_tokens, tokens::list::hint},
        sentence::sentence_for,
        times, too_many,
        words::{self, Badge, Reader, UseWords},
    },
};

/// Id and name of the field. Its content is never kept.
const PASTED: &str = "pasted";
/// The reason that the button "Revoke as leaked" begins with.
const FOUND: &str = "Found in public";

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pasted {
    pasted: String,
}

impl Form for Pasted {
    const HAS_PAGE: bool = true;
}

/// A token that was recognised.
struct Recognised {
    name: String,
    hint: String,
    username: String,
    removed: bool,
    /// Address of the account, and of the token below it.
    account: String,
    token: String,
    badge: Badge,
    sentence: String,
    /// Which of its secrets was found.
    seen: String,
    /// Whether what was found lets somebody in.
    works: bool,
    used: Option<UseWords>,
    can_revoke: bool,
}

/// A staff member's token that was recognised.
struct OfMember {
    name: String,
    hint: String,
    member: String,
    /// The page about the member; empty for a member who reads about their own.
    member_page: String,
    /// The page that asks before the token ends; empty when it has ended.
    revoke: String,
    badge: Badge,
    can: Vec<String>,
    seen: String,
    works: bool,
    used: Option<UseWords>,
}

/// Something that looks like a token and is none that is known.
struct Unknown {
    hint: String,
    words: String,
}

#[derive(Template)]
#[template(path = "staff/identify.html")]
struct IdentifyPage {
    page: Layout,
    faults: Faults,
    /// Whether something was looked for.
    asked: bool,
    found: Vec<Recognised>,
    of_members: Vec<OfMember>,
    unknown: Vec<Unknown>,
    reason: &'static str,
    max: i32,
}

fn page(staff: &Staff, title: &str, faults: Faults) -> IdentifyPage {
    IdentifyPage {
        page: staff.layout(title, "identify"),
        faults,
        asked: false,
        found: Vec::new(),
        of_members: Vec::new(),
        unknown: Vec::new(),
        reason: FOUND,
        max: i32::try_from(MAX_REASON).unwrap_or(0),
    }
}

const TITLE: &str = "Identify a token";

/// Asks for a text.
pub async fn show(staff: Staff) -> Result<HttpResponse, WebError> {
    staff
        .visit
        .page(StatusCode::OK, &page(&staff, TITLE, Faults::default()))
}

/// Says whose the tokens in it are.
pub async fn submit(SentBy(staff, form): SentBy<Staff, Pasted>) -> Result<HttpResponse, WebError> {
    let pasted = Zeroizing::new(form.pasted);
    let mut faults = Faults::default();
    if pasted.trim().is_empty() {
        faults.add(PASTED, "Paste a token, its id, or a text in which one stands");
        let page = page(&staff, TITLE, faults);
        return staff.visit.page(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let found = match tokens::identify(&staff.visit.app, &staff.caller, &pasted).await {
        Ok(found) => found,
        Err(AppError::TooManyTries { until, seconds }) => {
            faults.add(PASTED, too_many::words(&staff.zone(), until, seconds));
            let page = page(&staff, TITLE, faults);
            let mut response = staff.visit.page(StatusCode::TOO_MANY_REQUESTS, &page)?;
            too_many::retry_after(&mut response, seconds);
            return Ok(response);
        }
        Err(error) => return Err(error.into()),
    };
    let asked = !found.is_empty();
    let status = if asked {
        StatusCode::OK
    } else {
        faults.add(PASTED, nothing(&pasted));
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let mut page = page(&staff, TITLE, faults);
    page.asked = asked;
    for one in found.of_accounts {
        match &one.known {
            Some(known) => page.found.push(recognised(&staff, known, one.seen)),
            None => page.unknown.push(unknown(&one)),
        }
    }
    for one in found.of_staff {
        match one.known.as_deref() {
            Some(known) => page.of_members.push(of_member(&staff, known, one.seen)),
            None => page.unknown.push(unknown_of_staff(&staff, &one)),
        }
    }
    staff.visit.page(status, &page)
}

/// What to say about a text in which nothing of ours stands.
fn nothing(pasted: &str) -> String {
    if pasted.contains(OfService::PREFIX) {
        return format!(
            "That is a service credential, as it begins with {}. If others may have it, an administrator revokes it under \
             Services, by the 8 characters after that",
            OfService::PREFIX
        );
    }
    let one_word = !pasted.trim().contains(char::is_whitespace);
    if one_word && pasted.trim().len() < TOKEN_LENGTH && pasted.trim().starts_with(PREFIX) {
        return format!("Paste more of it: a token has {TOKEN_LENGTH} characters, and its id the 8 after {PREFIX}");
    }
    format!("No token of ours stands in it. Look for {TOKEN_LENGTH} characters that begin with {PREFIX}")
}

fn recognised(staff: &Staff, known: &KnownToken, seen: Seen) -> Recognised {
    let (app, token) = (&staff.visit.app, &known.token);
    let (now, zone) = (app.now(), known.time_zone.parse::<TimeZone>().unwrap_or_default());
    let account = format!("/staff/accounts/{}", known.account_public_id);
    let current = seen == Seen::Current;
    let overlapping = seen == Seen::Outgoing && token.overlap(now).is_some();
    Recognised {
        name: token.name.to_string(),
        hint: hint(token),
        username: known.username.clone(),
        removed: known.removed,
        token: format!("{account}/tokens/{}", token.public_id),
        account,
        badge: words::status(token.status(known.suspended, now), &zone, now),
        sentence: sentence_for(Reader::Staff, &app.catalogue, &Draft::from(token), &zone),
        seen: seen_words(
            seen,
            TOKEN_LENGTH,
            token.rotation.as_ref().map(|rotation| (rotation, overlapping)),
            &zone,
        ),
        works: (current || overlapping) && !token.is_revoked() && !token.is_expired(now),
        used: words::last_use(&zone, token.last_use),
        can_revoke: !token.is_revoked() && !known.removed,
    }
}

fn of_member(staff: &Staff, (token, member): &(StaffToken, StaffMember), seen: Seen) -> OfMember {
    let (now, zone) = (staff.visit.app.now(), staff.zone());
    let own = member.id == staff.member.id;
    let page = format!("/staff/members/{}", member.public_id);
    let tokens = if own {
        own_tokens::PATH.to_owned()
    } else {
        format!("{page}/tokens")
    };
    let over = token.revoked_at.is_some();
    OfMember {
        name: token.name.to_string(),
        hint: own_tokens::hint(token),
        member: member.name.clone(),
        member_page: if own { String::new() } else { page },
        revoke: if over {
            String::new()
        } else {
            format!("{tokens}/{}/revoke", token.public_id)
        },
        badge: words::status(token.status(now), &zone, now),
        can: words::staff_scopes(&token.scopes),
        seen: seen_words(seen, StaffSecret::LENGTH, None, &zone),
        works: seen == Seen::Current && !over && !token.is_expired(now) && member.deactivated_at.is_none(),
        used: words::last_use(&zone, token.last_use),
    }
}

fn seen_words(seen: Seen, length: usize, rotation: Option<(&Rotation, bool)>, zone: &TimeZone) -> String {
    match (seen, rotation) {
        (Seen::Current, _) => "This is its current secret, whole.".to_owned(),
        (Seen::Outgoing, Some((rotation, overlapping))) => {
            let until = times::when(zone, rotation.until).text;
            if overlapping {
                format!("This is the old secret of a rotation. It still works, until {until}.")
            } else {
                format!("This is the old secret of a rotation. It stopped working on {until}.")
            }
        }
        (Seen::Outgoing, None) => "This is an old secret of it, which no longer works.".to_owned(),
        (Seen::NotItsOwn, _) => {
            "The secret is not one that it has now: an older one that was replaced, or made up.".to_owned()
        }
        (Seen::Unchecked, _) => {
            "Whether this is its secret cannot be told: the server’s key from that time is gone.".to_owned()
        }
        (Seen::IdOnly, _) => "Only its id was found, which lets nobody in.".to_owned(),
        (Seen::Broken(FormatError::Length), _) => {
            format!("What was found is cut: a whole token has {length} characters. The id is that of this token.")
        }
        (Seen::Broken(_), _) => {
            "What was found is mistyped: its checksum is wrong. The id is that of this token.".to_owned()
        }
    }
}

fn unknown(found: &Found) -> Unknown {
    let words = match (found.id, found.seen) {
        (Some(_), Seen::Broken(_)) => {
            "It is cut or mistyped, and no token here has its id. Compare it with where it came from, letter by letter."
        }
        (Some(_), _) => {
            "No token here has this id. It may be from another installation, or its first 8 characters are mistyped."
        }
        (None, _) => {
            "It begins as a token does and is none: a character in its id is wrong. Compare it with where it came from."
        }
    };
    Unknown {
        hint: found
            .id
            .map_or_else(|| format!("{PREFIX}…"), |id| format!("{PREFIX}{id}…")),
        words: words.to_owned(),
    }
}

/// What to say of a staff member's token that is not shown: there is none, or only administrators see whose it is.
fn unknown_of_staff(staff: &Staff, found: &staff_tokens::Found) -> Unknown {
    let prefix = OfStaff::PREFIX;
    let words = if staff.member.role == Role::Admin {
        format!(
            "It begins as a staff token does, and no staff member here has one like it. Compare it with where it came from: \
             a whole one has {} characters.",
            StaffSecret::LENGTH
        )
    } else {
        "It begins as a staff token does. Only an administrator sees whose it is. If others may have it, report it as a token \
         that you found: a whole one ends at once."
            .to_owned()
    };
    Unknown {
        hint: found
            .id
            .map_or_else(|| format!("{prefix}…"), |id| format!("{prefix}{id}…")),
        words,
    }
}
