//! `latchkey key`, `migrate` and `check` beside a running server, and a start without a key that is needed.

use std::fs;

use crate::support::{Api, Database, Process, account_of, mint};

on_both!(
    a_new_key_needs_no_restart_and_breaks_nothing,
    without_a_key_in_use_it_does_not_start,
    a_database_is_set_up_once,
);

const TOKEN: &str = "/api/v1/token";

/// What a command printed, and whether it was done.
fn run(process: &Process, arguments: &[&str]) -> (String, bool) {
    let output = process.run(arguments);
    let mut said = String::from_utf8(output.stdout).unwrap();
    said.push_str(std::str::from_utf8(&output.stderr).unwrap());
    (said, output.status.success())
}

fn a_new_key_needs_no_restart_and_breaks_nothing(database: &Database) {
    let mut process = Process::on(database);
    let app = process.app();
    let account = account_of(&app);
    process.start();
    let call = |secret: &str| Api::new(process.address).with_token(secret).get(TOKEN);
    let old = mint(&app, account, |_| ());
    call(&old.secret).expect(200);
    let first = app.keyring().current().0.to_string();

    let (said, done) = run(&process, &["key", "rotate"]);
    assert!(done && said.contains("is now the current one"), "{said}");
    assert!(app.reread_keys().unwrap());
    let second = app.keyring().current().0.to_string();
    assert!(said.contains(&second) && first != second);
    let new = mint(&app, account, |_| ());
    call(&new.secret).expect(200);
    call(&old.secret).expect(200);

    let (listed, _) = run(&process, &["key", "list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(
        lines[0].starts_with(&first) && lines[0].ends_with("1 live token"),
        "{listed}"
    );
    assert!(
        lines[1].starts_with(&second) && lines[1].ends_with("1 live token  current"),
        "{listed}"
    );
}

fn without_a_key_in_use_it_does_not_start(database: &Database) {
    let process = Process::on(database);
    let app = process.app();
    mint(&app, account_of(&app), |_| ());
    let lost = app.keyring().current().0.to_string();
    fs::remove_file(app.settings.key_file()).unwrap();
    let (said, done) = run(&process, &["serve"]);
    assert!(
        !done && said.contains(&format!("server key that is missing: {lost}.")),
        "{said}"
    );
    assert!(said.contains("server.key"), "{said}");
    let (listed, done) = run(&process, &["key", "list"]);
    assert!(
        done && listed.contains(&format!(
            "{lost}  missing, and live tokens, service credentials or staff tokens need it"
        )),
        "{listed}"
    );
}

fn a_database_is_set_up_once(database: &Database) {
    let process = Process::on(database);
    let (said, done) = run(&process, &["check"]);
    assert!(
        done && said.contains("is empty and will be set up at the first start"),
        "{said}"
    );
    let (said, done) = run(&process, &["migrate"]);
    assert!(
        done && said.contains("migration was applied") || said.contains("migrations were applied"),
        "{said}"
    );
    assert_eq!(
        run(&process, &["migrate"]),
        ("The database is up to date.\n".to_owned(), true)
    );
    let (said, done) = run(&process, &["check"]);
    assert!(done && !said.contains("is empty"), "{said}");
}
