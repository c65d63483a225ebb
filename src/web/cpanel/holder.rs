//! Who asks on an account's side of the compatible interfaces: a token of the account, its user name with the password,
//! or its session with the security token in the path. Whoever is not let in is not told why.

use actix_session::SessionExt;
use actix_web::HttpRequest;

use super::{credentials::Credentials, envelope::Refused, security_token::SecurityTokens, words::Failure};
use crate::{
    app::{
        AppError, Caller,
        accounts::own,
        people,
        people::Person,
        reuse,
        sign_in::{self, Attempt},
        usage,
        verify::{Asked, Unverified, Verified, decide_for, verify},
    },
    domain::{account::Account, decision::Reason, id::LoginId, permission::Actor, scope::ScopeSet},
    web::{
        api::{bearer::note_stranger, call::Call, refusal},
        error::WebError,
        session::Who,
    },
};

/// The part of a path that holds the digits of a security token.
pub const SECURITY_TOKEN: &str = "security_token";

/// The holder of an account, or a token of it.
pub struct Holder {
    /// The call.
    pub call: Call,
    /// Who asks, for use cases.
    pub caller: Caller,
    /// The account.
    pub account: Account,
}

/// Why somebody is not let in.
#[derive(Debug)]
pub enum NotLetIn {
    /// For a reason that nobody is told.
    Denied,
    /// For a reason that they can mend: they have shown who they are.
    Refused(Refused),
    /// It could not be found out, or there were too many tries.
    Failed(WebError),
}

impl From<WebError> for NotLetIn {
    fn from(error: WebError) -> Self {
        Self::Failed(error)
    }
}

impl Holder {
    /// Whoever makes the call. A token needs the scopes `needs`; its call is counted under `route`.
    pub async fn of(request: &HttpRequest, route: &str, needs: &ScopeSet) -> Result<Self, NotLetIn> {
        let call = Call::of(request);
        match Credentials::of(request.headers()) {
            Credentials::Token { user, secret, .. } => by_token(call, request, (&user, &secret), route, needs).await,
            Credentials::Password { user, password } => {
                let person = by_password(&call, request, user, password).await?;
                Self::person(call, request, person)
            }
            Credentials::Absent => {
                let person = by_session(&call, request).await?;
                Self::person(call, request, person)
            }
            Credentials::Unreadable => Err(NotLetIn::Denied),
        }
    }

    fn person(call: Call, request: &HttpRequest, person: Present) -> Result<Self, NotLetIn> {
        let Person::Customer(account) = person.person else {
            return Err(NotLetIn::Denied);
        };
        let caller = Caller {
            password_at: person.password_at,
            ..call.caller(request, Actor::from(account.as_ref()))
        };
        Ok(Self {
            call,
            caller,
            account: *account,
        })
    }
}

/// Somebody who showed that they are themselves.
pub(super) struct Present {
    pub(super) person: Person,
    pub(super) password_at: Option<time::PrimitiveDateTime>,
}

async fn by_token(
    call: Call,
    request: &HttpRequest,
    (user, secret): (&str, &str),
    route: &str,
    needs: &ScopeSet,
) -> Result<Holder, NotLetIn> {
    let verified = match verify(&call.app, secret).await {
        Ok(verified) => verified,
        Err(unverified) => {
            reuse::unknown(&call.app, secret, call.address, &unverified);
            return Err(match unverified {
                Unverified::Nobody => {
                    note_stranger(&call.app, call.address);
                    NotLetIn::Denied
                }
                Unverified::Unchecked(error) => NotLetIn::Failed(error.into()),
            });
        }
    };
    if !verified.token().username.eq_ignore_ascii_case(user) {
        return Err(NotLetIn::Denied);
    }
    admit(&call, &verified, route, needs).await?;
    let caller = call.caller(request, verified.actor(&call.app.catalogue));
    let account = own::find(&call.app, &caller, verified.token().account).await;
    let account = account.map_err(Failure::from)?;
    Ok(Holder { call, caller, account })
}

/// Decides whether the token may make this call, and counts it.
async fn admit(call: &Call, verified: &Verified, route: &str, needs: &ScopeSet) -> Result<(), NotLetIn> {
    let asked = Asked::Scopes {
        scopes: needs,
        site: None,
    };
    let ruling = decide_for(&call.app, verified, call.address, asked).await;
    let ruling = ruling.map_err(WebError::from)?;
    usage::note(&call.app, verified, &ruling, call.address, route);
    let Some(first) = ruling.decision.first() else {
        return Ok(());
    };
    Err(match first.reason() {
        Reason::Revoked
        | Reason::Paused
        | Reason::Expired
        | Reason::SecretReplaced
        | Reason::AccountSuspended
        | Reason::AddressNotAllowed => NotLetIn::Denied,
        Reason::TooManyCalls => NotLetIn::Failed(WebError::TooMany {
            retry_after: refusal::retry_after(&ruling).unwrap_or(1),
        }),
        _ => NotLetIn::Refused(Refused::new(refusal::detail(call, verified, &ruling, first))),
    })
}

/// Whoever gives a user name and the password with the call.
pub(super) async fn by_password(
    call: &Call,
    request: &HttpRequest,
    user: String,
    password: zeroize::Zeroizing<String>,
) -> Result<Present, NotLetIn> {
    let attempt = Attempt {
        name: user,
        password,
        device: String::new(),
        address: call.address,
        browser: call.program(request).unwrap_or_default(),
        request_id: call.request_id.to_string(),
    };
    match sign_in::recognise_once(&call.app, attempt).await {
        Ok(recognised) => Ok(Present {
            person: recognised.person,
            password_at: Some(recognised.at),
        }),
        Err(AppError::WrongPassword) => Err(NotLetIn::Denied),
        Err(error) => Err(WebError::from(error).into()),
    }
}

/// Whoever is signed in, if the path holds the security token of their session.
pub(super) async fn by_session(call: &Call, request: &HttpRequest) -> Result<Present, NotLetIn> {
    let who = Who::of(&request.get_session()).ok_or(NotLetIn::Denied)?;
    let digits = request.match_info().get(SECURITY_TOKEN).ok_or(NotLetIn::Denied)?;
    if !SecurityTokens::of(&call.app).check(&who.session, digits) {
        return Err(NotLetIn::Denied);
    }
    let person = people::find(&call.app, LoginId(who.login))
        .await
        .map_err(WebError::from)?;
    Ok(Present {
        person: person.ok_or(NotLetIn::Denied)?,
        password_at: Some(who.password_at),
    })
}

/// What becomes of a call whose function did not do it.
impl From<Failure> for NotLetIn {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refused) => Self::Refused(refused),
            Failure::Failed(error) => Self::Failed(error),
        }
    }
}
