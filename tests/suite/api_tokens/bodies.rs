//! Bodies that nobody means well with: each is answered with a clear 4xx, and none makes anything.

use latchkey::web::api::reference::{document::document, operations};
use serde_json::json;

use super::{PATH, code, errors, ids, manager};
use crate::support::{Answer, Api, World};

on_both!(
    what_is_no_body_is_told_apart,
    everything_that_is_wrong_is_told_at_once,
    the_document_names_what_is_read,
);

#[track_caller]
fn post(api: &Api, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
    api.send(&api.request("POST", PATH).body(kind, body))
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn what_is_no_body_is_told_apart(world: &World) {
    let (api, _) = manager(world, &world.customer("priya"));
    let json = "application/json";
    let good = r#"{"name":"a","scopes":["dns:read"]}"#;
    let deep = |opening: &str, closing: &str| format!("{}{}", opening.repeat(7_000), closing.repeat(7_000));
    let cases: &[(&str, Vec<u8>, u16, &str)] = &[
        ("text/plain", good.into(), 415, "unsupported-media-type"),
        (
            "application/x-www-form-urlencoded",
            "name=a".into(),
            415,
            "unsupported-media-type",
        ),
        (
            "application/merge-patch+json",
            good.into(),
            415,
            "unsupported-media-type",
        ),
        (
            "multipart/form-data; boundary=a",
            good.into(),
            415,
            "unsupported-media-type",
        ),
        (json, "".into(), 400, "malformed-json"),
        (json, "{".into(), 400, "malformed-json"),
        (json, format!("\u{feff}{good}").into(), 400, "malformed-json"),
        (json, format!("{good}{good}").into(), 400, "malformed-json"),
        (json, good.replace('"', "'").into(), 400, "malformed-json"),
        (
            json,
            r#"{"name":"\ud800","scopes":["dns:read"]}"#.into(),
            400,
            "malformed-json",
        ),
        (json, b"{\"name\":\"\xff\"}".to_vec(), 400, "malformed-json"),
        (json, b"{\"name\":\"a\x00b\"}".to_vec(), 400, "malformed-json"),
        (json, r#"{"name":1e999}"#.into(), 400, "malformed-json"),
        (json, deep("[", "]").into(), 400, "malformed-json"),
        (
            json,
            deep("{\"a\":", "}").replace("{\"a\":}", "{}").into_bytes(),
            413,
            "too-large",
        ),
        (json, vec![b' '; 16 * 1024 + 1], 413, "too-large"),
        (json, "[]".into(), 422, "invalid-body"),
        (json, "null".into(), 422, "invalid-body"),
        (json, "\"name\"".into(), 422, "invalid-body"),
        (json, "{}".into(), 422, "invalid-body"),
    ];
    for (kind, body, status, wanted) in cases {
        let answer = post(&api, kind, body.clone());
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(
            (answer.status(), code(&answer).as_str()),
            (*status, *wanted),
            "{kind} {shown}"
        );
        assert!(answer.text().len() < 2_000, "{}", answer.text());
    }
    assert_eq!(ids(&api.get(PATH).expect(200).json()).len(), 1, "nothing was made");
    post(&api, "application/json; charset=utf-8", good).expect(201);
}

fn everything_that_is_wrong_is_told_at_once(world: &World) {
    let (api, _) = manager(world, &world.customer("priya"));
    let token = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";
    let body = format!(
        r#"{{"description":{{}},"scopes":"dns:read","sites":[1,"priya.example",null],"addresses":true,
            "expires":{{"days":1e3,"days":2,"x":1}},"name":"a","name":"b","{token}":1,"a/b~c":2,"SCOPES":[]}}"#
    );
    let answer = post(&api, "application/json", body).expect(422);
    let wrong = [
        ("/name", "duplicate-member"),
        ("/description", "wrong-type"),
        ("/scopes", "wrong-type"),
        ("/sites/0", "wrong-type"),
        ("/sites/2", "wrong-type"),
        ("/addresses", "wrong-type"),
        ("/expires/days", "duplicate-member"),
        ("/expires/days", "out-of-range"),
        ("/expires/x", "unknown-member"),
        ("/lk_EXAMPLE1_…", "unknown-member"),
        ("/a~1b~0c", "unknown-member"),
        ("/SCOPES", "unknown-member"),
    ];
    assert_eq!(
        errors(&answer),
        wrong.map(|(member, code)| (member.to_owned(), code.to_owned()))
    );
    assert!(!answer.text().contains(token));
    let huge = r#"{"name":"a","scopes":["dns:read"],"expires":{"days":18446744073709551616}}"#;
    assert_eq!(
        errors(&post(&api, "application/json", huge).expect(422))[0].1,
        "out-of-range"
    );
    let number = r#"{"name":12345678901234567890123456789012345678901234567890,"scopes":["dns:read"]}"#;
    assert_eq!(
        errors(&post(&api, "application/json", number).expect(422))[0].1,
        "wrong-type"
    );
}

/// What a body may hold is read by one piece of code and described by another.
fn the_document_names_what_is_read(world: &World) {
    let account = world.customer("priya");
    let (api, own) = manager(world, &account);
    let document = document(&operations(), "a company", "https://panel.example");
    let own = super::path(&own);
    for (method, template, path) in [
        ("post", "/api/v1/tokens", PATH.to_owned()),
        ("patch", "/api/v1/tokens/{id}", own.clone()),
        ("post", "/api/v1/tokens/{id}/renew", format!("{own}/renew")),
        ("post", "/api/v1/tokens/{id}/rotate", format!("{own}/rotate")),
    ] {
        let name = document["paths"][template][method]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            .as_str()
            .and_then(|name| name.rsplit('/').next())
            .unwrap();
        let members = document["components"]["schemas"][name]["properties"]
            .as_object()
            .unwrap();
        let answer = super::send(
            &api,
            (&method.to_uppercase(), &path),
            "*",
            &json!({"no such member": 1}),
        );
        let said = answer.expect(422).json();
        let errors = said["errors"].as_array().unwrap();
        let unknown = errors.iter().find(|error| error["code"] == "unknown-member").unwrap();
        let known = unknown["detail"].as_str().unwrap().split("There are ").nth(1).unwrap();
        let mut known: Vec<&str> = known.trim_end_matches('.').split(", ").collect();
        known.sort_unstable();
        let mut described: Vec<&str> = members.keys().map(String::as_str).collect();
        described.sort_unstable();
        assert_eq!(known, described, "{method} {template}");
    }
}
