//! The text of a catalogue file: faults with their lines, and the checks that any kind of value needs.

use std::{collections::HashSet, ops::Range};

use toml::Spanned;

use super::error::{CatalogueError, Fault};
use crate::domain::scope::{Scope, is_word};

/// The text of the file, for the lines of its faults.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// The line, counted from 1, on which a span of bytes begins.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
    }

    /// A fault at a span.
    pub(super) fn fault(&self, span: Range<usize>, fault: Fault) -> CatalogueError {
        CatalogueError {
            line: self.line(&span),
            fault,
        }
    }

    /// No two ids are the same.
    pub(super) fn unique<'a>(
        &self,
        kind: &'static str,
        ids: impl Iterator<Item = &'a Spanned<String>>,
    ) -> Result<(), CatalogueError> {
        let mut seen = HashSet::new();
        for id in ids {
            if !seen.insert(id.as_ref()) {
                return Err(self.fault(
                    id.span(),
                    Fault::Duplicate {
                        kind,
                        id: id.as_ref().clone(),
                    },
                ));
            }
        }
        Ok(())
    }

    /// An id of `[a-z][a-z0-9-]*`.
    pub(super) fn id(&self, id: &Spanned<String>) -> Result<String, CatalogueError> {
        let text = id.as_ref();
        if is_word(text) {
            Ok(text.clone())
        } else {
            Err(self.fault(id.span(), Fault::BadId(text.clone())))
        }
    }

    /// A text for people: not blank, no control character.
    pub(super) fn words(&self, words: &Spanned<String>) -> Result<String, CatalogueError> {
        let text = words.as_ref();
        let is_good = !text.trim().is_empty() && !text.chars().any(char::is_control);
        if is_good {
            Ok(text.clone())
        } else {
            Err(self.fault(words.span(), Fault::BadText))
        }
    }

    /// A list with something in it.
    pub(super) fn some<T>(&self, what: &'static str, list: &Spanned<Vec<T>>) -> Result<(), CatalogueError> {
        if list.as_ref().is_empty() {
            Err(self.fault(list.span(), Fault::Nothing(what)))
        } else {
            Ok(())
        }
    }

    /// A text with the form of a scope.
    pub(super) fn scope(&self, scope: &Spanned<String>) -> Result<Scope, CatalogueError> {
        scope
            .as_ref()
            .parse()
            .map_err(|error| self.fault(scope.span(), Fault::BadScope(error)))
    }
}
