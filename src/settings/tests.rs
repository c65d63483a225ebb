//! Precedence, faults with their places, and that the register, the documentation and the defaults agree.

use std::{collections::HashMap, io, path::Path};

use super::{Fallback, Flags, REGISTER, Settings, SettingsFault, Source};

/// Loads from these flags, variables and files alone.
fn load(flags: &Flags, env: &[(&str, &str)], files: &[(&str, &[u8])]) -> Result<Settings, Vec<SettingsFault>> {
    let files: HashMap<&Path, &[u8]> = files.iter().map(|(path, bytes)| (Path::new(path), *bytes)).collect();
    let read = |path: &Path| {
        let bytes = files.get(path).map(|bytes| bytes.to_vec());
        bytes.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::load(flags, env, &read)
}

fn from_env(env: &[(&str, &str)]) -> Result<Settings, Vec<SettingsFault>> {
    load(&Flags::default(), env, &[])
}

fn from_file(text: &str) -> Result<Settings, Vec<SettingsFault>> {
    load(
        &Flags::default(),
        &[("LATCHKEY_CONFIG", "/etc/l.toml")],
        &[("/etc/l.toml", text.as_bytes())],
    )
}

fn messages(result: Result<Settings, Vec<SettingsFault>>) -> Vec<String> {
    result
        .expect_err("these settings are wrong")
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn nothing_given_means_the_documented_defaults() {
    let settings = from_env(&[]).unwrap();
    for setting in REGISTER {
        assert_eq!(*settings.source(setting.key), Source::Default);
        match setting.fallback {
            Fallback::Text(text) => assert_eq!((setting.show)(&settings), text, "{}", setting.key),
            Fallback::Computed(_) => {}
            Fallback::Nothing => assert_eq!((setting.show)(&settings), "", "{}", setting.key),
        }
    }
    assert_eq!(settings.database.to_string(), "sqlite://./data/latchkey.db");
    assert_eq!(settings.public_url.as_str(), "http://127.0.0.1:8080");
}

#[test]
fn a_flag_goes_before_a_variable_before_the_file() {
    let file = "listen = \"127.0.0.1:1\"\ndata = \"from-file\"\nlog = \"debug\"\nworkers = 3\n";
    let env = [
        ("LATCHKEY_CONFIG", "/etc/l.toml"),
        ("LATCHKEY_LISTEN", "127.0.0.1:2"),
        ("LATCHKEY_LOG", "warn"),
    ];
    let flags = Flags {
        listen: Some("127.0.0.1:3".to_owned()),
        ..Flags::default()
    };
    let settings = load(&flags, &env, &[("/etc/l.toml", file.as_bytes())]).unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.log, "warn");
    assert_eq!(settings.workers.get(), 3);
    assert_eq!(
        settings.data,
        Path::new("/etc/from-file"),
        "a path in the file is meant from the file's folder"
    );
    assert_eq!(settings.source("workers").to_string(), "/etc/l.toml:4");
    assert_eq!(settings.source("log").to_string(), "LATCHKEY_LOG");
    assert_eq!(settings.source("listen").to_string(), "--listen");
}

#[test]
fn the_file_of_the_data_folder_is_read_unless_another_is_named() {
    let files: [(&str, &[u8]); 2] = [
        ("/d/latchkey.toml", b"log = \"debug\""),
        ("/e.toml", b"log = \"trace\""),
    ];
    let mut flags = Flags {
        data: Some("/d".to_owned()),
        ..Flags::default()
    };
    assert_eq!(load(&flags, &[], &files).unwrap().log, "debug");
    flags.config = Some("/e.toml".to_owned());
    assert_eq!(load(&flags, &[], &files).unwrap().log, "trace");
    flags.config = Some("/missing.toml".to_owned());
    let faults = messages(load(&flags, &[], &files));
    assert!(
        faults[0].starts_with("--config: /missing.toml: the file cannot be read"),
        "{faults:?}"
    );
}

#[test]
fn the_file_of_the_data_folder_cannot_name_another_folder() {
    let flags = Flags {
        data: Some("/d".to_owned()),
        ..Flags::default()
    };
    let faults = messages(load(&flags, &[], &[("/d/latchkey.toml", b"data = \"/e\"")]));
    assert!(
        faults[0].starts_with("/d/latchkey.toml:1: data: this file was found in the data folder"),
        "{faults:?}"
    );
}

#[test]
fn a_value_can_come_from_a_file_but_not_from_two_places() {
    let files: [(&str, &[u8]); 2] = [("/run/key", b"the key\n"), ("/run/empty", b"\n")];
    let given = [("LATCHKEY_SERVER_KEY_FILE", "/run/key")];
    let settings = load(&Flags::default(), &given, &files).unwrap();
    assert_eq!(settings.server_key.as_ref().unwrap().expose(), "the key");
    assert!(!format!("{settings:?}").contains("the key"));

    let twice = [("LATCHKEY_SERVER_KEY_FILE", "/run/key"), ("LATCHKEY_SERVER_KEY", "x")];
    assert_eq!(
        messages(load(&Flags::default(), &twice, &files)),
        ["LATCHKEY_SERVER_KEY: LATCHKEY_SERVER_KEY_FILE is set too. Keep one of the two."]
    );
    for (path, problem) in [("/run/empty", "the file is empty"), ("/run/none", "cannot be read")] {
        let faults = messages(load(&Flags::default(), &[("LATCHKEY_SERVER_KEY_FILE", path)], &files));
        assert!(
            faults[0].starts_with("LATCHKEY_SERVER_KEY_FILE (/run/") && faults[0].contains(problem),
            "{faults:?}"
        );
    }
}

#[test]
fn all_faults_of_a_file_come_at_once_with_their_lines() {
    let file = "listen = 8080\nlisten_on = \"x\"\n\n[company]\nname = \"\"\ncolour = \"red\"\n\n[sessions]\n\
                staff_idle_minutes = 0\n[post]\nhost = \"x\"\n";
    let faults = messages(from_file(file));
    let places: Vec<&str> = faults.iter().map(|fault| fault.split(": ").next().unwrap()).collect();
    let lines: Vec<&str> = places
        .iter()
        .map(|place| place.strip_prefix("/etc/l.toml:").unwrap())
        .collect();
    assert_eq!(lines, ["1", "2", "5", "6", "9", "10"], "{faults:#?}");
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("there is no setting “company.colour”")),
        "{faults:#?}"
    );
    let broken = messages(from_file("listen = \"127.0.0.1:1\"\nlog = \n"));
    assert!(
        broken[0].starts_with("/etc/l.toml:2: this is not valid TOML"),
        "{broken:?}"
    );
}

#[test]
fn an_unknown_variable_is_named_with_the_one_that_was_meant() {
    let env = [
        ("LATCHKEY_LISTENS", "x"),
        ("LATCHKEY_TEST_POSTGRES", "x"),
        ("LATCHKEY_SMTP", "x"),
        ("HOME", "/root"),
    ];
    assert_eq!(
        messages(from_env(&env)),
        [
            "LATCHKEY_LISTENS: there is no such setting. Did you mean LATCHKEY_LISTEN?",
            "LATCHKEY_SMTP: there is no such setting. “latchkey settings” lists what there is.",
        ]
    );
}

#[test]
fn an_empty_variable_is_not_set_unless_it_is_a_secret() {
    assert_eq!(from_env(&[("LATCHKEY_LISTEN", "")]).unwrap().listen.port(), 8080);
    assert_eq!(messages(from_env(&[("LATCHKEY_SERVER_KEY", " ")])).len(), 1);
}

#[test]
fn what_a_setting_cannot_be_is_refused() {
    for (name, value) in [
        ("LATCHKEY_LISTEN", "8080"),
        ("LATCHKEY_DATABASE", "mysql://db/latchkey"),
        ("LATCHKEY_DATABASE", "latchkey.db"),
        ("LATCHKEY_DATABASE", "sqlite://"),
        ("LATCHKEY_PUBLIC_URL", "panel.example.com"),
        ("LATCHKEY_TRUSTED_PROXIES", "10.0.0.0/40"),
        ("LATCHKEY_WORKERS", "0"),
        ("LATCHKEY_LOG", "latchkey=loud"),
        ("LATCHKEY_LOG_FORMAT", "xml"),
        ("LATCHKEY_TIME_ZONE", "Mars/Olympus"),
        ("LATCHKEY_COMPANY_LOGO", "/missing.svg"),
        ("LATCHKEY_COMPANY_ACCENT", "green"),
        ("LATCHKEY_COMPANY_ACCENT", "#ffcc00"),
        ("LATCHKEY_COMPANY_SUPPORT_EMAIL", "help"),
        ("LATCHKEY_COMPANY_SUPPORT_PHONE", "call us"),
        ("LATCHKEY_COMPANY_SUPPORT_URL", "javascript:alert(1)"),
        ("LATCHKEY_SESSIONS_CUSTOMER_IDLE_MINUTES", "721"),
        ("LATCHKEY_MAIL_TRANSPORT", "pigeon"),
        ("LATCHKEY_MAIL_FROM", "Panel <panel@example.com>"),
        ("LATCHKEY_MAIL_SMTP_HOST", "smtp.example.com:587"),
        ("LATCHKEY_MAIL_SMTP_PORT", "0"),
        ("LATCHKEY_MAIL_SMTP_SECURITY", "ssl"),
        ("LATCHKEY_MAIL_SMTP_CA", "/missing.pem"),
    ] {
        let faults = messages(from_env(&[(name, value)]));
        assert_eq!(faults.len(), 1, "{name}={value}: {faults:?}");
        assert!(faults[0].starts_with(&format!("{name}: ")), "{faults:?}");
    }
}

#[test]
fn a_logo_is_known_by_its_content_and_bounded() {
    let large = format!("<svg>{}", " ".repeat(super::MAX_LOGO_BYTES)).into_bytes();
    let files: [(&str, &[u8]); 4] = [
        ("/a.png", b"\x89PNG\r\n\x1a\n...."),
        (
            "/b.svg",
            b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        ),
        ("/c.svg", b"<html>"),
        ("/d.svg", &large),
    ];
    let logo = |path| load(&Flags::default(), &[("LATCHKEY_COMPANY_LOGO", path)], &files);
    assert_eq!(logo("/a.png").unwrap().company.logo.unwrap().media_type, "image/png");
    assert_eq!(
        logo("/b.svg").unwrap().company.logo.unwrap().media_type,
        "image/svg+xml"
    );
    assert!(messages(logo("/c.svg"))[0].contains("holds no SVG, PNG or WebP picture"));
    assert!(messages(logo("/d.svg"))[0].contains("101 KB"));
}

#[test]
fn lists_and_time_zones_are_kept_in_canonical_form() {
    let settings = from_file("trusted_proxies = [\"10.1.2.3/8\", \"::1\"]\ntime_zone = \"asia/kolkata\"\n").unwrap();
    assert_eq!(
        (super::register::setting("trusted_proxies").show)(&settings),
        "10.0.0.0/8, ::1/128"
    );
    assert_eq!(settings.time_zone.name(), "Asia/Kolkata");
}

#[test]
fn the_public_url_follows_the_port_until_somebody_sets_it() {
    let bound = "127.0.0.1:4242".parse().unwrap();
    let settings = Settings::for_tests(Path::new("/d")).listening_on(bound);
    assert_eq!(settings.public_url.as_str(), "http://127.0.0.1:4242");
    assert!(settings.warnings().is_empty());
    let settings = from_env(&[("LATCHKEY_PUBLIC_URL", "http://panel.example.com")])
        .unwrap()
        .listening_on(bound);
    assert_eq!(settings.public_url.as_str(), "http://panel.example.com");
    assert!(settings.warnings()[0].contains("cookies are not Secure"));
}

#[test]
fn every_example_of_the_register_is_accepted() {
    let files: [(&str, &[u8]); 2] = [
        ("/etc/latchkey/logo.svg", b"<svg/>"),
        ("/etc/latchkey/mail-ca.pem", b"-----BEGIN CERTIFICATE-----"),
    ];
    // What mail needs once it is switched on, and what a certificate and a key need of one another.
    let needed = [
        ("LATCHKEY_MAIL_FROM", "panel@example.com"),
        ("LATCHKEY_MAIL_SMTP_HOST", "smtp.example.com"),
        ("LATCHKEY_COMPAT_CERTIFICATE", "/etc/latchkey/fullchain.pem"),
        ("LATCHKEY_COMPAT_KEY", "/etc/latchkey/privkey.pem"),
    ];
    for setting in REGISTER.iter().filter(|setting| !setting.secret) {
        let variable = setting.variable();
        let mut env: Vec<_> = needed.iter().copied().filter(|(name, _)| *name != variable).collect();
        env.push((&variable, setting.example));
        let settings = load(&Flags::default(), &env, &files).unwrap();
        assert_ne!(*settings.source(setting.key), Source::Default, "{}", setting.key);
    }
}

#[test]
fn mail_asks_for_what_it_needs_once_it_is_on() {
    let mail = |more: &[(&str, &str)]| {
        let mut env = vec![
            ("LATCHKEY_MAIL_TRANSPORT", "smtp"),
            ("LATCHKEY_MAIL_FROM", "panel@example.com"),
            ("LATCHKEY_MAIL_SMTP_HOST", "smtp.example.com"),
        ];
        env.extend_from_slice(more);
        from_env(&env)
    };
    let settings = mail(&[]).unwrap().mail;
    assert!(settings.is_on());
    assert_eq!(
        (settings.smtp.port, settings.smtp.security.to_string()),
        (587, "starttls".to_owned())
    );
    assert_eq!(
        mail(&[("LATCHKEY_MAIL_SMTP_SECURITY", "tls")]).unwrap().mail.smtp.port,
        465
    );
    assert_eq!(settings.folder, Path::new("./data/mail"));

    let alone = messages(from_env(&[("LATCHKEY_MAIL_TRANSPORT", "smtp")]));
    assert!(
        alone[0].starts_with("default: mail.from: mail is switched on"),
        "{alone:?}"
    );
    assert!(alone[1].starts_with("default: mail.smtp_host: "), "{alone:?}");
    let half = messages(mail(&[("LATCHKEY_MAIL_SMTP_USERNAME", "panel")]));
    assert!(half[0].contains("mail.smtp_password is missing"), "{half:?}");
    let half = messages(mail(&[("LATCHKEY_MAIL_SMTP_PASSWORD", "hush")]));
    assert!(
        half[0].contains("mail.smtp_username is missing") && !half[0].contains("hush"),
        "{half:?}"
    );
}

#[test]
fn mail_without_protection_stays_on_the_machine() {
    let to = |host| {
        from_env(&[
            ("LATCHKEY_MAIL_TRANSPORT", "smtp"),
            ("LATCHKEY_MAIL_FROM", "panel@example.com"),
            ("LATCHKEY_MAIL_SMTP_HOST", host),
            ("LATCHKEY_MAIL_SMTP_SECURITY", "none"),
        ])
    };
    for near in ["localhost", "127.0.0.1", "::1"] {
        assert_eq!(to(near).unwrap().mail.smtp.port, 25, "{near}");
    }
    for far in ["smtp.example.com", "192.0.2.1", "localhost.example.com"] {
        assert!(messages(to(far))[0].contains("unencrypted to another machine"), "{far}");
    }
}
