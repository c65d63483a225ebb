//! `/tokens/{id}`: everything about one token.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{
    days::Days,
    head::{self, Head},
    viewer::Viewer,
};
use crate::{
    app::tokens::show::{self, Details},
    catalogue::Catalogue,
    clock::TimeZone,
    domain::{
        audit::{Action, Event},
        draft::Draft,
        scope::ScopeSet,
        secret::PublicId,
        token::{LastUse, PausedBy, Status, Token},
    },
    web::{
        error::WebError,
        guard::Customer,
        layout::Layout,
        sentence::sentence_for,
        times::{self, When},
        words::{self, EventWords, Reader, ReuseWords, UseWords, WhyWords},
    },
};

/// One thing that it can do.
struct Ability {
    text: String,
    /// `low`, `medium` or `high`.
    risk: &'static str,
    /// The plan does not allow it now.
    excluded: bool,
}

/// What it can do in one area.
struct Area {
    title: String,
    abilities: Vec<Ability>,
}

/// The two secrets of a token while a rotation overlaps.
struct Overlap {
    until: When,
    old: String,
    old_use: Option<UseWords>,
    /// The old one has been used since the new one exists.
    old_in_use: bool,
    new: String,
    new_use: Option<UseWords>,
}

#[derive(Template)]
#[template(path = "tokens/one.html")]
struct One {
    page: Layout,
    head: Head,
    status: Status,
    stopped: Option<WhyWords>,
    shortened: Option<WhyWords>,
    reuse: Option<ReuseWords>,
    sentence: String,
    full_access: bool,
    areas: Vec<Area>,
    sites: Vec<String>,
    addresses: Vec<String>,
    expires: Option<String>,
    expires_iso: String,
    last_use: Option<UseWords>,
    created: When,
    created_by: String,
    last4: String,
    issued: When,
    overlap: Option<Overlap>,
    days: Days,
    events: Vec<EventWords>,
    /// Where the token can be tried.
    try_url: String,
}

/// Shows the page.
pub async fn show(customer: Customer, path: Path<String>) -> Result<HttpResponse, WebError> {
    answer(&Viewer::from(&customer), head::id(&path)?).await
}

/// The page for its holder or for staff.
pub(in crate::web::pages) async fn answer(viewer: &Viewer<'_>, id: PublicId) -> Result<HttpResponse, WebError> {
    let details = show::details(&viewer.visit.app, &viewer.caller, viewer.account, id).await?;
    viewer.visit.page(StatusCode::OK, &page(viewer, details))
}

fn page(viewer: &Viewer<'_>, details: Details) -> One {
    let (app, zone, reader) = (&viewer.visit.app, &viewer.zone, viewer.reader);
    let Details {
        token,
        plan_scopes,
        days,
        events,
        why,
        reuse,
    } = details;
    let now = app.now();
    let why_words = |event: &Event| words::why_words(zone, reader, event);
    let events = events.iter().map(|event| {
        let mut words = words::event_words(&app.catalogue, zone, reader, event);
        if event.event.action == Action::TokenCreated {
            // What it was made with stands beside it, but for what was changed since, which is told.
            words.changes.clear();
        }
        words
    });
    let created_by = if reader == Reader::Holder && token.created_by == viewer.account.username.as_str() {
        "you".to_owned()
    } else {
        token.created_by.clone()
    };
    One {
        page: viewer.layout(token.name.as_str()),
        head: Head::seen_by(viewer, &token, head::DETAILS),
        status: token.status(viewer.account.is_suspended(), now),
        stopped: why
            .stopped
            .as_ref()
            .map(why_words)
            .filter(|why| !why.own || viewer.is_staff()),
        shortened: why.shortened.as_ref().filter(|_| !token.is_revoked()).map(why_words),
        reuse: words::reuse_words(zone, &reuse),
        sentence: sentence_for(reader, &app.catalogue, &Draft::from(&token), zone),
        full_access: token.scopes.is_full(),
        areas: areas(&app.catalogue, &token.scopes, &plan_scopes),
        sites: words::sites(&token.sites),
        addresses: words::addresses(&token.addresses),
        expires: token.expiry.instant().map(|at| in_both_zones(zone, at)),
        expires_iso: token.expiry.instant().map(times::iso).unwrap_or_default(),
        last_use: words::last_use(zone, token.last_use),
        created: times::when(zone, token.created_at),
        created_by,
        issued: times::when(zone, token.secret_issued_at),
        overlap: overlap(zone, &token, now),
        days: Days::of(&days, now),
        events: events.collect(),
        try_url: format!("{}/api/v1/token", app.settings.public_url.as_str()),
        last4: token.last4,
    }
}

/// `21 Feb 2027, 23:59 IST (18:29 UTC)`, with the day where that is another one.
fn in_both_zones(zone: &TimeZone, at: time::PrimitiveDateTime) -> String {
    let (there, utc) = (times::when(zone, at), times::when(&TimeZone::default(), at));
    if there.text == utc.text {
        there.text
    } else if there.day == utc.day {
        format!("{} ({})", there.text, utc.time)
    } else {
        format!("{} ({})", there.text, utc.text)
    }
}

/// Everything that it may do, with what its scopes imply, by area.
fn areas(catalogue: &Catalogue, scopes: &ScopeSet, plan: &ScopeSet) -> Vec<Area> {
    if scopes.is_full() {
        return Vec::new();
    }
    let closed = catalogue.closure(scopes);
    let area = |area: &crate::catalogue::Area| {
        let held = area.scopes.iter().filter(|entry| closed.contains(&entry.scope));
        let abilities = held.map(|entry| Ability {
            text: words::capitalised(&entry.can),
            risk: words::risk(entry.risk),
            excluded: !plan.contains(&entry.scope),
        });
        Area {
            title: area.title.clone(),
            abilities: abilities.collect(),
        }
    };
    let areas = catalogue.areas().iter().map(area);
    areas.filter(|area| !area.abilities.is_empty()).collect()
}

fn overlap(zone: &TimeZone, token: &Token, now: time::PrimitiveDateTime) -> Option<Overlap> {
    let rotation = token.overlap(now)?;
    let after_rotation = |last: LastUse| last.at >= token.secret_issued_at;
    Some(Overlap {
        until: times::when(zone, rotation.until),
        old: rotation.last4.clone(),
        old_use: words::last_use(zone, rotation.last_use),
        old_in_use: rotation.last_use.is_some_and(after_rotation),
        new: token.last4.clone(),
        new_use: words::last_use(zone, token.secret_use),
    })
}
