//! `latchkey mail`: trying whether mail works, seeing what waits, trying it again.

use std::{
    fs,
    process::Output,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    Received, into_folder,
    server::{Certificates, MailServer, Way, put},
};
use crate::support::{Database, Process};

on_both_with_python!(
    a_test_is_sent_at_once,
    a_test_says_what_is_wrong,
    what_waits_is_listed_and_tried_again,
);

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {:?}", said(output)))
}

fn a_test_is_sent_at_once(database: &Database) {
    let off = Process::on(database);
    let output = off.run(&["mail", "test", "priya@mail.example"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        said(&output).1,
        "latchkey: Mail is off. Set mail.transport to smtp or file.\n"
    );
    assert_eq!(off.run(&["mail", "test", "nonsense"]).status.code(), Some(2));

    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("out");
    let node = Process::on(database).with(&into_folder(folder.to_str().unwrap()));
    let output = node.run(&["mail", "test", "priya@mail.example"]);
    assert!(output.status.success(), "{:?}", said(&output));
    assert!(said(&output).0.starts_with("Sent to priya@mail.example: written to "));
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let mail = Received::read(&file);
    mail.check(&format!("http://{}", node.address));
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("priya@mail.example", "Mail of Sun & Moon works")
    );
    let output = node.run(&["mail", "test", "priya@mail.example", "--json"]);
    let answer = json(&output);
    assert!(
        answer["sent"] == true && answer["answer"].as_str().unwrap().starts_with("written to "),
        "{answer}"
    );

    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let output = node.run(&["mail", "test", "priya@mail.example", "--json"]);
    assert_eq!(
        (output.status.code(), json(&output)["sent"].as_bool()),
        (Some(1), Some(false))
    );
}

fn a_test_says_what_is_wrong(database: &Database) {
    let certificates = Certificates::new();
    let (ca, other) = (certificates.path("ca.pem"), certificates.path("other.pem"));
    let server = MailServer::start(Way::Tls, &certificates, "server");
    let run = |ca: &std::path::Path, password: &str, to: &str| {
        let node = Process::on(database).with(&[
            ("LATCHKEY_MAIL_TRANSPORT", "smtp"),
            ("LATCHKEY_MAIL_FROM", "panel@hosting.example"),
            ("LATCHKEY_MAIL_SMTP_HOST", "localhost"),
            ("LATCHKEY_MAIL_SMTP_SECURITY", "tls"),
            ("LATCHKEY_MAIL_SMTP_PORT", &server.port),
            ("LATCHKEY_MAIL_SMTP_USERNAME", "panel"),
            ("LATCHKEY_MAIL_SMTP_PASSWORD", password),
            ("LATCHKEY_MAIL_SMTP_CA", ca.to_str().unwrap()),
        ]);
        let output = node.run(&["mail", "test", to]);
        (output.status.code(), said(&output))
    };
    let (code, (out, _)) = run(&ca, "hush", "priya@mail.example");
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "Sent to priya@mail.example: 250 2.0.0 taken\n")
    );
    for (ca, password, to, words) in [
        (&other, "hush", "priya@mail.example", "certificate"),
        (&ca, "guess", "priya@mail.example", "535"),
        (&ca, "hush", "refused@mail.example", "nobody of that name"),
        (&ca, "hush", "later@mail.example", "come back later"),
    ] {
        let (code, (out, error)) = run(ca, password, to);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{error}");
        assert!(
            error.contains(&format!("Not sent to {to}: ")) && error.contains(words),
            "{error}"
        );
        assert!(!error.contains("guess") && error.lines().count() == 1, "{error}");
    }
}

fn what_waits_is_listed_and_tried_again(database: &Database) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("out");
    fs::write(&folder, "in the way").unwrap();
    let mut node = Process::on(database).with(&into_folder(folder.to_str().unwrap()));
    let output = node.run(&["mail", "list"]);
    assert_eq!(said(&output).0, "No mail waits, and none was given up.\n");
    assert_eq!(json(&node.run(&["mail", "list", "--json"])), Value::Array(Vec::new()));
    assert_eq!(said(&node.run(&["mail", "retry"])).0, "0 mails are tried again now.\n");

    let app = node.app();
    put(&app, "priya@mail.example");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sent = runtime.block_on(latchkey::app::mail::send_due(&app)).unwrap();
    assert_eq!(sent.later, 1);
    let listed = json(&node.run(&["mail", "list", "--json"]));
    let mail = &listed[0];
    assert_eq!(
        (&mail["to"], &mail["kind"]),
        (&"priya@mail.example".into(), &"test".into())
    );
    assert_eq!((&mail["tries"], &mail["given_up"]), (&1.into(), &false.into()));
    assert!(
        mail["error"].as_str().unwrap().contains("out") && mail["next_try_at"].is_string(),
        "{mail}"
    );
    let (text, _) = said(&node.run(&["mail", "list"]));
    assert!(text.contains("priya@mail.example") && text.contains("1 try"), "{text}");

    fs::remove_file(&folder).unwrap();
    assert_eq!(json(&node.run(&["mail", "retry", "--json"]))["mails"], 1);
    node.start();
    // The running server sends it.
    let began = Instant::now();
    let until = |is_so: &dyn Fn() -> bool| {
        while !is_so() {
            assert!(began.elapsed() < Duration::from_mins(1), "the server sends what waits");
            std::thread::yield_now();
        }
    };
    until(&|| fs::read_dir(&folder).map_or(0, Iterator::count) > 0);
    until(&|| json(&node.run(&["mail", "list", "--json"])) == Value::Array(Vec::new()));
}
