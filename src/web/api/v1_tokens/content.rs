//! The content of a token, as a program asks for it, with everything that is wrong at once.

use actix_web::HttpRequest;
use time::PrimitiveDateTime;

use super::super::{
    bearer::Holder,
    json::Json,
    members::{At, Members, shown},
    problem::Problem,
    refused::said,
};
use crate::{
    app::{
        Rule,
        accounts::own,
        tokens::content::{Terms, check_scopes, check_sites, terms},
    },
    catalogue::{Catalogue, Template},
    clock::TimeZone,
    domain::{
        account::Account,
        address::{AddressRange, AddressSet, MAX_RANGES},
        scope::{Scope, ScopeSet},
        site::{SiteName, SiteSet},
        token::{Description, Token},
    },
};

/// What there is to choose from in an account.
pub struct Setting {
    /// The account.
    pub account: Account,
    /// What its plan and the policy allow.
    pub terms: Terms,
    zone: TimeZone,
    now: PrimitiveDateTime,
}

impl Setting {
    /// What there is to choose from for the holder of a token.
    pub async fn of(holder: &Holder, request: &HttpRequest) -> Result<Self, Problem> {
        let (app, caller) = (&holder.call.app, holder.caller(request));
        let read = async {
            let account = own::find(app, &caller, holder.verified.token().account).await?;
            let terms = terms(app, &caller, &account).await?;
            Ok((account, terms))
        };
        let (account, terms) = read.await.map_err(|error| holder.refused(error))?;
        Ok(Self {
            zone: app.zone(&account),
            now: app.now(),
            account,
            terms,
        })
    }

    /// What is read against it: a new token, or a change of one.
    pub fn ground<'a>(&'a self, catalogue: &'a Catalogue, token: Option<&'a Token>) -> Ground<'a> {
        Ground {
            catalogue,
            account: &self.account,
            terms: &self.terms,
            zone: &self.zone,
            now: self.now,
            token,
        }
    }
}

/// What the content of a token is read against.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// What there is to choose from.
    pub catalogue: &'a Catalogue,
    /// Whose token it is.
    pub account: &'a Account,
    /// What the plan and the policy allow.
    pub terms: &'a Terms,
    /// The account's zone.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: PrimitiveDateTime,
    /// The token that is to be changed; none when one is to be made.
    pub token: Option<&'a Token>,
}

impl Ground<'_> {
    /// When the token was or will be made.
    pub fn created_at(&self) -> PrimitiveDateTime {
        self.token.map_or(self.now, |token| token.created_at)
    }
}

/// Notes a rule that stands against what stands here.
fn fault(at: &mut At<'_>, rule: &Rule) {
    let said = said(rule);
    at.fault(said.member.map_or("invalid", |(_, code)| code), said.detail);
}

/// What a token is for.
pub fn description(at: &mut At<'_>, json: Json) -> Option<Description> {
    at.written(json)
}

/// What a token is to do: a list of scopes, `*` alone for full access.
pub fn scopes(ground: &Ground<'_>, at: &mut At<'_>, json: Json) -> Option<ScopeSet> {
    let is_full = |json: &Json| matches!(json, Json::Text(text) if text == ScopeSet::FULL);
    let items = items(at, json, "a list of scopes")?;
    if items.iter().any(is_full) {
        if items.len() == 1 {
            return Some(ScopeSet::full());
        }
        at.fault(
            "full-with-others",
            "Full access (*) is everything; no other scope can stand beside it.",
        );
        return None;
    }
    if items.is_empty() {
        fault(at, &Rule::NoScope);
        return None;
    }
    let none = ScopeSet::empty();
    let had = ground.token.map_or(&none, |token| &token.scopes);
    let scopes = at.items(items, |at, item| {
        let text = at.text(item)?;
        let Ok(scope) = text.parse::<Scope>() else {
            let detail = format!("There is no scope {}. One is written as area:action.", shown(&text));
            at.fault("unknown-scope", detail);
            return None;
        };
        let one: ScopeSet = [scope.clone()].into_iter().collect();
        match check_scopes(ground.catalogue, &ground.terms.plan_scopes, &one, had) {
            Ok(()) => Some(scope),
            Err(rule) => {
                fault(at, &rule);
                None
            }
        }
    })?;
    Some(scopes.into_iter().collect())
}

/// The template that a new token is made by, if the plan allows all of it.
pub fn template<'a>(ground: &Ground<'a>, at: &mut At<'_>, json: Json) -> Option<&'a Template> {
    let text = at.text(json)?;
    let Some(template) = ground.catalogue.template(&text) else {
        let ids: Vec<&str> = ground
            .catalogue
            .templates()
            .iter()
            .map(|template| template.id.as_str())
            .collect();
        at.fault(
            "unknown-template",
            format!("There is no such template. There are {}.", ids.join(", ")),
        );
        return None;
    };
    match check_scopes(
        ground.catalogue,
        &ground.terms.plan_scopes,
        &template.scopes,
        &ScopeSet::empty(),
    ) {
        Ok(()) => Some(template),
        Err(rule) => {
            fault(at, &rule);
            None
        }
    }
}

/// Where a token is to work: `all`, or a list of the account's sites.
pub fn sites(ground: &Ground<'_>, at: &mut At<'_>, json: Json) -> Option<SiteSet> {
    if matches!(&json, Json::Text(text) if text == "all") {
        return Some(SiteSet::All);
    }
    let items = items(at, json, "\"all\" or a list of sites")?;
    if items.is_empty() {
        fault(at, &Rule::NoSite);
        return None;
    }
    let none = SiteSet::NONE;
    let had = ground.token.map_or(&none, |token| &token.sites);
    let sites = at.items(items, |at, item| {
        let text = at.text(item)?;
        let Ok(site) = text.parse::<SiteName>() else {
            at.fault("malformed", format!("{} is not a domain name.", shown(&text)));
            return None;
        };
        let one: SiteSet = [site.clone()].into_iter().collect();
        match check_sites(&ground.account.sites, &one, had) {
            Ok(()) => Some(site),
            Err(rule) => {
                fault(at, &rule);
                None
            }
        }
    })?;
    Some(sites.into_iter().collect())
}

/// From where a token may be used: `any`, or a list of addresses and ranges.
pub fn addresses(at: &mut At<'_>, json: Json) -> Option<AddressSet> {
    if matches!(&json, Json::Text(text) if text == "any") {
        return Some(AddressSet::any());
    }
    let items = items(at, json, "\"any\" or a list of addresses")?;
    if items.is_empty() {
        at.fault("empty", "At least one address is needed, or \"any\".");
        return None;
    }
    let ranges = at.items(items, |at, item| {
        let text = at.text(item)?;
        let range = text.parse::<AddressRange>();
        if range.is_err() {
            let detail = format!(
                "{} is neither an address nor a range such as 203.0.113.0/24.",
                shown(&text)
            );
            at.fault("malformed", detail);
        }
        range.ok()
    })?;
    let set = AddressSet::of(ranges);
    if set.is_none() {
        at.fault("too-many", format!("There may be {MAX_RANGES} addresses at most."));
    }
    set
}

fn items(at: &mut At<'_>, json: Json, wanted: &str) -> Option<Vec<Json>> {
    match json {
        Json::List(items) => Some(items),
        other => {
            at.fault("wrong-type", format!("This must be {wanted}, and is {}.", other.kind()));
            None
        }
    }
}

/// Either scopes or a template.
pub fn scopes_or_template(ground: &Ground<'_>, members: &mut Members<'_>) -> Option<(ScopeSet, Option<u16>)> {
    let given = (members.has("scopes"), members.has("template"));
    let listed = members.optional("scopes", |at, json| scopes(ground, at, json));
    let template = members.optional("template", |at, json| template(ground, at, json));
    match given {
        (true, true) => {
            members
                .at("template")
                .fault("ambiguous", "Only one of scopes and template may be there.");
            None
        }
        (false, false) => {
            members
                .at("scopes")
                .fault("missing", "One of scopes and template must be there.");
            None
        }
        _ => listed
            .map(|scopes| (scopes, None))
            .or_else(|| template.map(|template| (template.scopes.clone(), Some(template.days.get())))),
    }
}
