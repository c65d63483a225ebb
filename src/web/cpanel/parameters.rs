//! What a call of the compatible interfaces names: its query, its form or its flat JSON object, as one list. Knows no
//! function and what none of the names means.

use actix_web::{
    HttpRequest,
    http::{Method, header},
    web,
};
use serde_json::Value;

use super::envelope::Refused;
use crate::web::{error::WebError, limits::Limits};

/// The parameters of one call, those of the query first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads the query and, whatever the method, the body. Programs send lists without a body and without a content type,
    /// and a content type with nothing behind it: both are an empty body.
    pub async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Self, WebError> {
        let longest = Limits::default().body;
        let body = payload
            .to_bytes_limited(longest)
            .await
            .map_err(|_| WebError::TooLarge)?;
        let body = body.map_err(|_| WebError::BadRequest)?;
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self::parse(request.query_string(), kind, &body)
    }

    /// Whether a call may come by this method: everything that the interfaces have is called by GET and by POST.
    pub fn may_come_by(method: &Method) -> bool {
        [Method::GET, Method::HEAD, Method::POST].contains(method)
    }

    fn parse(query: &str, content_type: &str, body: &[u8]) -> Result<Self, WebError> {
        let mut all: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if !body.is_empty() {
            all.extend(read_body(content_type, body)?);
        }
        // No name and no text of ours has one, and not every database can be asked for it.
        let has_nul = |(name, value): &(String, String)| name.contains('\0') || value.contains('\0');
        if all.iter().any(has_nul) {
            return Err(WebError::BadRequest);
        }
        Ok(Self(all))
    }

    /// The value of a parameter that is given once; given again it may only say the same.
    pub fn one<'a>(&'a self, name: &str) -> Result<Option<&'a str>, Refused> {
        let of = self.0.iter().filter(|(given, _)| given == name);
        let mut given = of.map(|(_, value)| value.as_str());
        let first = given.next();
        if given.all(|other| Some(other) == first) {
            Ok(first)
        } else {
            Err(Refused::new(format!(
                "“{name}” was given more than once, each time with another value. Give it once."
            )))
        }
    }

    /// The first of these parameters that is given: different versions of a function name one thing differently.
    pub fn first_of<'a>(&'a self, names: &[&str]) -> Result<Option<&'a str>, Refused> {
        for name in names {
            if let Some(value) = self.one(name)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// [`Parameters::one`] of a parameter without which there is nothing to do.
    pub fn needed<'a>(&'a self, name: &str) -> Result<&'a str, Refused> {
        let value = self.one(name)?.filter(|value| !value.trim().is_empty());
        value.ok_or_else(|| Refused::new(format!("Give the parameter “{name}”.")))
    }

    /// A switch: `1` or `0`.
    pub fn flag(&self, name: &str) -> Result<bool, Refused> {
        match self.one(name)? {
            None | Some("0" | "") => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(Refused::new(format!("“{name}” must be 1 or 0."))),
        }
    }

    /// Every value of a list: `acl=a&acl=b`, and `acl-0=a&acl-1=b` with whatever stands behind the dash.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_of = move |given: &str| {
            given
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let of = self.0.iter().filter(move |(given, _)| is_of(given));
        of.map(|(_, value)| value.as_str())
    }

    /// Every parameter whose name begins so, with the rest of its name.
    pub fn below<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let rest = move |(name, value): &'a (String, String)| Some((name.strip_prefix(beginning)?, value.as_str()));
        self.0.iter().filter_map(rest)
    }
}

fn read_body(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, WebError> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind.is_empty() || kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(form_urlencoded::parse(body).into_owned().collect())
    } else if kind.eq_ignore_ascii_case("application/json") {
        flat(body).ok_or(WebError::BadRequest)
    } else {
        Err(WebError::UnsupportedMediaType)
    }
}

/// The members of one flat object; a list stands for its name given several times. `None` for everything else.
fn flat(body: &[u8]) -> Option<Vec<(String, String)>> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return None;
    };
    let mut all = Vec::new();
    for (name, value) in members {
        match value {
            Value::Array(items) => {
                for item in items {
                    all.push((name.clone(), scalar(item)?));
                }
            }
            Value::Null => {}
            value => all.push((name, scalar(value)?)),
        }
    }
    Some(all)
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(u8::from(yes).to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
impl Parameters {
    /// Those of a query.
    pub(super) fn of(query: &str) -> Self {
        Self::parse(query, "", b"").expect("a query of a test can be read")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

    #[test]
    fn query_and_body_are_one_list() {
        for (kind, body) in [
            (FORM, "name=b%20c&expires_at=5&on=1"),
            ("", "name=b+c&expires_at=5&on=1"),
            (
                "Application/JSON",
                r#"{"name":"b c","expires_at":5,"on":true,"gone":null}"#,
            ),
        ] {
            let all = Parameters::parse("user=a", kind, body.as_bytes()).unwrap();
            let given = ["user", "name", "expires_at", "on", "gone"].map(|name| all.one(name).unwrap());
            assert_eq!(given, [Some("a"), Some("b c"), Some("5"), Some("1"), None], "{kind}");
        }
        for kind in ["", FORM, "application/json", "text/xml"] {
            assert_eq!(Parameters::parse("a=b", kind, b"").unwrap(), Parameters::of("a=b"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let refused = |kind, body: &[u8]| Parameters::parse("", kind, body).unwrap_err();
        for body in [
            "[]",
            "1",
            "{",
            r#"{"a":{"b":1}}"#,
            r#"{"a":[[1]]}"#,
            r#"{"a":"\u0000"}"#,
        ] {
            assert!(
                matches!(refused("application/json", body.as_bytes()), WebError::BadRequest),
                "{body}"
            );
        }
        assert!(matches!(refused("text/xml", b"<a/>"), WebError::UnsupportedMediaType));
        assert!(matches!(refused(FORM, b"a=%00"), WebError::BadRequest));
    }

    #[test]
    fn lists_are_repeated_or_numbered() {
        let lists = |query: &str| -> Vec<String> { Parameters::of(query).list("acl").map(str::to_owned).collect() };
        assert_eq!(lists("acl=a&acl=b&acl-0=c&acl-x=d&aclx=e"), ["a", "b", "c", "d"]);
        assert!(lists("other=1").is_empty());
        let json = Parameters::parse("", "application/json", br#"{"acl":["a","b"]}"#).unwrap();
        assert_eq!(json.list("acl").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn one_thing_has_one_value() {
        let all = Parameters::of("a=1&a=1&b=1&b=2&c=&d=2");
        assert_eq!(all.one("a").unwrap(), Some("1"));
        assert!(all.one("b").unwrap_err().to_string().contains("“b”"));
        assert!(all.needed("c").unwrap_err().to_string().contains("“c”"));
        assert_eq!(all.first_of(&["x", "a"]).unwrap(), Some("1"));
        assert!(all.flag("a").unwrap() && !all.flag("x").unwrap() && !all.flag("c").unwrap());
        assert!(all.flag("d").is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_is_too_odd(
            query in ".{0,60}", kind in ".{0,20}", body in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            for kind in [kind.as_str(), FORM, "application/json"] {
                if let Ok(all) = Parameters::parse(&query, kind, &body) {
                    prop_assert!(all.list("a").chain(all.below("").map(|(_, value)| value)).all(|value| !value.contains('\0')));
                }
            }
        }
    }
}
