//! What somebody at the server's shell does, while the server is running on the same database.

use serde_json::Value;

use crate::support::{PASSWORD, World};

/// What a command printed, if it was done.
#[track_caller]
fn done(world: &World, arguments: &[&str], input: &str) -> String {
    let output = world.latchkey(arguments, input);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Why a command was not done.
#[track_caller]
fn refused(world: &World, arguments: &[&str], input: &str) -> String {
    let output = world.latchkey(arguments, input);
    assert!(!output.status.success(), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn an_account_made_at_the_shell_signs_in(world: &World) {
    let make = "account create --username priya --email priya@mail.example --site sunrise.example";
    let mut make: Vec<&str> = make.split(' ').collect();
    make.extend(["--site", "Shop.Example.", "--time-zone", "Asia/Kolkata", "--json"]);
    let created = json(&done(world, &make, ""));
    assert_eq!(created["sites"], serde_json::json!(["shop.example", "sunrise.example"]));
    assert_eq!(
        (&created["plan"], &created["time_zone"]),
        (&"standard".into(), &"Asia/Kolkata".into())
    );
    let password = created["password"].as_str().unwrap();
    assert_eq!(password.len(), 24, "{password}");
    let form = world.browser().get("/sign-in").form("/sign-in");
    let form = form.fill("username", "priya").fill("password", password);
    form.submit("Sign in").expect(303);

    let shown = json(&done(world, &["account", "show", "priya", "--json"], ""));
    assert_eq!((&shown["id"], shown.get("password")), (&created["id"], None));
    let text = done(world, &["account", "show", "priya"], "");
    assert!(text.contains("Sites      shop.example, sunrise.example"), "{text}");
    assert!(refused(world, &["account", "show", "nobody"], "").contains("There is no account nobody."));
    assert!(done(world, &["account", "unblock", "priya"], "").contains("can sign in with a new browser again"));
    assert!(refused(world, &["staff", "unblock", "nobody"], "").contains("Nobody signs in as nobody."));
}

fn a_password_comes_from_standard_input(world: &World) {
    let make = |name: &'static str| -> Vec<&str> {
        let email = if name == "arjun" {
            "arjun@mail.example"
        } else {
            "b@mail.example"
        };
        vec![
            "account",
            "create",
            "--username",
            name,
            "--email",
            email,
            "--password-stdin",
        ]
    };
    let text = done(world, &make("arjun"), &format!("{PASSWORD}\n"));
    assert!(text.starts_with("The account arjun was made.") && !text.contains(PASSWORD));
    world.signed_in("arjun").get("/security").expect(200);
    assert!(refused(world, &make("arjun"), PASSWORD).contains("has that username"));
    assert!(refused(world, &make("ben"), "short").contains("at least 15 characters"));
    assert!(refused(world, &make("ben"), "").contains("Standard input is empty"));
    let mut with_plan = make("ben");
    with_plan.extend(["--plan", "gold"]);
    assert!(refused(world, &with_plan, PASSWORD).contains("Choose with --plan from: standard."));
    let mut with_site = make("ben");
    with_site.extend(["--site", "not a site"]);
    assert!(refused(world, &with_site, PASSWORD).contains("invalid value 'not a site'"));
    assert!(refused(world, &make("Ben"), PASSWORD).contains("a user name has 1 to 16"));
    let list = json(&done(world, &["account", "list", "--json"], ""));
    assert_eq!(list.as_array().unwrap().len(), 1, "nothing is left of what was refused");
    assert!(done(world, &["account", "list"], "").starts_with("arjun"));
}

fn an_administrator_made_at_the_shell_closes_the_setup(world: &World) {
    world.browser().get("/setup").expect(200);
    let support = "staff create --role support --username ben --email ben@staff.example --name Ben --json";
    done(world, &support.split(' ').collect::<Vec<_>>(), "");
    world.browser().get("/setup").expect(200);
    let admin = "staff create --role admin --username asha --email asha@staff.example --password-stdin --name";
    let mut admin: Vec<&str> = admin.split(' ').collect();
    admin.push("Asha Rao");
    done(world, &admin, PASSWORD);
    world.browser().get("/setup").expect(404);
    assert!(!world.browser().get("/sign-in").has("not set up yet"));
    assert!(world.signed_in("asha").get("/security").expect(200).has("Asha Rao"));
    let list = json(&done(world, &["staff", "list", "--json"], ""));
    assert_eq!(
        (&list[0]["username"], &list[0]["role"]),
        (&"asha".into(), &"admin".into())
    );
    assert_eq!(
        (&list[1]["username"], &list[1]["status"]),
        (&"ben".into(), &"active".into())
    );
    assert!(done(world, &["staff", "list"], "").contains("Asha Rao"));
}

on_both!(
    an_account_made_at_the_shell_signs_in,
    a_password_comes_from_standard_input,
    an_administrator_made_at_the_shell_closes_the_setup,
);
