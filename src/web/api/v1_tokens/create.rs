//! `POST /api/v1/tokens`: makes a token, and answers its secret this once.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Payload};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    PATH,
    content::{self, Ground, Setting},
    document::TokenDocument,
    expires, manager,
};
use crate::{
    app::{
        once::Once,
        tokens::create::{ActKey, Created, create as create_token},
    },
    domain::{draft::Draft, secret::TokenSecret, token::Token},
    web::{
        api::{
            bearer::Holder,
            body::{JSON, Sent},
            members::Members,
            problem::Problem,
            repeat::{self, REPLAYED},
            revision::Etag,
        },
        compress::NeverCompress,
    },
};

const ROUTE: &str = "POST /api/v1/tokens";

/// A token, and the secret that was made for it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TokenWithSecret")]
pub struct WithSecret {
    /// The token.
    token: TokenDocument,
    /// The whole secret: kept nowhere, and never told again. Null when the same call was answered before.
    secret: Option<String>,
}

/// Makes a token.
pub async fn create(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = manager(&request, ROUTE).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let key = repeat::key(call, &request)?;
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let act = key.map(|key| ActKey::Call(Once::new(&call.app, &caller, key, sent.bytes())));
    let own = holder.verified.whole(&call.app).await;
    let own = own.map_err(|error| holder.refused(error))?;
    let setting = Setting::of(&holder, &request).await?;
    let ground = setting.ground(&call.app.catalogue, None);
    let draft = sent.read(call, |members| draft(&ground, &own, members))?;
    match create_token(&call.app, &caller, &setting.account, draft, act).await {
        Ok(Created::New(token, secret)) => Ok(with_secret(&holder, &token, Some(&secret), HttpResponse::Created())),
        Ok(Created::Before(token)) => {
            let mut answer = HttpResponse::Ok();
            answer.insert_header((REPLAYED, "true"));
            Ok(with_secret(&holder, &token, None, answer))
        }
        Err(error) => Err(holder.refused(error)),
    }
}

/// What is asked for. Whatever is left out of sites, addresses and expiry is as the token that asks has it.
fn draft(ground: &Ground<'_>, own: &Token, members: &mut Members<'_>) -> Option<Draft> {
    let name = members.required("name", |at, json| at.written(json));
    let description = members.optional("description", content::description);
    let scopes = content::scopes_or_template(ground, members);
    let sites = members.optional("sites", |at, json| content::sites(ground, at, json));
    let addresses = members.optional("addresses", content::addresses);
    let expiry = members.optional("expires", |at, json| expires::read(ground, at, json));
    let (scopes, days) = scopes?;
    Some(Draft {
        name: name?,
        description: description.unwrap_or_default(),
        scopes,
        sites: sites.unwrap_or_else(|| own.sites.clone()),
        addresses: addresses.unwrap_or_else(|| own.addresses.clone()),
        expiry: expiry.unwrap_or_else(|| expires::usual(ground, own.expiry, days)),
    })
}

/// The answer with a token and the secret that was made for it.
pub(super) fn with_secret(
    holder: &Holder,
    token: &Token,
    secret: Option<&TokenSecret>,
    mut answer: actix_web::HttpResponseBuilder,
) -> HttpResponse {
    let body = WithSecret {
        token: TokenDocument::new(holder, token),
        secret: secret.map(|secret| secret.expose().to_owned()),
    };
    let mut response = answer
        .insert_header((
            header::LOCATION,
            holder.call.url(&format!("{PATH}/{}", token.public_id)),
        ))
        .insert_header((header::ETAG, Etag(token.revision).to_string()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body);
    response.extensions_mut().insert(NeverCompress);
    response
}
