//! The end of a turn of the event loop that runs on a thread.
//!
//! What has become ready at the same moment is done in one turn; what a turn does many times it can do once when it is
//! over.

use std::cell::Cell;

use tokio::runtime::{Handle, Id, RuntimeFlavor};

thread_local! {
    /// The event loop that runs on this thread.
    static LOOP: Cell<Option<Id>> = const { Cell::new(None) };
}

/// Has `work` done on this thread when the turn is over. False where no event loop is known to run on this thread: then
/// it is not done, or on another thread.
pub(super) fn at_its_end(work: impl FnOnce() + Send + 'static) -> bool {
    let Ok(handle) = Handle::try_current() else {
        return false;
    };
    if handle.runtime_flavor() != RuntimeFlavor::CurrentThread {
        return false;
    }
    let id = handle.id();
    // It runs on the thread that the loop runs on, which is not this one on a thread for blocking work.
    handle.spawn(async move {
        LOOP.set(Some(id));
        work();
    });
    LOOP.get() == Some(id)
}
