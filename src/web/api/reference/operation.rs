//! How one call of the API is described: a constant next to its handler.
//!
//! What follows from the rest is said once, here: a call that needs a token can be refused for every reason that a token
//! can be refused for, and one with a body for every reason that a body can.

use super::shape::Shape;
use crate::web::api::kind::Kind;

/// One method at one path.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// In capitals.
    pub method: &'static str,
    /// As it is routed, with `{id}` for what stands in `parameters`.
    pub path: &'static str,
    /// Names the call in programs that are generated from the document, and on the page. It never changes.
    pub id: &'static str,
    /// Where it stands on the page.
    pub tag: Tag,
    /// What it does, in a few words: "Create a token".
    pub summary: &'static str,
    /// What else one has to know, in whole sentences.
    pub about: &'static str,
    /// Whose token it takes; any one of these is enough, and with none nobody has to have one.
    pub needs: &'static [Needs],
    /// What stands in the path and the headers.
    pub parameters: &'static [Parameter],
    /// The struct that the query is read into: each member is a parameter.
    pub query: Option<Shape>,
    /// What is sent.
    pub body: Option<Body>,
    /// What it answers when it does what is asked.
    pub answers: &'static [Answer],
    /// What else it can be refused for: see [`Operation::refusals`].
    pub problems: &'static [Kind],
}

/// The parts of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The token that is sent.
    OwnToken,
    /// The tokens of an account.
    Tokens,
    /// The account of the token that is sent.
    Account,
    /// What can be granted.
    Catalogue,
    /// May a token do this?
    Decisions,
    /// Accounts, for staff.
    Accounts,
    /// The audit, for staff.
    Audit,
    /// The policy and the plans, for staff.
    Policy,
    /// The tokens of staff members.
    StaffTokens,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Whoever has a token of an account.
    Token,
    /// A token of an account with this scope of the catalogue.
    Scope(&'static str),
    /// Whoever has a token of a staff member.
    StaffToken,
    /// A token of a staff member with this scope.
    StaffScope(&'static str),
}

/// A part of the address or a header.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Where it stands.
    pub place: Place,
    /// Its name there.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What fits.
    pub shape: Shape,
    /// One that fits.
    pub example: &'static str,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `{id}`.
    Path,
    /// A header of the request.
    Header,
}

/// What is sent or answered.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// What fits.
    pub shape: Shape,
    /// One that works, as JSON.
    pub example: &'static str,
    /// Its media types, the usual one first.
    pub types: &'static [&'static str],
    /// Whether it may be left out.
    pub optional: bool,
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What it means, in a sentence.
    pub about: &'static str,
    /// The body and one such, as JSON; without it there is no body.
    pub body: Option<Body>,
    /// Headers that are always there, each with what it says.
    pub headers: &'static [(&'static str, &'static str)],
}

impl Tag {
    /// Every one, in the order of the page.
    pub const ALL: &'static [Self] = &[
        Self::OwnToken,
        Self::Tokens,
        Self::Account,
        Self::Catalogue,
        Self::Decisions,
        Self::Accounts,
        Self::Audit,
        Self::Policy,
        Self::StaffTokens,
    ];

    /// The heading, and what its calls are for.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::OwnToken => (
                "The token itself",
                "What the token that is sent is and may do, and its end.",
            ),
            Self::Tokens => ("Tokens", "The tokens of the account that the sent one belongs to."),
            Self::Account => ("Account", "The account that the sent token belongs to."),
            Self::Catalogue => ("Catalogue", "Everything that a token can be allowed to do."),
            Self::Decisions => ("Decisions", "May a token do this, now, from here?"),
            Self::Accounts => ("Accounts", "The accounts of the hosting company, for its staff."),
            Self::Audit => ("Audit", "What happened, for the hosting company's staff."),
            Self::Policy => (
                "Policy and plans",
                "What tokens may be at most, for the hosting company's staff.",
            ),
            Self::StaffTokens => (
                "Staff tokens",
                "The tokens of staff members, with which their programs call.",
            ),
        }
    }

    /// The heading.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// What its calls are for.
    pub fn about(self) -> &'static str {
        self.words().1
    }
}

impl Operation {
    /// A call with nothing said of it yet.
    const fn new(method: &'static str, path: &'static str) -> Self {
        Self {
            method,
            path,
            id: "",
            tag: Tag::OwnToken,
            summary: "",
            about: "",
            needs: &[],
            parameters: &[],
            query: None,
            body: None,
            answers: &[],
            problems: &[],
        }
    }

    /// A call that changes nothing.
    pub const fn get(path: &'static str) -> Self {
        Self::new("GET", path)
    }

    /// A call that makes or does something.
    pub const fn post(path: &'static str) -> Self {
        Self::new("POST", path)
    }

    /// A call that puts something in place of what is there.
    pub const fn put(path: &'static str) -> Self {
        Self::new("PUT", path)
    }

    /// A call that changes some of what is there.
    pub const fn patch(path: &'static str) -> Self {
        Self::new("PATCH", path)
    }

    /// A call that ends something.
    pub const fn delete(path: &'static str) -> Self {
        Self::new("DELETE", path)
    }

    /// Every problem that it is answered with, its own and those that follow from what it takes, in the order of
    /// [`Kind::ALL`].
    pub fn refusals(&self) -> Vec<Kind> {
        let refused = |kind: &Kind| {
            self.problems.contains(kind)
                || self.body.is_some() && OF_BODIES.contains(kind)
                || !self.needs.is_empty() && OF_TOKENS.contains(kind)
                || self.needs.iter().any(|needs| needs.refusals().contains(kind))
        };
        Kind::ALL.iter().copied().filter(refused).collect()
    }

    /// The codes of the problems that are found before or beyond the handler.
    pub fn beyond(&self) -> Vec<&'static str> {
        let mut codes = vec!["too-large", "misdirected", "internal", "unavailable"];
        if self.parameters.iter().any(|parameter| parameter.place == Place::Path) {
            codes.push("not-found");
        }
        if self.body.is_some() {
            codes.push("timeout");
        }
        codes
    }

    /// The path with the examples in place.
    pub fn example_path(&self) -> String {
        let places = self
            .parameters
            .iter()
            .filter(|parameter| parameter.place == Place::Path);
        places.fold(self.path.to_owned(), |path, parameter| {
            path.replace(&format!("{{{}}}", parameter.name), parameter.example)
        })
    }
}

/// Any token can be refused for these.
const OF_TOKENS: &[Kind] = &[
    Kind::MissingToken,
    Kind::InvalidRequest,
    Kind::InvalidToken,
    Kind::TokenRevoked,
    Kind::TokenExpired,
    Kind::IpNotAllowed,
    Kind::RateLimited,
    Kind::Unavailable,
];
/// A token of an account also for these.
const OF_ACCOUNTS: &[Kind] = &[Kind::TokenPaused, Kind::SecretReplaced, Kind::AccountSuspended];
/// One that needs a scope also for these.
const OF_SCOPES: &[Kind] = &[
    Kind::TokenPaused,
    Kind::SecretReplaced,
    Kind::AccountSuspended,
    Kind::InsufficientScope,
    Kind::PlanExcludesScope,
];
/// Any body can be refused for these.
const OF_BODIES: &[Kind] = &[
    Kind::MalformedJson,
    Kind::InvalidBody,
    Kind::UnsupportedMediaType,
    Kind::TooLarge,
];

impl Needs {
    fn refusals(self) -> &'static [Kind] {
        match self {
            Self::Token => OF_ACCOUNTS,
            Self::Scope(_) => OF_SCOPES,
            Self::StaffScope(_) => &[Kind::InsufficientScope, Kind::RoleExcludes, Kind::MemberDeactivated],
            Self::StaffToken => &[Kind::MemberDeactivated],
        }
    }
}

impl Parameter {
    /// A part of the path.
    pub const fn path(name: &'static str, about: &'static str, shape: Shape, example: &'static str) -> Self {
        Self {
            place: Place::Path,
            name,
            about,
            required: true,
            shape,
            example,
        }
    }

    /// A header that may be left out.
    pub const fn header(name: &'static str, about: &'static str, shape: Shape, example: &'static str) -> Self {
        Self {
            place: Place::Header,
            required: false,
            ..Self::path(name, about, shape, example)
        }
    }

    /// The same, but it must be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

impl Body {
    /// What is sent, and one such that works.
    pub const fn new(shape: Shape, example: &'static str) -> Self {
        Self {
            shape,
            example,
            types: &["application/json"],
            optional: false,
        }
    }

    /// The members that are to change, and one such change (RFC 7396).
    pub const fn merge_patch(shape: Shape, example: &'static str) -> Self {
        Self {
            types: &["application/merge-patch+json", "application/json"],
            ..Self::new(shape, example)
        }
    }

    /// The same, but it may be left out.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

impl Answer {
    /// An answer with a body.
    pub const fn new(status: u16, about: &'static str, shape: Shape, example: &'static str) -> Self {
        Self {
            status,
            about,
            body: Some(Body::new(shape, example)),
            headers: &[],
        }
    }

    /// An answer without a body.
    pub const fn empty(status: u16, about: &'static str) -> Self {
        Self {
            status,
            about,
            body: None,
            headers: &[],
        }
    }

    /// The example, empty when there is no body.
    pub fn example(&self) -> &'static str {
        self.body.map_or("", |body| body.example)
    }

    /// The same with headers that are always there.
    #[must_use]
    pub const fn with_headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }
}
