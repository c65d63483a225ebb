//! Rules about single lines of Rust.

use crate::{
    expect_clean, expect_found, expect_none,
    files::{SourceFile, below, sources},
    text::{code_only, code_without_tests, numbered},
};

fn without_a_head(files: &[SourceFile]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| {
            format!(
                "{}: begin with `//!`: what the module owns, and what it must not know",
                file.path
            )
        })
        .collect()
}

/// Tests in a file of their own stand in a `tests.rs`.
fn unwraps(files: &[SourceFile]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.path.ends_with("/tests.rs")) {
        for (number, line) in numbered(&code_without_tests(&file.text)) {
            if line.contains(".unwrap()") {
                findings.push(format!(
                    "{}:{number}: `.unwrap()`: hand the error on, or `expect` with the invariant that rules it out",
                    file.path
                ));
            }
        }
    }
    findings
}

fn lints_switched_off(files: &[SourceFile]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in numbered(&code_only(&file.text)) {
            if line.contains("#[allow(") || line.contains("#![allow(") {
                findings.push(format!(
                    "{}:{number}: write `#[expect(.., reason = \"..\")]` in place of `allow`",
                    file.path
                ));
            }
        }
    }
    findings
}

/// A test that is passed over must say what it waits for, and a test must wait for a fact, never for time.
fn careless_tests(files: &[SourceFile]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let code = if file.has_extension("rs") {
            code_only(&file.text)
        } else {
            file.text.clone()
        };
        for (number, line) in numbered(&code) {
            if line.contains("#[ignore]") {
                findings.push(format!(
                    "{}:{number}: say in `#[ignore = \"..\"]` what the test needs",
                    file.path
                ));
            }
            if line.contains("sleep(") || line.contains("waitForTimeout(") {
                findings.push(format!(
                    "{}:{number}: wait for what the test needs, not for time to pass",
                    file.path
                ));
            }
        }
    }
    findings
}

fn tests() -> Vec<SourceFile> {
    let tests = below("tests", &["rs", "mjs"]);
    assert!(
        tests.iter().any(|file| file.path == "tests/architecture.rs"),
        "the tests were not found"
    );
    tests
}

fn all_rust() -> Vec<SourceFile> {
    let mut files = sources();
    files.extend(tests().into_iter().filter(|file| file.has_extension("rs")));
    files.extend(below("benches", &["rs"]));
    files
}

#[test]
fn every_module_says_what_it_is() {
    expect_none(&without_a_head(&all_rust()));
}

#[test]
fn a_module_without_a_head_is_found() {
    expect_found(without_a_head, "src/silent.rs", "use std::fs;\n");
    expect_clean(without_a_head, "src/well.rs", "//! What it is.\n");
}

#[test]
fn nothing_is_unwrapped() {
    expect_none(&unwraps(&sources()));
}

#[test]
fn an_unwrap_is_found() {
    expect_found(unwraps, "src/app/tokens.rs", "let x = y.unwrap();");
    expect_clean(
        unwraps,
        "src/app/tokens.rs",
        "// y.unwrap() would panic\nlet x = y.unwrap_or(\".unwrap()\");",
    );
    expect_clean(
        unwraps,
        "src/app/tokens.rs",
        "fn f() {}\n\n#[cfg(test)]\nmod tests { fn g() { y.unwrap(); } }",
    );
    expect_clean(unwraps, "src/app/tests.rs", "fn g() { y.unwrap(); }");
}

#[test]
fn no_lint_is_switched_off() {
    expect_none(&lints_switched_off(&all_rust()));
}

#[test]
fn a_lint_that_is_switched_off_is_found() {
    expect_found(
        lints_switched_off,
        "src/app/tokens.rs",
        "#[allow(dead_code)]\nfn f() {}",
    );
    expect_found(lints_switched_off, "tests/suite/main.rs", "#![allow(unused)]");
    expect_clean(
        lints_switched_off,
        "src/app/tokens.rs",
        "#[expect(dead_code, reason = \"..\")]",
    );
}

#[test]
fn tests_wait_for_facts_and_say_what_they_need() {
    expect_none(&careless_tests(&tests()));
}

#[test]
fn careless_tests_are_found() {
    expect_found(careless_tests, "tests/suite/a.rs", "#[test]\n#[ignore]\nfn f() {}");
    expect_found(
        careless_tests,
        "tests/suite/a.rs",
        "std::thread::sleep(Duration::from_secs(1));",
    );
    let page = "tests/browser/a.test.mjs";
    expect_found(careless_tests, page, &["await page.waitFor", "Timeout(500);"].concat());
    expect_clean(
        careless_tests,
        "tests/suite/a.rs",
        "#[ignore = \"needs PostgreSQL: tests/run\"]",
    );
}
