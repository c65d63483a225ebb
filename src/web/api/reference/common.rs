//! What the descriptions of many calls have in common.

use super::{
    operation::{Answer, Parameter},
    shape::{IdempotencyKey, IfMatch, Shape, TokenId},
};

/// Names a creation.
pub const KEY: Parameter = Parameter::header(
    "Idempotency-Key",
    "Names this creation: a call with the same key and the same body makes nothing a second time. It is known for a day at least.",
    Shape::of::<IdempotencyKey>(),
    "8e03978e-40d5-43dd-bc93-6894a57f9324",
);

const ETAG_HEADER: (&str, &str) = ("ETag", "What it is now, for If-Match.");
const LOCATION_HEADER: (&str, &str) = ("Location", "Where it is.");
const REPLAYED_HEADER: (&str, &str) = ("Idempotency-Replayed", "true: it was made by an earlier call.");

/// Of an answer about something that can be changed.
pub const ETAG: &[(&str, &str)] = &[ETAG_HEADER];
/// Of an answer that made such a thing.
pub const ETAG_AND_LOCATION: &[(&str, &str)] = &[ETAG_HEADER, LOCATION_HEADER];

/// The revision that a change is of, written as `example`.
pub const fn if_match(example: &'static str) -> Parameter {
    Parameter::header(
        "If-Match",
        "The ETag of what was read, so that nobody's change is undone unseen; or * for whatever it is.",
        Shape::of::<IfMatch>(),
        example,
    )
}

/// The public id of a token in the path.
pub const fn token(name: &'static str) -> Parameter {
    Parameter::path(name, "The token.", Shape::of::<TokenId>(), "EXAMPLE1")
}

const REPLAYED: &[(&str, &str)] = &[ETAG_HEADER, LOCATION_HEADER, REPLAYED_HEADER];
const EARLIER: &str = "An earlier call with the same key made it.";

/// The answers of a creation that [`KEY`] names: it is made, with `new` as an example, or was made before, with `before`.
pub const fn made(shape: Shape, new: &'static str, before: &'static str) -> [Answer; 2] {
    [
        new_one(shape, new, ETAG_AND_LOCATION),
        Answer::new(200, EARLIER, shape, before).with_headers(REPLAYED),
    ]
}

/// The same for something whose secret is told once.
pub const fn made_with_secret(shape: Shape, new: &'static str, before: &'static str) -> [Answer; 2] {
    const SAID: &str = "An earlier call with the same key made it. The secret was in the answer to that call alone.";
    [
        new_one(shape, new, ETAG_AND_LOCATION),
        Answer::new(200, SAID, shape, before).with_headers(REPLAYED),
    ]
}

/// The same for something whose revision is not in the answer.
pub const fn made_without_etag(shape: Shape, new: &'static str, before: &'static str) -> [Answer; 2] {
    [
        new_one(shape, new, &[LOCATION_HEADER]),
        Answer::new(200, EARLIER, shape, before).with_headers(&[LOCATION_HEADER, REPLAYED_HEADER]),
    ]
}

const fn new_one(shape: Shape, new: &'static str, headers: &'static [(&'static str, &'static str)]) -> Answer {
    Answer::new(201, "It is made.", shape, new).with_headers(headers)
}
