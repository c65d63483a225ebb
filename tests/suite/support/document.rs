//! Holds what the API answers against its OpenAPI document.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use latchkey::web::api::reference::{document::document, operations};
use serde_json::{Value, json};

use crate::support::{Request, Response};

/// Problems name the pages of the server that answered; they are held against a document of this one.
const ORIGIN: &str = "https://panel.example";

/// The document, with what is answered closed: a member that it does not name is a fault here, while programs are told
/// to pass it over.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = document(&operations(), "a company", ORIGIN);
    close(&mut document["components"]["schemas"]);
    document
});

/// Made once for each schema that was needed.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The document of an API at `https://panel.example`.
pub(crate) fn described() -> &'static Value {
    &DOCUMENT
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("properties").is_some_and(Value::is_object) && members.get("type") == Some(&json!("object"))
            {
                members.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

/// Panics when the document has no such answer to such a request. What is not about a call of the API passes, and so
/// does an answer to a path or a method that the API does not have, if it says so.
#[track_caller]
pub(crate) fn check(request: &Request, response: &Response) {
    let path = request.target().split('?').next().unwrap_or_default();
    if !path.starts_with("/api/v1/") || request.method() == "HEAD" {
        return;
    }
    let call = format!("{} {path}: {}", request.method(), response.status);
    let methods = DOCUMENT["paths"].as_object().unwrap().iter();
    let Some((_, methods)) = methods.into_iter().find(|(template, _)| fits(template, path)) else {
        assert_eq!(response.status, 404, "{call}: the document has no such path");
        return;
    };
    let Some(operation) = methods.get(request.method().to_ascii_lowercase()) else {
        let said = matches!(response.status, 404 | 405) || request.method() == "OPTIONS";
        assert!(said, "{call}: the document has no such method");
        return;
    };
    if (200..300).contains(&response.status) {
        check_sent(&call, operation, request);
    }
    let answer = resolved(&operation["responses"][response.status.to_string()]);
    assert!(
        answer.is_object(),
        "{call}: the document has no such answer: {}",
        response.text()
    );
    let Some(content) = answer["content"].as_object() else {
        assert!(
            response.body.is_empty(),
            "{call}: the document has no body: {}",
            response.text()
        );
        return;
    };
    let kind = response.header("Content-Type").unwrap_or_default();
    let schema = content.get(kind).map(|content| &content["schema"]);
    let schema = schema.unwrap_or_else(|| panic!("{call}: the document has no {kind}: {}", response.text()));
    for (name, header) in answer["headers"].as_object().into_iter().flatten() {
        let missing = header["required"] == true && response.header(name).is_none();
        assert!(!missing, "{call}: no header {name}");
    }
    let body = serde_json::from_str(response.text()).expect("the body is JSON");
    let faults = faults(schema, &at_home(body));
    assert!(faults.is_empty(), "{call}: {faults:#?} in {}", response.text());
}

/// What a reference within the document leads to; what is none is itself.
pub(crate) fn resolved(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        None => value,
        Some(way) => DOCUMENT
            .pointer(way.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("the document has no {way}")),
    }
}

/// Panics when something was taken that the document does not let programs send.
#[track_caller]
fn check_sent(call: &str, operation: &Value, request: &Request) {
    let parameters = operation["parameters"].as_array();
    let known = |name: &str| {
        let mut parameters = parameters.into_iter().flatten();
        parameters.any(|parameter| parameter["in"] == "query" && parameter["name"] == name)
    };
    let query = request.target().split_once('?').map_or("", |(_, query)| query);
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        assert!(known(&name), "{call}: the document has no parameter {name}");
    }
    if request.sent().is_empty() {
        return;
    }
    let mut content = operation["requestBody"]["content"].as_object().into_iter().flatten();
    let (_, content) = content
        .next()
        .unwrap_or_else(|| panic!("{call}: the document lets no body be sent"));
    let body = serde_json::from_slice(request.sent()).expect("what was taken is JSON");
    let faults = faults(&content["schema"], &body);
    assert!(
        faults.is_empty(),
        "{call}: taken, but not as the document has it: {faults:#?} in {body}"
    );
}

/// What is wrong with a value that should be as `schema` says, a part of the document.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = validators.entry(schema.to_string()).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": DOCUMENT["components"]["schemas"] });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&whole).expect("a schema of the document"))
    });
    let validator = Arc::clone(validator);
    drop(validators);
    let faults = validator.iter_errors(value);
    faults
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let part = |(wanted, given): (&&str, &&str)| wanted == given || wanted.starts_with('{') && !given.is_empty();
    wanted.len() == given.len() && wanted.iter().zip(&given).all(part)
}

/// A problem as the server of the document would have it, also one within a decision.
fn at_home(mut body: Value) -> Value {
    for pointer in ["/type", "/problem/type"] {
        if let Some(kind) = body.pointer_mut(pointer)
            && let Some((_, code)) = kind.as_str().and_then(|kind| kind.split_once("/problems/"))
        {
            *kind = json!(format!("{ORIGIN}/problems/{code}"));
        }
    }
    body
}

mod tests {
    use super::{Response, check};
    use crate::support::Request;
    use serde_json::json;

    fn checked(method: &str, path: &str, status: u16, kind: &str, body: &str) -> bool {
        let response = Response {
            status,
            headers: vec![
                ("Content-Type".to_owned(), kind.to_owned()),
                ("WWW-Authenticate".to_owned(), String::new()),
            ],
            body: body.as_bytes().to_vec(),
        };
        let request = Request::new(method, path);
        std::panic::catch_unwind(|| check(&request, &response)).is_ok()
    }

    #[test]
    fn what_is_not_in_the_document_is_found() {
        let problem = |code: &str, status: u16| {
            let kind = format!("http://localhost:1/problems/{code}");
            json!({ "type": kind, "title": "a", "status": status, "detail": "b", "instance": "c" }).to_string()
        };
        let (json, problems, path) = ("application/json", "application/problem+json", "/api/v1/token");
        assert!(checked("GET", path, 401, problems, &problem("missing-token", 401)));
        assert!(checked("DELETE", path, 204, "", ""));
        assert!(checked("GET", "/tokens", 200, "text/html", "<p>"));
        assert!(checked("GET", "/api/v1/nothing", 404, problems, ""));
        assert!(checked("PUT", path, 405, problems, ""));
        assert!(!checked("GET", "/api/v1/nothing", 200, json, "{}"));
        assert!(!checked("PUT", path, 200, json, "{}"));
        assert!(!checked("GET", path, 201, json, "{}"));
        assert!(!checked("DELETE", path, 204, "", "{}"));
        assert!(!checked("GET", path, 200, json, "{}"));
        assert!(!checked("GET", path, 401, json, &problem("missing-token", 401)));
        assert!(!checked("GET", path, 401, problems, &problem("unknown-scope", 401)));
        assert!(!checked("GET", path, 401, problems, &problem("missing-token", 403)));
        assert!(!checked(
            "GET",
            path,
            401,
            problems,
            &problem("missing-token", 401).replace("\"c\"", "\"c\",\"d\":1")
        ));
    }
}
