//! The fields of a token's form as a template shows them.

use std::net::IpAddr;

use super::{Bounds, Lifetimes, TokenForm};
use crate::{
    catalogue::{Area, Catalogue, Risk, ScopeEntry},
    domain::scope::ScopeSet,
    web::words::capitalised,
};

/// One scope to tick.
#[derive(Clone, Debug)]
pub struct ScopeField {
    /// The scope.
    pub scope: String,
    /// "Create backups".
    pub label: String,
    /// `low`, `medium` or `high`.
    pub risk: &'static str,
    /// What comes with it, or why it cannot be had; may be empty.
    pub hint: String,
    /// Whether it is ticked.
    pub checked: bool,
    /// Whether it cannot be ticked.
    pub disabled: bool,
}

/// One area of scopes.
#[derive(Clone, Debug)]
pub struct AreaField {
    /// Its symbol.
    pub icon: String,
    /// Its heading.
    pub title: String,
    /// Its scopes.
    pub scopes: Vec<ScopeField>,
    /// How many are ticked.
    pub chosen: usize,
}

/// One site to tick.
#[derive(Clone, Debug)]
pub struct SiteField {
    /// Its name.
    pub name: String,
    /// Whether it is ticked.
    pub checked: bool,
}

/// Everything that the form shows.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The name as it was typed.
    pub name: String,
    /// The description as it was typed.
    pub description: String,
    /// The areas of the catalogue.
    pub areas: Vec<AreaField>,
    /// Whether full access is ticked.
    pub full: bool,
    /// What is chosen of [`ALL_SITES`](super::ALL_SITES) and [`SOME_SITES`](super::SOME_SITES), if anything.
    pub place: String,
    /// The sites.
    pub sites: Vec<SiteField>,
    /// The addresses as they were typed.
    pub addresses: String,
    /// What to write there, with the visitor's own address.
    pub addresses_hint: String,
    /// The choices of an expiry.
    pub lifetimes: Lifetimes,
}

impl Fields {
    /// The fields with a form's answers in them, for a visitor at `own_address`.
    pub fn of(bounds: &Bounds<'_>, form: &TokenForm, own_address: IpAddr) -> Self {
        let plan = bounds.catalogue.closure(&bounds.terms.plan_scopes);
        let areas = bounds.catalogue.areas().iter();
        let areas: Vec<AreaField> = areas
            .map(|area| area_field(bounds.catalogue, area, form, &plan))
            .collect();
        let mut sites: Vec<String> = bounds.account.sites.iter().map(ToString::to_string).collect();
        // A token keeps a site that the account has lost until somebody takes it out.
        let kept = bounds.token.map(|token| TokenForm::of(token, bounds.zone).site);
        sites.extend(kept.into_iter().flatten());
        sites.sort_unstable();
        sites.dedup();
        Self {
            name: form.name.clone(),
            description: form.description.clone(),
            areas,
            full: form.scope.iter().any(|scope| scope == ScopeSet::FULL),
            place: form.place.clone(),
            sites: sites
                .into_iter()
                .map(|name| SiteField {
                    checked: form.site.contains(&name),
                    name,
                })
                .collect(),
            addresses: form.addresses.clone(),
            addresses_hint: format!(
                "Leave it empty to allow every computer. To allow only some, write one IP address or range on each line. \
                 You are now at {own_address}."
            ),
            lifetimes: Lifetimes::of(bounds, &form.expires, &form.date),
        }
    }
}

/// Every area of the catalogue with `chosen` ticked, where no plan limits the choice.
pub fn areas(catalogue: &Catalogue, chosen: &[String]) -> Vec<AreaField> {
    let everything = catalogue.closure(&ScopeSet::full());
    let form = TokenForm {
        scope: chosen.to_vec(),
        ..TokenForm::default()
    };
    let field = |area| area_field(catalogue, area, &form, &everything);
    catalogue.areas().iter().map(field).collect()
}

fn area_field(catalogue: &Catalogue, area: &Area, form: &TokenForm, plan: &ScopeSet) -> AreaField {
    let fields = area
        .scopes
        .iter()
        .map(|entry| scope_field(catalogue, entry, form, plan));
    let scopes: Vec<ScopeField> = fields.collect();
    AreaField {
        icon: area.icon.clone(),
        title: area.title.clone(),
        chosen: scopes.iter().filter(|scope| scope.checked).count(),
        scopes,
    }
}

fn scope_field(catalogue: &Catalogue, entry: &ScopeEntry, form: &TokenForm, plan: &ScopeSet) -> ScopeField {
    let checked = form.scope.iter().any(|scope| scope == entry.scope.as_str());
    let available = plan.contains(&entry.scope);
    let implied: Vec<&str> = entry
        .implies
        .iter()
        .filter_map(|scope| catalogue.scope(scope))
        .map(|entry| entry.can.as_str())
        .collect();
    let hint = match (available, implied.is_empty()) {
        (false, _) => "Your plan does not include this.".to_owned(),
        (true, true) => String::new(),
        (true, false) => format!("Can also {}.", implied.join(", ")),
    };
    ScopeField {
        scope: entry.scope.to_string(),
        label: capitalised(&entry.can),
        risk: risk_word(entry.risk),
        hint,
        checked,
        // What is ticked must stay to be unticked.
        disabled: !available && !checked,
    }
}

/// A risk as the templates know it.
pub fn risk_word(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}
