//! Who may reach a page: extractors that a handler cannot run without.

use std::{future::Future, pin::Pin};

use actix_session::{Session, SessionExt};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::Method};

use super::{
    error::WebError,
    layout::{Layout, SignedInName},
    session::Who,
    visit::Visit,
};
use crate::{
    app::{Caller, people, people::Person},
    clock::TimeZone,
    domain::{
        account::{Account, Standing},
        id::LoginId,
        permission::Actor,
        staff::{Role, StaffMember},
    },
};

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, WebError>>>>;

/// Somebody who is signed in: a customer or a staff member.
pub struct SignedIn {
    /// The request.
    pub visit: Visit,
    /// Who asks, for use cases.
    pub caller: Caller,
    /// Who it is.
    pub person: Person,
    /// What the session keeps.
    pub who: Who,
    /// The session.
    pub session: Session,
}

impl SignedIn {
    pub(super) async fn of(request: &HttpRequest) -> Result<Self, WebError> {
        let visit = Visit::of(request)?;
        let session = request.get_session();
        let to_sign_in = || WebError::SignIn {
            next: next(request),
            ended: false,
        };
        let who = Who::of(&session).ok_or_else(to_sign_in)?;
        let person = people::find(&visit.app, LoginId(who.login))
            .await?
            .ok_or_else(to_sign_in)?;
        let caller = Caller {
            actor: match &person {
                Person::Customer(account) => Actor::from(account.as_ref()),
                Person::Staff(member) => Actor::from(member.as_ref()),
            },
            address: Some(visit.address),
            browser: Some(visit.browser.clone()),
            request_id: visit.request_id.clone(),
            password_at: Some(who.password_at),
            reason: None,
        };
        Ok(Self {
            visit,
            caller,
            person,
            who,
            session,
        })
    }

    /// The login that is signed in.
    pub fn login(&self) -> LoginId {
        LoginId(self.who.login)
    }

    /// The zone in which this person's times are shown.
    pub fn zone(&self) -> TimeZone {
        match &self.person {
            Person::Customer(account) => self.visit.app.zone(account),
            Person::Staff(_) => self.visit.app.settings.time_zone.clone(),
        }
    }

    /// The layout of a page.
    pub fn layout(&self, title: &str, current: &'static str) -> Layout {
        let name = match &self.person {
            Person::Customer(account) => SignedInName {
                name: account.username.to_string(),
                staff: false,
                admin: false,
            },
            Person::Staff(member) => SignedInName {
                name: member.name.clone(),
                staff: true,
                admin: member.role == Role::Admin,
            },
        };
        let mut layout = self.visit.layout(title, current, Some(name));
        if let Person::Customer(account) = &self.person
            && let Standing::Suspended { reason, .. } = &account.standing
        {
            layout.suspended = Some(reason.clone());
        }
        layout
    }
}

/// After signing in, back to the page that was asked for; never to something that only a form may do.
fn next(request: &HttpRequest) -> String {
    match *request.method() {
        Method::GET => request
            .uri()
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string),
        _ => "/".to_owned(),
    }
}

impl FromRequest for SignedIn {
    type Error = WebError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// The holder of an account, signed in.
pub struct Customer {
    /// Their account.
    pub account: Account,
    /// The zone in which their times are shown.
    pub zone: TimeZone,
    signed_in: SignedIn,
}

impl std::ops::Deref for Customer {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.signed_in
    }
}

impl FromRequest for Customer {
    type Error = WebError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let signed_in = SignedIn::of(&request).await?;
            match &signed_in.person {
                Person::Customer(account) => {
                    let account = Account::clone(account);
                    Ok(Self {
                        zone: signed_in.zone(),
                        account,
                        signed_in,
                    })
                }
                Person::Staff(_) => Err(WebError::Forbidden),
            }
        })
    }
}

/// A staff member, signed in.
pub struct Staff {
    /// Who it is.
    pub member: StaffMember,
    signed_in: SignedIn,
}

impl std::ops::Deref for Staff {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.signed_in
    }
}

impl FromRequest for Staff {
    type Error = WebError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let signed_in = SignedIn::of(&request).await?;
            match &signed_in.person {
                Person::Staff(member) => Ok(Self {
                    member: StaffMember::clone(member),
                    signed_in,
                }),
                Person::Customer(_) => Err(WebError::Forbidden),
            }
        })
    }
}
