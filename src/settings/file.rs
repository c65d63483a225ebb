//! The settings file: TOML, every key known, every value of the kind that its setting has.

use std::path::Path;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    SettingsFault,
    fault::Source,
    register::{self, Kind, REGISTER, Setting},
    values::Given,
};

/// What `text`, the file at `path`, gives; each thing wrong with it goes to `faults` with its line.
pub(super) fn read(path: &Path, text: &str, faults: &mut Vec<SettingsFault>) -> Vec<(&'static str, Given)> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        path,
        text,
        faults,
        given: Vec::new(),
    };
    for error in &errors {
        let start = error.span().map_or(0, |span| span.start);
        let problem = format!("this is not valid TOML: {}.", error.message());
        reader.fault(start, problem);
    }
    if errors.is_empty() {
        reader.table("", table.get_ref());
    }
    reader.given
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    faults: &'a mut Vec<SettingsFault>,
    given: Vec<(&'static str, Given)>,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            if let Some(setting) = REGISTER.iter().find(|setting| setting.key == key) {
                self.setting(setting, value);
                continue;
            }
            let inner = format!("{key}.");
            match value.get_ref() {
                DeValue::Table(table) if REGISTER.iter().any(|setting| setting.key.starts_with(&inner)) => {
                    self.table(&inner, table);
                }
                _ => {
                    let nearest = register::nearest(&key, "", |setting| setting.key.to_owned());
                    self.fault(name.span().start, format!("there is no setting “{key}”. {nearest}"));
                }
            }
        }
    }

    fn setting(&mut self, setting: &Setting, value: &Spanned<DeValue<'_>>) {
        let start = value.span().start;
        match text_of(setting.kind, value.get_ref()) {
            Some(text) => {
                let source = Source::File(self.path.to_owned(), Some(self.line(start)));
                self.given.push((setting.key, Given::new(&text, source)));
            }
            None => self.fault(start, format!("{}: {}", setting.key, setting.kind.request())),
        }
    }

    fn fault(&mut self, start: usize, problem: String) {
        let place = Source::File(self.path.to_owned(), Some(self.line(start)));
        self.faults.push(SettingsFault::new(place, problem));
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }
}

/// The value as the text that a variable would hold, or `None` when it is of another kind.
fn text_of(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (Kind::Text, DeValue::String(text)) => Some(text.to_string()),
        (Kind::Number, DeValue::Integer(number)) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(|number| number.to_string()),
        (Kind::List, DeValue::Array(items)) => {
            let items: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}
