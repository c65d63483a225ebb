//! Links by which the holder of an account chooses a password: sent by mail, and shown where no mail is sent to somebody
//! who never had one.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{AccountHead, OVERVIEW, address, find, sessions::Press};
use crate::{
    app::{AppError, Rule, links, people::Person},
    domain::{account::Account, link::Purpose},
    web::{
        error::WebError,
        form::SentBy,
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        times::{When, when},
    },
};

/// What became of a link.
enum Outcome {
    /// The whole address of an invitation, to be handed over.
    Shown(String),
    /// No mail is sent, and a reset link is nothing that staff may see.
    MailOff,
    /// Staff changed the address too recently; from then on a link can be sent.
    Settles(When),
}

#[derive(Template)]
#[template(path = "staff/account/link.html")]
struct LinkPage {
    page: Layout,
    head: AccountHead,
    email: String,
    /// Days that an invitation works.
    days: i64,
    outcome: Outcome,
}

fn page(staff: &Staff, account: &Account, outcome: Outcome) -> Result<HttpResponse, WebError> {
    let (title, status) = match outcome {
        Outcome::Shown(_) => ("Hand over the invitation", StatusCode::OK),
        Outcome::MailOff | Outcome::Settles(_) => ("No link was sent", StatusCode::CONFLICT),
    };
    let page = LinkPage {
        page: staff.layout(title, "accounts"),
        head: AccountHead::of(staff, account, OVERVIEW),
        email: account.email.to_string(),
        days: Purpose::Invitation.lifetime().whole_days(),
        outcome,
    };
    staff.visit.page(status, &page)
}

/// After an invitation was made: shows it where no mail is sent, and otherwise says with `sent` that it is on its way.
pub(super) async fn invited(staff: &Staff, account: &Account, sent: NoticeCode) -> Result<HttpResponse, WebError> {
    let person = Person::Customer(Box::new(account.clone()));
    match links::invitation(&staff.visit.app, &staff.caller, &person).await? {
        Some(address) => page(staff, account, Outcome::Shown(address)),
        None => Ok(staff.visit.go(&address(account, OVERVIEW), Some(&Notice::new(sent)))),
    }
}

/// `POST /staff/accounts/{id}/link`: an invitation for whoever has no password yet, a reset link for all others.
pub async fn send(path: Path<String>, SentBy(staff, _): SentBy<Staff, Press>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let person = Person::Customer(Box::new(account.clone()));
    match links::send_reset(&staff.visit.app, &staff.caller, &person).await {
        Ok(sent) if sent.purpose == Purpose::Invitation => invited(&staff, &account, NoticeCode::InvitationSent).await,
        Ok(_) => {
            let notice = Notice::new(NoticeCode::ResetSent);
            Ok(staff.visit.go(&address(&account, OVERVIEW), Some(&notice)))
        }
        Err(AppError::Rule(rule)) => match *rule {
            Rule::MailOff => page(&staff, &account, Outcome::MailOff),
            Rule::EmailChangedRecently { until } => {
                page(&staff, &account, Outcome::Settles(when(&staff.zone(), until)))
            }
            rule => Err(AppError::from(rule).into()),
        },
        Err(error) => Err(error.into()),
    }
}
