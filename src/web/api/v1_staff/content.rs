//! The content of a staff member's token, as a program asks for it, with everything that is wrong at once.

use schemars::JsonSchema;
use time::PrimitiveDateTime;

use super::super::{
    json::Json,
    members::{At, Members, shown},
    reference::shape::StaffScopeName,
    v1_tokens::{
        content::addresses,
        expires::instant,
        sent::{AtInstant, InDays, OnDate, WantedAddresses},
    },
};
use crate::{
    app::App,
    domain::{
        staff_scope::{StaffScope, StaffScopes},
        staff_token::{StaffDraft, StaffToken, within_life},
    },
};

/// A new staff token.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NewStaffToken {
    /// Its name, at most 50 characters; no other live token of the staff member has it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What it may do: nothing that the token that asks may not.
    #[schemars(with = "Vec<StaffScopeName>")]
    pub scopes: Vec<String>,
    /// From where it may be used; left out, from where the token that asks may.
    pub addresses: Option<WantedAddresses>,
    /// When it expires, at most 90 days from now; left out, when the token that asks does.
    pub expires: Option<WantedEnd>,
}

/// A change of a staff token: what is left out stays as it is.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StaffTokenChange {
    /// Its new name, at most 50 characters.
    #[schemars(with = "String", length(min = 1), default)]
    pub name: Option<String>,
    /// What it may do from now on.
    #[schemars(with = "Vec<StaffScopeName>", default)]
    pub scopes: Option<Vec<String>>,
    /// From where it may be used from now on.
    #[schemars(with = "WantedAddresses", default)]
    pub addresses: Option<WantedAddresses>,
    /// When it expires from now on, at most 90 days from the day on which it was made.
    #[schemars(with = "WantedEnd", default)]
    pub expires: Option<WantedEnd>,
}

/// An object that names the last instant in one of three ways.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum WantedEnd {
    /// At the end of a day, so many days from today.
    Days(InDays),
    /// At the end of this day.
    Date(OnDate),
    /// At this instant, to the second.
    At(AtInstant),
}

/// Reads a new token. Whatever is left out is as the token that asks has it.
pub(super) fn new(app: &App, own: &StaffToken, members: &mut Members<'_>) -> Option<StaffDraft> {
    let name = members.required("name", |at, json| at.written(json));
    let scopes = members.required("scopes", scopes);
    let addresses = members.optional("addresses", addresses);
    let now = app.now();
    let expires_at = members.optional("expires", |at, json| end(app, now, at, json));
    Some(StaffDraft {
        name: name?,
        scopes: scopes?,
        addresses: addresses.unwrap_or_else(|| own.addresses.clone()),
        expires_at: expires_at.unwrap_or(own.expires_at),
    })
}

/// Reads a change of a token.
pub(super) fn changed(app: &App, token: &StaffToken, members: &mut Members<'_>) -> StaffDraft {
    let before = StaffDraft::from(token);
    let name = members.patched("name", |at, json| at.written(json));
    let scopes = members.patched("scopes", scopes);
    let addresses = members.patched("addresses", addresses);
    let expires_at = members.patched("expires", |at, json| end(app, token.created_at, at, json));
    StaffDraft {
        name: name.unwrap_or(before.name),
        scopes: scopes.unwrap_or(before.scopes),
        addresses: addresses.unwrap_or(before.addresses),
        expires_at: expires_at.unwrap_or(before.expires_at),
    }
}

fn end(app: &App, created_at: PrimitiveDateTime, at: &mut At<'_>, json: Json) -> Option<PrimitiveDateTime> {
    let zone = &app.settings.time_zone;
    let end = at.object(json, |members| instant(zone, app.now(), members))?;
    Some(within_life(end, created_at))
}

fn scopes(at: &mut At<'_>, json: Json) -> Option<StaffScopes> {
    let scopes = at.list(json, |at, item| {
        let text = at.text(item)?;
        let scope = text.parse::<StaffScope>();
        if scope.is_err() {
            let all: Vec<&str> = StaffScope::ALL.iter().map(|scope| scope.as_str()).collect();
            let detail = format!(
                "There is no staff scope {}. There are {}.",
                shown(&text),
                all.join(", ")
            );
            at.fault("unknown-scope", detail);
        }
        scope.ok()
    })?;
    if scopes.is_empty() {
        at.fault("empty", "At least one scope is needed.");
        return None;
    }
    Some(scopes.into_iter().collect())
}
