//! How the calls are described.

use super::{
    super::{
        kind::Kind,
        paging::Page,
        reference::{
            common::{self, ETAG, KEY},
            operation::{Answer, Body, Needs, Operation, Parameter, Tag},
            shape::Shape,
        },
    },
    content::{NewStaffToken, StaffTokenChange},
    create::WithSecret,
    document::StaffTokenDocument,
    own::OwnDocument,
};
use crate::domain::staff_scope::StaffScope;

const MANAGE: &[Needs] = &[Needs::StaffScope(StaffScope::StaffTokensManage.as_str())];
const ID: Parameter = common::token("id");
const IF_MATCH: Parameter = common::if_match("\"7\"");

macro_rules! token {
    () => {
        r#"{
  "id": "EXAMPLE1",
  "name": "Billing",
  "status": "active",
  "scopes": ["accounts:read", "accounts:suspend"],
  "addresses": ["192.0.2.40"],
  "created_at": "2026-11-23T12:00:00Z",
  "expires_at": "2027-02-21T12:00:00Z",
  "revoked_at": null,
  "last_used": {"at": "2026-11-24T02:00:07Z", "address": "192.0.2.40"},
  "last4": "WjLP",
  "etag": "\"7\""
}"#
    };
}
const TOKEN: &str = token!();
const TOKENS: &str = concat!(r#"{"items": ["#, token!(), r#"], "next": null}"#);
const CREATED: &str = concat!(
    r#"{"token": "#,
    token!(),
    r#", "secret": "lka_EXAMPLE1_00000000000000000000000000000000000000"}"#
);
const BEFORE: &str = concat!(r#"{"token": "#, token!(), r#", "secret": null}"#);
const OWN: &str = concat!(
    r#"{"token": "#,
    token!(),
    r#", "effective_scopes": ["accounts:read", "accounts:suspend"],
  "member": {"id": "Hn5Wq8RtY2Kc", "name": "Asha Rao", "role": "support"}, "now": "2026-11-24T09:30:00Z"}"#
);

/// All of them.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        id: "showOwnStaffToken",
        tag: Tag::StaffTokens,
        summary: "Show the staff token that is sent",
        about: "What the token is and may do, and whose it is. It needs no scope.",
        needs: &[Needs::StaffToken],
        answers: &[Answer::new(200, "The token.", Shape::of::<OwnDocument>(), OWN)],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/staff/token")
    },
    Operation {
        id: "listStaffTokens",
        tag: Tag::StaffTokens,
        summary: "List staff tokens",
        about: "The tokens of the same staff member that are not revoked, by name, on one page.",
        needs: MANAGE,
        answers: &[Answer::new(
            200,
            "The tokens.",
            Shape::of::<Page<StaffTokenDocument>>(),
            TOKENS,
        )],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/staff/tokens")
    },
    Operation {
        id: "createStaffToken",
        tag: Tag::StaffTokens,
        summary: "Create a staff token",
        about: "Makes a token of the same staff member that can do no more than the one that asks, from no more addresses and for no \
                longer. The secret is in this answer and in no other.",
        needs: MANAGE,
        parameters: &[KEY],
        body: Some(Body::new(
            Shape::of::<NewStaffToken>(),
            r#"{"name": "Billing", "scopes": ["accounts:read"], "expires": {"days": 30}}"#,
        )),
        answers: &common::made_with_secret(Shape::of::<WithSecret>(), CREATED, BEFORE),
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::NotFound,
            Kind::BeyondToken,
            Kind::NameTaken,
            Kind::TooManyTokens,
            Kind::KeyReused,
        ],
        ..Operation::post("/api/v1/staff/tokens")
    },
    Operation {
        id: "showStaffToken",
        tag: Tag::StaffTokens,
        summary: "Show a staff token",
        about: "One token of the same staff member, also a revoked one.",
        needs: MANAGE,
        parameters: &[ID],
        answers: &[Answer::new(200, "The token.", Shape::of::<StaffTokenDocument>(), TOKEN).with_headers(ETAG)],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/staff/tokens/{id}")
    },
    Operation {
        id: "changeStaffToken",
        tag: Tag::StaffTokens,
        summary: "Change a staff token",
        about: "Changes a token of the same staff member; neither before nor after may it do more than the one that asks. Its secret \
                stays the same.",
        needs: MANAGE,
        parameters: &[ID, IF_MATCH.required()],
        body: Some(Body::merge_patch(
            Shape::of::<StaffTokenChange>(),
            r#"{"scopes": ["accounts:read"]}"#,
        )),
        answers: &[Answer::new(200, "It is changed.", Shape::of::<StaffTokenDocument>(), TOKEN).with_headers(ETAG)],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::NameTaken,
            Kind::AlreadyRevoked,
            Kind::Changed,
            Kind::IfMatchRequired,
        ],
        ..Operation::patch("/api/v1/staff/tokens/{id}")
    },
    Operation {
        id: "revokeStaffToken",
        tag: Tag::StaffTokens,
        summary: "Revoke a staff token",
        about: "Ends a token of the same staff member for good, the one that asks too. What can do more than the one that asks is not \
                ended by it.",
        needs: MANAGE,
        parameters: &[ID, IF_MATCH],
        answers: &[Answer::empty(204, "It is revoked.")],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::BeyondToken,
            Kind::Changed,
        ],
        ..Operation::delete("/api/v1/staff/tokens/{id}")
    },
];
