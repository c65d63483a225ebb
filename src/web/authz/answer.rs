//! From a question to its answer, the same for every kind of gateway but for how it is read and how a refusal is put.

use std::{net::IpAddr, sync::Arc};

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{
        ConnectionType,
        header::{self, HeaderValue},
    },
};

use super::{
    Authz, Way,
    gateway::{self, NotAdmitted},
    identity,
    question::Fault,
    refusal::Refusal,
};
use crate::{
    app::{
        AppError,
        verify::{self, Answered, Unverified},
    },
    web::{
        api::{
            bearer::{self, note_stranger, presented},
            call::Call,
            kind::Kind,
            problem::Problem,
            refusal::problem,
        },
        panic,
        request_id::RequestId,
    },
};

/// Answers a question. Whatever happens on the way, it is a "yes" only when the decision was one.
pub(super) async fn answer(authz: &Authz, head: &RequestHead, way: &Way) -> HttpResponse {
    let asking = Asking { authz, head };
    let mut response = match panic::caught(asking.decide(way)).await {
        Ok(Ok(answered)) => allowance(authz, &answered),
        Ok(Err(refusal)) => (way.refuse)(refusal),
        Err(panic::Panicked) => {
            tracing::error!("answering a gateway panicked");
            let call = asking.call(gateway::peer(head));
            (way.refuse)(Refusal::Told(Problem::plain(&call, Kind::Unavailable)))
        }
    };
    if has_body(head) {
        // Nothing reads it, so it must not be taken for the next request.
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}

/// "Yes", and who it is.
fn allowance(authz: &Authz, answered: &Answered) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    identity::insert(&mut response, &authz.app, &answered.verified);
    response.finish()
}

fn has_body(head: &RequestHead) -> bool {
    let length = head.headers.get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length.as_bytes() != b"0") || head.headers.contains_key(header::TRANSFER_ENCODING)
}

/// One question, while it is answered.
struct Asking<'a> {
    authz: &'a Authz,
    head: &'a RequestHead,
}

impl<'a> Asking<'a> {
    async fn decide(&self, way: &Way) -> Result<Answered, Refusal<'a>> {
        let app = &self.authz.app;
        match gateway::admit(app, self.head).await {
            Ok(()) => {}
            Err(NotAdmitted::Stranger) => return Err(self.not_admitted()),
            Err(NotAdmitted::Unchecked(error)) => return Err(self.unavailable(gateway::peer(self.head), &error)),
        }
        let question = (way.read)(&app.catalogue, self.head).map_err(|fault| self.faulty(&fault))?;
        let from = gateway::client(app, self.head).map_err(|fault| self.faulty(&fault))?;
        let text = presented(&self.head.headers).map_err(|absent| self.plain(absent.kind()))?;
        let answered = match verify::answer(app, text, from, question.asked()).await {
            Ok(answered) => answered,
            Err(Unverified::Nobody) => {
                note_stranger(app, from);
                return Err(self.plain(Kind::InvalidToken));
            }
            Err(Unverified::Unchecked(error)) => return Err(self.unavailable(from, &error)),
        };
        if answered.ruling.decision.is_allowed() {
            return Ok(answered);
        }
        let call = self.call(from);
        let told = problem(&call, &answered.verified, &answered.ruling);
        Err(Refusal::Told(
            told.unwrap_or_else(|| Problem::plain(&call, Kind::Unavailable)),
        ))
    }

    fn not_admitted(&self) -> Refusal<'a> {
        let from = gateway::peer(self.head);
        if let Some(others) = self.authz.strangers.take(self.authz.app.now()) {
            tracing::warn!(%from, others, "somebody asked who is no gateway: the setting gateways does not name the address");
        }
        Refusal::Told(Problem::plain(&self.call(from), Kind::UnknownGateway))
    }

    fn faulty(&self, fault: &Fault) -> Refusal<'a> {
        let from = gateway::peer(self.head);
        if let Some(others) = self.authz.faults.take(self.authz.app.now()) {
            tracing::warn!(%from, %fault, others, "a gateway did not ask as it must");
        }
        Refusal::Told(Problem::new(&self.call(from), Kind::GatewayFault, fault.to_string()))
    }

    fn unavailable(&self, from: IpAddr, error: &AppError) -> Refusal<'a> {
        Refusal::Told(bearer::unavailable(&self.call(from), error))
    }

    fn plain(&self, kind: Kind) -> Refusal<'a> {
        match self.authz.prepared.find(kind) {
            Some(plain) => Refusal::Plain(plain, self.request_id()),
            None => Refusal::Told(Problem::plain(&self.call(gateway::peer(self.head)), kind)),
        }
    }

    /// What wording a refusal needs to know; an allowed request does not pay for it.
    fn call(&self, address: IpAddr) -> Call {
        Call {
            app: Arc::clone(&self.authz.app),
            address,
            request_id: self.request_id(),
        }
    }

    /// The gateway's own id of the request, or a new one.
    fn request_id(&self) -> RequestId {
        RequestId::from_proxy(&self.head.headers).unwrap_or_else(|| self.authz.request_ids.next())
    }
}
