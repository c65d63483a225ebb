//! The OpenAPI 3.1 document of the whole API.

use std::collections::BTreeMap;

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    operation::{Answer, Body, Needs, Operation, Parameter, Place, Tag},
    shape::{Shape, without_null},
};
use crate::web::{
    api::problem,
    error::{PROBLEM, explain},
};

/// What stands at the head of the document.
const ABOUT: &str = "The JSON API for programs that hold a token. Send the token in the header Authorization: Bearer; it is \
    read nowhere else, and cookies are not read at all. A body is one JSON object with the members that are named here and \
    no others. What cannot be done is answered with a problem document (RFC 9457); its type is the address of a page that \
    says what to do, and never changes. Members may be added to answers: pass over those that you do not know.";

const ACCOUNT_TOKEN: &str = "accountToken";
const STAFF_TOKEN: &str = "staffToken";

/// Every operation as an OpenAPI document, for programs that reach us by `origin`.
pub fn document(operations: &[Operation], company: &str, origin: &str) -> Value {
    let mut writer = Writer::new(origin);
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let described = writer.operation(operation);
        paths
            .entry(operation.path)
            .or_default()
            .insert(operation.method.to_ascii_lowercase(), described);
    }
    let tags = Tag::ALL
        .iter()
        .filter(|tag| operations.iter().any(|it| it.tag == **tag));
    let mut document = json!({
        "openapi": "3.1.1",
        "info": { "title": format!("API of {company}"), "version": env!("CARGO_PKG_VERSION"), "description": ABOUT },
        "servers": [{ "url": origin }],
        "tags": tags.map(|tag| json!({ "name": tag.name(), "description": tag.about() })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                ACCOUNT_TOKEN: { "type": "http", "scheme": "bearer", "description": "A token of an account, lk_..." },
                STAFF_TOKEN: { "type": "http", "scheme": "bearer", "description": "A token of a staff member, lka_..." },
            },
        },
    });
    document["components"]["responses"] = writer.refusals().into();
    document["components"]["schemas"] = writer.schemas().into();
    tidy(&mut document);
    document
}

/// Lets descriptions run on where the comments that they come from begin a new line, and says nothing of a default that is
/// only that a member was left out: null may not fit.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            if members.get("default").is_some_and(Value::is_null) {
                members.remove("default");
            }
            let others = members.iter_mut().filter(|(name, _)| *name != "example");
            others.for_each(|(_, value)| tidy(value));
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// What is sent and what is answered are two forms of the same types: a member that may be left out of the one is always
/// there in the other.
///
/// A refusal stands there once, for all calls that are refused in this way.
pub(super) struct Writer<'a> {
    origin: &'a str,
    refusals: Vec<(u16, Value)>,
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl<'a> Writer<'a> {
    pub(super) fn new(origin: &'a str) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            origin,
            refusals: Vec::new(),
            sent: settings.clone().for_deserialize().into_generator(),
            answered: settings.for_serialize().into_generator(),
        }
    }

    /// Every type that has a name.
    pub(super) fn schemas(mut self) -> Map<String, Value> {
        let mut all = self.sent.take_definitions(true);
        all.extend(self.answered.take_definitions(true));
        all
    }

    /// Every refusal by its name.
    fn refusals(&self) -> Map<String, Value> {
        let named = self.refusals.iter().enumerate();
        named
            .map(|(place, (_, refusal))| (self.name_of(place), refusal.clone()))
            .collect()
    }

    /// `Refused401`, and from the second one of a status on `Refused401-2`.
    fn name_of(&self, place: usize) -> String {
        let status = self.refusals[place].0;
        match self.refusals[..place]
            .iter()
            .filter(|(other, _)| *other == status)
            .count()
        {
            0 => format!("Refused{status}"),
            before => format!("Refused{status}-{}", before + 1),
        }
    }

    /// Where a refusal stands that is now among the others.
    fn refer(&mut self, status: u16, refusal: Value) -> Value {
        let known = self.refusals.iter().position(|(_, known)| *known == refusal);
        let place = known.unwrap_or_else(|| {
            self.refusals.push((status, refusal));
            self.refusals.len() - 1
        });
        json!({ "$ref": format!("#/components/responses/{}", self.name_of(place)) })
    }

    /// The types that mean one thing where they are sent and another where they are answered.
    #[cfg(test)]
    pub(super) fn clashes(&self) -> Vec<String> {
        let answered = self.answered.definitions();
        let differs = |(name, schema): &(&String, &Value)| answered.get(*name).is_some_and(|other| other != *schema);
        let both = self.sent.definitions().iter().filter(differs);
        both.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn operation(&mut self, operation: &Operation) -> Value {
        let mut described = json!({
            "operationId": operation.id,
            "tags": [operation.tag.name()],
            "summary": operation.summary,
            "description": operation.about,
            "security": operation.needs.iter().map(security).collect::<Vec<_>>(),
            "responses": self.responses(operation),
        });
        let parameters = self.parameters(operation);
        if !parameters.is_empty() {
            described["parameters"] = parameters.into();
        }
        if let Some(body) = &operation.body {
            described["requestBody"] = json!({ "required": !body.optional, "content": content(&mut self.sent, body) });
        }
        described
    }

    fn parameters(&mut self, operation: &Operation) -> Vec<Value> {
        let named = operation.parameters.iter().map(|parameter| self.parameter(parameter));
        let mut all: Vec<Value> = named.collect();
        all.extend(operation.query.into_iter().flat_map(query));
        all
    }

    fn parameter(&mut self, parameter: &Parameter) -> Value {
        json!({
            "name": parameter.name,
            "in": match parameter.place {
                Place::Path => "path",
                Place::Header => "header",
            },
            "description": parameter.about,
            "required": parameter.required,
            "schema": parameter.shape.schema(&mut self.sent),
            "example": parameter.example,
        })
    }

    fn responses(&mut self, operation: &Operation) -> Map<String, Value> {
        let answers = operation.answers.iter();
        let mut all: Map<String, Value> = answers
            .map(|answer| (answer.status.to_string(), self.answer(answer)))
            .collect();
        let mut refused: BTreeMap<u16, Vec<(&str, &str)>> = BTreeMap::new();
        for kind in operation.refusals() {
            let codes = refused.entry(kind.status().as_u16()).or_default();
            codes.push((kind.code(), kind.title()));
        }
        for code in operation.beyond() {
            let (status, title, _) = explain(code).expect("the edge has words for its codes");
            let codes = refused.entry(status).or_default();
            if codes.iter().all(|(present, _)| *present != code) {
                codes.push((code, title.trim_end_matches('.')));
            }
        }
        for (status, codes) in refused {
            let refusal = self.refusal(status, &codes);
            all.insert(status.to_string(), self.refer(status, refusal));
        }
        all
    }

    fn answer(&mut self, answer: &Answer) -> Value {
        let mut described = json!({ "description": answer.about });
        if let Some(body) = &answer.body {
            described["content"] = content(&mut self.answered, body).into();
        }
        if !answer.headers.is_empty() {
            let headers = answer.headers.iter();
            let headers: Map<String, Value> = headers.map(|(name, about)| header(name, about, true)).collect();
            described["headers"] = headers.into();
        }
        described
    }

    /// All problems of one status. Their `type` tells them apart.
    fn refusal(&mut self, status: u16, codes: &[(&str, &str)]) -> Value {
        let said: Vec<String> = codes.iter().map(|(code, title)| format!("{code}: {title}.")).collect();
        let mut types: Vec<String> = codes
            .iter()
            .map(|(code, _)| format!("{}/problems/{code}", self.origin))
            .collect();
        if status == 500 {
            // What a panic leaves is not complete.
            types.push("about:blank".to_owned());
        }
        let mut schema = Shape::of::<problem::Document>().schema(&mut self.answered);
        schema.insert(
            "properties".to_owned(),
            json!({ "type": { "enum": types }, "status": { "const": status } }),
        );
        let mut described = json!({ "description": said.join(" "), "content": { PROBLEM: { "schema": schema } } });
        let headers = match status {
            401 => header("WWW-Authenticate", "A challenge (RFC 6750, section 3).", true),
            429 | 503 => header("Retry-After", "After how many seconds to try again.", false),
            _ => return described,
        };
        described["headers"] = Map::from_iter([headers]).into();
        described
    }
}

fn header(name: &str, about: &str, required: bool) -> (String, Value) {
    let described = json!({ "description": about, "required": required, "schema": { "type": "string" } });
    (name.to_owned(), described)
}

/// A body by its media types.
fn content(generator: &mut SchemaGenerator, body: &Body) -> Map<String, Value> {
    let described = json!({ "schema": body.shape.schema(generator), "example": parsed(body.example) });
    let types = body.types.iter();
    types.map(|kind| ((*kind).to_owned(), described.clone())).collect()
}

/// An example as JSON; one that is none stands there as a text, which its test finds.
pub(super) fn parsed(example: &str) -> Value {
    serde_json::from_str(example).unwrap_or_else(|_| example.into())
}

/// Each member of the struct that a query is read into, as a parameter.
pub(super) fn query(shape: Shape) -> Vec<Value> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = shape.schema(&mut settings.for_deserialize().into_generator());
    // What stands in an address is a text.
    without_null(&mut schema);
    let members = schema.remove("properties").unwrap_or_default();
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let members = members.as_object().cloned().unwrap_or_default();
    let parameter = |(name, mut schema): (String, Value)| {
        let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        json!({
            "name": name, "in": "query", "required": required.iter().any(|it| *it == name),
            "description": about.unwrap_or_default(), "schema": schema,
        })
    };
    members.into_iter().map(parameter).collect()
}

fn security(needs: &Needs) -> Value {
    match needs {
        Needs::Token => json!({ ACCOUNT_TOKEN: [] }),
        Needs::Scope(scope) => json!({ ACCOUNT_TOKEN: [scope] }),
        Needs::StaffToken => json!({ STAFF_TOKEN: [] }),
        Needs::StaffScope(scope) => json!({ STAFF_TOKEN: [scope] }),
    }
}
