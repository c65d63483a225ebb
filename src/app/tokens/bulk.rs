//! Stopping or renewing several tokens at once: all that can be, in one transaction, and why the others were not.
