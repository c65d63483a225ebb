//! The envelopes of the compatible interfaces: how one result of a function looks in each. Knows no function.

use std::fmt;

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Map, Value, json};

/// What a function has to say when it did what it was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// What it is about; null where there is nothing to say.
    pub data: Value,
    /// What it says besides, in words.
    pub message: Option<String>,
    /// What was done to the data on its way out: pages, filters.
    pub metadata: Map<String, Value>,
}

impl Done {
    /// Nothing but data.
    pub fn with(data: Value) -> Self {
        Self {
            data,
            ..Self::default()
        }
    }
}

/// Why a function did not do what it was asked for, in words for whoever called it. The call itself was in order: the
/// status is 200, as programs expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl Refused {
    /// With these words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a function says.
pub type Said = Result<Done, Refused>;

/// The flat envelope, of `/execute/`.
pub fn flat(said: &Said) -> Value {
    match said {
        Ok(done) => json!({
            "status": 1,
            "data": done.data,
            "errors": null,
            "messages": done.message.as_ref().map(|message| [message]),
            "metadata": done.metadata,
            "warnings": null,
        }),
        Err(refused) => json!({
            "status": 0,
            "data": null,
            "errors": [refused.to_string()],
            "messages": null,
            "metadata": {},
            "warnings": null,
        }),
    }
}

/// The name of a function as an envelope repeats it.
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// The module.
    pub module: &'a str,
    /// The function.
    pub function: &'a str,
}

/// The nested envelope, of `/json-api/cpanel` with version 3.
pub fn nested(called: Called<'_>, said: &Said) -> Value {
    json!({"apiversion": 3, "module": called.module, "func": called.function, "result": flat(said)})
}

/// The envelope of version 2. What is not a list there becomes a list of one.
pub fn version_2(called: Called<'_>, said: &Said) -> Value {
    let data = match said {
        Ok(Done {
            data: Value::Array(rows),
            ..
        }) => Value::Array(rows.clone()),
        Ok(Done { data: Value::Null, .. }) => json!([{"result": 1}]),
        Ok(Done { data, .. }) => json!([data]),
        Err(refused) => {
            let words = refused.to_string();
            json!([{"result": 0, "reason": words, "statusmsg": words}])
        }
    };
    json!({"cpanelresult": {
        "apiversion": 2,
        "module": called.module,
        "func": called.function,
        "event": {"result": u8::from(said.is_ok())},
        "data": data,
    }})
}

/// The answer of `/json-api/cpanel` to a function that there is not, which programs know by these words.
pub fn no_such_function(called: Called<'_>) -> Value {
    let words = format!(
        "Could not find function “{}” in the module “{}”.",
        called.function, called.module
    );
    json!({"cpanelresult": {
        "apiversion": 2,
        "module": called.module,
        "func": called.function,
        "error": words,
        "event": {"result": 0, "reason": words},
        "data": [],
    }})
}

/// Which shape the answer of a WHM function has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhmVersion {
    /// What is said when nobody asks for a version: the data alone.
    Zero,
    /// Metadata and data.
    One,
}

/// The envelope of a WHM function.
pub fn whm(version: WhmVersion, command: &str, said: &Said) -> Value {
    let (result, reason) = match said {
        Ok(done) => (1, done.message.clone().unwrap_or_else(|| "OK".to_owned())),
        Err(refused) => (0, refused.to_string()),
    };
    match (version, said) {
        (
            WhmVersion::Zero,
            Ok(Done {
                data: Value::Object(data),
                ..
            }),
        ) => {
            let mut all = data.clone();
            all.entry("status").or_insert_with(|| 1.into());
            all.entry("statusmsg").or_insert_with(|| reason.into());
            Value::Object(all)
        }
        (WhmVersion::Zero, _) => json!({"status": result, "statusmsg": reason}),
        (WhmVersion::One, said) => {
            let mut metadata = said.as_ref().map(|done| done.metadata.clone()).unwrap_or_default();
            metadata.insert("command".to_owned(), command.into());
            metadata.insert("reason".to_owned(), reason.into());
            metadata.insert("result".to_owned(), result.into());
            metadata.insert("version".to_owned(), 1.into());
            match said {
                Ok(Done { data, .. }) if !data.is_null() => json!({"metadata": metadata, "data": data}),
                _ => json!({"metadata": metadata}),
            }
        }
    }
}

/// The answer to a WHM function that there is not, which programs know by these words.
pub fn unknown_app(version: WhmVersion, command: &str) -> Value {
    match version {
        WhmVersion::Zero => json!({"error": format!("Unknown App Requested: {command}")}),
        WhmVersion::One => {
            let refused = Refused::new(format!("Unknown app (\"{command}\") requested"));
            whm(version, command, &Err(refused))
        }
    }
}

/// An answer with status 200, whatever it says.
pub fn answer(envelope: &Value) -> HttpResponse {
    HttpResponse::Ok().json(envelope)
}

/// The answer of `/execute/` to whoever is not let in, whatever the reason.
pub fn unauthorized() -> HttpResponse {
    HttpResponse::Unauthorized().json(flat(&Err(Refused::new("Access denied"))))
}

/// The answer of `/json-api/` to whoever is not let in, whatever the reason. Programs compare it letter by letter.
pub fn forbidden() -> HttpResponse {
    HttpResponse::build(StatusCode::FORBIDDEN)
        .reason("Forbidden Access denied")
        .content_type("text/plain; charset=\"utf-8\"")
        .body(
            r#"{"cpanelresult":{"apiversion":"2","error":"Access denied","data":{"reason":"Access denied","result":"0"},"type":"text"}}"#,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: Called<'_> = Called {
        module: "Tokens",
        function: "list",
    };

    fn refused() -> Said {
        Err(Refused::new("No"))
    }

    #[test]
    fn the_flat_envelope_has_all_its_members_and_no_other() {
        let done = flat(&Ok(Done::with(json!([1]))));
        let expected = json!({
            "messages": null, "status": 1, "data": [1], "errors": null, "metadata": {}, "warnings": null,
        });
        assert_eq!(done, expected);
        let expected = json!({
            "messages": null, "status": 0, "data": null, "errors": ["No"], "metadata": {}, "warnings": null,
        });
        assert_eq!(flat(&refused()), expected);
    }

    #[test]
    fn the_nested_envelope_holds_the_flat_one() {
        let nested = nested(LIST, &refused());
        assert_eq!((&nested["apiversion"], &nested["func"]), (&json!(3), &json!("list")));
        assert_eq!(nested["result"], flat(&refused()));
    }

    #[test]
    fn version_2_is_always_a_list() {
        let data = |said: &Said| version_2(LIST, said)["cpanelresult"]["data"].clone();
        assert_eq!(data(&Ok(Done::with(json!([1, 2])))), json!([1, 2]));
        assert_eq!(data(&Ok(Done::with(json!({"a": 1})))), json!([{"a": 1}]));
        assert_eq!(data(&Ok(Done::default())), json!([{"result": 1}]));
        assert_eq!(data(&refused())[0]["statusmsg"], "No");
        assert_eq!(
            version_2(LIST, &refused())["cpanelresult"]["event"],
            json!({"result": 0})
        );
        let error = &no_such_function(LIST)["cpanelresult"]["error"];
        assert!(error.as_str().unwrap().contains("Could not find function"));
    }

    #[test]
    fn whm_says_what_it_did_in_metadata_or_beside_the_data() {
        let done = Ok(Done::with(json!({"acct": []})));
        let one = whm(WhmVersion::One, "listaccts", &done);
        let metadata = json!({"command": "listaccts", "reason": "OK", "result": 1, "version": 1});
        assert_eq!(one, json!({"metadata": metadata, "data": {"acct": []}}));
        assert_eq!(
            whm(WhmVersion::One, "removeacct", &refused()),
            json!({
                "metadata": {"command": "removeacct", "reason": "No", "result": 0, "version": 1},
            })
        );
        let zero = whm(WhmVersion::Zero, "listaccts", &done);
        assert_eq!(zero, json!({"acct": [], "status": 1, "statusmsg": "OK"}));
        assert_eq!(
            whm(WhmVersion::Zero, "x", &refused()),
            json!({"status": 0, "statusmsg": "No"})
        );
        let reason = &unknown_app(WhmVersion::One, "foo")["metadata"]["reason"];
        assert_eq!(reason, "Unknown app (\"foo\") requested");
        assert_eq!(
            unknown_app(WhmVersion::Zero, "foo"),
            json!({"error": "Unknown App Requested: foo"})
        );
    }
}
