//! How the calls about an account's tokens are described.

use super::{
    super::{
        kind::Kind,
        paging::Page,
        reference::{
            common,
            operation::{Answer, Body, Needs, Operation, Parameter, Tag},
            shape::Shape,
        },
        v1_tokens::{
            described::{PAGE, TOKEN},
            document::TokenDocument,
            sent::ListQuery,
        },
    },
    described::{BECAUSE, ID},
    sent::Shortening,
    stop_tokens::RevokedDocument,
};
use crate::domain::staff_scope::StaffScope;

const READ: &[Needs] = &[Needs::StaffScope(StaffScope::TokensRead.as_str())];
const STOP: &[Needs] = &[Needs::StaffScope(StaffScope::TokensStop.as_str())];
const TOKEN_ID: Parameter = common::token("token");

/// All of them.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        id: "listTokensOfAccount",
        tag: Tag::Accounts,
        summary: "List an account's tokens",
        about: "The tokens of an account, searched, filtered and sorted as in the panel; but no secret.",
        needs: READ,
        parameters: &[ID],
        query: Some(Shape::of::<ListQuery>()),
        answers: &[Answer::new(
            200,
            "A page of tokens.",
            Shape::of::<Page<TokenDocument>>(),
            PAGE,
        )],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/accounts/{id}/tokens")
    },
    Operation {
        id: "showTokenOfAccount",
        tag: Tag::Accounts,
        summary: "Show an account's token",
        about: "One token of an account, also a revoked one; but no secret.",
        needs: READ,
        parameters: &[ID, TOKEN_ID],
        answers: &[Answer::new(200, "The token.", Shape::of::<TokenDocument>(), TOKEN)
            .with_headers(&[("ETag", "The token's revision.")])],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/accounts/{id}/tokens/{token}")
    },
    Operation {
        id: "pauseTokenOfAccount",
        tag: Tag::Accounts,
        summary: "Pause an account's token",
        about: "Switches a token off until staff resume it. The customer reads the reason and is told by mail.",
        needs: STOP,
        parameters: &[ID, TOKEN_ID],
        body: Some(BECAUSE),
        answers: &[Answer::empty(204, "It is paused by staff.")],
        problems: &[Kind::InvalidQuery, Kind::AlreadyRevoked, Kind::AlreadySo],
        ..Operation::post("/api/v1/accounts/{id}/tokens/{token}/pause")
    },
    Operation {
        id: "resumeTokenOfAccount",
        tag: Tag::Accounts,
        summary: "Resume an account's token",
        about: "Switches a token on again that staff have paused. What its owner has paused only the owner resumes.",
        needs: STOP,
        parameters: &[ID, TOKEN_ID],
        body: Some(BECAUSE),
        answers: &[Answer::empty(204, "It is not paused.")],
        problems: &[Kind::InvalidQuery, Kind::AlreadyRevoked, Kind::AlreadySo],
        ..Operation::post("/api/v1/accounts/{id}/tokens/{token}/resume")
    },
    Operation {
        id: "shortenTokenOfAccount",
        tag: Tag::Accounts,
        summary: "Shorten an account's token",
        about: "Lets a token end sooner; one that never expires is given an end. Staff never let one end later.",
        needs: STOP,
        parameters: &[ID, TOKEN_ID],
        body: Some(Body::new(
            Shape::of::<Shortening>(),
            r#"{"expires": {"days": 7}, "reason": "The contract ends."}"#,
        )),
        answers: &[Answer::empty(204, "It ends sooner.")],
        problems: &[Kind::InvalidQuery, Kind::AlreadyRevoked, Kind::AlreadySo, Kind::Changed],
        ..Operation::post("/api/v1/accounts/{id}/tokens/{token}/shorten")
    },
    Operation {
        id: "revokeTokenOfAccount",
        tag: Tag::Accounts,
        summary: "Revoke an account's token",
        about: "Ends a token for good. The customer reads the reason and is told by mail.",
        needs: STOP,
        parameters: &[ID, TOKEN_ID],
        body: Some(BECAUSE),
        answers: &[Answer::empty(204, "It is revoked.")],
        problems: &[Kind::InvalidQuery],
        ..Operation::post("/api/v1/accounts/{id}/tokens/{token}/revoke")
    },
    Operation {
        id: "revokeAllTokensOfAccount",
        tag: Tag::Accounts,
        summary: "Revoke all tokens of an account",
        about: "Ends every token of an account for good, in one step: none can be made meanwhile.",
        needs: STOP,
        parameters: &[ID],
        body: Some(BECAUSE),
        answers: &[Answer::new(
            200,
            "They are revoked.",
            Shape::of::<RevokedDocument>(),
            r#"{"revoked": ["EXAMPLE1"]}"#,
        )],
        problems: &[Kind::InvalidQuery],
        ..Operation::post("/api/v1/accounts/{id}/tokens/revoke-all")
    },
];
