//! `GET /api/v1/audit`: what happened in the whole installation, filtered as in the staff area, latest first.

use actix_web::{HttpRequest, HttpResponse};
use schemars::JsonSchema;
use serde::Serialize;
use time::PrimitiveDateTime;

use super::{
    json::Json,
    kind::Kind,
    members::{At, Members},
    paging::{Page, Paging},
    problem::Problem,
    query,
    reference::{
        operation::{Answer, Needs, Operation, Tag},
        shape::{AnyInstant, Cursor, Id, Instant, Shape},
    },
    staff::StaffHolder,
    v1_accounts::list::searched,
    v1_tokens::{expires::parse, history::ChangeDocument},
};
use crate::{
    app::audit::search::{self, Wanted},
    domain::{
        audit::{Action, Party},
        id::EventId,
        mail::WIDENED,
        permission::Act,
        staff_scope::StaffScope,
    },
    store::audit::search::{Found, Label},
    web::{
        pages::staff::audit::parameters::{ACTORS, GROUPS},
        times::iso,
    },
};

/// How the call is described.
pub const OPERATIONS: &[Operation] = &[Operation {
    id: "readAudit",
    tag: Tag::Audit,
    summary: "Read the audit",
    about: "Who did what to whom, latest first. Every change of the installation is there, since it was set up.",
    needs: &[Needs::StaffScope(StaffScope::AuditRead.as_str())],
    query: Some(Shape::of::<AuditQuery>()),
    answers: &[Answer::new(
        200,
        "A page of events.",
        Shape::of::<Page<AuditDocument>>(),
        EXAMPLE,
    )],
    problems: &[Kind::InvalidQuery, Kind::NotFound],
    ..Operation::get("/api/v1/audit")
}];

const EXAMPLE: &str = r#"{
  "items": [
    {
      "number": 4711,
      "at": "2026-11-24T09:30:00Z",
      "action": "account.suspended",
      "actor": {"kind": "staff", "id": "Hn5Wq8RtY2Kc", "name": "Asha Rao (token Billing, EXAMPLE1)"},
      "target": {"kind": "account", "id": "Qm7Xk2PdA9Lz", "name": "priya"},
      "account": {"id": "Qm7Xk2PdA9Lz", "username": "priya", "removed": false},
      "changes": [{"field": "tokens_stopped", "before": null, "after": "3"}],
      "reason": "The invoice of October is open.",
      "address": "192.0.2.40",
      "program": "billing/4.2",
      "request_id": "01J9ZQ4T5M"
    }
  ],
  "next": null
}"#;

/// Which events.
#[derive(JsonSchema)]
pub struct AuditQuery {
    /// What they are about or by: a user name, an id, an address, the number of an event, or a name; at most 254 characters.
    pub q: Option<String>,
    /// Only those that concern this account: its user name, e-mail address or id.
    pub account: Option<String>,
    /// Only those by this one: the user name, e-mail address or id of a staff member, or the name that the one who did it had.
    pub actor: Option<String>,
    /// Only those of this action, such as token.revoked.
    pub action: Option<String>,
    /// Only those of this kind.
    #[schemars(extend("enum" = ["all", "tokens", "security", "accounts", "staff", "rules", "runs", "audit"]))]
    pub kind: Option<String>,
    /// Only what these did.
    #[schemars(extend("enum" = ["all", "customers", "staff", "tokens", "finders", "shell", "latchkey"]))]
    pub by: Option<String>,
    /// Only those from this instant on.
    #[schemars(with = "Option<AnyInstant>")]
    pub since: Option<String>,
    /// Only those before this instant.
    #[schemars(with = "Option<AnyInstant>")]
    pub until: Option<String>,
    /// How many a page has at most; 25 when nothing is said.
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u8>,
    /// Where the page begins: what the page before gave under next.
    #[schemars(with = "Option<Cursor>")]
    pub cursor: Option<String>,
}

/// What happened once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
struct AuditDocument {
    /// Its place in the order of all events.
    number: i64,
    /// When.
    #[schemars(with = "Instant")]
    at: String,
    /// What was done.
    action: &'static str,
    /// Who did it.
    actor: PartyDocument,
    /// What it was done to.
    target: PartyDocument,
    /// The account that it concerns, as it is now; null where there is none.
    account: Option<LabelDocument>,
    /// What is otherwise since.
    changes: Vec<ChangeDocument>,
    /// Why, in the words of whoever did it; null when nothing was said.
    reason: Option<String>,
    /// From which address; null where there was none.
    address: Option<String>,
    /// With which program, as it named itself; null where that is not known.
    program: Option<String>,
    /// The request by which it was done; it stands in the log of the server too.
    request_id: String,
}

/// Who or what an event is about, or did it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PartyOfEvent")]
struct PartyDocument {
    /// What it is, such as account, staff, token, service, shell or system.
    kind: String,
    /// Its public id, empty where it has none.
    id: String,
    /// The name that it had then.
    name: String,
}

/// An account that an event concerns.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccountOfEvent")]
struct LabelDocument {
    /// Its public id.
    #[schemars(with = "Id")]
    id: String,
    /// Its user name as it is now.
    username: String,
    /// Whether it was removed.
    removed: bool,
}

/// Lists events.
pub async fn list(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let holder = StaffHolder::allowed(&request, Act::ReadAudit).await?;
    let (wanted, before, limit) = query::read(&holder.call, &request, wanted)?;
    let (app, caller) = (&holder.call.app, holder.caller(&request));
    let filter = search::understand(app, &caller, wanted).await;
    let filter = filter.map_err(|error| holder.refused(error))?;
    let count = usize::try_from(limit + 1).unwrap_or_default();
    let found = search::list(app, &caller, &filter, before, count).await;
    let found = found.map_err(|error| holder.refused(error))?;
    let place = |found: &Found| found.event.id.0.to_string();
    Ok(HttpResponse::Ok().json(Page::of(found, limit, place, AuditDocument::from)))
}

fn wanted(query: &mut Members<'_>) -> (Wanted, Option<EventId>, i64) {
    let groups = GROUPS.map(|(group, word, _)| (word, group));
    let actors = ACTORS.map(|(kinds, word, _)| (word, kinds));
    let text = query.optional("q", searched);
    let account = query.optional("account", searched);
    let actor = query.optional("actor", searched);
    let action = query.optional("action", action);
    let group = query.optional("kind", |at, json| at.word(json, &groups)).flatten();
    let kinds = query.optional("by", |at, json| at.word(json, &actors));
    let since = query.optional("since", instant);
    let until = query.optional("until", instant);
    let paging = Paging::read(query);
    let before = paging.after.and_then(|text| {
        let number = text.parse().ok().filter(|number: &i64| *number > 0);
        if number.is_none() {
            query
                .at("cursor")
                .fault("invalid-cursor", "This must be what the page before gave under next.");
        }
        number.map(EventId)
    });
    if action.is_some() && group.is_some() {
        query
            .at("kind")
            .fault("ambiguous", "Only one of action and kind may be there.");
    }
    let of_group = group.map(search::Group::actions);
    let wanted = Wanted {
        text: text.unwrap_or_default(),
        account,
        actor,
        actions: action.map(|action| vec![action]).or(of_group).unwrap_or_default(),
        actor_kinds: kinds.map(<[&str]>::to_vec).unwrap_or_default(),
        since,
        until,
    };
    (wanted, before, paging.limit)
}

fn action(at: &mut At<'_>, json: Json) -> Option<Action> {
    let action = at.text(json)?.parse();
    if action.is_err() {
        at.fault(
            "unknown-word",
            "There is no such action; one is written as token.revoked.",
        );
    }
    action.ok()
}

fn instant(at: &mut At<'_>, json: Json) -> Option<PrimitiveDateTime> {
    let instant = parse(&at.text(json)?);
    if instant.is_none() {
        at.fault(
            "malformed",
            "An instant is written as in RFC 3339: 2027-02-21T18:00:00Z.",
        );
    }
    instant
}

impl From<Found> for AuditDocument {
    fn from(found: Found) -> Self {
        let (id, event) = (found.event.id, found.event.event);
        let changes = event.changes.into_iter().filter(|change| change.field != WIDENED);
        Self {
            number: id.0,
            at: iso(event.at),
            action: event.action.code(),
            actor: event.actor.into(),
            target: event.target.into(),
            account: found.account.map(LabelDocument::from),
            changes: changes.map(ChangeDocument::from).collect(),
            reason: event.reason,
            address: event.address,
            program: event.browser,
            request_id: event.request_id,
        }
    }
}

impl From<Party> for PartyDocument {
    fn from(party: Party) -> Self {
        Self {
            kind: party.kind,
            id: party.id,
            name: party.name,
        }
    }
}

impl From<Label> for LabelDocument {
    fn from(label: Label) -> Self {
        Self {
            id: label.id,
            username: label.username,
            removed: label.removed,
        }
    }
}
