//! `latchkey staff token`.

use latchkey::domain::staff::Role;

use super::verify;
use crate::support::World;

on_both!(the_command_line_makes_lists_and_revokes_them,);

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_command_line_makes_lists_and_revokes_them(world: &World) {
    world.staff("asha", Role::Support);
    world.staff("meera", Role::Admin);
    let run = |arguments: &[&str]| {
        let output = world.latchkey(&[&["staff", "token"], arguments].concat(), "");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let scope = ["--scope", "accounts:read"];
    let create = |rest: &[&str]| run(&[&["create", "asha", "Billing"], &scope[..], rest].concat());
    let (_, made, said) = create(&["--address", "203.0.113.7", "--days", "30", "--json"]);
    let made: serde_json::Value = serde_json::from_str(&made).expect(&said);
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert_eq!(made["staff_member"], "asha");
    assert_eq!(made["scopes"], serde_json::json!(["accounts:read"]));
    let identity = verify(world, secret, "203.0.113.7").unwrap();
    assert_eq!(identity.member.username.as_str(), "asha");
    assert!(verify(world, secret, "203.0.113.8").is_err());

    for (arguments, words) in [
        (
            &["create", "asha", "BILLING", "--scope", "audit:read"][..],
            "another one of that name",
        ),
        (
            &["create", "asha", "x", "--scope", "audit:read", "--days", "91"],
            "90 days are the most",
        ),
        (
            &["create", "asha", "x", "--scope", "audit:read", "--days", "0"],
            "over at once",
        ),
        (
            &["create", "asha", "x", "--scope", "policy:change"],
            "can have policy:change",
        ),
        (
            &["create", "nobody", "x", "--scope", "audit:read"],
            "There is no staff member nobody",
        ),
        (
            &["create", "asha", "x", "--scope", "audit:read", "--address", "nowhere"],
            "nowhere is no address",
        ),
        (
            &["create", "asha", "x", "--scope", "moon:land"],
            "there is no staff scope",
        ),
        (&["create", "asha", "x"], "--scope"),
        (&["revoke", "Ab12Cd34"], "there is none with that id"),
    ] {
        let (done, _, said) = run(arguments);
        assert!(!done && said.contains(words), "{arguments:?}: {said}");
    }

    assert!(run(&["create", "meera", "Policy", "--scope", "policy:change"]).0);
    let (_, listed, _) = run(&["list"]);
    assert!(listed.contains(id) && listed.contains("policy:change"), "{listed}");
    let (_, of_asha, _) = run(&["list", "asha", "--json"]);
    let parsed: Vec<serde_json::Value> = serde_json::from_str(&of_asha).unwrap();
    assert_eq!(parsed.len(), 1);
    assert!(!(listed + &of_asha).contains(secret), "nothing keeps the secret");

    assert!(run(&["revoke", id]).0);
    assert!(verify(world, secret, "203.0.113.7").is_err());
    let (done, _, said) = run(&["revoke", id]);
    assert!(!done && said.contains("revoked already"), "{said}");
    assert_eq!(run(&["list", "asha", "--json"]).1, "[]\n");
}
