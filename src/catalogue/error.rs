//! What can be wrong with a catalogue file, said to whoever wrote it.

use thiserror::Error;

use super::{entry::Method, pattern::PathTemplateError};
use crate::domain::scope::{Scope, ScopeError};

/// The first fault of a catalogue file and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {fault}")]
pub struct CatalogueError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// One thing that is wrong with a catalogue file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Not TOML, an unknown or missing key, or a value of the wrong kind; the TOML reader's own message.
    #[error("{0}")]
    Syntax(String),
    /// An id is not `[a-z][a-z0-9-]*`.
    #[error("{0:?} is not an id: small letters, digits and hyphens, a letter first")]
    BadId(String),
    /// Two things of one kind have one id.
    #[error("there is a second {kind} {id:?}")]
    Duplicate {
        /// "area", "scope", "template", "service", "host"
        kind: &'static str,
        /// The id of both.
        id: String,
    },
    /// A text for people is empty or has a control character.
    #[error("a text for people is empty or has a control character")]
    BadText,
    /// A list that must have something is empty.
    #[error("this needs at least one {0}")]
    Nothing(&'static str),
    /// A scope is not written as one.
    #[error(transparent)]
    BadScope(#[from] ScopeError),
    /// A scope stands in an area that is not its own.
    #[error("scope {scope} stands in area {area:?}")]
    ForeignScope {
        /// The scope.
        scope: Scope,
        /// The area it stands in.
        area: String,
    },
    /// A scope is used and not defined.
    #[error("scope {0} is not defined in any area")]
    UndefinedScope(Scope),
    /// A scope implies itself, directly or not.
    #[error("scope {scope} implies itself, through {through}")]
    ImpliesCycle {
        /// The scope.
        scope: Scope,
        /// What implies it in turn.
        through: Scope,
    },
    /// A host is not in its normal form.
    #[error("{0:?} is not a host name in small letters without a port")]
    BadHost(String),
    /// `*` stands beside other hosts.
    #[error("a service for every host (*) names no other")]
    EveryHostWithOthers,
    /// A method that routes do not have.
    #[error("{0:?} is not GET, POST, PUT, PATCH or DELETE")]
    BadMethod(String),
    /// A path is not a path template.
    #[error("{path:?} is not a path template: {reason}")]
    BadPath {
        /// As written.
        path: String,
        /// Why not.
        reason: PathTemplateError,
    },
    /// The site is said to be a parameter that the path does not have.
    #[error("{path:?} has no parameter {{{parameter}}} of one segment")]
    NoSuchParameter {
        /// The path template.
        path: String,
        /// The parameter.
        parameter: String,
    },
    /// Two routes want the same requests and neither is the more exact one.
    #[error("{} {path} clashes with {other}, line {other_line}", .method.as_str())]
    RouteClash {
        /// The method of both.
        method: Method,
        /// The path template of the later one.
        path: String,
        /// The path template of the earlier one.
        other: String,
        /// Where the earlier one stands.
        other_line: usize,
    },
}
