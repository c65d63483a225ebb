//! Whatever stands in a field of a form, the answer is a page that says what is wrong, or that it was done.

use super::{
    Cast,
    table::{ROLES, ROWS},
};
use crate::support::World;

/// Fields that no page fills in, and those that cost a hash each time.
const LEFT_OUT: [&str; 4] = ["form_token", "password", "current_password", "new_password"];

pub(super) fn no_value_breaks_a_form(world: &World) {
    let cast = Cast::of(world);
    let mut wrong = Vec::new();
    let values = [
        String::new(),
        "x".repeat(9_000),
        "1\n".repeat(3_000),
        "-1".to_owned(),
        "99999999999999999999".to_owned(),
        "\u{202e}\u{feff}\u{1F600}e\u{301}'\"<>%00&--;".to_owned(),
    ];
    for row in ROWS.iter().filter(|row| row.method == "GET" && row.is_panel()) {
        let role = match row.path.split('/').nth(1) {
            Some("staff") => "admin",
            Some("sign-in" | "link" | "setup" | "leaks") => "nobody",
            _ => "owner",
        };
        let browser = &cast.browsers[ROLES.iter().position(|other| *other == role).unwrap()];
        let page = browser.get(&cast.about(world, row, role).0);
        let forms = page.forms().into_iter();
        // These two stand on every page, and one ends the session.
        let own = forms.filter(|form| !["/sign-out", "/preferences/theme"].contains(&form.action()));
        for form in own.filter(|form| !form.action().starts_with("/sign-in")) {
            for name in form.names().into_iter().filter(|name| !LEFT_OUT.contains(name)) {
                for value in &values {
                    let answer = form.clone().forge(name, value).enter();
                    if answer.status() >= 500 {
                        let start: String = value.chars().take(20).collect();
                        wrong.push(format!("{} {name}={start:?}: {}", form.action(), answer.status()));
                    }
                }
            }
        }
        world.clock.advance(time::Duration::seconds(1));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
