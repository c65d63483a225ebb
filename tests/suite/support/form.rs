//! A form as it was served, filled in as a person would: only what stands there can be filled, chosen and pressed.

use crate::support::{Browser, Page, Request, html::Element};

/// What can be put into a control.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Typed text, a hidden value or a text area.
    Text,
    /// A box to tick or a radio button, and whether it is on.
    Tick { radio: bool, on: bool },
    /// A choice among these values.
    Choice(Vec<String>),
}

#[derive(Clone, Debug)]
struct Control {
    name: String,
    value: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
struct Button {
    words: String,
    pair: Option<(String, String)>,
    action: Option<String>,
}

/// A form of a page, with what is filled in so far.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    browser: Browser,
    page: String,
    method: String,
    action: String,
    controls: Vec<Control>,
    buttons: Vec<Button>,
}

impl Form {
    /// Reads `form` as it stands in `document`; controls that name it by the `form` attribute belong to it too.
    pub(crate) fn read(browser: &Browser, page: &str, document: &Element, form: &Element) -> Self {
        let mut read = Self {
            browser: browser.clone(),
            page: page.to_owned(),
            method: form.attribute("method").unwrap_or("get").to_ascii_uppercase(),
            action: form.attribute("action").unwrap_or(page).to_owned(),
            controls: Vec::new(),
            buttons: Vec::new(),
        };
        let id = form.attribute("id");
        for element in enabled(form)
            .into_iter()
            .filter(|element| element.attribute("form").is_none_or(|of| Some(of) == id))
        {
            read.add(element);
        }
        if id.is_some() {
            let inside = form.descendants();
            let outside = |element: &&Element| !inside.iter().any(|own| std::ptr::eq(*own, *element));
            for element in enabled(document)
                .into_iter()
                .filter(|element| element.attribute("form") == id)
                .filter(outside)
            {
                read.add(element);
            }
        }
        read
    }

    fn add(&mut self, element: &Element) {
        let kind = element.attribute("type").unwrap_or_default();
        let value = element.attribute("value");
        if element.name == "button" || (element.name == "input" && kind == "submit") {
            let name = element
                .attribute("name")
                .map(|name| (name.to_owned(), value.unwrap_or_default().to_owned()));
            if kind != "button" && kind != "reset" {
                let words = if element.name == "button" {
                    element.text()
                } else {
                    value.unwrap_or_default().to_owned()
                };
                self.buttons.push(Button {
                    words,
                    pair: name,
                    action: element.attribute("formaction").map(str::to_owned),
                });
            }
            return;
        }
        let Some(name) = element.attribute("name") else { return };
        let (value, kind) = match (element.name.as_str(), kind) {
            ("input", "checkbox" | "radio") => (
                value.unwrap_or("on").to_owned(),
                Kind::Tick {
                    radio: kind == "radio",
                    on: element.has("checked"),
                },
            ),
            ("input", _) => (value.unwrap_or_default().to_owned(), Kind::Text),
            ("textarea", _) => (element.raw_text().replace('\n', "\r\n"), Kind::Text),
            ("select", _) => {
                let options = element.all("option");
                let value_of =
                    |option: &Element| option.attribute("value").map_or_else(|| option.text(), str::to_owned);
                let chosen = options.iter().find(|option| option.has("selected")).or(options.first());
                let chosen = chosen.map(|option| value_of(option)).unwrap_or_default();
                (
                    chosen,
                    Kind::Choice(options.iter().map(|option| value_of(option)).collect()),
                )
            }
            _ => return,
        };
        self.controls.push(Control {
            name: name.to_owned(),
            value,
            kind,
        });
    }

    /// Where it goes.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// What stands in the control `name`: its text, the chosen option, or the values of the boxes that are on.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let counts = |control: &&Control| {
            control.name == name
                && control.kind
                    != Kind::Tick {
                        radio: false,
                        on: false,
                    }
        };
        let counts = |control: &&Control| counts(control) && control.kind != Kind::Tick { radio: true, on: false };
        self.controls
            .iter()
            .filter(counts)
            .map(|control| control.value.as_str())
            .collect()
    }

    /// Whether there is a control of that name.
    pub(crate) fn offers(&self, name: &str) -> bool {
        self.controls.iter().any(|control| control.name == name)
    }

    /// The values of every box, radio button or option of that name.
    pub(crate) fn choices(&self, name: &str) -> Vec<&str> {
        let same = self.controls.iter().filter(|control| control.name == name);
        same.flat_map(|control| match &control.kind {
            Kind::Choice(options) => options.iter().map(String::as_str).collect(),
            Kind::Tick { .. } => vec![control.value.as_str()],
            Kind::Text => Vec::new(),
        })
        .collect()
    }

    /// Types into the control `name`, or chooses the radio button or option with that value. Panics if there is none.
    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        let lacks = format!(
            "{}: no control `{name}` that takes {value:?}; there are {:?}",
            self.page,
            self.names()
        );
        let mut found = false;
        for control in self.controls.iter_mut().filter(|control| control.name == name) {
            match &mut control.kind {
                Kind::Text => (control.value, found) = (value.to_owned(), true),
                Kind::Choice(options) if options.iter().any(|option| option == value) => {
                    (control.value, found) = (value.to_owned(), true);
                }
                Kind::Tick { radio: true, on } => {
                    *on = control.value == value;
                    found |= *on;
                }
                Kind::Choice(_) | Kind::Tick { .. } => {}
            }
        }
        assert!(found, "{lacks}");
        self
    }

    /// Ticks the box `name` that stands for `value`. Panics if there is none.
    pub(crate) fn check(self, name: &str, value: &str) -> Self {
        self.tick(name, value, true)
    }

    /// Clears the box `name` that stands for `value`. Panics if there is none.
    pub(crate) fn uncheck(self, name: &str, value: &str) -> Self {
        self.tick(name, value, false)
    }

    fn tick(mut self, name: &str, value: &str, to: bool) -> Self {
        let lacks = format!(
            "{}: no box `{name}` for {value:?}; there are {:?}",
            self.page,
            self.choices(name)
        );
        let same = |control: &&mut Control| control.name == name && control.value == value;
        match self.controls.iter_mut().find(same).map(|control| &mut control.kind) {
            Some(Kind::Tick { radio: false, on }) => *on = to,
            _ => panic!("{lacks}"),
        }
        self
    }

    /// Does what no browser would: puts `value` under `name`, whether the form has it or not.
    pub(crate) fn forge(mut self, name: &str, value: &str) -> Self {
        self.controls.retain(|control| control.name != name);
        self.controls.push(Control {
            name: name.to_owned(),
            value: value.to_owned(),
            kind: Kind::Text,
        });
        self
    }

    /// Does what no browser would: leaves everything under `name` out.
    pub(crate) fn drop_field(mut self, name: &str) -> Self {
        self.controls.retain(|control| control.name != name);
        self
    }

    /// Presses the button with these words, or the only one if they are empty, and returns the answer unfollowed.
    pub(crate) fn submit(&self, words: &str) -> Page {
        self.browser.send(&self.request(words))
    }

    /// Presses the first button, as the Enter key does, and returns the answer unfollowed.
    pub(crate) fn enter(&self) -> Page {
        let first = self.buttons.first().map_or("", |button| button.words.as_str());
        self.submit(first)
    }

    /// The request that pressing the button would send.
    pub(crate) fn request(&self, words: &str) -> Request {
        let all: Vec<&str> = self.buttons.iter().map(|button| button.words.as_str()).collect();
        let fits = |button: &&Button| {
            if words.is_empty() {
                all.len() == 1
            } else {
                button.words == words
            }
        };
        let button = self.buttons.iter().find(fits);
        let button = button.unwrap_or_else(|| panic!("{}: no button {words:?}; there are {all:?}", self.page));
        let on = |control: &&Control| !matches!(control.kind, Kind::Tick { on: false, .. });
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for control in self.controls.iter().filter(on) {
            encoded.append_pair(&control.name, &control.value);
        }
        if let Some((name, value)) = &button.pair {
            encoded.append_pair(name, value);
        }
        let action = resolved(&self.page, button.action.as_deref().unwrap_or(&self.action));
        self.browser.form_request(&self.method, &action, &encoded.finish())
    }

    /// The names of its controls.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.controls.iter().map(|control| control.name.as_str()).collect()
    }
}

/// Everything in `element` that is not switched off, by itself or with its group.
fn enabled(element: &Element) -> Vec<&Element> {
    let mut found = Vec::new();
    for child in element.children().filter(|child| !child.has("disabled")) {
        found.push(child);
        found.extend(enabled(child));
    }
    found
}

/// `target` as a path: a lone query or nothing stays on `page`.
pub(crate) fn resolved(page: &str, target: &str) -> String {
    let path = page.split('?').next().unwrap_or(page);
    match target {
        "" => page.to_owned(),
        query if query.starts_with('?') => format!("{path}{query}"),
        _ => target.split('#').next().unwrap_or(target).to_owned(),
    }
}
