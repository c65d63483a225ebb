//! A call as a line for a terminal, with what the description has as an example.

use super::operation::{Operation, Place};

/// The variable in which the lines keep the token.
const VARIABLE: &str = "HOSTING_API_TOKEN";

/// The line that makes the call at `origin`. The token is in a variable: what is typed ends up in the shell's history.
pub fn line(operation: &Operation, origin: &str) -> String {
    let method = match operation.method {
        "GET" => String::new(),
        other => format!("-X {other} "),
    };
    let mut line = format!("curl {method}{origin}{}", operation.example_path());
    let mut add = |option: String| line.extend([" \\\n  ", &option]);
    if !operation.needs.is_empty() {
        add(format!("-H \"Authorization: Bearer ${VARIABLE}\""));
    }
    for header in operation.parameters {
        if header.place == Place::Header && header.required {
            add(format!(
                "-H {}",
                quoted(&format!("{}: {}", header.name, header.example))
            ));
        }
    }
    if let Some(body) = operation.body.filter(|body| !body.optional) {
        add(format!("-H \"Content-Type: {}\"", body.types[0]));
        add(format!("-d {}", quoted(body.example)));
    }
    line
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::api::reference::{
        operation::{Body, Needs, Parameter},
        shape::{Shape, TokenId},
    };

    const PARAMETERS: &[Parameter] = &[
        Parameter::path("id", "A thing.", Shape::of::<TokenId>(), "EXAMPLE1"),
        Parameter::header("If-Match", "Its tag.", Shape::of::<String>(), "\"it's 1\"").required(),
        Parameter::header("X-Other", "Nothing.", Shape::of::<String>(), "1"),
    ];

    #[test]
    fn the_line_has_what_the_call_needs() {
        let bare = Operation::get("/api/v1/thing");
        assert_eq!(
            line(&bare, "https://panel.example"),
            "curl https://panel.example/api/v1/thing"
        );
        let full = Operation {
            needs: &[Needs::Token],
            parameters: PARAMETERS,
            body: Some(Body::new(Shape::of::<String>(), "{\"a\": \"it's\"}")),
            ..Operation::patch("/api/v1/thing/{id}")
        };
        assert_eq!(
            line(&full, "https://panel.example"),
            "curl -X PATCH https://panel.example/api/v1/thing/EXAMPLE1 \\\n  \
             -H \"Authorization: Bearer $HOSTING_API_TOKEN\" \\\n  \
             -H 'If-Match: \"it'\\''s 1\"' \\\n  \
             -H \"Content-Type: application/json\" \\\n  \
             -d '{\"a\": \"it'\\''s\"}'"
        );
    }
}
