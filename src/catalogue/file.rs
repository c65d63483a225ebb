//! The catalogue file as TOML has it: which keys there are. What they must say is checked in `build`.

use std::num::NonZeroU16;

use serde::Deserialize;
use toml::Spanned;

use super::entry::Risk;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) area: Vec<AreaRow>,
    #[serde(default)]
    pub(super) template: Vec<TemplateRow>,
    #[serde(default)]
    pub(super) service: Vec<ServiceRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AreaRow {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<String>,
    pub(super) icon: Spanned<String>,
    #[serde(default = "yes")]
    pub(super) about_sites: bool,
    pub(super) scopes: Spanned<Vec<ScopeRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeRow {
    pub(super) id: Spanned<String>,
    pub(super) can: Spanned<String>,
    pub(super) risk: Risk,
    #[serde(default)]
    pub(super) implies: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateRow {
    pub(super) id: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) sentence: Spanned<String>,
    pub(super) days: NonZeroU16,
    pub(super) scopes: Spanned<Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceRow {
    pub(super) id: Spanned<String>,
    pub(super) hosts: Spanned<Vec<Spanned<String>>>,
    pub(super) routes: Spanned<Vec<RouteRow>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteRow {
    pub(super) method: Spanned<String>,
    pub(super) path: Spanned<String>,
    pub(super) scopes: Spanned<Vec<Spanned<String>>>,
    pub(super) site: Option<Spanned<String>>,
}

fn yes() -> bool {
    true
}
