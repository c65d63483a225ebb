//! `POST /api/v1/staff/tokens`: makes a token of the same staff member, and answers its secret this once.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Payload};
use schemars::JsonSchema;
use serde::Serialize;

use super::{PATH, content, document::StaffTokenDocument};
use crate::{
    app::{
        once::Once,
        staff_tokens::{self, Created},
        tokens::create::ActKey,
    },
    domain::permission::Act,
    web::{
        api::{
            body::{JSON, Sent},
            problem::Problem,
            repeat::{self, REPLAYED},
            revision::Etag,
            staff::StaffHolder,
        },
        compress::NeverCompress,
    },
};

/// A staff token, and the secret that was made for it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StaffTokenWithSecret")]
pub struct WithSecret {
    /// The token.
    token: StaffTokenDocument,
    /// The whole secret: kept nowhere, and never told again. Null when the same call was answered before.
    secret: Option<String>,
}

/// Makes a token.
pub async fn create(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::ManageStaffTokens).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let key = repeat::key(call, &request)?;
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let act = key.map(|key| ActKey::Call(Once::new(&call.app, &caller, key, sent.bytes())));
    let draft = sent.read(call, |members| content::new(&call.app, &holder.identity.token, members))?;
    let made = staff_tokens::create(&call.app, &caller, holder.identity.member.id, draft, act).await;
    let (token, secret, mut answer) = match made.map_err(|error| holder.refused(error))? {
        Created::New(token, secret) => (token, Some(secret), HttpResponse::Created()),
        Created::Before(token) => {
            let mut answer = HttpResponse::Ok();
            answer.insert_header((REPLAYED, "true"));
            (token, None, answer)
        }
    };
    let body = WithSecret {
        token: StaffTokenDocument::new(&token, call.app.now()),
        secret: secret.map(|secret| secret.expose().to_owned()),
    };
    let mut response = answer
        .insert_header((header::LOCATION, call.url(&format!("{PATH}/{}", token.public_id))))
        .insert_header((header::ETAG, Etag(token.revision).to_string()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body);
    response.extensions_mut().insert(NeverCompress);
    Ok(response)
}
