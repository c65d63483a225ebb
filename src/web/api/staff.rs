//! The staff member's token of a call: read from the `Authorization` header and nowhere else, found, and let in or not.

use actix_web::HttpRequest;
use time::Duration;

use super::{
    bearer::{note_stranger, presented, unavailable},
    call::Call,
    kind::Kind,
    problem::Problem,
    query, quota, refused,
};
use crate::{
    app::{
        AppError, Caller,
        staff_tokens::{StaffIdentity, StaffRefusal, Unrecognised, verify},
    },
    domain::{
        permission::{Act, may},
        secret::{Kind as SecretKind, OfStaff, OfToken},
        staff_token::StaffToken,
    },
    web::times::iso,
};

/// A call with a staff member's token that may be used now and from there.
pub struct StaffHolder {
    /// The call.
    pub call: Call,
    /// The token, and its member as they are now.
    pub identity: StaffIdentity,
}

impl StaffHolder {
    /// The holder of the staff member's token that a request carries. The call counts among those that the token may make
    /// in a minute.
    pub async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let call = Call::of(request);
        query::refuse_tokens(&call, request)?;
        let text = presented(request.headers()).map_err(|absent| Problem::plain(&call, absent.kind()))?;
        let verified = verify(&call.app, text, call.address).await;
        let identity = verified.map_err(|why| not_let_in(&call, text, &why))?;
        let token = identity.token.id;
        quota::note_staff(request, token);
        match call.app.staff_calls.take(token, call.app.now()) {
            None => Ok(Self { call, identity }),
            Some(wait) => Err(too_many(&call, wait)),
        }
    }

    /// [`StaffHolder::of`] for a call that does `act`, which the token's scopes and its member's role have to allow. What
    /// the call sends is not looked at before.
    pub async fn allowed(request: &HttpRequest, act: Act) -> Result<Self, Problem> {
        let holder = Self::of(request).await?;
        match may(&holder.identity.actor(), act, None) {
            Ok(()) => Ok(holder),
            Err(denied) => Err(holder.refused(denied.into())),
        }
    }

    /// [`StaffHolder::allowed`] for a call that has no parameters in its query.
    pub async fn plainly(request: &HttpRequest, act: Act) -> Result<Self, Problem> {
        let holder = Self::allowed(request, act).await?;
        query::read(&holder.call, request, |_| ())?;
        Ok(holder)
    }

    /// The holder as somebody who does something.
    pub fn caller(&self, request: &HttpRequest) -> Caller {
        self.call.caller(request, self.identity.actor())
    }

    /// What a call is answered with whose use case did not happen.
    pub fn refused(&self, error: AppError) -> Problem {
        let about_token = matches!(error, AppError::Denied(_));
        let mut problem = refused::problem(&self.call, error);
        if about_token {
            problem.document().token_id = Some(self.identity.token.public_id);
        }
        problem
    }
}

fn too_many(call: &Call, wait: Duration) -> Problem {
    let mut problem = Problem::plain(call, Kind::RateLimited);
    let seconds = u64::try_from(wait.whole_seconds()).unwrap_or_default();
    problem.retry_after = Some(seconds + 1);
    problem
}

fn not_let_in(call: &Call, presented: &str, why: &Unrecognised) -> Problem {
    match why {
        Unrecognised::Nobody if presented.starts_with(OfToken::PREFIX) => {
            let detail = format!(
                "This call takes the token of a staff member, which begins with {}. What was sent begins as the tokens of \
                 customers do.",
                OfStaff::PREFIX
            );
            Problem::new(call, Kind::InvalidToken, detail)
        }
        Unrecognised::Nobody => {
            note_stranger(&call.app, call.address);
            Problem::plain(call, Kind::InvalidToken)
        }
        Unrecognised::Refused(token, refusal) => of_refusal(call, token, *refusal),
        Unrecognised::Unchecked(error) => unavailable(call, error),
    }
}

/// Why a token is refused whose holder has shown the whole of it.
fn of_refusal(call: &Call, token: &StaffToken, refusal: StaffRefusal) -> Problem {
    let named = format!("The staff token “{}”", token.name);
    let (kind, detail) = match refusal {
        StaffRefusal::Revoked(at) => (Kind::TokenRevoked, format!("{named} was revoked on {}.", iso(at))),
        StaffRefusal::Expired(at) => (Kind::TokenExpired, format!("{named} expired on {}.", iso(at))),
        StaffRefusal::Deactivated => (
            Kind::MemberDeactivated,
            format!("{named} belongs to a staff member who was deactivated."),
        ),
        StaffRefusal::AddressNotAllowed(from) => (Kind::IpNotAllowed, format!("{named} may not be used from {from}.")),
    };
    let mut problem = Problem::new(call, kind, detail);
    problem.document().token_id = Some(token.public_id);
    problem
}
