//! What the proxies in front of hosting services ask: each kind at its own address, in its own words.

mod admitted;
mod asked;
mod refused;
mod stated;
mod told;

use latchkey::domain::{id::AccountId, token::Token};
use serde_json::Value;

use crate::support::{Answer, Minted, Request, World, mint};

/// The kinds of proxies that ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proxy {
    Nginx,
    Forward,
    Envoy,
}

const PROXIES: [Proxy; 3] = [Proxy::Nginx, Proxy::Forward, Proxy::Envoy];

/// Where the client is.
const CLIENT: &str = "198.51.100.7";
const HOST: &str = "api.hosting.example";

impl Proxy {
    /// What this proxy asks when its client sends `method` and `target`; without a token.
    fn asks(self, method: &str, target: &str) -> Request {
        let request = match self {
            Self::Nginx => Request::new("GET", "/authz/nginx")
                .header("X-Original-Method", method)
                .header("X-Original-URI", target)
                .header("X-Original-Host", HOST),
            Self::Forward => Request::new("GET", "/authz/forward")
                .header("X-Forwarded-Method", method)
                .header("X-Forwarded-Uri", target)
                .header("X-Forwarded-Host", HOST),
            Self::Envoy => Request::new(method, &format!("/authz/envoy{target}")).header("Host", HOST),
        };
        request.header("X-Forwarded-For", CLIENT)
    }

    /// What it makes of an answer: the status, the problem's document and the challenge that its client gets.
    #[track_caller]
    fn hears(self, answer: &Answer) -> Heard {
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        let challenge = answer.header("WWW-Authenticate").map(str::to_owned);
        let retry_after = answer.header("Retry-After").map(str::to_owned);
        let allowed = answer.status() == 200;
        if allowed {
            assert_eq!((answer.text(), challenge.as_deref()), ("", None));
        } else {
            for name in ["Remote-User", "X-Token-Id", "X-Token-Scopes"] {
                assert_eq!(answer.header(name), None, "a refusal says nobody's name");
            }
        }
        let (status, problem) = match self {
            _ if allowed => (200, Value::Null),
            Self::Nginx => {
                let status: u16 = answer.header("X-Error-Status").unwrap().parse().unwrap();
                let passed_on = if matches!(status, 401 | 503) { status } else { 403 };
                assert_eq!(answer.status(), passed_on, "what nginx passes on");
                let body = answer.header("X-Error-Body").unwrap();
                assert!(body.is_ascii() && body.len() <= 2000, "{} bytes", body.len());
                (status, serde_json::from_str(body).unwrap())
            }
            Self::Forward | Self::Envoy => {
                assert_eq!(answer.header("Content-Type"), Some("application/problem+json"));
                (answer.status(), answer.json())
            }
        };
        if !allowed {
            assert_eq!(problem["status"], status);
        }
        Heard {
            status,
            problem,
            challenge,
            retry_after,
        }
    }

    /// Asks with a token.
    #[track_caller]
    fn ask(self, world: &World, secret: &str, method: &str, target: &str) -> Heard {
        let request = with_token(self.asks(method, target), secret);
        self.hears(&world.api().send(&request))
    }
}

fn with_token(request: Request, secret: &str) -> Request {
    request.header("Authorization", &format!("Bearer {secret}"))
}

/// What the client of a proxy is told.
#[derive(Clone, Debug)]
struct Heard {
    status: u16,
    problem: Value,
    challenge: Option<String>,
    retry_after: Option<String>,
}

impl Heard {
    /// The last part of the problem's type; empty where there is none.
    fn code(&self) -> &str {
        let kind = self.problem["type"].as_str().unwrap_or_default();
        kind.rsplit('/').next().unwrap_or_default()
    }

    fn outcome(&self) -> (u16, &str) {
        (self.status, self.code())
    }
}

const BACKUPS: &str = "/sites/priya.example/backups";

/// An account with a token that may create backups.
fn minted(world: &World) -> Minted {
    mint(&world.app, world.customer("priya").id, |_| ())
}

fn with_scopes(world: &World, account: AccountId, scopes: &str) -> Minted {
    mint(&world.app, account, |new| new.scopes = scopes.parse().unwrap())
}

/// Changes something in the database as a person would in the panel.
fn write(
    world: &World,
    change: impl FnOnce(&mut latchkey::store::DbConnection) -> Result<bool, latchkey::store::StoreError>,
) {
    assert!(world.app.store.write_here(change).unwrap());
}

/// Everything that stands in the identity headers of an answer.
fn identity(answer: &Answer) -> [Vec<&str>; 5] {
    [
        "Remote-User",
        "X-Token-Id",
        "X-Token-Name",
        "X-Token-Scopes",
        "X-Token-Resources",
    ]
    .map(|name| answer.headers_named(name))
}

fn id(token: &Token) -> &str {
    token.public_id.as_str()
}
