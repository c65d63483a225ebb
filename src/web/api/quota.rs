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

use crate::{
    app::{App, usage::STAFF_CALLS},
    domain::id::{StaffTokenId, TokenId},
    store::tokens::TokenStanding,
    web::panel::Panel,
};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
/// What the policy is called in both headers.
const NAME: &str = "calls";
/// What a limit is about, in seconds.
const WINDOW: u32 = 60;

/// The limit that holds for a request: so many calls of this token in a minute.
#[derive(Clone, Copy)]
enum Quota {
    /// Of an account's token.
    Account { token: TokenId, limit: u32 },
    /// Of a staff member's.
    Staff(StaffTokenId),
}

impl Quota {
    /// The limit, how many calls are left of it, and in how many seconds all of them are there again.
    fn state(self, app: &App) -> (u32, (u32, u64)) {
        let now = app.now();
        match self {
            Self::Account { token, limit } => (limit, app.usage.left(token, limit, now)),
            Self::Staff(token) => (STAFF_CALLS, app.staff_calls.left(token, now)),
        }
    }
}

/// Notes the limit that holds for a request with this token, if there is one.
pub(super) fn note(request: &HttpRequest, app: &App, token: &TokenStanding) {
    if let Some(limit) = app.call_limits.of(token.plan) {
        let quota = Quota::Account { token: token.id, limit };
        request.extensions_mut().insert(quota);
    }
}

/// [`note`] for a request with a staff member's token.
pub(super) fn note_staff(request: &HttpRequest, token: StaffTokenId) {
    request.extensions_mut().insert(Quota::Staff(token));
}

/// Tells what is left after a call, on whatever it is answered with.
pub(super) async fn tell<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let quota = response.request().extensions().get::<Quota>().copied();
    let panel = response.request().app_data::<Data<Panel>>().cloned();
    if let (Some(quota), Some(panel)) = (quota, panel) {
        let (limit, (left, reset)) = quota.state(&panel.app);
        let policy = format!("\"{NAME}\";q={limit};w={WINDOW}");
        let state = format!("\"{NAME}\";r={left};t={reset}");
        for (name, text) in [(POLICY, policy), (LEFT, state)] {
            let value = HeaderValue::try_from(text).expect("digits fit in a header");
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
