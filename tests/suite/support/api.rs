//! A script that works with a token: JSON over HTTP, no cookies. Every answer is held against the API's document.

use std::net::SocketAddr;

use serde_json::Value;

use super::document;
use crate::support::{Request, Response};

/// A client of the API that sends one token with every call.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    server: SocketAddr,
    token: Option<String>,
    forwarded_for: Option<String>,
}

impl Api {
    /// A client that has no token.
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self {
            server,
            token: None,
            forwarded_for: None,
        }
    }

    /// The same client with a token, sent as `Authorization: Bearer`.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The same client as a proxy would pass it on from `address`.
    pub(crate) fn at_address(mut self, address: &str) -> Self {
        self.forwarded_for = Some(address.to_owned());
        self
    }

    /// Calls with GET.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&self.request("GET", path))
    }

    /// Calls with DELETE.
    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send(&self.request("DELETE", path))
    }

    /// Calls with POST and a JSON body.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(&self.request("POST", path).body("application/json", body.to_string()))
    }

    /// A request with the token, to be changed before it is sent.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let mut request = Request::new(method, path)
            .header("User-Agent", "curl/8.5.0")
            .header("Accept", "*/*");
        if let Some(token) = &self.token {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        if let Some(address) = &self.forwarded_for {
            request = request.header("X-Forwarded-For", address);
        }
        request
    }

    /// Sends a request. Panics when the answer is none of those that the API's document has for it.
    #[track_caller]
    pub(crate) fn send(&self, request: &Request) -> Answer {
        let response = request.send(self.server);
        document::check(request, &response);
        Answer { response }
    }
}

/// What the API answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    response: Response,
}

impl Answer {
    /// The status code.
    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// Every value of a header.
    pub(crate) fn headers_named(&self, name: &str) -> Vec<&str> {
        self.response.headers_named(name)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        self.response.text()
    }

    /// The body as it came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.response.body
    }

    /// Itself, if it has that status; panics with its body otherwise.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status(), status, "{}", self.response.text());
        self
    }

    /// The body as JSON. Panics when it is none, or says that it is something else.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let kind = self.header("Content-Type").unwrap_or_default();
        assert!(
            kind.starts_with("application/json") || kind.starts_with("application/problem+json"),
            "not JSON but {kind:?}"
        );
        serde_json::from_slice(&self.response.body).expect("the body is JSON")
    }
}

mod tests {
    use crate::support::{Api, responder::Responder};
    use serde_json::json;

    #[test]
    fn every_call_carries_the_token() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
        let server = Responder::start(vec![answer.to_owned(), answer.to_owned(), answer.to_owned()]);
        let api = Api::new(server.address()).with_token("lk_x").at_address("203.0.113.24");
        // None of these is a call of the document, which would hold the answers against itself.
        assert_eq!(api.get("/token").expect(200).json(), json!({"a": 1}));
        api.delete("/token");
        api.post("/decide", &json!({"path": "/"}));
        let sent = server.received();
        assert!(
            sent.iter()
                .all(|request| request.contains("Authorization: Bearer lk_x\r\nX-Forwarded-For: 203.0.113.24\r\n"))
        );
        assert!(sent[1].starts_with("DELETE ") && sent[2].ends_with("\r\n\r\n{\"path\":\"/\"}"));
    }
}
