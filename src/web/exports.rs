//! How many files are made at once: each reads a whole history, as slowly as whoever asked for it takes it in
//! (ASVS 5.0 15.1.3, 15.2.2).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{error::WebError, guard::SignedIn, layout::Layout, too_many};
use crate::domain::id::LoginId;

/// Files that one person is given at once.
pub const EACH: usize = 2;
/// Files that are made at once by this process.
pub const ALL: usize = 16;
/// Seconds after which it is worth to ask again.
const WAIT: u64 = 10;

/// Who is being given a file now.
#[derive(Debug, Default)]
pub struct Exports(Mutex<Vec<LoginId>>);

/// The right to make one file. It is given back when this is dropped.
#[derive(Debug)]
pub struct Turn {
    exports: Arc<Exports>,
    login: LoginId,
}

/// Why no file is made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The same person is being given [`EACH`] files.
    Each,
    /// [`ALL`] files are being made.
    All,
}

impl Exports {
    fn lock(&self) -> MutexGuard<'_, Vec<LoginId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn for one person.
    pub(super) fn take(self: &Arc<Self>, login: LoginId) -> Result<Turn, Full> {
        let mut running = self.lock();
        if running.iter().filter(|other| **other == login).count() >= EACH {
            return Err(Full::Each);
        }
        if running.len() >= ALL {
            return Err(Full::All);
        }
        running.push(login);
        Ok(Turn {
            exports: Arc::clone(self),
            login,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = self.exports.lock();
        let own = running.iter().position(|login| *login == self.login);
        if let Some(own) = own {
            running.swap_remove(own);
        }
    }
}

#[derive(Template)]
#[template(path = "errors/export.html")]
struct FullPage {
    page: Layout,
    own: bool,
    seconds: u64,
}

/// A turn to make a file for somebody, or the page that says why there is none now; `current` is the place in the
/// navigation that they asked from.
pub fn turn(signed_in: &SignedIn, current: &'static str) -> Result<Result<Turn, HttpResponse>, WebError> {
    let full = match signed_in.visit.panel.exports.take(signed_in.login()) {
        Ok(turn) => return Ok(Ok(turn)),
        Err(full) => full,
    };
    let (status, title) = match full {
        Full::Each => (StatusCode::TOO_MANY_REQUESTS, "Your downloads are still running"),
        Full::All => (StatusCode::SERVICE_UNAVAILABLE, "Too many downloads are running"),
    };
    let page = FullPage {
        page: signed_in.layout(title, current),
        own: full == Full::Each,
        seconds: WAIT,
    };
    let mut response = signed_in.visit.page(status, &page)?;
    too_many::retry_after(&mut response, WAIT);
    Ok(Err(response))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_more_than_their_share_and_all_together_not_too_many() {
        let exports = Arc::<Exports>::default();
        let mut turns: Vec<Turn> = (0..EACH).map(|_| exports.take(LoginId(0)).unwrap()).collect();
        assert_eq!(exports.take(LoginId(0)).unwrap_err(), Full::Each);
        let others = i64::try_from(ALL - EACH).unwrap();
        turns.extend((1..=others).map(|login| exports.take(LoginId(login)).unwrap()));
        assert_eq!(exports.take(LoginId(99)).unwrap_err(), Full::All);
        drop(turns.pop());
        let last = exports.take(LoginId(99)).unwrap();
        drop((turns, last));
        assert!(exports.lock().is_empty());
    }
}
