//! What a catalogue is made of, as others read it. Every value here has been checked.

use std::{num::NonZeroU16, sync::Arc};

use serde::Deserialize;

use super::pattern::PathTemplate;
use crate::domain::scope::{Scope, ScopeSet};

/// How much harm somebody with a stolen token could do with a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Sees little, or changes nothing that matters.
    Low,
    /// Sees contents, or makes changes that can be undone.
    Medium,
    /// Destroys, takes over, or opens another way in.
    High,
}

/// A group of scopes: the part before the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// `[a-z][a-z0-9-]*`
    pub id: String,
    /// Heading for people, "Backups".
    pub title: String,
    /// Id of a symbol in the icon sprite.
    pub icon: String,
    /// Whether its scopes act on sites, so that naming a token's sites limits them.
    pub about_sites: bool,
    /// At least one, in the order of the file.
    pub scopes: Vec<ScopeEntry>,
}

/// A scope and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeEntry {
    /// The scope.
    pub scope: Scope,
    /// Completes "A holder can ...": "create backups".
    pub can: String,
    /// Risk of a holder who should not have it.
    pub risk: Risk,
    /// Whatever else a token with it may do, directly or through another scope; never the scope itself.
    pub implies: ScopeSet,
}

/// A ready choice of scopes for a common purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// `[a-z][a-z0-9-]*`
    pub id: String,
    /// Name for people, "Nightly backup".
    pub name: String,
    /// One sentence on what it is for.
    pub sentence: String,
    /// Full access, or at least one scope; as written, without what is implied.
    pub scopes: ScopeSet,
    /// Lifetime to suggest, in days.
    pub days: NonZeroU16,
}

/// A program of the hosting company that answers requests made with tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// `[a-z][a-z0-9-]*`
    pub id: String,
    /// The hosts it answers on, in normal form; empty: every host that no other service names.
    pub hosts: Vec<String>,
    /// In the order of the file.
    pub routes: Vec<Route>,
}

/// One method on one path template, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method. HEAD is asked for as GET.
    pub method: Method,
    /// The path template.
    pub path: PathTemplate,
    /// All of these are needed; at least one.
    pub scopes: ScopeSet,
    /// The parameter that names the site it is about; none: it is about no single site.
    pub site: Option<String>,
    /// Method and path template, as usage is kept by: `POST /sites/{site}/backups`.
    pub label: Arc<str>,
}

/// The HTTP methods that routes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// GET, and HEAD, which is GET without the content (RFC 9110, section 9.3.2).
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The method as requests write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method written exactly so; upper and lower case differ (RFC 9110, section 9.1).
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}
