//! JSON as it was sent: whatever stands there, a member that stands there twice included.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// A JSON value (RFC 8259).
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` and `false`
    Flag(bool),
    /// A number; its value where that is a whole one that fits.
    Number(Option<i64>),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object: its members in their order, each as often as it stands there.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(Some(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(i64::try_from(number).ok()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Json> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn nothing_that_was_sent_is_lost() {
        let text = |text: &str| Json::Text(text.to_owned());
        let twice = Json::Object(vec![("a".to_owned(), text("1")), ("a".to_owned(), Json::Null)]);
        assert_eq!(parse(r#"{"a":"1","a":null}"#), Some(twice));
        let list = Json::List(vec![Json::Number(Some(-3)), Json::Number(None), Json::Flag(true)]);
        assert_eq!(parse("[-3, 1.5, true]"), Some(list));
        assert_eq!(parse("18446744073709551615"), Some(Json::Number(None)));
        assert_eq!(parse(r#""a\u0000\ud83d\ude00""#), Some(text("a\0\u{1f600}")));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        for bad in [
            r#""\ud800""#,
            "1e999",
            "01",
            "NaN",
            "[1,]",
            "{1:2}",
            "\u{feff}{}",
            &deep,
        ] {
            assert_eq!(parse(bad), None, "{}", &bad[..bad.len().min(20)]);
        }
    }
}
