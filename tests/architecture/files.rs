//! The project's files as texts, and the rule about their length.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{expect_clean, expect_found, expect_none};

/// The most lines a source, test or template may have.
const LONGEST: usize = 400;

/// A text file of the project.
pub(crate) struct SourceFile {
    /// Where it stands, from the project's root, with `/` between the parts.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

impl SourceFile {
    /// A file that is not on disk, to test a rule with.
    pub(crate) fn planted(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Whether its name ends in `.` and `extension`.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }
}

/// The files below `folder` whose name ends in one of `extensions`, sorted by path; none if there is no such folder.
/// What package managers and test runs leave behind is passed over.
pub(crate) fn below(folder: &str, extensions: &[&str]) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    paths
        .iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
        })
        .map(|path| SourceFile {
            path: path
                .strip_prefix(root)
                .expect("collected below the root")
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect::<Vec<_>>()
                .join("/"),
            text: fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display())),
        })
        .collect()
}

/// The Rust files of the library and the program.
pub(crate) fn sources() -> Vec<SourceFile> {
    let sources = below("src", &["rs"]);
    assert!(
        sources.iter().any(|file| file.path == "src/lib.rs"),
        "the sources were not found"
    );
    sources
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder of the project can be listed").path();
        let name = path.file_name().unwrap_or_default();
        if name == "node_modules" || name == "results" {
            continue;
        }
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push(path);
        }
    }
}

fn too_long(files: &[SourceFile]) -> Vec<String> {
    files
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| {
            format!(
                "{}: {lines} lines, at most {LONGEST}; split it where its subject splits",
                file.path
            )
        })
        .collect()
}

#[test]
fn no_file_is_too_long() {
    let mut files = sources();
    files.extend(below("tests", &["rs", "mjs"]));
    files.extend(below("benches", &["rs", "mjs"]));
    files.extend(below("templates", &["html", "txt", "xml"]));
    expect_none(&too_long(&files));
}

#[test]
fn a_file_that_is_too_long_is_found() {
    expect_found(too_long, "src/long.rs", &"\n".repeat(LONGEST + 1));
    expect_clean(too_long, "src/just_right.rs", &"\n".repeat(LONGEST));
}
