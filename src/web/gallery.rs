//! A gallery of every component, rendered into `target/gallery/` to be looked at in a browser, and checked here for what
//! must hold on any page: one heading, unique ids, a label for each control, nothing that the content security policy blocks.

use std::{collections::BTreeSet, fs, path::Path};

use askama::Template;

use crate::web::{
    chart::{self, Bar},
    form::Faults,
    layout::{Brand, Layout, NoticeWords, SignedInName},
};

fn layout(title: &str) -> Layout {
    Layout {
        title: title.into(),
        brand: Brand {
            name: "Example Hosting".into(),
            logo: None,
            support_email: Some("help@example.in".into()),
            support_phone: Some("+91 80 5550 0100".into()),
            support_url: Some("https://example.in/help".into()),
        },
        accent_css: None,
        css: "../../static/css/app.css",
        js: "../../static/js/app.js",
        icons: "../../static/icons.svg",
        theme: None,
        signed_in: Some(SignedInName {
            name: "priya@example.in".into(),
            staff: false,
            admin: false,
        }),
        form_token: "form-token".into(),
        current: "tokens",
        demo: false,
        notice: None,
        suspended: None,
        path: "/tokens".into(),
        version: "0.1.0",
    }
}

struct Filter {
    href: &'static str,
    label: &'static str,
    count: u32,
    current: bool,
}

struct Row {
    id: &'static str,
    name: &'static str,
    prefix: &'static str,
    access: &'static str,
    sites: &'static str,
    kind: &'static str,
    symbol: &'static str,
    status: &'static str,
    expires: &'static str,
    used: &'static str,
    spark: String,
}

#[derive(Template)]
#[template(path = "gallery/list.html")]
struct List {
    page: Layout,
    filters: Vec<Filter>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "gallery/form.html")]
struct Form {
    page: Layout,
    faults: Faults,
    zones: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "gallery/detail.html")]
struct Detail {
    page: Layout,
    secret: String,
    bars: Vec<Bar>,
    added: Vec<String>,
    removed: Vec<String>,
}

#[derive(Template)]
#[template(path = "gallery/sign_in.html")]
struct SignIn {
    page: Layout,
}

fn sign_in() -> String {
    let mut page = layout("Sign in");
    page.signed_in = None;
    page.brand.support_url = None;
    SignIn { page }.render().expect("it renders")
}

fn row(id: &'static str, name: &'static str, badge: [&'static str; 3], used: &'static str, calls: &[u64]) -> Row {
    let [kind, symbol, status] = badge;
    Row {
        id,
        name,
        prefix: "lk_live_…7Qx2",
        access: "Read files, create backups",
        sites: "All sites",
        kind,
        symbol,
        status,
        expires: "1 Feb 2027",
        used,
        spark: chart::spark_path(calls),
    }
}

fn rows() -> Vec<Row> {
    let used = "20 Nov 2026, 13:42 IST";
    vec![
        row(
            "t1",
            "Backup script",
            ["ok", "circle-check", "Active"],
            used,
            &[3, 4, 4, 5, 3, 4, 6, 4, 4, 5, 4, 3, 3, 4],
        ),
        row(
            "t2",
            "Deploy from GitHub",
            ["warn", "triangle-alert", "Expires in 3 days"],
            used,
            &[0, 1, 0, 0, 9, 1, 0, 12, 0, 3],
        ),
        row("t3", "Mobile app", ["info", "circle-dashed", "Never used"], "", &[0, 0]),
        row(
            "t4",
            "Old WordPress plugin",
            ["danger", "circle-x", "Expired"],
            used,
            &[2, 2, 1, 2, 0, 0, 0],
        ),
        row(
            "t5",
            "<script>alert(1)</script> & שלום",
            ["neutral", "circle-pause", "Paused"],
            used,
            &[1, 0, 1],
        ),
        row(
            "t6",
            "AveryveryverylongnamewithoutanyspaceinitXXXXXXXXXX",
            ["ok", "circle-check", "Active"],
            used,
            &[9, 1],
        ),
    ]
}

fn list() -> String {
    let filter = |label, count, current| Filter {
        href: "/tokens?status=x",
        label,
        count,
        current,
    };
    let mut page = layout("API tokens");
    page.demo = true;
    page.notice = Some(NoticeWords {
        kind: "ok",
        text: "Paused “Mobile app”.".into(),
        undo: Some("/tokens/t3/resume".into()),
    });
    let names = [
        "All",
        "Active",
        "Expiring",
        "Never used",
        "Expired",
        "Paused",
        "Revoked",
    ];
    let filters = names.map(|label| filter(label, 120, label == "All")).into();
    List {
        page,
        filters,
        rows: rows(),
    }
    .render()
    .expect("it renders")
}

fn form() -> String {
    let mut faults = Faults::default();
    faults.add("name", "Enter a name for the token");
    faults.add("scopes", "Choose at least one thing the token can do");
    faults.add("addresses", "Line 2: “300.1.1.1” is not an address");
    let zones = vec![("UTC", "UTC"), ("Asia/Kolkata", "Asia/Kolkata")];
    Form {
        page: layout("Create token"),
        faults,
        zones,
    }
    .render()
    .expect("it renders")
}

fn detail() -> String {
    let mut page = layout("Backup script");
    page.suspended = Some("the invoice of October is open".into());
    page.signed_in = Some(SignedInName {
        name: "asha".into(),
        staff: true,
        admin: false,
    });
    page.theme = Some("light");
    let days: Vec<(u64, u64)> = (0..30)
        .map(|day| (day * 7 % 40, if day % 6 == 0 { day % 9 } else { 0 }))
        .collect();
    Detail {
        page,
        secret: "lk_live_3fV9bT0qJw8ZrYk2LmN5xAcE7sDhGuP1oQ4i_1xY7Qx2".into(),
        bars: chart::bars(&days),
        added: vec!["Create backups".into(), "Restore backups".into()],
        removed: vec!["Delete files".into()],
    }
    .render()
    .expect("it renders")
}

/// The start tags of `html`, without the angle brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|tag| !tag.starts_with(['/', '!']))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

#[test]
fn every_component_keeps_the_rules_of_a_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    fs::create_dir_all(&folder).expect("the build folder can be written");
    let sprite = include_str!("../../static/icons.svg");
    for (name, html) in [
        ("list", list()),
        ("form", form()),
        ("detail", detail()),
        ("sign_in", sign_in()),
    ] {
        fs::write(folder.join(name).with_extension("html"), &html).expect("the build folder can be written");
        assert_eq!(html.matches("<h1").count(), 1, "{name}: one main heading");
        assert!(!html.contains("<script>"), "{name}: typed text is escaped");
        let mut ids = BTreeSet::new();
        for id in tags(&html).filter_map(|tag| attribute(tag, "id")) {
            assert!(ids.insert(id), "{name}: the id {id} stands there twice");
        }
        let labelled: BTreeSet<_> = tags(&html).filter_map(|tag| attribute(tag, "for")).collect();
        for tag in tags(&html) {
            assert_eq!(attribute(tag, "style"), None, "{name}: {tag}");
            let handler = |part: &str| part.starts_with("on") && part.contains("=\"");
            assert!(!tag.split(' ').any(handler), "{name}: an inline handler: {tag}");
            for reference in [
                "for",
                "aria-labelledby",
                "aria-describedby",
                "aria-controls",
                "data-copy",
                "form",
            ] {
                for id in attribute(tag, reference).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{name}: {reference} names {id}, which is not there");
                }
            }
            if let Some(symbol) = attribute(tag, "href").and_then(|href| href.split_once("icons.svg#")) {
                assert!(
                    sprite.contains(&format!("id=\"{}\"", symbol.1)),
                    "{name}: no icon {}",
                    symbol.1
                );
            }
            let control = ["input", "select", "textarea"]
                .iter()
                .any(|control| tag.split(' ').next() == Some(control));
            if control && attribute(tag, "type") != Some("hidden") {
                let wrapped = attribute(tag, "id").is_none() && html.contains(&format!("<label class=\"pick\"><{tag}"))
                    || html.contains(&format!("<label class=\"pick\" hidden data-needs-script><{tag}"));
                assert!(
                    wrapped || attribute(tag, "id").is_some_and(|id| labelled.contains(id)),
                    "{name}: no label: {tag}"
                );
            }
        }
    }
}
