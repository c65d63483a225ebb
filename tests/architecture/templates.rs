//! Rules about the templates: each is used, and none carries what the content security policy would refuse.

use crate::{
    expect_clean, expect_found, expect_none,
    files::{SourceFile, below, sources},
    text::{is_word, numbered},
};

fn templates() -> Vec<SourceFile> {
    below("templates", &["html", "txt", "xml"])
}

/// Templates that no struct in `sources` names as its path and that no other template takes in.
fn unused(sources: &[SourceFile], templates: &[SourceFile]) -> Vec<String> {
    let named_by_struct = |name: &str| {
        let path = format!("path = \"{name}\"");
        sources.iter().any(|file| file.text.contains(&path))
    };
    let taken_in = |template: &SourceFile, name: &str| {
        templates
            .iter()
            .filter(|other| other.path != template.path)
            .any(|other| {
                ["extends", "include", "import"]
                    .iter()
                    .any(|how| other.text.contains(&format!("{how} \"{name}\"")))
            })
    };
    templates
        .iter()
        .filter(|template| {
            let name = template.path.trim_start_matches("templates/");
            !named_by_struct(name) && !taken_in(template, name)
        })
        .map(|template| {
            format!(
                "{}: no struct and no template uses it; delete it, or render it",
                template.path
            )
        })
        .collect()
}

/// Each line of a template for which `is_wrong` holds, with `advice`.
fn lines_where(files: &[SourceFile], is_wrong: fn(&str) -> bool, advice: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in numbered(&file.text) {
            if is_wrong(line) {
                findings.push(format!("{}:{number}: {advice}", file.path));
            }
        }
    }
    findings
}

fn unescaped(files: &[SourceFile]) -> Vec<String> {
    let is_wrong = |line: &str| {
        line.split('|').skip(1).any(|filter| {
            filter
                .trim_start()
                .strip_prefix("safe")
                .is_some_and(|rest| !rest.starts_with(is_word))
        }) || line.contains("escape none")
            || line.contains("autoescape false")
    };
    lines_where(
        files,
        is_wrong,
        "let askama escape it; what is markup already belongs into a partial or a macro",
    )
}

/// Mail is shown under no policy of ours, and takes no stylesheet along.
fn inline_style(files: &[SourceFile]) -> Vec<String> {
    let pages = files.iter().filter(|file| !file.path.starts_with("templates/mail/"));
    let pages: Vec<SourceFile> = pages.map(|file| SourceFile::planted(&file.path, &file.text)).collect();
    let is_wrong = |line: &str| {
        let line = line.to_ascii_lowercase();
        line.contains("<style") || has_attribute(&line, |name| name == "style")
    };
    lines_where(
        &pages,
        is_wrong,
        "the content security policy refuses inline styles; add a class to static/css",
    )
}

fn inline_script(files: &[SourceFile]) -> Vec<String> {
    let is_wrong = |line: &str| {
        let line = line.to_ascii_lowercase();
        let script = line.match_indices("<script").any(|(at, _)| {
            let tag = line[at..].split('>').next().unwrap_or_default();
            !tag.contains(" src=")
        });
        script || line.contains("javascript:") || has_attribute(&line, |name| name.starts_with("on") && name.len() > 3)
    };
    lines_where(
        files,
        is_wrong,
        "the content security policy refuses inline script; write a module in static/js",
    )
}

/// Whether an attribute with a quoted value stands in `line` whose name `wanted` accepts.
fn has_attribute(line: &str, wanted: fn(&str) -> bool) -> bool {
    line.match_indices("=\"")
        .chain(line.match_indices("='"))
        .any(|(at, _)| {
            let name = line[..at]
                .rsplit(|c: char| c.is_whitespace() || c == '"' || c == '\'')
                .next()
                .unwrap_or_default();
            wanted(name)
        })
}

#[test]
fn every_template_is_used() {
    expect_none(&unused(&sources(), &templates()));
}

#[test]
fn a_template_that_is_not_used_is_found() {
    let page = SourceFile::planted("src/web/pages/list.rs", "#[template(path = \"tokens/list.html\")]");
    let template = |name: &str, text: &str| SourceFile::planted(&format!("templates/{name}"), text);
    let all = [
        template(
            "tokens/list.html",
            "{% extends \"base.html\" %}{% include \"partials/pager.html\" %}",
        ),
        template("base.html", "{% import \"partials/icon.html\" as icon %}"),
        template("partials/pager.html", ""),
        template("partials/icon.html", ""),
        template("tokens/old.html", "{% extends \"tokens/old.html\" %}"),
    ];
    let findings = unused(&[page], &all);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].starts_with("templates/tokens/old.html:"));
}

#[test]
fn everything_is_escaped() {
    expect_none(&unescaped(&templates()));
}

#[test]
fn what_is_not_escaped_is_found() {
    for text in [
        "{{ name|safe }}",
        "{{ name | safe }}",
        "{{ name|upper|safe}}",
        "{% autoescape false %}",
    ] {
        expect_found(unescaped, "templates/a.html", text);
    }
    expect_clean(
        unescaped,
        "templates/a.html",
        "{{ name|safely }} It is safe. {{ a || safety }}",
    );
}

#[test]
fn no_style_stands_inline() {
    expect_none(&inline_style(&templates()));
}

#[test]
fn an_inline_style_is_found() {
    for text in ["<p style=\"color:red\">", "<p STYLE='x'>", "<style>p {}</style>"] {
        expect_found(inline_style, "templates/a.html", text);
    }
    expect_clean(
        inline_style,
        "templates/a.html",
        "<link rel=\"stylesheet\" href=\"a\"><p data-style=\"calm\">",
    );
}

#[test]
fn no_script_stands_inline() {
    expect_none(&inline_script(&templates()));
}

#[test]
fn an_inline_script_is_found() {
    for text in [
        "<script>f()</script>",
        "<button onclick=\"f()\">",
        "<a href=\"javascript:f()\">",
        "<p ONLOAD='f()'>",
    ] {
        expect_found(inline_script, "templates/a.html", text);
    }
    expect_clean(
        inline_script,
        "templates/a.html",
        "<script type=\"module\" src=\"a\"></script><input name=\"only\">",
    );
}
