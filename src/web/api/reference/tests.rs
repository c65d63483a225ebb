//! Whether the descriptions are complete and hold together. Whether they are true, the HTTP tests find out: every answer
//! that they are given is held against the document.

use super::{
    document::{Writer, document, parsed},
    operation::{Needs, Operation, Place},
    operations,
};
use crate::{catalogue::Catalogue, domain::staff_scope::StaffScope, web::api::kind::Kind};
use serde_json::Value;

const ORIGIN: &str = "https://panel.example";

/// Every schema below `value` that has members, with the way to it.
fn objects<'a>(way: &str, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) {
                found.push((way.to_owned(), value));
            }
            for (name, value) in members {
                objects(&format!("{way}/{name}"), value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| objects(way, value, found)),
        _ => {}
    }
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && !text.contains(['[', '\n']) && !text.contains("  ")
}

#[test]
fn every_call_says_what_it_does() {
    let operations = operations();
    for (position, operation) in operations.iter().enumerate() {
        let Operation { method, path, id, .. } = operation;
        let name = format!("{method} {path}");
        let same = |other: &Operation| other.id == *id || (other.method, other.path) == (method, path);
        assert!(!operations[..position].iter().any(same), "{name} stands there twice");
        assert!(id.starts_with(|c: char| c.is_ascii_lowercase()), "{name} needs an id");
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric()), "{name}: {id}");
        assert!(
            !operation.summary.is_empty() && !operation.summary.ends_with('.'),
            "{name}: the summary"
        );
        assert!(is_sentence(operation.about), "{name}: {:?}", operation.about);
        assert!(!operation.answers.is_empty(), "{name}: what does it answer?");
        for answer in operation.answers {
            assert!(is_sentence(answer.about), "{name}: {:?}", answer.about);
            assert!((200..300).contains(&answer.status), "{name}: list problems as problems");
        }
        let places = operation.parameters.iter().filter(|it| it.place == Place::Path);
        let named = places.fold((*path).to_owned(), |path, it| {
            path.replace(&format!("{{{}}}", it.name), "")
        });
        assert!(!named.contains('{'), "{name}: what is {named}?");
        for parameter in operation.parameters {
            assert!(is_sentence(parameter.about), "{name}: {:?}", parameter.about);
        }
    }
}

#[test]
fn needed_scopes_are_real() {
    let catalogue = Catalogue::built_in();
    for operation in operations() {
        for needs in operation.needs {
            let known = match needs {
                Needs::Token | Needs::StaffToken => true,
                Needs::Scope(scope) => scope.parse().is_ok_and(|scope| catalogue.scope(&scope).is_some()),
                Needs::StaffScope(scope) => scope.parse::<StaffScope>().is_ok(),
            };
            assert!(known, "{}: {needs:?}", operation.id);
        }
    }
}

#[test]
fn problems_are_not_said_twice() {
    for operation in operations() {
        let plain = Operation {
            problems: &[],
            ..operation
        };
        for kind in operation.problems {
            assert!(
                !plain.refusals().contains(kind),
                "{}: {} follows from the rest",
                operation.id,
                kind.code()
            );
        }
        let all = operation.refusals();
        assert!(all.iter().all(|kind| Kind::ALL.contains(kind)));
    }
}

#[test]
fn every_member_is_described_and_every_body_is_strict() {
    let document = document(&operations(), "Sunrise", ORIGIN);
    let mut found = Vec::new();
    objects("", &document["components"]["schemas"], &mut found);
    assert!(!found.is_empty() && !document.to_string().contains("\"default\":null"));
    let mut wrong = Vec::new();
    for (way, schema) in found {
        for (name, member) in schema["properties"].as_object().unwrap() {
            if !member["description"].as_str().is_some_and(is_sentence) {
                wrong.push(format!(
                    "{way}: {name} needs a comment of one sentence or more: {}",
                    member["description"]
                ));
            }
        }
    }
    for (name, _) in document["components"]["schemas"].as_object().unwrap() {
        if name.ends_with(|c: char| c.is_ascii_digit()) {
            wrong.push(format!(
                "{name}: two types of one name; one needs #[schemars(rename = \"..\")]"
            ));
        }
    }
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let sent = &operation["requestBody"]["content"]["application/json"]["schema"];
            let Some(name) = sent["$ref"].as_str().and_then(|name| name.rsplit('/').next()) else {
                continue;
            };
            let schema = &document["components"]["schemas"][name];
            if schema["properties"].is_object() && schema["additionalProperties"] != false {
                wrong.push(format!("{method} {path}: {name} needs #[serde(deny_unknown_fields)]"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_type_is_both_sent_and_answered() {
    let mut writer = Writer::new(ORIGIN);
    for operation in operations() {
        writer.operation(&operation);
    }
    assert_eq!(
        writer.clashes(),
        Vec::<String>::new(),
        "two types are needed, or one name each"
    );
}

#[test]
fn every_example_is_json() {
    for operation in operations() {
        let answered = operation.answers.iter().filter_map(|answer| answer.body.as_ref());
        for body in answered.chain(operation.body.as_ref()) {
            assert!(!parsed(body.example).is_string(), "{}: {}", operation.id, body.example);
        }
    }
}
