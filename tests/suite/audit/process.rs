//! What a real process leaves behind when it is asked to end: the head of the audit in its log, and every refusal.

use std::fs::{self, File};

use crate::support::{Browser, Database, Process};

on_both!(what_was_counted_and_the_last_head_outlive_the_process);

/// The heads in a log, in their order.
fn heads(log: &str) -> Vec<String> {
    let lines = log.lines().filter(|line| line.contains("audit-head"));
    let head = |line: &str| {
        let (_, rest) = line.split_once("head=").expect("the head is in its line");
        let end = rest.find(|c: char| !c.is_ascii_hexdigit() && c != ':');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    lines.map(head).collect()
}

fn what_was_counted_and_the_last_head_outlive_the_process(database: &Database) {
    let path = database.folder().join("log");
    let mut process = Process::on(database);
    process.start_with_log("info", File::create(&path).unwrap().into());
    // The first one is told when it starts.
    while heads(&fs::read_to_string(&path).unwrap()).is_empty() {
        std::thread::yield_now();
    }
    let create = [
        "account",
        "create",
        "--username",
        "priya",
        "--email",
        "priya@mail.example",
    ];
    let made = process.run(&create);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let browser = Browser::new(process.address);
    let form = browser.get("/sign-in").expect(200).form("/sign-in");
    form.fill("username", "priya")
        .fill("password", "not hers")
        .submit("Sign in")
        .expect(422);
    process.terminate();
    assert!(process.ended().success());

    let heads = heads(&fs::read_to_string(&path).unwrap());
    assert_eq!(heads[0], "0:", "nothing had happened");
    let last = heads.last().unwrap();
    assert!(last.starts_with("1:") && last.len() == 2 + 64, "{heads:?}");
    let verified = process.run(&["audit", "verify", "--head", last]);
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(
        verified.status.success() && said.contains(&format!("Head: {last}")),
        "{said}"
    );
    let refused = process.run(&["audit", "refusals", "--json"]);
    let refused: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(
        (&refused[0]["kind"], &refused[0]["name"], &refused[0]["tries"]),
        (&"sign-in".into(), &"priya".into(), &1.into()),
        "{refused}"
    );
}
