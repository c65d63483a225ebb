//! `GET /api/v1/tokens/{id}/history`: what was done to a token, by whom, and what was before and after.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use schemars::JsonSchema;
use serde::Serialize;

use super::{id, reader};
use crate::{
    app::tokens::show,
    domain::{
        audit::{Change, Event, Party},
        mail::WIDENED,
    },
    web::{
        api::{
            paging::{Page, Paging},
            problem::Problem,
            query,
            reference::shape::Instant,
        },
        cursor::Cursors,
        times::iso,
    },
};

/// What happened once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventOfToken")]
pub struct EventDocument {
    /// Names the event.
    id: String,
    /// When.
    #[schemars(with = "Instant")]
    at: String,
    /// What was done.
    action: &'static str,
    /// Who did it.
    actor: ActorDocument,
    /// What is otherwise since.
    changes: Vec<ChangeDocument>,
    /// Why, in the words of whoever did it; null when nothing was said.
    reason: Option<String>,
    /// From which address; null where that is not told.
    address: Option<String>,
    /// With which program, as it named itself; null where that is not told.
    program: Option<String>,
    /// The request by which it was done; support finds it by this.
    request_id: String,
}

/// Who did something.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ActorOfEvent")]
struct ActorDocument {
    /// What they are: account, token, staff, shell, finder or system.
    kind: String,
    /// Their name.
    name: String,
}

/// One thing that is otherwise.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChangeOfEvent")]
pub struct ChangeDocument {
    /// What.
    field: String,
    /// How it was; null when there was nothing.
    before: Option<String>,
    /// How it is; null when there is nothing.
    after: Option<String>,
}

/// Lists what was done to a token.
pub async fn show(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Problem> {
    let holder = reader(&request, "GET /api/v1/tokens/{id}/history").await?;
    let (call, known) = (&holder.call, holder.verified.token());
    let id = id(call, &path)?;
    let cursors = Cursors::of(&call.app, &known.account_public_id);
    let (paging, before) = query::read(call, &request, |query| {
        let paging = Paging::read(query);
        let before = paging.after.as_deref().map(|text| cursors.read(text));
        if before == Some(None) {
            let mut at = query.at("cursor");
            at.fault("invalid-cursor", "This must be what the page before gave under next.");
        }
        (paging, before.flatten())
    })?;
    let caller = holder.caller(&request);
    let history = show::history(&call.app, &caller, known.account, id, before, paging.limit + 1).await;
    let (_, events) = history.map_err(|error| holder.refused(error))?;
    let place = |event: &Event| cursors.write(event.id);
    let page = Page::of(events, paging.limit, place, |event| EventDocument::new(&cursors, event));
    Ok(HttpResponse::Ok().json(page))
}

impl EventDocument {
    fn new(cursors: &Cursors, event: Event) -> Self {
        let Event { id, event } = event;
        // Who reports a token is not told to its owner, and where from would tell.
        let hidden = event.actor.kind == "finder";
        Self {
            id: cursors.write(id),
            at: iso(event.at),
            action: event.action.code(),
            actor: ActorDocument::from(event.actor),
            changes: event
                .changes
                .into_iter()
                .filter(|change| change.field != WIDENED)
                .map(ChangeDocument::from)
                .collect(),
            reason: event.reason,
            address: event.address.filter(|_| !hidden),
            program: event.browser.filter(|_| !hidden),
            request_id: event.request_id,
        }
    }
}

impl From<Party> for ActorDocument {
    fn from(party: Party) -> Self {
        Self {
            kind: party.kind,
            name: party.name,
        }
    }
}

impl From<Change> for ChangeDocument {
    fn from(change: Change) -> Self {
        Self {
            field: change.field,
            before: change.before,
            after: change.after,
        }
    }
}
