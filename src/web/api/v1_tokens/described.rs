//! How the calls are described.

use super::{
    super::{
        kind::Kind,
        paging::Page,
        reference::{
            common::{self, ETAG, ETAG_AND_LOCATION, KEY},
            operation::{Answer, Body, Needs, Operation, Parameter, Tag},
            shape::Shape,
        },
    },
    create::WithSecret,
    document::TokenDocument,
    history::EventDocument,
    sent::{Change, ListQuery, NewToken, Nothing, PageQuery, Renewal, Rotation, UsageQuery},
    usage::UsageDocument,
};
use crate::domain::permission::TokenPowers;

const READ: &[Needs] = &[Needs::Scope(TokenPowers::READ)];
const MANAGE: &[Needs] = &[Needs::Scope(TokenPowers::MANAGE)];
const ID: Parameter = common::token("id");
const IF_MATCH: Parameter = common::if_match("\"7\"");
/// Programs that send a body with every POST may send an empty one.
const NOTHING: Body = Body::new(Shape::of::<Nothing>(), "{}").optional();

macro_rules! token {
    () => {
        r#"{
  "id": "EXAMPLE1",
  "name": "nightly backup",
  "description": "",
  "status": "active",
  "scopes": ["backups:create"],
  "effective_scopes": ["backups:create", "backups:read"],
  "sites": ["blog.example"],
  "addresses": "any",
  "created_at": "2026-11-23T12:00:00Z",
  "created_by": "priya",
  "expires_at": "2027-02-21T18:29:59Z",
  "paused_by": null,
  "revoked_at": null,
  "last_used": {"at": "2026-11-24T02:00:07Z", "address": "203.0.113.24"},
  "secret": {
    "last4": "WjLP",
    "issued_at": "2026-11-23T12:00:00Z",
    "last_used": {"at": "2026-11-24T02:00:07Z", "address": "203.0.113.24"}
  },
  "outgoing_secret": null,
  "etag": "\"7\""
}"#
    };
}

/// A token.
pub(in crate::web::api) const TOKEN: &str = token!();
/// A page of tokens.
pub(in crate::web::api) const PAGE: &str = concat!(r#"{"items": ["#, token!(), r#"], "next": null}"#);
const CREATED: &str = concat!(
    r#"{"token": "#,
    token!(),
    r#", "secret": "lk_EXAMPLE1_0000000000000000000000000000000019WjLP"}"#
);
const BEFORE: &str = concat!(r#"{"token": "#, token!(), r#", "secret": null}"#);

const USAGE: &str = r#"{
  "days": [{"day": "2026-11-24", "allowed": 24, "refused": 1}],
  "items": [
    {
      "route": "POST /sites/{site}/backups",
      "scopes": ["backups:create"],
      "site": "blog.example",
      "address": "203.0.113.24",
      "outcome": "allowed",
      "calls": 24,
      "last_at": "2026-11-24T02:00:07Z"
    }
  ],
  "next": null
}"#;

const HISTORY: &str = r#"{
  "items": [
    {
      "id": "5d1f3a0c9b7e2468",
      "at": "2026-11-24T09:30:00Z",
      "action": "token.changed",
      "actor": {"kind": "account", "name": "priya"},
      "changes": [{"field": "scopes", "before": "backups:create", "after": "backups:create files:read"}],
      "reason": null,
      "address": "203.0.113.24",
      "program": "curl/8.5.0",
      "request_id": "01J9ZQ4T5M"
    }
  ],
  "next": null
}"#;

/// All of them.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        id: "listTokens",
        tag: Tag::Tokens,
        summary: "List tokens",
        about: "The tokens of the account, searched, filtered and sorted as in the panel. A page begins behind the last token of \
                the one before, so that none is passed over while others are made.",
        needs: READ,
        query: Some(Shape::of::<ListQuery>()),
        answers: &[Answer::new(
            200,
            "A page of tokens.",
            Shape::of::<Page<TokenDocument>>(),
            PAGE,
        )],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/tokens")
    },
    Operation {
        id: "createToken",
        tag: Tag::Tokens,
        summary: "Create a token",
        about: "Makes a token that can do no more than the one that asks, on no more sites, from no more addresses and for no \
                longer. The secret is in this answer and in no other.",
        needs: MANAGE,
        parameters: &[KEY],
        body: Some(Body::new(
            Shape::of::<NewToken>(),
            r#"{"name": "nightly backup", "scopes": ["backups:create"], "sites": "all", "expires": {"days": 90}}"#,
        )),
        answers: &common::made_with_secret(Shape::of::<WithSecret>(), CREATED, BEFORE),
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::OutgoingSecret,
            Kind::NameTaken,
            Kind::TooManyTokens,
            Kind::KeyReused,
        ],
        ..Operation::post("/api/v1/tokens")
    },
    Operation {
        id: "showToken",
        tag: Tag::Tokens,
        summary: "Show a token",
        about: "One token of the account, also a revoked one.",
        needs: READ,
        parameters: &[ID],
        answers: &[Answer::new(200, "The token.", Shape::of::<TokenDocument>(), TOKEN).with_headers(ETAG)],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/tokens/{id}")
    },
    Operation {
        id: "changeToken",
        tag: Tag::Tokens,
        summary: "Change a token",
        about: "Changes what the token is called, what it may do, where, and from where; what is left out stays as it is (JSON \
                Merge Patch, RFC 7396). Its secret stays the same. \
                Neither the token before nor the one after may be able to do more than the one that asks.",
        needs: MANAGE,
        parameters: &[ID, IF_MATCH.required()],
        body: Some(Body::merge_patch(
            Shape::of::<Change>(),
            r#"{"scopes": ["backups:create", "files:read"], "addresses": ["203.0.113.0/24"]}"#,
        )),
        answers: &[Answer::new(200, "The token as it is now.", Shape::of::<TokenDocument>(), TOKEN).with_headers(ETAG)],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::OutgoingSecret,
            Kind::NameTaken,
            Kind::AlreadyRevoked,
            Kind::Changed,
            Kind::IfMatchRequired,
        ],
        ..Operation::patch("/api/v1/tokens/{id}")
    },
    Operation {
        id: "revokeToken",
        tag: Tag::Tokens,
        summary: "Revoke a token",
        about: "Ends the token for good; it is refused from the next request on. One that was revoked before stays so and is \
                answered alike.",
        needs: MANAGE,
        parameters: &[ID, IF_MATCH],
        answers: &[Answer::empty(204, "It is revoked.")],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::OutgoingSecret,
            Kind::Changed,
        ],
        ..Operation::delete("/api/v1/tokens/{id}")
    },
    Operation {
        id: "renewToken",
        tag: Tag::Tokens,
        summary: "Renew a token",
        about: "Moves the token's expiry, later or sooner, also of one that has expired. Its secret stays the same.",
        needs: MANAGE,
        parameters: &[ID, IF_MATCH.required()],
        body: Some(Body::new(Shape::of::<Renewal>(), r#"{"expires": {"days": 90}}"#)),
        answers: &[Answer::new(200, "The token as it is now.", Shape::of::<TokenDocument>(), TOKEN).with_headers(ETAG)],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::OutgoingSecret,
            Kind::AlreadyRevoked,
            Kind::Changed,
            Kind::IfMatchRequired,
        ],
        ..Operation::post("/api/v1/tokens/{id}/renew")
    },
    Operation {
        id: "rotateToken",
        tag: Tag::Tokens,
        summary: "Rotate a token",
        about: "Gives the token a new secret, which is in this answer and in no other. The old one goes on working for as long as \
                overlap says; one that was still working from a rotation before ends at once.",
        needs: MANAGE,
        parameters: &[ID, IF_MATCH.required()],
        body: Some(Body::new(Shape::of::<Rotation>(), r#"{"overlap": "day"}"#)),
        answers: &[
            Answer::new(200, "It has a new secret.", Shape::of::<WithSecret>(), CREATED)
                .with_headers(ETAG_AND_LOCATION),
        ],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::OutgoingSecret,
            Kind::AlreadyRevoked,
            Kind::AlreadyExpired,
            Kind::Changed,
            Kind::IfMatchRequired,
        ],
        ..Operation::post("/api/v1/tokens/{id}/rotate")
    },
    Operation {
        id: "retireSecret",
        tag: Tag::Tokens,
        summary: "End the old secret of a rotation",
        about: "Ends the secret that a rotation replaced before its time.",
        needs: MANAGE,
        parameters: &[ID, IF_MATCH],
        body: Some(NOTHING),
        answers: &[Answer::new(200, "The token as it is now.", Shape::of::<TokenDocument>(), TOKEN).with_headers(ETAG)],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::OutgoingSecret,
            Kind::AlreadyRevoked,
            Kind::NoOverlap,
            Kind::Changed,
        ],
        ..Operation::post("/api/v1/tokens/{id}/retire")
    },
    Operation {
        id: "pauseToken",
        tag: Tag::Tokens,
        summary: "Pause a token",
        about: "Switches the token off until it is resumed. One that is paused stays so and is answered alike.",
        answers: &[Answer::new(200, "The token as it is now.", Shape::of::<TokenDocument>(), TOKEN).with_headers(ETAG)],
        ..SWITCH
    },
    Operation {
        id: "resumeToken",
        tag: Tag::Tokens,
        summary: "Resume a token",
        about: "Switches the token on again. One that is on stays so and is answered alike; what the hosting company's staff \
                paused, only they resume.",
        path: "/api/v1/tokens/{id}/resume",
        answers: &[Answer::new(200, "The token as it is now.", Shape::of::<TokenDocument>(), TOKEN).with_headers(ETAG)],
        ..SWITCH
    },
    Operation {
        id: "showUsage",
        tag: Tag::Tokens,
        summary: "Show what a token was used for",
        about: "The calls of the last 30 days, counted by route, scopes, site, address and answer. They are counted some seconds \
                after they were made.",
        needs: READ,
        parameters: &[ID],
        query: Some(Shape::of::<UsageQuery>()),
        answers: &[Answer::new(
            200,
            "What it was used for.",
            Shape::of::<UsageDocument>(),
            USAGE,
        )],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/tokens/{id}/usage")
    },
    Operation {
        id: "listTokenEvents",
        tag: Tag::Tokens,
        summary: "Show what was done to a token",
        about: "Who did what to the token and when, what was before and after, the latest first.",
        needs: READ,
        parameters: &[ID],
        query: Some(Shape::of::<PageQuery>()),
        answers: &[Answer::new(
            200,
            "A page of events.",
            Shape::of::<Page<EventDocument>>(),
            HISTORY,
        )],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/tokens/{id}/history")
    },
];

/// What pausing and resuming have in common.
const SWITCH: Operation = Operation {
    needs: MANAGE,
    parameters: &[ID, IF_MATCH],
    body: Some(NOTHING),
    problems: &[
        Kind::InvalidQuery,
        Kind::InvalidHeader,
        Kind::BeyondToken,
        Kind::OutgoingSecret,
        Kind::AlreadyRevoked,
        Kind::PausedByStaff,
        Kind::Changed,
    ],
    ..Operation::post("/api/v1/tokens/{id}/pause")
};
