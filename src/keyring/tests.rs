//! The key file as an operator meets it, and what the keys promise.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::Path,
    thread,
};

use proptest::{prop_assert, proptest};
use tempfile::TempDir;
use time::{Duration, macros::datetime};

use super::*;
use crate::{clock::Clock, domain::secret::TokenSecret};

const ONE: &str = "one b1946ac92492d2347c6235b4d2611184f2a9c0d76e35b8f01a4c7d2e95b6083f 2026-07-01T12:00:00Z";
const TWO: &str = "two 5e884898da28047151d0e56f8dc6292773603d0d6aabbddc2f1b9e4a7c308d56 2026-08-01T14:00:00+02:00";

fn clock() -> Clock {
    Clock::fixed(datetime!(2026-07-01 12:00), 1)
}

fn digest(key: &DigestKey) -> [u8; 32] {
    let secret = TokenSecret::parse("lk_EXAMPLE1_0000000000000000000000000000000019WjLP").unwrap();
    *crate::domain::secret::digest(key, &secret).as_bytes()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn line_error(text: &str) -> (usize, LineProblem) {
    match Keyring::from_text(text) {
        Err(KeyringError::Line { line, problem }) => (line, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_file_is_made_for_its_owner_alone() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("data/server.key");
    let (made, created) = Keyring::open_or_create(&path, &clock()).unwrap();
    assert!(created);
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));

    let (read, created) = Keyring::open_or_create(&path, &clock()).unwrap();
    assert!(!created);
    assert_eq!(made.current().0, read.current().0);
    assert_eq!(digest(made.current().1), digest(read.current().1));
    assert_eq!(read.created(read.current().0), Some(datetime!(2026-07-01 12:00)));
    let names: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["server.key"]);
}

#[test]
fn processes_that_start_together_get_the_same_key() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("server.key");
    let opened: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Keyring::open_or_create(&path, &Clock::system()).unwrap()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(opened.iter().filter(|(_, created)| *created).count(), 1);
    assert!(
        opened
            .iter()
            .all(|(keyring, _)| keyring.current().0 == opened[0].0.current().0)
    );
}

#[test]
fn a_rotation_keeps_the_old_keys_and_what_is_derived() {
    let place = TempDir::new().unwrap();
    let (path, clock) = (place.path().join("server.key"), clock());
    let (before, _) = Keyring::open_or_create(&path, &clock).unwrap();
    clock.advance(Duration::days(30));
    let id = Keyring::rotate(&path, &clock).unwrap();
    let (after, _) = Keyring::open_or_create(&path, &clock).unwrap();

    assert_eq!(after.current().0, &id);
    assert_eq!(after.ids().collect::<Vec<_>>(), [before.current().0, &id]);
    assert_eq!(after.created(&id), Some(datetime!(2026-07-31 12:00)));
    assert_eq!(
        digest(after.find(before.current().0).unwrap()),
        digest(before.current().1)
    );
    assert_ne!(digest(after.current().1), digest(before.current().1));
    assert_eq!(after.derive("session"), before.derive("session"));
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn rotations_at_once_lose_no_key_and_keep_what_an_operator_wrote() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("server.key");
    fs::write(&path, format!("# from the vault\n{ONE}")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::write(place.path().join("server.key.new"), "left by a process that died").unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Keyring::rotate(&path, &Clock::system()).unwrap());
        }
    });
    assert_eq!(Keyring::open_or_create(&path, &clock()).unwrap().0.ids().count(), 9);
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .starts_with(&format!("# from the vault\n{ONE}\n"))
    );
}

#[test]
fn a_file_that_others_may_use_is_refused_with_the_remedy() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("server.key");
    Keyring::open_or_create(&path, &clock()).unwrap();
    for exposed in [0o644, 0o640, 0o620, 0o601] {
        fs::set_permissions(&path, Permissions::from_mode(exposed)).unwrap();
        let message = Keyring::open_or_create(&path, &clock()).unwrap_err().to_string();
        assert!(message.contains(&format!("mode {exposed:04o}")), "{message}");
        assert!(message.contains(&format!("chmod 600 {}", path.display())), "{message}");
        assert!(matches!(
            Keyring::rotate(&path, &clock()),
            Err(KeyringError::Exposed { .. })
        ));
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    assert!(Keyring::open_or_create(&path, &clock()).is_ok());
}

#[test]
fn a_rotation_leaves_the_owner_and_a_link_alone() {
    let place = TempDir::new().unwrap();
    let (path, link) = (place.path().join("server.key"), place.path().join("link"));
    Keyring::open_or_create(&path, &clock()).unwrap();
    symlink(&path, &link).unwrap();
    // Only root can give a file away; elsewhere the owner is our own before and after.
    let _ = chown(&path, Some(1234), Some(1234));
    let owner = fs::metadata(&path).unwrap().uid();
    Keyring::rotate(&link, &Clock::system()).unwrap();
    assert_eq!((fs::metadata(&path).unwrap().uid(), mode(&path)), (owner, 0o600));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Keyring::open_or_create(&path, &clock()).unwrap().0.ids().count(), 2);
}

#[test]
fn rotating_a_missing_or_malformed_file_changes_nothing() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("server.key");
    assert!(matches!(
        Keyring::rotate(&path, &clock()),
        Err(KeyringError::File { action: "opening", .. })
    ));
    assert!(!path.exists());
    fs::write(&path, "damaged").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(
        Keyring::rotate(&path, &clock()),
        Err(KeyringError::Line { line: 1, .. })
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "damaged");
}

#[test]
fn the_last_line_is_current_and_the_first_derives() {
    let keyring = Keyring::from_text(&format!("# keys\n\n{ONE}\n{TWO}\n")).unwrap();
    assert_eq!(keyring.current().0.as_str(), "two");
    assert_eq!(keyring.created(keyring.current().0), Some(datetime!(2026-08-01 12:00)));
    assert!(keyring.find(&"one".parse().unwrap()).is_some() && keyring.find(&"three".parse().unwrap()).is_none());
    assert_eq!(keyring.derive("a"), Keyring::from_text(ONE).unwrap().derive("a"));
    assert_ne!(keyring.derive("a"), keyring.derive("b"));
    assert_ne!(keyring.derive("a"), Keyring::for_tests().derive("a"));
}

#[test]
fn a_malformed_line_is_named_by_its_number() {
    let (_, key) = ONE.split_once(' ').unwrap();
    let hex = &key[..64];
    for (text, expected) in [
        (format!("# keys\n{ONE}\nthree {hex}"), (3, LineProblem::Parts)),
        (format!("{ONE} more"), (1, LineProblem::Parts)),
        (format!("Ö {key}"), (1, LineProblem::Id)),
        (format!("{ONE}\n{ONE}"), (2, LineProblem::DuplicateId)),
        (ONE.replace(hex, &hex[..62]), (1, LineProblem::Key)),
        (ONE.replace("b1946a", "b194+a"), (1, LineProblem::Key)),
        (ONE.replace("b1946a", "b19é6"), (1, LineProblem::Key)),
        (ONE.replace("2026-07-01T12", "yesterday"), (1, LineProblem::Created)),
    ] {
        assert_eq!(line_error(&text), expected, "{text}");
    }
    for empty in ["", "\n \n", "# nothing\n"] {
        assert!(matches!(Keyring::from_text(empty), Err(KeyringError::Empty)));
    }
}

#[test]
fn keys_that_anybody_could_guess_are_refused() {
    let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
    let counting = std::array::from_fn(|position| u8::try_from(position).unwrap());
    for key in [
        hex([0; 32]),
        hex([0xff; 32]),
        "0123456789abcdef".repeat(4),
        "deadbeef".repeat(8),
        hex(counting),
        hex(SAMPLE),
    ] {
        assert_eq!(
            line_error(&format!("k {key} 2026-07-01T12:00:00Z")),
            (1, LineProblem::SampleKey),
            "{key}"
        );
    }
}

#[test]
fn no_key_is_printed() {
    let printed = format!(
        "{:?} {}",
        Keyring::from_text(ONE).unwrap(),
        Keyring::from_text("k 1234 x").unwrap_err()
    );
    assert!(
        !printed.contains("b1946a") && !printed.contains("177") && !printed.contains("1234"),
        "{printed}"
    );
}

proptest! {
    #[test]
    fn arbitrary_text_is_read_or_refused_without_a_panic(text in "([a-z]{1,9} [0-9a-f]{64} \\PC{0,25}|\\PC{0,20}|\n){0,5}") {
        if let Ok(keyring) = Keyring::from_text(&text) {
            prop_assert!(keyring.ids().count() >= 1);
        }
    }
}
