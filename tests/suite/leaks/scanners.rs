//! `/.well-known/api-tokens.json`: what programs that look for secrets are told.

use latchkey::domain::secret::{StaffSecret, TokenSecret};
use serde_json::json;

use crate::support::World;

on_both!(scanners_learn_what_a_token_looks_like);

fn scanners_learn_what_a_token_looks_like(world: &World) {
    let answer = world.api().get("/.well-known/api-tokens.json").expect(200);
    assert_eq!(answer.header("Cache-Control"), Some("public, max-age=3600"));
    assert_eq!(answer.header("Set-Cookie"), None);
    let said = answer.json();
    let url = format!("{}/leaks", world.app.settings.public_url.as_str());
    assert_eq!((&said["report"]["url"], &said["page"]), (&json!(url), &json!(url)));
    let tokens = said["tokens"].as_array().unwrap();
    let forms = tokens
        .iter()
        .map(|token| (&token["prefix"], &token["length"], &token["pattern"]));
    assert_eq!(
        forms.collect::<Vec<_>>(),
        [
            (
                &json!("lk_"),
                &json!(50),
                &json!(r"\blk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}\b")
            ),
            (
                &json!("lka_"),
                &json!(51),
                &json!(r"\blka_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}\b")
            ),
        ]
    );
    let example = tokens[0]["example"].as_str().unwrap();
    assert!(TokenSecret::parse(example).is_ok());
    assert!(StaffSecret::parse(tokens[1]["example"].as_str().unwrap()).is_ok());
    // What the document says to send is taken.
    world.api().post("/leaks", &said["report"]["body"]).expect(202);
    assert_eq!(said["report"]["body"], json!({ "tokens": [example] }));
}
