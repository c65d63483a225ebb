//! `/setup`.

use std::thread;

use latchkey::app::setup;
use time::Duration;

use crate::support::{Form, PASSWORD, World};

fn code(world: &World) -> String {
    setup::code(&world.app).unwrap().unwrap()
}

/// The form, filled in by somebody who knows the code.
fn filled(world: &World, address: &str, username: &str, code: &str) -> Form {
    let browser = world.browser().at_address(address);
    let form = browser.get("/setup").expect(200).form("/setup");
    let form = form
        .fill("code", code)
        .fill("name", "Asha Rao")
        .fill("username", username);
    let email = format!("{username}@staff.example");
    form.fill("email", &email).fill("password", PASSWORD)
}

fn submit(form: &Form) -> crate::support::Page {
    form.submit("Make administrator")
}

fn the_first_administrator_is_made_once(world: &World) {
    let hint = world.browser().get("/").follow().expect(200);
    assert!(hint.has("This installation is not set up yet."));
    assert_eq!(hint.click("Set it up").expect(200).heading(), "Set up Latchkey");
    let typed = code(world).to_lowercase().replace('-', " ");
    let made = submit(&filled(world, "203.0.113.9", "asha", &typed)).expect(303);
    assert_eq!(made.header("Location"), Some("/sign-in"));
    let sign_in = made.follow().expect(200);
    assert!(sign_in.has("Latchkey is set up. Sign in with the name and password that you just chose."));
    assert!(!sign_in.has("not set up yet"));
    world.browser().get("/setup").expect(404);
    assert_eq!(setup::code(&world.app).unwrap(), None);
    assert!(world.signed_in("asha").get("/security").expect(200).has("Asha Rao"));
}

fn the_code_is_the_same_on_every_server_and_after_every_start(world: &World) {
    let printed = code(world);
    assert_eq!(printed.len(), 14);
    let unambiguous = |letter: char| letter == '-' || "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(letter);
    assert!(printed.chars().all(unambiguous), "{printed}");
    let second = world.join();
    let form = second.browser().get("/setup").expect(200).form("/setup");
    let form = form
        .fill("code", &printed)
        .fill("name", "Asha")
        .fill("username", "asha");
    let form = form.fill("email", "asha@staff.example").fill("password", PASSWORD);
    assert_eq!(code(world), printed);
    submit(&form).expect(303);
    world.browser().get("/setup").expect(404);
}

fn what_is_wrong_is_said_and_what_was_typed_stays(world: &World) {
    let empty = submit(&world.browser().get("/setup").form("/setup")).expect(422);
    assert_eq!(
        empty.error_words(),
        [
            "Enter the setup code that the server printed when it started",
            "Enter your name",
            "Enter a username of 1 to 16 small letters and digits that starts with a letter",
            "Enter an e-mail address, such as name@example.com",
            "Enter a password",
        ]
    );
    let wrong = submit(&filled(world, "203.0.113.9", "asha", "7KQ4-M2XD-91TV")).expect(422);
    assert_eq!(wrong.errors()[0].0, "code");
    let form = wrong.form("/setup");
    assert_eq!(
        (form.values("name"), form.values("username")),
        (vec!["Asha Rao"], vec!["asha"])
    );
    assert_eq!(form.values("password"), [""]);
    let form = filled(world, "203.0.113.9", "asha", &code(world));
    let weak = submit(&form.clone().fill("password", "asha staff latchkey")).expect(422);
    assert_eq!(weak.errors()[0].0, "password");
    form.clone()
        .drop_field("form_token")
        .submit("Make administrator")
        .expect(403);
    form.clone()
        .forge("role", "support")
        .submit("Make administrator")
        .expect(400);
    submit(&form).expect(303);
    submit(&form).expect(404);
}

fn codes_cannot_be_guessed_at(world: &World) {
    for _ in 0..10 {
        submit(&filled(world, "203.0.113.9", "asha", "AAAA-AAAA-AAAA")).expect(422);
    }
    let right = code(world);
    let refused = submit(&filled(world, "203.0.113.9", "asha", &right)).expect(429);
    assert!(refused.header("Retry-After").is_some());
    assert!(refused.error_words()[0].starts_with("Too many tries. You can try again at 12:01 UTC"));
    // All sources together: the rest of a hundred codes.
    for number in 0..90 {
        submit(&filled(world, &format!("10.0.0.{number}"), "asha", "AAAA-AAAA-AAAA")).expect(422);
    }
    submit(&filled(world, "10.0.1.1", "asha", &right)).expect(429);
    world.clock.advance(Duration::minutes(15));
    submit(&filled(world, "203.0.113.9", "asha", &right)).expect(303);
}

fn one_of_eight_claims_wins(world: &World) {
    let code = code(world);
    let forms: Vec<Form> = (0..8)
        .map(|number| filled(world, &format!("10.0.0.{number}"), &format!("asha{number}"), &code))
        .collect();
    let answers: Vec<u16> = thread::scope(|scope| {
        let threads: Vec<_> = forms.iter().map(|form| scope.spawn(|| submit(form).status())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(
        answers.iter().filter(|status| **status == 303).count(),
        1,
        "{answers:?}"
    );
    let rest = answers.iter().filter(|status| **status != 303);
    assert!(rest.copied().all(|status| status == 404), "{answers:?}");
    let staff = world.app.store.read_here(latchkey::store::staff::list).unwrap();
    assert_eq!(staff.len(), 1);
}

on_both!(
    the_first_administrator_is_made_once,
    the_code_is_the_same_on_every_server_and_after_every_start,
    what_is_wrong_is_said_and_what_was_typed_stays,
    codes_cannot_be_guessed_at,
    one_of_eight_claims_wins,
);
