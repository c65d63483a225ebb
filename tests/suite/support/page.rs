//! What a browser shows: an answer that is read as HTML when it is, and whose links and forms can be used.

use crate::support::{
    Browser, Form, Response,
    form::resolved,
    html::{self, Element},
};

/// An answer to a request of a [`Browser`].
#[derive(Clone, Debug)]
pub(crate) struct Page {
    browser: Browser,
    path: String,
    response: Response,
    document: Element,
}

impl Page {
    /// Panics when the answer says that it is HTML and is not well formed.
    pub(crate) fn read(browser: &Browser, path: &str, response: Response) -> Self {
        let is_html = response
            .header("Content-Type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        let document = if is_html && !response.body.is_empty() {
            html::parse(response.text()).unwrap_or_else(|wrong| panic!("{path}: {wrong}"))
        } else {
            Element::default()
        };
        Self {
            browser: browser.clone(),
            path: path.to_owned(),
            response,
            document,
        }
    }

    /// Its path and query.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The status code.
    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    /// Itself, if it has that status; panics with its text otherwise.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        let says = if self.text().is_empty() {
            self.body().to_owned()
        } else {
            self.text()
        };
        assert_eq!(
            self.status(),
            status,
            "{} (to {:?}): {says}",
            self.path,
            self.header("Location")
        );
        self
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// Every `Set-Cookie` line as it came.
    pub(crate) fn cookies_set(&self) -> Vec<&str> {
        self.response.headers_named("Set-Cookie")
    }

    /// The body as it came.
    pub(crate) fn body(&self) -> &str {
        self.response.text()
    }

    /// The document, to look at what these functions do not know.
    pub(crate) fn document(&self) -> &Element {
        &self.document
    }

    /// The words on the page, without its title.
    pub(crate) fn text(&self) -> String {
        self.document
            .all("body")
            .first()
            .map(|body| body.text())
            .unwrap_or_default()
    }

    /// Whether these words stand on the page, wherever its lines break.
    pub(crate) fn has(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// The title in the browser's tab.
    pub(crate) fn title(&self) -> String {
        self.document
            .all("title")
            .first()
            .map(|title| title.text())
            .unwrap_or_default()
    }

    /// The words of its first heading.
    pub(crate) fn heading(&self) -> String {
        self.document
            .all("h1")
            .first()
            .map(|heading| heading.text())
            .unwrap_or_default()
    }

    /// What the summary of errors says, each with the id of the field that it leads to.
    ///
    /// Panics when an entry leads nowhere: somebody who follows it would stay where they are.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let summaries = self
            .document
            .descendants()
            .into_iter()
            .filter(|element| element.has_class("errsum"));
        let links = summaries.flat_map(|summary| summary.all("a"));
        links
            .map(|link| {
                let id = link
                    .attribute("href")
                    .and_then(|href| href.strip_prefix('#'))
                    .unwrap_or_default();
                assert!(
                    self.document.by_id(id).is_some(),
                    "{}: the error {:?} leads to no field",
                    self.path,
                    link.text()
                );
                (id.to_owned(), link.text())
            })
            .collect()
    }

    /// Only the words of [`Page::errors`].
    pub(crate) fn error_words(&self) -> Vec<String> {
        self.errors().into_iter().map(|(_, words)| words).collect()
    }

    /// The cells of every row of the tables' bodies.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let bodies = self.document.all("tbody");
        let rows = bodies.iter().flat_map(|body| body.all("tr"));
        rows.map(|row| row.children().map(Element::text).collect()).collect()
    }

    /// The form that goes to `action`, whatever its query. Panics if there is none, or more than one.
    #[track_caller]
    pub(crate) fn form(&self, action: &str) -> Form {
        let mut forms = self.forms();
        let actions: Vec<String> = forms.iter().map(|form| form.action().to_owned()).collect();
        forms.retain(|form| form.action() == action || form.action().split('?').next() == Some(action));
        assert_eq!(
            forms.len(),
            1,
            "{}: forms to {action}; there are {actions:?}: {}",
            self.path,
            self.text()
        );
        forms.remove(0)
    }

    /// Every form, in the order of the page.
    pub(crate) fn forms(&self) -> Vec<Form> {
        let forms = self.document.all("form");
        forms
            .into_iter()
            .map(|form| Form::read(&self.browser, &self.path, &self.document, form))
            .collect()
    }

    /// Where the first link with these words leads, if there is one.
    pub(crate) fn link(&self, words: &str) -> Option<String> {
        let links = self.document.all("a");
        let link = links.into_iter().find(|link| link.text() == words)?;
        Some(resolved(&self.path, link.attribute("href")?))
    }

    /// Follows the link with these words. Panics if there is none.
    #[track_caller]
    pub(crate) fn click(&self, words: &str) -> Page {
        let target = self
            .link(words)
            .unwrap_or_else(|| panic!("{}: no link {words:?}: {}", self.path, self.text()));
        self.browser.follow(&target)
    }

    /// Goes where a 303 answer sends the browser. Panics when it is not one, or leads to another server.
    #[track_caller]
    pub(crate) fn follow(self) -> Page {
        let page = self.expect(303);
        let target = page
            .header("Location")
            .unwrap_or_else(|| panic!("{}: a redirection to nowhere", page.path));
        assert!(
            target.starts_with('/') && !target.starts_with("//"),
            "{}: leads away to {target}",
            page.path
        );
        page.browser.follow(&resolved(&page.path, target))
    }
}
