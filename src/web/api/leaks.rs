//! `POST /leaks` with JSON: whoever found tokens reports them, without signing in. Having the whole secret is the
//! permission, and the answer is the same whether a token was real.
//!
//! Two forms are read: our own, `{"tokens": [..]}`, and the list that GitHub's secret scanning sends to its partners,
//! `[{"token", "type", "url", "source"}]`.

use actix_web::{HttpRequest, HttpResponse, Resource, guard, http::Method, web};
use serde::Deserialize;
use serde_json::json;

use super::{body, call::Call, kind::Kind, problem::Problem};
use crate::{
    app::{
        Caller,
        tokens::leaked::{Found, MOST_REPORTED, end_found},
    },
    domain::{secret::whole_tokens, text::Reason},
    web::error::WebError,
};

/// Where tokens are reported, by programs and on a page.
pub const PATH: &str = "/leaks";
/// Most bytes of a report.
const LONGEST: usize = 64 * 1024;
/// What is answered whatever was sent.
const ANSWER: &str = "If these were tokens of ours, they are revoked now and their owners were told.";

/// Our own form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    tokens: Vec<String>,
}

/// An entry of the list; others than these members are passed over.
#[derive(Deserialize)]
struct Match {
    token: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

impl Match {
    /// `https://code.example/repository (commit)`.
    fn place(&self) -> Option<Reason> {
        let (url, source) = (self.url.as_deref(), self.source.as_deref());
        let text = match (url.unwrap_or_default(), source.unwrap_or_default()) {
            (url, "") => url.to_owned(),
            ("", source) => source.to_owned(),
            (url, source) => format!("{url} ({source})"),
        };
        Reason::from_stranger(&text)
    }
}

/// The route: posts that no form sent. Those of the page go on to the panel.
pub(super) fn resource() -> Resource {
    let is_form = |kind: &str| kind.starts_with("application/x-www-form-urlencoded");
    let from_program = guard::fn_guard(move |context| {
        let kind = context.head().headers().get("content-type");
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        context.head().method == Method::POST && !is_form(&kind.to_ascii_lowercase())
    });
    web::resource(PATH).guard(from_program).to(report)
}

/// Ends what is reported.
async fn report(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, actix_web::Error> {
    let call = Call::of(&request);
    let bytes = body::bytes(&call, &request, payload, LONGEST).await?;
    let found = read(&bytes).map_err(|(kind, detail)| Problem::new(&call, kind, detail))?;
    let caller = Caller::finder(call.address, call.program(&request), call.request_id.to_string());
    end_found(&call.app, &caller, found).await.map_err(WebError::from)?;
    Ok(HttpResponse::Accepted().json(json!({ "status": "accepted", "detail": ANSWER })))
}

/// The tokens of a report. What is not of the form of a token counts for nothing and is no fault.
fn read(bytes: &[u8]) -> Result<Vec<Found>, (Kind, String)> {
    let reported: Vec<Match> = if bytes.trim_ascii_start().first() == Some(&b'[') {
        serde_json::from_slice(bytes).map_err(|error| body::refuse(&error))?
    } else {
        let report: Report = serde_json::from_slice(bytes).map_err(|error| body::refuse(&error))?;
        let plain = |token| Match {
            token,
            url: None,
            source: None,
        };
        report.tokens.into_iter().map(plain).collect()
    };
    if reported.is_empty() || reported.len() > MOST_REPORTED {
        let detail = format!("A report has at least one token and at most {MOST_REPORTED}.");
        return Err((Kind::InvalidBody, detail));
    }
    let found = reported.iter().flat_map(|one| {
        let secrets = whole_tokens(&one.token, MOST_REPORTED);
        secrets.into_iter().map(|secret| Found {
            secret,
            place: one.place(),
        })
    });
    Ok(found.take(MOST_REPORTED).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::secret::{OfStaff, OfToken, Reported, WholeToken};

    const DUMMY: &str = OfToken::EXAMPLE;

    fn told(text: &str) -> Result<Vec<String>, Kind> {
        let found = read(text.as_bytes()).map_err(|(kind, detail)| {
            assert!(!detail.contains(DUMMY), "{detail}");
            kind
        })?;
        let told = |found: &Found| {
            let place = found.place.as_ref().map_or("nowhere", Reason::as_str);
            match &found.secret {
                WholeToken::Account(secret) => format!("{} {place}", secret.public_id()),
                WholeToken::Staff(secret) => format!("staff {} {place}", secret.public_id()),
            }
        };
        Ok(found.iter().map(told).collect())
    }

    #[test]
    fn both_forms_are_read() {
        let own = format!(r#"{{"tokens":["{DUMMY}","no token"," {DUMMY} "]}}"#);
        assert_eq!(told(&own).unwrap(), ["EXAMPLE1 nowhere", "EXAMPLE1 nowhere"]);
        let staff = format!(r#"{{"tokens":["{}"]}}"#, OfStaff::EXAMPLE);
        assert_eq!(told(&staff).unwrap(), ["staff EXAMPLE1 nowhere"]);
        let list = format!(
            r#" [{{"token":"{DUMMY}","type":"latchkey","url":"https://code.example/?k={DUMMY}","source":"commit"}},
            {{"token":"{DUMMY}","url":null,"more":1}},{{"token":"x"}}]"#
        );
        let place = "EXAMPLE1 https://code.example/?k=lk_EXAMPLE1_… (commit)";
        assert_eq!(told(&list).unwrap(), [place, "EXAMPLE1 nowhere"]);
    }

    #[test]
    fn what_is_no_report_is_refused_in_words_without_a_token() {
        let many = format!(r#"{{"tokens":[{}"x"]}}"#, r#""x","#.repeat(MOST_REPORTED));
        for (text, kind) in [
            ("", Kind::MalformedJson),
            ("{", Kind::MalformedJson),
            ("tokens=x", Kind::MalformedJson),
            ("\"x\"", Kind::InvalidBody),
            (r#"{"tokens":"x"}"#, Kind::InvalidBody),
            (r#"{"tokens":[]}"#, Kind::InvalidBody),
            (r#"{"tokens":[1]}"#, Kind::InvalidBody),
            (r#"{"tokens":["x"],"more":1}"#, Kind::InvalidBody),
            (r#"[{"type":"latchkey"}]"#, Kind::InvalidBody),
            (r#"["x"]"#, Kind::InvalidBody),
            ("[]", Kind::InvalidBody),
            (&many, Kind::InvalidBody),
            (&format!(r#"{{"tokens":"{DUMMY}"}}"#), Kind::InvalidBody),
            (&format!(r#"{{"{DUMMY}":[]}}"#), Kind::InvalidBody),
        ] {
            assert_eq!(told(text), Err(kind), "{text}");
        }
        let most = format!(r#"{{"tokens":[{}"x"]}}"#, r#""x","#.repeat(MOST_REPORTED - 1));
        assert_eq!(told(&most), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn no_report_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(&bytes);
        }
    }
}
