//! The schemas of the API's document as rows of a table: one for each member, and for the members of members.

use serde_json::Value;

/// Members of members of members are told no deeper than this.
const DEEPEST: usize = 4;

/// A member of a body, or a parameter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// `sites`, or `scopes.effective[].can` within others.
    pub(super) name: String,
    /// What fits: `text, 1 to 50 characters, or null`.
    pub(super) kind: String,
    /// Whether it must be there.
    pub(super) required: bool,
    /// What it says.
    pub(super) about: String,
}

/// The document, to look into.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a>(pub(super) &'a Value);

impl<'a> Schemas<'a> {
    /// The parameters of an operation.
    pub(super) fn parameters(self, operation: &'a Value) -> Vec<Member> {
        let parameters = operation["parameters"].as_array();
        let member = |parameter: &'a Value| Member {
            name: text(&parameter["name"]),
            kind: format!(
                "{}, in the {}",
                self.kind(&parameter["schema"]),
                place(&parameter["in"])
            ),
            required: parameter["required"] == true,
            about: text(&parameter["description"]),
        };
        parameters.into_iter().flatten().map(member).collect()
    }

    /// The members of a body that is sent or answered, in the order of its example.
    pub(super) fn members(self, body: &'a Value, example: &str) -> Vec<Member> {
        let mut members = Vec::new();
        self.add(
            &body["content"]["application/json"]["schema"],
            "",
            example,
            0,
            &mut members,
        );
        members
    }

    fn add(self, schema: &'a Value, prefix: &str, example: &str, depth: usize, all: &mut Vec<Member>) {
        if depth == DEEPEST {
            return;
        }
        let objects = self.objects(schema);
        for (object, suffix) in objects.iter().copied() {
            let mut properties: Vec<(&String, &'a Value)> =
                object["properties"].as_object().into_iter().flatten().collect();
            let position = |name: &str| example.find(&format!("\"{name}\":")).unwrap_or(usize::MAX);
            properties.sort_by_key(|(name, _)| position(name));
            let required = object["required"].as_array();
            for (name, member) in properties {
                let full = format!("{prefix}{suffix}{}{name}", if prefix.is_empty() { "" } else { "." });
                all.push(Member {
                    kind: self.kind(member),
                    // Where there are several forms, no member is in all of them.
                    required: objects.len() == 1
                        && required.is_some_and(|required| required.iter().any(|it| it == name)),
                    about: text(&member["description"]),
                    name: full.clone(),
                });
                self.add(member, &full, example, depth + 1, all);
            }
        }
    }

    /// The schemas with members that a schema leads to, each with `[]` when it is that of a list's entries.
    fn objects(self, schema: &'a Value) -> Vec<(&'a Value, &'static str)> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            return choices.iter().flat_map(|choice| self.objects(choice)).collect();
        }
        if let Some(items) = schema.get("items") {
            let of_entries = self.objects(items).into_iter();
            return of_entries.map(|(object, _)| (object, "[]")).collect();
        }
        if schema["properties"].is_object() {
            vec![(schema, "")]
        } else {
            Vec::new()
        }
    }

    fn resolved(self, schema: &'a Value) -> &'a Value {
        let pointer = schema["$ref"].as_str().and_then(|way| way.strip_prefix('#'));
        match pointer.and_then(|pointer| self.0.pointer(pointer)) {
            Some(found) => self.resolved(found),
            None => schema,
        }
    }

    /// What fits, in words.
    fn kind(self, schema: &'a Value) -> String {
        let schema = self.resolved(schema);
        if let Some(words) = schema["enum"].as_array() {
            let words: Vec<String> = words.iter().map(plain).collect();
            return format!("one of {}", words.join(", "));
        }
        if let Some(word) = schema.get("const") {
            return plain(word);
        }
        if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            let mut choices: Vec<String> = choices.iter().map(|choice| self.kind(choice)).collect();
            // Objects of several forms: their members tell them apart.
            choices.dedup();
            return choices.join(", or ");
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect(),
        };
        let words: Vec<String> = types.iter().map(|kind| self.of_type(kind, schema)).collect();
        words.join(", or ")
    }

    fn of_type(self, kind: &str, schema: &'a Value) -> String {
        let range = |low: &str, high: &str| match (schema[low].as_u64(), schema[high].as_u64()) {
            (Some(low), Some(high)) if low == high => Some(low.to_string()),
            (None | Some(0), Some(high)) => Some(format!("at most {high}")),
            (Some(low), Some(high)) => Some(format!("{low} to {high}")),
            (Some(low), None) if low > 0 => Some(format!("at least {low}")),
            _ => None,
        };
        let with = |word: &str, range: Option<String>, unit: &str| match range {
            Some(range) => format!("{word}, {range}{unit}"),
            None => word.to_owned(),
        };
        match kind {
            "string" => {
                let length = range("minLength", "maxLength");
                let is_one = length
                    .as_ref()
                    .is_some_and(|words| words == "1" || words.ends_with(" 1"));
                let word = with("text", length, if is_one { " character" } else { " characters" });
                match schema["examples"][0].as_str() {
                    Some(example) => format!("{word}, such as {example}"),
                    None => word,
                }
            }
            "integer" => with("whole number", range("minimum", "maximum"), ""),
            "number" => "number".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => {
                let list = with("list", range("minItems", "maxItems"), "");
                format!("{list}, each: {}", self.kind(&schema["items"]))
            }
            "null" => "null".to_owned(),
            _ => "object".to_owned(),
        }
    }
}

fn place(place: &Value) -> &'static str {
    match place.as_str() {
        Some("path") => "address",
        Some("header") => "headers",
        _ => "query",
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_of_members_are_told_in_the_order_of_the_example() {
        let document = json!({ "components": { "schemas": {
            "One": { "type": "object", "required": ["b"], "properties": {
                "a": { "type": ["string", "null"], "description": "An a.", "minLength": 1, "maxLength": 50 },
                "b": { "description": "Some b.", "type": "array", "maxItems": 3, "items": { "$ref": "#/components/schemas/Two" } },
                "e": { "description": "An e.", "anyOf": [{ "$ref": "#/components/schemas/Two" }, { "type": "null" }] },
                "f": { "description": "An f.", "anyOf": [
                    { "type": "object", "required": ["g"], "properties": { "g": { "type": "boolean", "description": "A g." } } },
                    { "type": "object", "required": ["h"], "properties": { "h": { "type": "integer", "description": "An h." } } },
                ] },
                "i": { "type": "string", "description": "An i.", "minLength": 1 },
            } },
            "Two": { "type": "object", "properties": { "c": { "enum": ["x", "y"], "description": "A c." } } },
        } } });
        let body = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/One" } } } });
        let members = Schemas(&document).members(&body, r#"{"b": [{"c": "x"}], "a": null}"#);
        let told: Vec<String> = members
            .iter()
            .map(|member| {
                format!(
                    "{}: {}: {}: {}",
                    member.name, member.kind, member.required, member.about
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "b: list, at most 3, each: object: true: Some b.",
                "b[].c: one of x, y: false: A c.",
                "a: text, 1 to 50 characters, or null: false: An a.",
                "e: object, or null: false: An e.",
                "e.c: one of x, y: false: A c.",
                "f: object: false: An f.",
                "f.g: true or false: false: A g.",
                "f.h: whole number: false: An h.",
                "i: text, at least 1 character: false: An i.",
            ]
        );
    }
}
