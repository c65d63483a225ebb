//! `/staff/members/{member}/deactivate`, `/reactivate` and `/invite`: what is asked once more before it is done.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{PATH, explain};
use crate::{
    app::{AppError, Rule, links, people::Person, staff as members, staff_tokens},
    store::staff::Details,
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
        times,
        words::counted,
    },
};

/// A confirmation, with the password where it is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    #[serde(default)]
    password: String,
}

impl Form for Confirmation {
    const HAS_PAGE: bool = true;
}

/// What is to be done.
#[derive(Clone, Copy)]
enum Press {
    Deactivate,
    Reactivate,
    Invite,
}

#[derive(Template)]
#[template(path = "staff/members/press.html")]
struct PressPage {
    page: Layout,
    id: String,
    name: String,
    action: String,
    sentence: String,
    /// How many staff tokens stop or work again: `2 staff tokens`; empty where it is not about them.
    tokens: String,
    verb: &'static str,
    danger: bool,
    /// Why it cannot be done; empty when it can.
    stands: String,
    asks_password: bool,
    faults: Faults,
}

impl Press {
    fn path(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
            Self::Invite => "invite",
        }
    }

    /// The heading, the sentence and the button.
    fn words(self, details: &Details) -> (String, String, &'static str) {
        let name = &details.member.name;
        match self {
            Self::Deactivate => (
                format!("Deactivate “{name}”?"),
                "They are signed out everywhere at once and cannot sign in until somebody reactivates them. What they \
                 did stays in the audit under their name."
                    .to_owned(),
                "Deactivate",
            ),
            Self::Reactivate => (
                format!("Reactivate “{name}”?"),
                format!(
                    "They can sign in again with the password that they had, as {}.",
                    super::role_word(details.member.role).to_lowercase()
                ),
                "Reactivate",
            ),
            Self::Invite if details.has_password => (
                format!("Send “{name}” a link to choose a password?"),
                format!(
                    "It goes to {} and works once. Their password holds until then.",
                    details.member.email
                ),
                "Send link",
            ),
            Self::Invite => (
                format!("Invite “{name}” again?"),
                format!(
                    "A new link to choose a password is made for {}. The one before it stops working.",
                    details.member.email
                ),
                "Invite again",
            ),
        }
    }

    /// How many staff tokens it is about.
    async fn tokens(self, staff: &Staff, details: &Details) -> Result<String, WebError> {
        if matches!(self, Self::Invite) {
            return Ok(String::new());
        }
        let count = staff_tokens::count_working(&staff.visit.app, &staff.caller, details.member.id).await?;
        Ok(counted(count, "staff token"))
    }

    async fn page(
        self,
        staff: &Staff,
        details: &Details,
        stands: String,
        faults: Faults,
    ) -> Result<HttpResponse, WebError> {
        let status = match (stands.is_empty(), faults.is_empty()) {
            (false, _) => StatusCode::CONFLICT,
            (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
            (true, true) => StatusCode::OK,
        };
        let (title, sentence, verb) = self.words(details);
        let id = details.member.public_id.clone();
        let page = PressPage {
            page: staff.layout(&title, "members"),
            name: details.member.name.clone(),
            action: format!("{PATH}/{id}/{}", self.path()),
            id,
            sentence,
            tokens: self.tokens(staff, details).await?,
            verb,
            danger: matches!(self, Self::Deactivate),
            stands,
            asks_password: reentry::is_needed(staff),
            faults,
        };
        staff.visit.page(status, &page)
    }

    async fn ask(self, staff: &Staff, id: &str) -> Result<HttpResponse, WebError> {
        let details = members::show(&staff.visit.app, &staff.caller, id).await?;
        let stands = match self {
            Self::Deactivate if staff.member.id == details.member.id => {
                "Nobody deactivates themselves. Another administrator can do it.".to_owned()
            }
            Self::Invite if details.member.deactivated_at.is_some() => {
                "They are deactivated. Reactivate them first.".to_owned()
            }
            _ => String::new(),
        };
        self.page(staff, &details, stands, Faults::default()).await
    }

    async fn submit(self, staff: &Staff, id: &str, form: &Confirmation) -> Result<HttpResponse, WebError> {
        let app = &staff.visit.app;
        let details = members::show(app, &staff.caller, id).await?;
        let caller = match reentry::confirm(staff, &form.password).await {
            Ok(caller) => caller,
            Err(Unconfirmed::Fault(words)) => {
                let mut faults = Faults::default();
                faults.add(reentry::FIELD, words);
                return self.page(staff, &details, String::new(), faults).await;
            }
            Err(Unconfirmed::Failed(error)) => return Err(error),
        };
        let done = match self {
            Self::Deactivate => members::deactivate(app, &caller, id)
                .await
                .map(|_| NoticeCode::MemberDeactivated),
            Self::Reactivate => members::reactivate(app, &caller, id)
                .await
                .map(|()| NoticeCode::MemberReactivated),
            Self::Invite if details.member.deactivated_at.is_some() => return self.ask(staff, id).await,
            Self::Invite => {
                let person = Person::Staff(Box::new(details.member.clone()));
                let sent = links::send_reset(app, &caller, &person).await;
                sent.map(|_| NoticeCode::MemberInvited)
            }
        };
        match done {
            Ok(code) => Ok(staff.visit.go(&format!("{PATH}/{id}"), Some(&Notice::new(code)))),
            Err(AppError::Rule(rule)) => match stands(staff, &rule) {
                Some(stands) => self.page(staff, &details, stands, Faults::default()).await,
                None => Err(AppError::Rule(rule).into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// Why it was not done.
fn stands(staff: &Staff, rule: &Rule) -> Option<String> {
    Some(match rule {
        Rule::Yourself => "Nobody deactivates themselves. Another administrator can do it.".to_owned(),
        Rule::AlreadySo => "It is so already: somebody else was faster.".to_owned(),
        Rule::MailOff => "No mail is sent here, so that no link can reach them. Somebody at the server can make one \
                              with: latchkey staff reset-link"
            .to_owned(),
        Rule::EmailChangedRecently { until } => format!(
            "Their e-mail address was changed by somebody else. A link can be sent there from {} on.",
            times::when(&staff.zone(), *until).text
        ),
        rule => format!("{}.", explain(rule)?.1),
    })
}

/// Asks before somebody is kept out.
pub async fn ask_deactivate(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    Press::Deactivate.ask(&staff, &path).await
}

/// Keeps them out.
pub async fn deactivate(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, Confirmation>,
) -> Result<HttpResponse, WebError> {
    Press::Deactivate.submit(&staff, &path, &form).await
}

/// Asks before somebody is let in again.
pub async fn ask_reactivate(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    Press::Reactivate.ask(&staff, &path).await
}

/// Lets them in.
pub async fn reactivate(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, Confirmation>,
) -> Result<HttpResponse, WebError> {
    Press::Reactivate.submit(&staff, &path, &form).await
}

/// Asks before another link is sent.
pub async fn ask_invite(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    Press::Invite.ask(&staff, &path).await
}

/// Sends it.
pub async fn invite(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, Confirmation>,
) -> Result<HttpResponse, WebError> {
    Press::Invite.submit(&staff, &path, &form).await
}
