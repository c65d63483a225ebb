//! Several tokens at once, and all of an account.

use latchkey::domain::{audit::Action, staff::Role, token::Expiry};
use time::Duration;

use super::path;
use crate::{
    support::{PASSWORD, World, mint},
    token::events,
};

on_both!(
    several_are_stopped_with_one_reason,
    all_are_revoked_by_name_and_password,
    the_shell_can_do_the_same
);

fn several_are_stopped_with_one_reason(world: &World) {
    let account = world.customer("priya");
    let tokens = [(); 3].map(|()| mint(&world.app, account.id, |_| ()).token);
    world.staff("asha", Role::Support);
    let asha = world.signed_in("asha");
    let list = path(&account, "");
    let ids: Vec<&str> = tokens.iter().map(|token| token.public_id.as_str()).collect();
    let ask = asha
        .get(&format!("{list}/pause?ids={}", ids[..2].join(",")))
        .expect(200);
    assert_eq!(ask.heading(), "Pause 2 tokens?");
    let form = ask.form(&format!("{list}/pause"));
    let faults = form.submit("Pause 2 tokens").expect(422);
    let fields: Vec<String> = faults.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["reason", "understood-1"]);
    let form = form.fill("reason", "Odd calls").check("understood", "1");
    let done = form.submit("Pause 2 tokens").follow();
    assert!(done.has("Paused: 2.") && done.path() == list, "{}", done.text());

    // One is revoked by somebody else before the button is pressed: it is skipped and named.
    let ask = asha.get(&format!("{list}/revoke?ids={}", ids.join(","))).expect(200);
    assert_eq!(ask.heading(), "Revoke 3 tokens?");
    let form = ask
        .form(&format!("{list}/revoke"))
        .fill("reason", "Still odd")
        .check("understood", "1");
    let revoke = |connection: &mut _| latchkey::store::tokens::revoke(connection, tokens[0].id, world.clock.now());
    assert!(world.app.store.write_here(revoke).unwrap());
    let done = form.submit("Revoke 3 tokens").expect(200);
    assert_eq!(done.heading(), "Not every token was revoked");
    assert!(
        done.has("2 tokens were revoked.") && done.has(tokens[0].name.as_str()),
        "{}",
        done.text()
    );
    for token in &tokens[1..] {
        let written = events(world, token);
        assert_eq!(
            (written[0].action, written[0].reason.as_deref()),
            (Action::TokenRevoked, Some("Still odd"))
        );
    }
    let nothing = asha.get(&format!("{list}/revoke?ids=")).expect(303).follow();
    assert!(nothing.has("Tick the tokens that you mean first."));
}

fn all_are_revoked_by_name_and_password(world: &World) {
    let account = world.customer("priya");
    let tokens: Vec<_> = (0..30).map(|_| mint(&world.app, account.id, |_| ()).token).collect();
    let other = world.customer_without_password("arjun");
    let others = mint(&world.app, other.id, |_| ()).token;
    world.staff("asha", Role::Support);
    let asha = world.signed_in("asha");
    world.clock.advance(Duration::minutes(11));
    let address = path(&account, "/revoke-all");
    let ask = asha.get(&address).expect(200);
    assert!(ask.has("and 5 more"), "{}", ask.text());
    let form = ask.form(&address);
    let fields =
        |page: crate::support::Page| -> Vec<String> { page.errors().into_iter().map(|(field, _)| field).collect() };
    let faults = form.submit("Revoke all 30 tokens").expect(422);
    assert_eq!(fields(faults), ["reason", "username", "password"]);
    let form = form.fill("reason", "Account taken over").fill("username", "arjun");
    let wrong = form
        .clone()
        .fill("password", PASSWORD)
        .submit("Revoke all 30 tokens")
        .expect(422);
    assert_eq!(fields(wrong), ["username"]);
    // The password was right, so that it is not asked for again.
    let done = form.fill("username", "priya").submit("Revoke all 30 tokens").follow();
    assert!(done.has("Revoked: 30."), "{}", done.text());
    for token in &tokens {
        let written = events(world, token);
        assert_eq!((written.len(), written[0].action), (1, Action::TokenRevoked));
        assert_eq!(written[0].reason.as_deref(), Some("Account taken over"));
    }
    assert!(events(world, &others).is_empty());
    assert_eq!(asha.get(&address).expect(200).heading(), "There is no token to revoke");
}

#[expect(
    clippy::too_many_lines,
    reason = "one command after another, each about what the one before it left"
)]
fn the_shell_can_do_the_same(world: &World) {
    let account = world.customer_without_password("priya");
    let minted = mint(&world.app, account.id, |new| new.expiry = Expiry::Never);
    let id = minted.token.public_id.as_str();
    let run = |arguments: &[&str], input: &str| {
        let output = world.latchkey(arguments, input);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (done, found, _) = run(
        &["token", "identify", "--json"],
        &format!("Authorization: {}", minted.secret),
    );
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert!(done);
    assert_eq!(
        (&found[0]["found"], &found[0]["token"]["account"]),
        (&"a secret whose key is gone".into(), &"priya".into()),
        "the shell has another key file than the server of a test"
    );
    assert!(!run(&["token", "identify"], "nothing").0);
    assert!(run(&["token", "list", "--account", "priya"], "").1.contains(id));
    assert!(!run(&["token", "pause", id], "").0, "a reason is needed");
    assert!(run(&["token", "pause", id, "--reason", "Odd"], "").0);
    assert!(
        run(&["token", "pause", id, "--reason", "Odd"], "")
            .2
            .contains("paused it already")
    );
    assert!(run(&["token", "resume", id, "--reason", "Fine"], "").0);
    assert!(
        run(
            &["token", "shorten", id, "--until", "2099-12-01", "--reason", "End"],
            ""
        )
        .0
    );
    assert!(
        run(&["token", "show", id], "")
            .1
            .contains("Expires    2099-12-01T18:29:59Z")
    );
    assert!(run(&["token", "revoke", id, "--leaked", "--reason", "Found"], "").0);
    let written = events(world, &minted.token);
    assert_eq!(
        (written[0].action, written[0].reason.as_deref()),
        (Action::TokenLeaked, Some("Found"))
    );
    mint(&world.app, account.id, |_| ());
    let (_, all, _) = run(
        &[
            "token",
            "revoke-all",
            "--account",
            "priya",
            "--reason",
            "Gone",
            "--json",
        ],
        "",
    );
    assert_eq!(serde_json::from_str::<Vec<String>>(&all).unwrap().len(), 1);
}
