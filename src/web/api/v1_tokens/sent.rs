//! What these calls take, as it is described. It is read member by member, so that everything that is wrong is told at once:
//! see [`content`](super::content); a test holds the two against each other.

use schemars::JsonSchema;

use super::{
    super::reference::shape::{AddressRange, AnyInstant, Cursor, Day, GrantedScope, SiteName},
    document::{All, Any},
};

/// A new token.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NewToken {
    /// Its name, at most 50 characters; no other live token of the account has it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What it is for, at most 300 characters.
    pub description: Option<String>,
    /// What it may do; * alone for everything that the account's plan allows. Either this or template must be there.
    #[schemars(with = "Option<Vec<GrantedScope>>")]
    pub scopes: Option<Vec<String>>,
    /// A template of the catalogue, whose scopes it gets.
    pub template: Option<String>,
    /// Where it works; left out, where the token that asks does.
    pub sites: Option<WantedSites>,
    /// From where it may be used; left out, from where the token that asks may.
    pub addresses: Option<WantedAddresses>,
    /// When it expires; left out, in 90 days or those of the template, or sooner where the policy or the asking token ends.
    pub expires: Option<WantedExpiry>,
}

/// A change of a token: what is left out stays as it is.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "TokenChange")]
pub struct Change {
    /// Its new name, at most 50 characters.
    #[schemars(with = "String", length(min = 1), default)]
    pub name: Option<String>,
    /// What it is for, at most 300 characters; null for nothing.
    pub description: Option<String>,
    /// What it may do from now on; * alone for everything that the account's plan allows.
    #[schemars(with = "Vec<GrantedScope>", default)]
    pub scopes: Option<Vec<String>>,
    /// Where it works from now on.
    #[schemars(with = "WantedSites", default)]
    pub sites: Option<WantedSites>,
    /// From where it may be used from now on.
    #[schemars(with = "WantedAddresses", default)]
    pub addresses: Option<WantedAddresses>,
}

/// A new expiry.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Renewal {
    /// When it expires from now on.
    pub expires: WantedExpiry,
}

/// Nothing: what is to be done stands in the address.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Nothing {}

/// A new secret.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rotation {
    /// How long the old secret goes on working.
    pub overlap: WantedOverlap,
}

/// All sites of the account, also those to come, or these.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum WantedSites {
    /// All of them.
    All(All),
    /// These.
    Named(#[schemars(with = "Vec<SiteName>")] Vec<String>),
}

/// Any address, or these.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum WantedAddresses {
    /// From everywhere.
    Any(Any),
    /// From these.
    Ranges(#[schemars(with = "Vec<AddressRange>")] Vec<String>),
}

/// Never, or an object that names the last instant in one of three ways.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum WantedExpiry {
    /// It never expires, where the policy allows that.
    Never(Never),
    /// At the end of a day in the account's zone, so many days from today.
    Days(InDays),
    /// At the end of this day in the account's zone.
    Date(OnDate),
    /// At this instant, to the second.
    At(AtInstant),
}

/// The word for a token that never expires.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Never {
    /// It never does.
    Never,
}

/// So many days from today.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct InDays {
    /// How many.
    #[schemars(range(min = 1, max = 3650))]
    pub days: u16,
}

/// On a day.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OnDate {
    /// Which.
    #[schemars(with = "Day")]
    pub date: String,
}

/// At an instant.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AtInstant {
    /// Which.
    #[schemars(with = "AnyInstant")]
    pub at: String,
}

/// Not at all, an hour, 24 hours, or seven days.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum WantedOverlap {
    /// It ends at once.
    None,
    /// An hour.
    Hour,
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
}

/// Which tokens, in which order.
#[derive(JsonSchema)]
pub struct ListQuery {
    /// Which of them; all means those that are not revoked, and is meant when nothing is said.
    #[schemars(extend("enum" = ["all", "active", "expiring", "never-used", "expired", "paused", "revoked"]))]
    pub status: Option<String>,
    /// A text that the name, the description or the id contains, whatever the case; at most 100 characters.
    pub q: Option<String>,
    /// By what they are sorted; a minus sign in front turns the order round. Newest first when nothing is said.
    #[schemars(extend("enum" = ["-created", "created", "name", "-name", "expires", "-expires", "-used", "used"]))]
    pub sort: Option<String>,
    /// How many a page has at most; 25 when nothing is said.
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u8>,
    /// Where the page begins: what the page before gave under next.
    #[schemars(with = "Option<Cursor>")]
    pub cursor: Option<String>,
}

/// Which calls.
#[derive(JsonSchema)]
pub struct UsageQuery {
    /// Only those that were answered so: allowed, refused, or the code of a refusal.
    pub outcome: Option<String>,
    /// Only those of this method and path template.
    pub route: Option<String>,
    /// Only those about this site.
    pub site: Option<String>,
    /// Only those from this address.
    pub address: Option<String>,
    /// How many rows a page has at most; 25 when nothing is said.
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u8>,
    /// Where the page begins: what the page before gave under next.
    #[schemars(with = "Option<Cursor>")]
    pub cursor: Option<String>,
}

/// Which page.
#[derive(JsonSchema)]
pub struct PageQuery {
    /// How many rows a page has at most; 25 when nothing is said.
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u8>,
    /// Where the page begins: what the page before gave under next.
    #[schemars(with = "Option<Cursor>")]
    pub cursor: Option<String>,
}
