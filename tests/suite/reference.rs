//! `/api/openapi.json` and `/reference`: the description of the API, and whether it is one.

use std::{collections::BTreeSet, io::Read};

use flate2::read::GzDecoder;
use latchkey::web::api::{
    kind::Kind,
    reference::{curl, operations},
};
use serde_json::Value;

use crate::{
    matrix,
    support::{World, document},
};

on_both!(
    the_document_is_served_and_printed_alike,
    whoever_has_it_is_not_sent_it_again,
    it_is_sent_as_small_as_it_can_be,
    every_call_has_a_page_that_says_all_of_it
);

#[test]
fn the_document_has_every_call_and_no_other() {
    let paths = document::described()["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let mut described: Vec<String> = described.collect();
    described.sort();
    let mut routed: Vec<String> = matrix::calls().collect();
    routed.sort();
    assert_eq!(described, routed);
}

#[test]
fn examples_are_what_their_schemas_say() {
    let paths = document::described()["paths"].as_object().unwrap();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().values();
            let bodies = answers.map(document::resolved).chain([&operation["requestBody"]]);
            for content in bodies.filter_map(|body| body["content"].get("application/json")) {
                let faults = document::faults(&content["schema"], &content["example"]);
                assert!(
                    faults.is_empty(),
                    "{method} {path}: {faults:#?} in {:#}",
                    content["example"]
                );
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if let Some(example) = parameter.get("example") {
                    let faults = document::faults(&parameter["schema"], example);
                    assert!(faults.is_empty(), "{method} {path}: {faults:#?}");
                }
            }
        }
    }
}

fn the_document_is_served_and_printed_alike(world: &World) {
    let served = world.api().get("/api/openapi.json").expect(200);
    assert_eq!(served.header("Cache-Control"), Some("public, max-age=300"));
    let document: Value = served.json();
    assert_eq!(document["openapi"], "3.1.1");
    let origin = world.app.settings.public_url.as_str();
    assert_eq!(document["servers"][0]["url"], origin);
    let output = world.latchkey(&["openapi", "--listen", origin.trim_start_matches("http://")], "");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), served.text());
}

fn whoever_has_it_is_not_sent_it_again(world: &World) {
    let api = world.api();
    let tag = api
        .get("/api/openapi.json")
        .expect(200)
        .header("ETag")
        .unwrap()
        .to_owned();
    let again = |known: &str| {
        let request = api.request("GET", "/api/openapi.json").header("If-None-Match", known);
        api.send(&request)
    };
    assert_eq!(again(&tag).expect(304).text(), "");
    again(&format!("\"x\", {}", tag.trim_start_matches("W/"))).expect(304);
    again("\"x\"").expect(200);
}

fn it_is_sent_as_small_as_it_can_be(world: &World) {
    let api = world.api();
    let plain = api.get("/api/openapi.json").expect(200);
    assert_eq!(
        (plain.header("Content-Encoding"), plain.header("Vary")),
        (None, Some("Accept-Encoding"))
    );
    assert!(plain.text().len() < 200_000, "{} bytes", plain.text().len());
    let sent = |accepted: &str| {
        let request = api.request("GET", "/api/openapi.json");
        api.send(&request.header("Accept-Encoding", accepted)).expect(200)
    };
    let packed = sent("gzip");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(
        packed.header("etag"),
        plain.header("ETag"),
        "it is weak: the same for each form"
    );
    assert!(
        packed.bytes().len() * 5 < plain.text().len(),
        "{} bytes",
        packed.bytes().len()
    );
    let mut unpacked = String::new();
    GzDecoder::new(packed.bytes()).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.text());
    let smallest = sent("gzip, br");
    assert_eq!(smallest.header("content-encoding"), Some("br"));
    assert!(smallest.bytes().len() < packed.bytes().len());
}

#[test]
fn a_refusal_stands_in_the_document_once() {
    let document = document::described();
    let shared = document["components"]["responses"].as_object().unwrap();
    let mut used = BTreeSet::new();
    for operation in document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
    {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let Some(way) = answer["$ref"].as_str() else {
                assert!(status.starts_with('2'), "{}: {status}", operation["operationId"]);
                continue;
            };
            let schema = &document::resolved(answer)["content"]["application/problem+json"]["schema"];
            assert_eq!(schema["properties"]["status"]["const"].to_string(), *status);
            used.insert(way.rsplit('/').next().unwrap());
        }
    }
    assert_eq!(used, shared.keys().map(String::as_str).collect());
    let texts: BTreeSet<String> = shared.values().map(Value::to_string).collect();
    assert_eq!(texts.len(), shared.len());
}

fn every_call_has_a_page_that_says_all_of_it(world: &World) {
    world.customer("priya");
    let (visitor, customer) = (world.browser(), world.signed_in("priya"));
    let index = customer.get("/reference").expect(200);
    assert!(Kind::ALL.iter().all(|kind| index.has(kind.code())));
    for operation in operations() {
        assert!(index.has(operation.summary), "{}", operation.id);
        let page = visitor.get(&format!("/reference/{}", operation.id)).expect(200);
        assert_eq!(page.heading(), operation.summary);
        let text = page.text().split_whitespace().collect::<Vec<_>>().join(" ");
        let has = |part: &str| {
            let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&part), "{}: {part:?} in {text}", operation.id);
        };
        has(operation.about);
        has(&format!("{} {}", operation.method, operation.path));
        has(&curl::line(&operation, world.app.settings.public_url.as_str()));
        operation.refusals().iter().for_each(|kind| has(kind.code()));
        for answer in operation.answers {
            has(answer.about);
            has(answer.example());
        }
        let document = &document::described()["paths"][operation.path][operation.method.to_lowercase()];
        for parameter in document["parameters"].as_array().into_iter().flatten() {
            has(parameter["name"].as_str().unwrap());
            has(parameter["description"].as_str().unwrap());
        }
        let sent = &document["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let schema = sent
            .as_str()
            .and_then(|way| document::described().pointer(way.trim_start_matches('#')));
        for (name, member) in schema
            .into_iter()
            .filter_map(|it| it["properties"].as_object())
            .flatten()
        {
            has(&format!("{name} "));
            has(member["description"].as_str().unwrap());
        }
    }
    customer.get("/reference/nothing").expect(404);
}
