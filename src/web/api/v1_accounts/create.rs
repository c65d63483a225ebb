//! `POST /api/v1/accounts`: makes an account, with a password or with a link by which its holder chooses one.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Payload};
use schemars::JsonSchema;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{PATH, document::AccountDocument, one::shape_of};
use crate::{
    app::{
        AppError, Caller,
        accounts::{self, NewAccount},
        links,
        once::{Made, Once},
        people::Person,
    },
    clock::TimeZone,
    domain::{
        account::{Account, EmailAddress, Username},
        permission::Act,
        site::SiteName,
    },
    web::{
        api::{
            body::{JSON, Sent},
            json::Json,
            members::{At, Members, shown},
            problem::Problem,
            reference::shape::PageUrl,
            repeat::{self, REPLAYED},
            staff::StaffHolder,
        },
        compress::NeverCompress,
    },
};

/// Most sites that are read from one body.
const MAX_SITES: usize = 500;

/// An account that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewCustomerAccount")]
pub struct CreatedDocument {
    /// The account.
    account: AccountDocument,
    /// A link to choose a password, where no mail brings it and the token may change accounts; null otherwise.
    #[schemars(with = "Option<PageUrl>")]
    invitation: Option<String>,
}

/// Makes an account.
pub async fn create(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::CreateAccounts).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let key = repeat::key(call, &request)?;
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let once = key.map(|key| Once::new(&call.app, &caller, key, sent.bytes()));
    let zone = call.app.settings.time_zone.name().to_owned();
    let new = sent.read(call, |members| read(members, &zone))?;
    let is_invited = new.password.is_none();
    let made = if is_invited {
        accounts::make_invited(&call.app, &caller, new, once).await
    } else {
        accounts::make(&call.app, &caller, new, once).await
    };
    let (account, mut answer) = match made.map_err(|error| holder.refused(error))? {
        Made::New(account) => (account, HttpResponse::Created()),
        Made::Before(account) => {
            let mut answer = HttpResponse::Ok();
            answer.insert_header((REPLAYED, "true"));
            (account, answer)
        }
    };
    let shape = shape_of(&holder, &caller, &account).await?;
    let invitation = if is_invited {
        invitation(&holder, &caller, &account).await?
    } else {
        None
    };
    let mut response = answer
        .insert_header((header::LOCATION, call.url(&format!("{PATH}/{}", account.public_id))))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(CreatedDocument {
            account: AccountDocument::new(&account, &shape),
            invitation,
        });
    response.extensions_mut().insert(NeverCompress);
    Ok(response)
}

/// The address of an account's invitation, for whoever may see it.
async fn invitation(holder: &StaffHolder, caller: &Caller, account: &Account) -> Result<Option<String>, Problem> {
    let person = Person::Customer(Box::new(account.clone()));
    match links::invitation(&holder.call.app, caller, &person).await {
        Err(AppError::Denied(_)) => Ok(None),
        found => found.map_err(|error| holder.refused(error)),
    }
}

fn read(members: &mut Members<'_>, zone: &str) -> Option<NewAccount> {
    let username = members.required("username", username);
    let email = members.required("email", email);
    let plan = members.required("plan", |at, json| at.text(json));
    let sites = members.optional("sites", sites);
    let time_zone = members.optional("time_zone", time_zone);
    let password = members.optional("password", |at, json| at.text(json).map(Zeroizing::new));
    Some(NewAccount {
        username: username?,
        email: email?,
        password,
        plan: plan?,
        time_zone: time_zone.unwrap_or_else(|| zone.to_owned()),
        sites: sites.unwrap_or_default(),
    })
}

fn time_zone(at: &mut At<'_>, json: Json) -> Option<String> {
    let zone = at.text(json)?.parse::<TimeZone>();
    if zone.is_err() {
        at.fault("unknown-time-zone", "This must be an IANA name such as Asia/Kolkata.");
    }
    Some(zone.ok()?.name().to_owned())
}

/// What a holder signs in with.
pub(super) fn username(at: &mut At<'_>, json: Json) -> Option<Username> {
    let read = at.text(json)?.parse();
    if read.is_err() {
        at.fault(
            "malformed",
            "A user name is 1 to 16 lower-case letters a to z and digits, and starts with a letter.",
        );
    }
    read.ok()
}

/// Where a holder gets mail.
pub(super) fn email(at: &mut At<'_>, json: Json) -> Option<EmailAddress> {
    let read = at.text(json)?.parse();
    if read.is_err() {
        at.fault("malformed", "This must be an e-mail address like priya@example.com.");
    }
    read.ok()
}

/// Domain names, the main one first, each once.
pub(super) fn sites(at: &mut At<'_>, json: Json) -> Option<Vec<SiteName>> {
    let mut read: Vec<SiteName> = at.list(json, |at, item| {
        let text = at.text(item)?;
        let site = text.parse();
        if site.is_err() {
            at.fault("malformed", format!("{} is not a domain name.", shown(&text)));
        }
        site.ok()
    })?;
    if read.len() > MAX_SITES {
        at.fault("too-many", format!("There may be {MAX_SITES} sites at most."));
        return None;
    }
    let mut seen = std::collections::HashSet::new();
    read.retain(|site| seen.insert(site.clone()));
    Some(read)
}
