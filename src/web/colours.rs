//! Checks that the stylesheet's colours can be told apart, light and dark: reads the values from the stylesheet itself.

use crate::settings::colour::{Colour, contrast};

const STYLESHEET: &str = include_str!("../../static/css/app.css");
/// Text on what it stands on (WCAG 2.2, 1.4.3).
const TEXT: f64 = 4.5;
/// The edge of a control, a mark, the focus ring (WCAG 2.2, 1.4.11).
const MARK: f64 = 3.0;

/// What is drawn, on which of these it stands, and the ratio that it needs.
const PAIRS: [(&str, &str, f64); 15] = [
    (
        "text",
        "bg surface sunken accent-soft ok-soft warn-soft danger-soft info-soft neutral-soft",
        TEXT,
    ),
    ("text-2", "bg surface sunken accent-soft neutral-soft", TEXT),
    ("text-3", "bg surface sunken", TEXT),
    ("accent-text", "bg surface sunken accent-soft", TEXT),
    ("on-accent", "accent accent-hover", TEXT),
    ("on-danger", "danger danger-hover", TEXT),
    ("ok", "bg surface ok-soft", TEXT),
    ("warn", "bg surface warn-soft", TEXT),
    ("danger-text", "bg surface sunken danger-soft", TEXT),
    ("info", "bg surface info-soft", TEXT),
    ("neutral", "surface neutral-soft", TEXT),
    ("accent", "bg surface sunken", MARK),
    ("danger", "bg surface", MARK),
    ("control", "bg surface", MARK),
    (
        "focus",
        "bg surface sunken accent-soft ok-soft warn-soft danger-soft info-soft",
        MARK,
    ),
];

/// The light and the dark value of `--name`.
fn token(name: &str) -> [Colour; 2] {
    let declared = format!("    --{name}: light-dark(");
    let (_, rest) = STYLESHEET
        .split_once(&declared)
        .unwrap_or_else(|| panic!("no --{name}"));
    let (values, _) = rest.split_once(')').expect("the pair is closed");
    let (light, dark) = values.split_once(", ").expect("the pair has two values");
    [light, dark].map(|value| value.parse().unwrap_or_else(|_| panic!("--{name}: {value}")))
}

#[test]
fn every_pair_that_is_drawn_has_its_contrast() {
    for (drawn, grounds, needed) in PAIRS {
        for ground in grounds.split(' ') {
            let (one, other) = (token(drawn), token(ground));
            for (scheme, i) in [("light", 0), ("dark", 1)] {
                let ratio = contrast(one[i], other[i]);
                assert!(
                    ratio >= needed,
                    "{scheme}: --{drawn} on --{ground} has {ratio:.2}, needs {needed}"
                );
            }
        }
    }
}

/// A declaration that names a colour by itself would escape the test above, and one scheme.
#[test]
fn colours_are_named_nowhere_but_in_the_tokens() {
    let (_, rules) = STYLESHEET.split_once("@layer base {").expect("the tokens come first");
    for line in rules.lines() {
        let bare = line.split('#').skip(1).any(|rest| {
            let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
            digits == 3 || digits == 6
        });
        assert!(!bare && !line.contains("rgb("), "{line}");
    }
}

/// Every `var(--..)` in the stylesheet is declared in it.
#[test]
fn every_property_that_is_used_is_declared() {
    for used in STYLESHEET.split("var(--").skip(1) {
        let name = used.split([')', ',']).next().unwrap_or_default();
        assert!(STYLESHEET.contains(&format!("--{name}: ")), "--{name}");
    }
}
