//! Ways into an account: a link that signs its holder in once, a link by which its holder chooses a password, and a password.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Path, Payload},
};
use schemars::JsonSchema;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{because, find, optional_reason};
use crate::{
    app::{
        accounts::{password as passwords, sign_in_link as sign_in},
        links,
        people::Person,
    },
    domain::{link::Purpose, permission::Act},
    web::{
        api::{
            body::{JSON, Sent},
            problem::Problem,
            reference::shape::{Id, Instant, PageUrl},
            staff::StaffHolder,
        },
        compress::NeverCompress,
        times::iso,
    },
};

/// A link that signs in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SignInLink")]
pub struct SignInDocument {
    /// Its address: whoever opens it first is signed in, so send the customer's browser there and nobody else.
    #[schemars(with = "PageUrl")]
    url: String,
    /// The public id of the session that it opens.
    #[schemars(with = "Id")]
    session: String,
    /// When it stops working.
    #[schemars(with = "Instant")]
    expires_at: String,
}

/// A link by which somebody chooses a password.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PasswordLink")]
pub struct PasswordLinkDocument {
    /// What it is for.
    purpose: LinkPurpose,
    /// Whether a mail brings it.
    mailed: bool,
    /// Its address, to be handed over, where no mail brings it; null otherwise.
    #[schemars(with = "Option<PageUrl>")]
    url: Option<String>,
    /// When it stops working.
    #[schemars(with = "Instant")]
    expires_at: String,
}

/// What a link by which somebody chooses a password is for.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PasswordLinkPurpose")]
enum LinkPurpose {
    /// The first password.
    Invitation,
    /// Another password.
    PasswordReset,
}

/// A password that was set.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PasswordSet")]
pub struct PasswordDocument {
    /// Sessions of the holder that were ended.
    sessions_ended: usize,
}

/// Makes a link that signs the customer in.
pub async fn sign_in_link(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::OpenSessions).await?;
    let sent = Sent::or_empty(&holder.call, &request, payload).await?;
    let reason = sent.read(&holder.call, |members| Some(optional_reason(members)))?;
    let caller = because(&holder, &request, reason);
    let account = find(&holder, &caller, Act::OpenSessions, &path).await?;
    let link = sign_in::make(&holder.call.app, &caller, &account).await;
    let link = link.map_err(|error| holder.refused(error))?;
    Ok(unkept(
        HttpResponse::Created(),
        SignInDocument {
            url: link.address,
            session: link.session,
            expires_at: iso(link.expires_at),
        },
    ))
}

/// Sends the customer a link by which they choose a password.
pub async fn password_link(
    request: HttpRequest,
    path: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ChangeAccounts).await?;
    let sent = Sent::or_empty(&holder.call, &request, payload).await?;
    let reason = sent.read(&holder.call, |members| Some(optional_reason(members)))?;
    let caller = because(&holder, &request, reason);
    let account = find(&holder, &caller, Act::ChangeAccounts, &path).await?;
    let (app, person) = (&holder.call.app, Person::Customer(Box::new(account)));
    let sent = links::send_reset(app, &caller, &person).await;
    let sent = sent.map_err(|error| holder.refused(error))?;
    let url = links::invitation(app, &caller, &person).await;
    let url = url.map_err(|error| holder.refused(error))?;
    Ok(unkept(
        HttpResponse::Created(),
        PasswordLinkDocument {
            purpose: match sent.purpose {
                Purpose::Invitation => LinkPurpose::Invitation,
                _ => LinkPurpose::PasswordReset,
            },
            mailed: sent.mailed,
            url: url.filter(|_| !sent.mailed),
            expires_at: iso(sent.expires_at),
        },
    ))
}

/// Gives the account a password.
pub async fn password(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::SetPasswords).await?;
    let sent = Sent::of(&holder.call, &request, payload, JSON).await?;
    let (password, reason) = sent.read(&holder.call, |members| {
        let password = members.required("password", |at, json| at.text(json).map(Zeroizing::new));
        let reason = optional_reason(members);
        Some((password?, reason))
    })?;
    let caller = because(&holder, &request, reason);
    let account = find(&holder, &caller, Act::SetPasswords, &path).await?;
    let ended = passwords::set(&holder.call.app, &caller, &account, password).await;
    let sessions_ended = ended.map_err(|error| holder.refused(error))?;
    Ok(HttpResponse::Ok().json(PasswordDocument { sessions_ended }))
}

/// An answer that nothing may keep.
fn unkept(mut answer: actix_web::HttpResponseBuilder, document: impl Serialize) -> HttpResponse {
    let mut response = answer.insert_header((header::CACHE_CONTROL, "no-store")).json(document);
    response.extensions_mut().insert(NeverCompress);
    response
}
