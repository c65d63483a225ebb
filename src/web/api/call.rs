//! One call of the API: what every answer needs to know of it.

use std::{net::IpAddr, sync::Arc};

use actix_web::{HttpMessage, HttpRequest, http::header, web::Data};

use crate::{
    app::{App, Caller},
    domain::permission::Actor,
    web::{client_ip::ClientIp, panel::Panel, request_id::RequestId},
};

/// Most characters of what a program says of itself that are kept.
const PROGRAM_LENGTH: usize = 200;

/// One call of the API. No cookie is read, and no session.
#[derive(Clone)]
pub struct Call {
    /// The use cases and what they need.
    pub app: Arc<App>,
    /// The caller's address.
    pub address: IpAddr,
    /// The request.
    pub request_id: RequestId,
}

impl Call {
    /// The call that a request is.
    ///
    /// # Panics
    /// When the request has not passed the edge, or there is no panel: then the server is put together wrongly.
    pub fn of(request: &HttpRequest) -> Self {
        let panel = request.app_data::<Data<Panel>>().expect("the routes have the panel");
        let extensions = request.extensions();
        let seen = extensions.get::<ClientIp>().zip(extensions.get::<RequestId>());
        let (address, request_id) = seen.expect("the edge gives every request an address and an id");
        Self {
            app: Arc::clone(&panel.app),
            address: address.0,
            request_id: request_id.clone(),
        }
    }

    /// The full address of a path of ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.app.settings.public_url.as_str())
    }

    /// What the caller says of itself, shortened.
    pub fn program(&self, request: &HttpRequest) -> Option<String> {
        let program = request.headers().get(header::USER_AGENT)?.to_str().ok()?;
        Some(program.chars().take(PROGRAM_LENGTH).collect())
    }

    /// The holder of a token, as somebody who changes something.
    pub fn caller(&self, request: &HttpRequest, actor: Actor) -> Caller {
        Caller {
            actor,
            address: Some(self.address),
            browser: self.program(request),
            request_id: self.request_id.to_string(),
            password_at: None,
            reason: None,
        }
    }
}
