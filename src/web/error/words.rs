//! What each error is called and what to do about it.

use actix_web::http::StatusCode;

/// What an error is called, in a problem's type and in a heading, and what to do about it.
pub(super) struct Words(
    pub(super) u16,
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
);

const WORDS: [Words; 11] = [
    Words(401, "not-signed-in", "Sign in first.", "This needs you to sign in."),
    Words(
        403,
        "forbidden",
        "You don't have permission to do this.",
        "Whoever manages the account, or an administrator in the staff area, can do it or give you permission. If you \
         just signed in or out in another window, go back, load the page again and retry.",
    ),
    Words(
        404,
        "not-found",
        "We can't find that page.",
        "Check the address. If a link brought you here, what it led to may be gone, or not yours to see.",
    ),
    Words(
        405,
        "method-not-allowed",
        "This page can't be used like that.",
        "Go back and try again from the page before.",
    ),
    Words(
        408,
        "timeout",
        "Your request took too long to arrive.",
        "Check your connection and try again.",
    ),
    Words(
        409,
        "conflict",
        "This was changed in another window.",
        "Load the page again to see what it says now.",
    ),
    Words(
        413,
        "too-large",
        "That is more than we can take at once.",
        "Send less and try again.",
    ),
    Words(
        415,
        "unsupported-media-type",
        "We can't read what was sent.",
        "Send it with the content type that the documentation names.",
    ),
    Words(
        421,
        "misdirected",
        "This address is not ours.",
        "Open the panel by the address that your hosting company gave you.",
    ),
    Words(
        429,
        "too-many-tries",
        "Too many tries.",
        "Wait a while before you try again.",
    ),
    Words(
        503,
        "unavailable",
        "We can't do that right now.",
        "Too much is going on, or something that we need is out of reach. Try again in a moment.",
    ),
];

/// For the other statuses from 500 on.
pub(super) const FAILED: Words = Words(
    500,
    "internal",
    "Something went wrong on our side.",
    "We're not sure if your change was saved. Look before you try again.",
);

/// For the other statuses below 500.
const UNREADABLE: Words = Words(
    400,
    "bad-request",
    "We can't make sense of that request.",
    "Go back and try again from the page before.",
);

/// What a status is called.
pub(super) fn words(status: StatusCode) -> &'static Words {
    let other = if status.is_server_error() { &FAILED } else { &UNREADABLE };
    WORDS.iter().find(|words| words.0 == status.as_u16()).unwrap_or(other)
}

/// What stands under a code.
pub(super) fn find(code: &str) -> Option<&'static Words> {
    WORDS.iter().chain([&FAILED, &UNREADABLE]).find(|words| words.1 == code)
}
