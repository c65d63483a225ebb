//! What the README says is so.

use std::{path::Path, process::Command};

const README: &str = include_str!("../../README.md");

#[test]
fn its_table_of_settings_is_the_programs_own() {
    let output = Command::new(env!("CARGO_BIN_EXE_latchkey"))
        .args(["settings", "--format", "markdown"])
        .env_clear()
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.starts_with("| Setting") && README.contains(&table),
        "take it over from latchkey settings --format markdown"
    );
}

#[test]
fn its_links_and_pictures_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let linked = README.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let shown = ["src=\"", "srcset=\""];
    let shown = shown
        .iter()
        .flat_map(|attribute| README.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next());
    let mut count = 0;
    for path in linked.chain(shown).filter(|path| !path.starts_with("https://")) {
        count += 1;
        let size = std::fs::metadata(root.join(path)).map(|file| file.len());
        assert!(size.is_ok_and(|size| size < 200 * 1024), "{path}");
    }
    assert!(count >= 6, "{count}");
}
