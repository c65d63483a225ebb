//! What the check finds in folders that the tests make.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::{clock::Clock, keyring::Keyring, settings::Settings};

use super::{Report, examine};

fn with_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn problems(report: &Report) -> Vec<String> {
    report
        .problems
        .iter()
        .map(|found| format!("{}: {}", found.place, found.problem))
        .collect()
}

#[test]
fn a_new_place_is_in_order_and_stays_as_it_is() {
    let place = tempfile::tempdir().unwrap();
    let report = examine(&Settings::for_tests(&place.path().join("a/b")));
    assert_eq!(problems(&report), [""; 0]);
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_key_that_others_can_read_is_named() {
    let place = tempfile::tempdir().unwrap();
    let settings = Settings::for_tests(place.path());
    Keyring::open_or_create(&settings.key_file(), &Clock::system()).unwrap();
    let report = examine(&settings);
    assert_eq!(problems(&report), [""; 0]);

    with_mode(&settings.key_file(), 0o644);
    let found = problems(&examine(&settings));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("server.key") && found[0].contains("chmod 600"),
        "{found:?}"
    );
}

#[test]
fn a_fault_of_the_catalogue_is_named_with_its_line() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("catalogue.toml");
    fs::write(&path, "\n\nunknown = 1\n").unwrap();
    let mut settings = Settings::for_tests(&place.path().join("data"));
    settings.catalogue = Some(path.clone());
    let found = problems(&examine(&settings));
    assert!(found[0].starts_with(&format!("{}:3: ", path.display())), "{found:?}");
}

#[test]
fn a_private_folder_hides_what_is_in_it() {
    assert!(super::readable_by_others(Path::new("/")));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("open");
    fs::write(&file, "").unwrap();
    with_mode(&file, 0o644);
    with_mode(place.path(), 0o700);
    assert!(!super::readable_by_others(&file));
}

#[test]
fn a_data_folder_that_is_a_file_is_named() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    fs::write(&path, "").unwrap();
    let found = problems(&examine(&Settings::for_tests(&path)));
    assert!(
        found[0].starts_with(&format!("{}: files cannot be made here", path.display())),
        "{found:?}"
    );
}
