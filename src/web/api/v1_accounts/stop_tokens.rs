//! What staff do to the tokens of an account: pause, resume, shorten and revoke them, each for a reason that the customer
//! reads.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Path, Payload},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{find, reason, tokens::id};
use crate::{
    app::{
        App, AppError, Caller, Rule,
        tokens::{bulk, pause as pausing, revoke as revoking, shorten as shortening},
    },
    domain::{account::Account, permission::Act, secret::PublicId, token::PausedBy},
    web::api::{
        body::{JSON, Sent},
        members::Members,
        problem::Problem,
        reference::shape::TokenId,
        staff::StaffHolder,
        v1_tokens::expires,
    },
};

/// What became of the tokens of an account.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RevokedTokens")]
pub struct RevokedDocument {
    /// The tokens that were revoked.
    #[schemars(with = "Vec<TokenId>")]
    revoked: Vec<PublicId>,
}

/// What a call is about, and who makes it for which reason.
struct Stop {
    holder: StaffHolder,
    caller: Caller,
    account: Account,
    token: PublicId,
}

impl Stop {
    /// Reads a call whose body has a reason, and what `read` asks for with the account at hand.
    async fn reading<T>(
        (request, path, payload): (&HttpRequest, Path<(String, String)>, Payload),
        act: Act,
        read: impl FnOnce(&App, &Account, &mut Members<'_>) -> Option<T>,
    ) -> Result<(Self, T), Problem> {
        let holder = StaffHolder::plainly(request, act).await?;
        let (call, caller) = (&holder.call, holder.caller(request));
        let sent = Sent::of(call, request, payload, JSON).await?;
        let (account, token) = path.into_inner();
        let account = find(&holder, &caller, act, &account).await?;
        let token = id(&holder, &token)?;
        let (found, reason) = sent.read(call, |members| {
            let found = read(&call.app, &account, members);
            let reason = reason(members);
            Some((found?, reason?))
        })?;
        let stop = Self {
            caller: caller.because(reason),
            holder,
            account,
            token,
        };
        Ok((stop, found))
    }

    async fn of(
        request: &HttpRequest,
        path: Path<(String, String)>,
        payload: Payload,
        act: Act,
    ) -> Result<Self, Problem> {
        let (stop, ()) = Self::reading((request, path, payload), act, |_, _, _| Some(())).await?;
        Ok(stop)
    }

    /// 204 when it was done, or was so already in the sense of `so`.
    fn answer(&self, done: Result<(), AppError>, so: fn(&Rule) -> bool) -> Result<HttpResponse, Problem> {
        match done {
            Ok(()) => {}
            Err(AppError::Rule(rule)) if so(&rule) => {}
            Err(error) => return Err(self.holder.refused(error)),
        }
        Ok(HttpResponse::NoContent().finish())
    }
}

/// What is done to one token by a call that says no more than why.
#[derive(Clone, Copy, Debug)]
pub enum Press {
    /// Switches it off until staff resume it.
    Pause,
    /// Switches it on again that staff have paused.
    Resume,
    /// Ends it for good.
    Revoke,
}

/// Does it. A token of which it is so already stays as it is.
pub async fn press(
    press: Press,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let act = match press {
        Press::Pause | Press::Revoke => Act::StopTokens,
        Press::Resume => Act::LiftPause,
    };
    let stop = Stop::of(&request, path, payload, act).await?;
    let (app, caller, account, token) = (&stop.holder.call.app, &stop.caller, stop.account.id, stop.token);
    match press {
        Press::Pause => {
            let done = pausing::pause(app, caller, account, token).await;
            stop.answer(done, |rule| matches!(rule, Rule::Paused(Some(PausedBy::Staff))))
        }
        Press::Resume => {
            let done = pausing::resume(app, caller, account, token).await;
            stop.answer(done, |rule| matches!(rule, Rule::Paused(None)))
        }
        Press::Revoke => {
            let done = revoking::revoke(app, caller, account, token).await;
            stop.answer(done, |rule| matches!(rule, Rule::Revoked(_)))
        }
    }
}

/// Lets a token end sooner.
pub async fn shorten(
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let reading = Stop::reading((&request, path, payload), Act::StopTokens, |app, account, members| {
        let zone = app.zone(account);
        members.required("expires", |at, json| {
            at.object(json, |members| expires::instant(&zone, app.now(), members))
        })
    });
    let (stop, until) = reading.await?;
    let app = &stop.holder.call.app;
    let done = shortening::shorten(app, &stop.caller, stop.account.id, stop.token, until).await;
    stop.answer(done, |_| false)
}

/// Ends every token of an account for good.
pub async fn revoke_all(request: HttpRequest, path: Path<String>, payload: Payload) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::plainly(&request, Act::StopTokens).await?;
    let (call, caller) = (&holder.call, holder.caller(&request));
    let sent = Sent::of(call, &request, payload, JSON).await?;
    let account = find(&holder, &caller, Act::StopTokens, &path).await?;
    let caller = caller.because(sent.read(call, reason)?);
    let outcome = bulk::revoke_all(&call.app, &caller, account.id).await;
    let outcome = outcome.map_err(|error| holder.refused(error))?;
    let revoked = outcome.done.iter().map(|token| token.public_id).collect();
    Ok(HttpResponse::Ok().json(RevokedDocument { revoked }))
}
