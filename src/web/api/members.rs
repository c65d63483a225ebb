//! The members of a JSON object, or the parameters of a query, read one by one; everything that is wrong with them is
//! noted, not the first thing alone.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::json::Json;
use crate::domain::{secret::redact, text::TextError};

/// So many faults are told at most; the rest shows when these are mended.
const MOST_FAULTS: usize = 50;
/// Most characters of a name or a value that was sent that are repeated.
const MOST_SHOWN: usize = 64;

/// One thing that is wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fault {
    /// Where it is: a JSON pointer into the body (RFC 6901), or the name of a parameter after a question mark.
    pub member: String,
    /// What it is, for programs.
    pub code: &'static str,
    /// What it is, and what to do about it.
    pub detail: String,
}

/// Everything that is wrong with what was sent, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults.
    pub fn list(&self) -> &[Fault] {
        &self.0
    }

    /// The faults.
    pub fn into_list(self) -> Vec<Fault> {
        self.0
    }

    /// Notes a fault of the member at `pointer`.
    pub fn add(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(Fault {
                member: pointer.to_owned(),
                code,
                detail: detail.into(),
            });
        }
    }
}

/// A text of the caller's as it may be repeated: without a token, and short.
pub fn shown(text: &str) -> String {
    let text = redact(text);
    let mut shown: String = text.chars().take(MOST_SHOWN).filter(|c| !c.is_control()).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// A place in what was sent, with the means to say what is wrong there.
pub struct At<'a> {
    pointer: String,
    faults: &'a mut Faults,
}

impl At<'_> {
    /// Notes that something is wrong here.
    pub fn fault(&mut self, code: &'static str, detail: impl Into<String>) {
        self.faults.add(&self.pointer, code, detail);
    }

    fn wrong_type(&mut self, wanted: &str, json: &Json) {
        self.fault("wrong-type", format!("This must be {wanted}, and is {}.", json.kind()));
    }

    /// The text that stands here.
    pub fn text(&mut self, json: Json) -> Option<String> {
        match json {
            Json::Text(text) => Some(text),
            other => {
                self.wrong_type("a text", &other);
                None
            }
        }
    }

    /// The whole number that stands here, if it is from `least` to `most`.
    pub fn whole(&mut self, json: &Json, least: i64, most: i64) -> Option<i64> {
        match json {
            Json::Number(Some(number)) if (least..=most).contains(number) => return Some(*number),
            Json::Number(_) => self.fault(
                "out-of-range",
                format!("This must be a whole number from {least} to {most}."),
            ),
            other => self.wrong_type("a whole number", other),
        }
        None
    }

    /// Whether `true` stands here.
    pub fn flag(&mut self, json: &Json) -> Option<bool> {
        match json {
            Json::Flag(flag) => Some(*flag),
            other => {
                self.wrong_type("true or false", other);
                None
            }
        }
    }

    /// The items of the list that stands here; nothing when it is none, or an item is wrong.
    pub fn list<T>(&mut self, json: Json, read: impl FnMut(&mut At<'_>, Json) -> Option<T>) -> Option<Vec<T>> {
        match json {
            Json::List(items) => self.items(items, read),
            other => {
                self.wrong_type("a list", &other);
                None
            }
        }
    }

    /// Each of these items of the list that stands here.
    pub fn items<T>(
        &mut self,
        items: Vec<Json>,
        mut read: impl FnMut(&mut At<'_>, Json) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut found = Vec::with_capacity(items.len());
        let many = items.len();
        for (position, item) in items.into_iter().enumerate() {
            let mut at = At {
                pointer: format!("{}/{position}", self.pointer),
                faults: self.faults,
            };
            found.extend(read(&mut at, item));
        }
        (found.len() == many).then_some(found)
    }

    /// The object that stands here. Members that `read` does not ask for are faults.
    pub fn object<T>(&mut self, json: Json, read: impl FnOnce(&mut Members<'_>) -> Option<T>) -> Option<T> {
        match json {
            Json::Object(members) => {
                let mut members = Members::new(format!("{}/", self.pointer), members, self.faults);
                let found = read(&mut members);
                members.finish();
                found
            }
            other => {
                self.wrong_type("an object", &other);
                None
            }
        }
    }

    /// The text that stands here as what it means.
    pub fn written<T: std::str::FromStr<Err = TextError>>(&mut self, json: Json) -> Option<T> {
        match self.text(json)?.parse() {
            Ok(written) => Some(written),
            Err(error) => {
                let (code, detail) = unwritten(error);
                self.fault(code, detail);
                None
            }
        }
    }

    /// One of these words, as what it stands for.
    pub fn word<T: Copy>(&mut self, json: Json, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(json)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault("unknown-word", format!("This must be one of {}.", words.join(", ")));
        }
        found.map(|(_, meaning)| *meaning)
    }
}

/// The code and the sentence for a text that may not be kept.
pub fn unwritten(error: TextError) -> (&'static str, String) {
    match error {
        TextError::Empty => ("empty", "This must say something.".to_owned()),
        TextError::TooLong { max } => ("too-long", format!("This must have at most {max} characters.")),
        TextError::Control => (
            "invisible-characters",
            "This must hold no control characters and none that cannot be seen.".to_owned(),
        ),
        TextError::Secret => (
            "holds-token",
            "This must not hold a token: everybody who reads it could use the token.".to_owned(),
        ),
    }
}

/// The members of an object. Whoever reads it asks for each by its name; what nobody asks for is a fault.
pub struct Members<'a> {
    /// What every pointer begins with.
    base: String,
    left: Vec<(String, Json)>,
    known: Vec<&'static str>,
    /// Those that were there and not `null`.
    seen: Vec<&'static str>,
    faults: &'a mut Faults,
}

impl<'a> Members<'a> {
    /// The members of the object at `base`, which ends in a slash or, for a query, is a question mark.
    pub fn new(base: impl Into<String>, members: Vec<(String, Json)>, faults: &'a mut Faults) -> Self {
        Self {
            base: base.into(),
            left: members,
            known: Vec::new(),
            seen: Vec::new(),
            faults,
        }
    }

    /// The member of that name; a second one is a fault.
    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let place = self.left.iter().position(|(other, _)| other == name)?;
        let (_, found) = self.left.remove(place);
        if found != Json::Null {
            self.seen.push(name);
        }
        let before = self.left.len();
        self.left.retain(|(other, _)| other != name);
        if self.left.len() < before {
            self.at(name)
                .fault("duplicate-member", "This stands there more than once.");
        }
        Some(found)
    }

    /// The place of a member, whether it is there or not.
    pub fn at(&mut self, name: &str) -> At<'_> {
        At {
            pointer: pointer(&self.base, name),
            faults: self.faults,
        }
    }

    /// Whether a member is there and is not `null`.
    pub fn has(&self, name: &str) -> bool {
        self.left
            .iter()
            .any(|(other, json)| other == name && *json != Json::Null)
    }

    /// Whether none of these members was there or is there; `null` is as good as none.
    pub fn is_without(&self, names: &[&str]) -> bool {
        !self.seen.iter().any(|seen| names.contains(seen)) && !names.iter().any(|name| self.has(name))
    }

    /// Notes that something is wrong with the object as a whole.
    pub fn fault(&mut self, code: &'static str, detail: impl Into<String>) {
        let whole = self.base.trim_end_matches('/').to_owned();
        self.faults.add(&whole, code, detail);
    }

    /// A member that must be there. `null` is as good as none.
    pub fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&mut At<'_>, Json) -> Option<T>) -> Option<T> {
        match self.take(name) {
            None | Some(Json::Null) => {
                self.at(name).fault("missing", "This must be there.");
                None
            }
            Some(json) => read(&mut self.at(name), json),
        }
    }

    /// A member that may be left out or be `null`. Nothing when it is, and when it is wrong.
    pub fn optional<T>(&mut self, name: &'static str, read: impl FnOnce(&mut At<'_>, Json) -> Option<T>) -> Option<T> {
        match self.take(name)? {
            Json::Null => None,
            json => read(&mut self.at(name), json),
        }
    }

    /// A member of a merge patch (RFC 7396): nothing when it is left out, and `read` sees a `null` that stands there.
    pub fn patched<T>(&mut self, name: &'static str, read: impl FnOnce(&mut At<'_>, Json) -> Option<T>) -> Option<T> {
        let json = self.take(name)?;
        read(&mut self.at(name), json)
    }

    /// Notes what nobody asked for.
    pub fn finish(self) {
        for (name, _) in self.left {
            let mut detail = "There is no such member here.".to_owned();
            if !self.known.is_empty() {
                let written = write!(detail, " There are {}.", self.known.join(", "));
                written.expect("writing to a text cannot fail");
            }
            self.faults.add(&pointer(&self.base, &name), "unknown-member", detail);
        }
    }
}

/// RFC 6901, section 3: `~` and `/` are written as `~0` and `~1`.
fn pointer(base: &str, name: &str) -> String {
    format!("{base}{}", shown(name).replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(text: &str, read: impl FnOnce(&mut Members<'_>) -> T) -> (T, Vec<(String, &'static str)>) {
        let Ok(Json::Object(members)) = serde_json::from_str(text) else {
            panic!("{text} is no object")
        };
        let mut faults = Faults::default();
        let mut members = Members::new("/", members, &mut faults);
        let found = read(&mut members);
        members.finish();
        let list = faults.into_list().into_iter();
        (found, list.map(|fault| (fault.member, fault.code)).collect())
    }

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        let ((), faults) = read(text, |members| {
            members.required("name", |at, json| at.text(json));
            members.optional("days", |at, json| at.whole(&json, 1, 9));
            members.optional("list", |at, json| at.list(json, |at, item| at.flag(&item)));
            members.optional("inner", |at, json| {
                at.object(json, |inner| {
                    inner.required("word", |at, json| at.word(json, &[("a", 1)]))
                })
            });
        });
        faults
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_where() {
        let wrong = r#"{"days":10,"x/~y":1,"list":[true,1,"a"],"inner":{"word":"b","z":0},"days":"1"}"#;
        let expected = [
            ("/name", "missing"),
            ("/days", "duplicate-member"),
            ("/days", "out-of-range"),
            ("/list/1", "wrong-type"),
            ("/list/2", "wrong-type"),
            ("/inner/word", "unknown-word"),
            ("/inner/z", "unknown-member"),
            ("/x~1~0y", "unknown-member"),
        ];
        assert_eq!(faults(wrong), expected.map(|(member, code)| (member.to_owned(), code)));
    }

    #[test]
    fn what_is_right_has_no_fault() {
        assert_eq!(faults(r#"{"name":"","days":9,"list":[],"inner":{"word":"a"}}"#), []);
        assert_eq!(faults(r#"{"name":"","days":null,"list":null,"inner":null}"#), []);
        assert_eq!(faults(r#"{"name":null}"#), [("/name".to_owned(), "missing")]);
    }

    #[test]
    fn a_patch_tells_null_from_nothing() {
        let text = |text: &str| read(text, |members| members.patched("name", |at, json| at.text(json)));
        assert_eq!(text("{}"), (None, vec![]));
        assert_eq!(
            text(r#"{"name":null}"#),
            (None, vec![("/name".to_owned(), "wrong-type")])
        );
    }

    #[test]
    fn neither_a_token_nor_a_long_name_is_repeated_and_no_list_is_endless() {
        let token = "lk_EXAMPLE1_0000000000000000000000000000000019WjLP";
        let names: Vec<String> = (0..200).map(|number| format!("\"{token}{number}\":1")).collect();
        let ((), found) = read(&format!("{{{}}}", names.join(",")), |_| ());
        assert_eq!(found.len(), MOST_FAULTS);
        assert!(
            found
                .iter()
                .all(|(member, _)| !member.contains(token) && member.len() < 100)
        );
    }
}
