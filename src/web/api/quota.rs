//! How many calls a token may still make, on every answer to one for which there is a limit: the `RateLimit` headers
//! (draft-ietf-httpapi-ratelimit-headers-10).

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};

use crate::{app::App, domain::id::TokenId, store::tokens::TokenStanding, web::panel::Panel};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
/// What the policy is called in both headers.
const NAME: &str = "calls";
/// What a limit is about, in seconds.
const WINDOW: u32 = 60;

/// The limit that holds for a request: so many calls of this token in a minute.
#[derive(Clone, Copy)]
struct Quota {
    token: TokenId,
    limit: u32,
}

/// Notes the limit that holds for a request with this token, if there is one.
pub(super) fn note(request: &HttpRequest, app: &App, token: &TokenStanding) {
    if let Some(limit) = app.call_limits.of(token.plan) {
        let quota = Quota { token: token.id, limit };
        request.extensions_mut().insert(quota);
    }
}

/// Tells what is left after a call, on whatever it is answered with.
pub(super) async fn tell<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let quota = response.request().extensions().get::<Quota>().copied();
    let panel = response.request().app_data::<Data<Panel>>().cloned();
    if let (Some(Quota { token, limit }), Some(panel)) = (quota, panel) {
        let app = &panel.app;
        let (left, reset) = app.usage.left(token, limit, app.now());
        let policy = format!("\"{NAME}\";q={limit};w={WINDOW}");
        let state = format!("\"{NAME}\";r={left};t={reset}");
        for (name, text) in [(POLICY, policy), (LEFT, state)] {
            let value = HeaderValue::try_from(text).expect("digits fit in a header");
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
