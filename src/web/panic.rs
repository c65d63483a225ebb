//! A handler that panics fails one request: the visitor gets a page, the log the place, and the process lives on
//! (ASVS 16.5.4).

use std::{future::Future, panic, panic::AssertUnwindSafe};

use futures_util::FutureExt;

/// The request's handler panicked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panicked;

/// Runs `handler` to its end or to its panic. What the handler shared with others and left half done is theirs to
/// mend: transactions roll back, and a poisoned lock is an error to whoever takes it next.
pub(super) async fn caught<F: Future>(handler: F) -> Result<F::Output, Panicked> {
    AssertUnwindSafe(handler).catch_unwind().await.map_err(|_| Panicked)
}

/// Makes every panic of the process one log record with its place, in the request's span, in place of the text on
/// standard error. The message is left out: it may hold what somebody typed. Call it once, at start.
pub fn log_places() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}
