//! What a catalogue file is refused for, with the line.

use super::{super::Catalogue, AREA, service};

fn fault(text: &str) -> (usize, String) {
    let error = Catalogue::from_toml(text).expect_err("a fault");
    (error.line, error.fault.to_string())
}

/// The fault of the small area after one replacement.
fn fault_after(old: &str, new: &str) -> (usize, String) {
    assert!(AREA.contains(old), "{old}");
    fault(&AREA.replacen(old, new, 1))
}

#[track_caller]
fn assert_fault((line, message): (usize, String), expected_line: usize, part: &str) {
    assert_eq!(line, expected_line, "{message}");
    assert!(message.contains(part), "{message:?} should say {part:?}");
}

#[test]
fn faults_of_areas_and_scopes_name_their_line() {
    Catalogue::from_toml(AREA).expect("good as it is");
    assert_fault(fault_after("icon", "icno"), 4, "icno");
    assert_fault(fault_after("title = \"X\"\n", ""), 1, "title");
    assert_fault(fault_after("can = \"b\"", "cann = \"b\""), 6, "cann");
    assert_fault(fault_after("title = \"X\"", "title = X"), 3, "");
    assert_fault(fault_after("\"high\"", "\"huge\""), 7, "huge");
    assert_fault(fault_after("id = \"x\"", "id = \"X\""), 2, "\"X\" is not an id");
    assert_fault(
        fault_after("title = \"X\"", "title = \" \""),
        3,
        "a text for people is empty",
    );
    assert_fault(fault_after("id = \"x:b\"", "id = \"xb\""), 6, "\"xb\" is not a scope");
    assert_fault(
        fault_after("id = \"x:c\"", "id = \"y:c\""),
        7,
        "y:c stands in area \"x\"",
    );
    assert_fault(fault_after("id = \"x:c\"", "id = \"x:b\""), 7, "a second scope \"x:b\"");
    assert_fault(fault_after("[\"x:b\"]", "[\"x:z\"]"), 5, "scope x:z is not defined");
    assert_fault(
        fault_after("[\"x:b\"]", "[\"x:a\"]"),
        5,
        "x:a implies itself, through x:a",
    );
    assert_fault(
        fault_after(
            "can = \"b\", risk = \"low\"",
            "can = \"b\", risk = \"low\", implies = [\"x:a\"]",
        ),
        5,
        "x:a implies itself, through x:b",
    );
    assert_fault(fault(&AREA.repeat(2)), 10, "a second area \"x\"");
    assert_fault(
        fault(&format!(
            "{AREA}[[area]]\nid = \"y\"\ntitle = \"Y\"\nicon = \"i\"\nscopes = []\n"
        )),
        13,
        "at least one",
    );
    assert_fault(fault(""), 1, "area");
}

#[test]
fn faults_of_templates_name_their_line() {
    let template = |days: &str, scopes: &str| {
        format!("{AREA}[[template]]\nid = \"t\"\nname = \"T\"\nsentence = \"S\"\ndays = {days}\nscopes = [{scopes}]\n")
    };
    Catalogue::from_toml(&template("9", "\"x:a\", \"x:c\"")).expect("good as it is");
    assert!(Catalogue::from_toml(&template("9", "\"*\"")).is_ok());
    assert_fault(fault(&template("0", "\"x:a\"")), 13, "nonzero");
    assert_fault(
        fault(&template("9", "\"x:a\",\n\"x:z\"")),
        15,
        "scope x:z is not defined",
    );
    assert_fault(fault(&template("9", "\"x:a\", \"*\"")), 14, "\"*\" is not a scope");
    assert_fault(fault(&template("9", "")), 14, "at least one scope");
}

#[test]
fn faults_of_services_name_their_line() {
    let with = |hosts: &str, routes: &[(&str, &str)]| fault(&format!("{AREA}{}", service(hosts, routes)));
    let get = [("GET", "/a")];
    assert_fault(with("\"A.example\"", &get), 11, "\"A.example\" is not a host name");
    assert_fault(with("\"a.example:80\"", &get), 11, "is not a host name");
    assert_fault(with("\"*\", \"a.example\"", &get), 11, "names no other");
    assert_fault(with("\"a.example\", \"a.example\"", &get), 11, "a second host");
    assert_fault(with("", &get), 11, "at least one host");
    assert_fault(with("\"*\"", &[]), 12, "at least one route");
    assert_fault(with("\"*\"", &[("GET", "/a"), ("GTE", "/b")]), 14, "\"GTE\" is not GET");
    assert_fault(with("\"*\"", &[("GET", "/a/")]), 13, "\"/a/\" is not a path template");
    assert_fault(with("\"*\"", &[("GET", "/{x*}/a")]), 13, "at its end");
    let route = |rest: &str| fault(&format!("{AREA}{}", service("\"*\"", &get)).replace("[\"x:a\"] }", rest));
    assert_fault(route("[\"x:z\"] }"), 13, "scope x:z is not defined");
    assert_fault(route("[] }"), 13, "at least one scope");
    assert_fault(
        route("[\"x:a\"], site = \"zone\" }"),
        13,
        "\"/a\" has no parameter {zone}",
    );
}

#[test]
fn routes_that_clash_are_refused() {
    let two = |first, second| format!("{AREA}{}", service("\"*\"", &[("GET", first), second]));
    assert_fault(
        fault(&two("/a/{x}", ("GET", "/a/{y}"))),
        14,
        "GET /a/{y} clashes with /a/{x}, line 13",
    );
    assert_fault(fault(&two("/a/{x}", ("GET", "/{x}/b"))), 14, "clashes");
    assert!(Catalogue::from_toml(&two("/a/{x}", ("POST", "/a/{y}"))).is_ok());
    assert!(Catalogue::from_toml(&two("/a/{x}", ("GET", "/a/b"))).is_ok());
    let on_hosts = |first, second| {
        let later = service(second, &[("GET", "/a")]).replace("\"s\"", "\"s2\"");
        format!("{AREA}{}{later}", service(first, &[("GET", "/a")]))
    };
    assert_fault(
        fault(&on_hosts("\"a.example\"", "\"b.example\", \"a.example\"")),
        19,
        "clashes with /a, line 13",
    );
    assert!(Catalogue::from_toml(&on_hosts("\"a.example\"", "\"*\"")).is_ok());
}
