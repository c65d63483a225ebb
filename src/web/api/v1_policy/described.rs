//! How the calls are described.

use super::{
    super::{
        kind::Kind,
        paging::Page,
        reference::{
            common::{self, ETAG, KEY},
            operation::{Answer, Body, Needs, Operation, Parameter, Tag},
            shape::{Id, Shape},
        },
    },
    plans::{PlanDocument, WantedPlan},
    rules::{RulesDocument, WantedRules},
};
use crate::domain::staff_scope::StaffScope;

const READ: &[Needs] = &[Needs::StaffScope(StaffScope::PolicyRead.as_str())];
const CHANGE: &[Needs] = &[Needs::StaffScope(StaffScope::PolicyChange.as_str())];
const ID: Parameter = Parameter::path("id", "The plan.", Shape::of::<Id>(), "Zp3Kd8LmQ1Xw");
const IF_MATCH: Parameter = common::if_match("\"9f86d081884c7d65\"");

macro_rules! rules {
    () => {
        r#"{
  "max_lifetime_days": 365,
  "max_total_lifetime_days": null,
  "never_allowed": false,
  "max_live_tokens": 100,
  "revoke_unused_days": null,
  "calls_per_minute": 600
}"#
    };
}
macro_rules! plan {
    () => {
        concat!(
            r#"{"id": "Zp3Kd8LmQ1Xw", "name": "Standard", "scopes": ["backups:create", "files:read"], "rules": "#,
            rules!(),
            r#", "accounts": 12, "etag": "\"9f86d081884c7d65\""}"#
        )
    };
}
const RULES: &str = rules!();
const PLAN: &str = plan!();
const PLANS: &str = concat!(r#"{"items": ["#, plan!(), r#"], "next": null}"#);
const NEW_PLAN: &str =
    r#"{"name": "Standard", "scopes": ["backups:create", "files:read"], "rules": {"max_live_tokens": 100}}"#;

/// All of them.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        id: "showPolicy",
        tag: Tag::Policy,
        summary: "Show the policy",
        about: "The rules that hold for every token of every account.",
        needs: READ,
        answers: &[Answer::new(200, "The policy.", Shape::of::<RulesDocument>(), RULES).with_headers(ETAG)],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/policy")
    },
    Operation {
        id: "setPolicy",
        tag: Tag::Policy,
        summary: "Set the policy",
        about: "Sets all rules at once. They hold for tokens that are made or renewed from now on; a token that lives longer keeps its \
                date.",
        needs: CHANGE,
        parameters: &[IF_MATCH.required()],
        body: Some(Body::new(Shape::of::<WantedRules>(), RULES)),
        answers: &[Answer::new(200, "It is set.", Shape::of::<RulesDocument>(), RULES).with_headers(ETAG)],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::Changed,
            Kind::IfMatchRequired,
        ],
        ..Operation::put("/api/v1/policy")
    },
    Operation {
        id: "listPlans",
        tag: Tag::Policy,
        summary: "List plans",
        about: "Every plan, by name, on one page.",
        needs: READ,
        answers: &[Answer::new(200, "The plans.", Shape::of::<Page<PlanDocument>>(), PLANS)],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/plans")
    },
    Operation {
        id: "createPlan",
        tag: Tag::Policy,
        summary: "Create a plan",
        about: "Makes a plan, on which there are no accounts yet.",
        needs: CHANGE,
        parameters: &[KEY],
        body: Some(Body::new(Shape::of::<WantedPlan>(), NEW_PLAN)),
        answers: &common::made(Shape::of::<PlanDocument>(), PLAN, PLAN),
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::NotFound,
            Kind::Conflict,
            Kind::KeyReused,
        ],
        ..Operation::post("/api/v1/plans")
    },
    Operation {
        id: "showPlan",
        tag: Tag::Policy,
        summary: "Show a plan",
        about: "One plan, and how many accounts are on it.",
        needs: READ,
        parameters: &[ID],
        answers: &[Answer::new(200, "The plan.", Shape::of::<PlanDocument>(), PLAN).with_headers(ETAG)],
        problems: &[Kind::InvalidQuery],
        ..Operation::get("/api/v1/plans/{id}")
    },
    Operation {
        id: "changePlan",
        tag: Tag::Policy,
        summary: "Change a plan",
        about: "Changes all of a plan at once. What it no longer allows the tokens of its accounts is refused from the next request on.",
        needs: CHANGE,
        parameters: &[ID, IF_MATCH.required()],
        body: Some(Body::new(Shape::of::<WantedPlan>(), NEW_PLAN)),
        answers: &[Answer::new(200, "It is changed.", Shape::of::<PlanDocument>(), PLAN).with_headers(ETAG)],
        problems: &[
            Kind::InvalidQuery,
            Kind::InvalidHeader,
            Kind::Conflict,
            Kind::Changed,
            Kind::IfMatchRequired,
        ],
        ..Operation::put("/api/v1/plans/{id}")
    },
    Operation {
        id: "removePlan",
        tag: Tag::Policy,
        summary: "Remove a plan",
        about: "Removes a plan that no account is on and that is not the last one.",
        needs: CHANGE,
        parameters: &[ID, IF_MATCH],
        answers: &[Answer::empty(204, "It is removed.")],
        problems: &[Kind::InvalidQuery, Kind::InvalidHeader, Kind::Conflict, Kind::Changed],
        ..Operation::delete("/api/v1/plans/{id}")
    },
];
