//! What these calls take, as it is described. It is read member by member, so that everything that is wrong is told at once;
//! a test holds the two against each other.

use schemars::JsonSchema;

use super::super::{reference::shape::Cursor, v1_staff::content::WantedEnd};

/// A new account.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NewAccount {
    /// What its holder signs in with: 1 to 16 of a to z and 0 to 9, starting with a letter.
    #[schemars(length(min = 1, max = 16))]
    pub username: String,
    /// Where its holder gets mail; signs in as well.
    #[schemars(length(min = 3, max = 300))]
    pub email: String,
    /// The name of its plan.
    pub plan: String,
    /// Its sites as domain names, the main one first; left out, none.
    pub sites: Option<Vec<String>>,
    /// The IANA name of the zone in which its days end; left out, the panel's.
    pub time_zone: Option<String>,
    /// The password that its holder begins with; left out, the holder is sent a link to choose one.
    pub password: Option<String>,
}

/// A change of an account: what is left out stays as it is.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AccountChange {
    /// What its holder signs in with from now on.
    #[schemars(with = "String", length(min = 1, max = 16), default)]
    pub username: Option<String>,
    /// Where its holder gets mail from now on; mail goes to the old address too, and links that were sent there end.
    #[schemars(with = "String", length(min = 3, max = 300), default)]
    pub email: Option<String>,
    /// The name of its plan from now on.
    #[schemars(with = "String", default)]
    pub plan: Option<String>,
    /// All of its sites from now on, the main one first.
    #[schemars(with = "Vec<String>", default)]
    pub sites: Option<Vec<String>>,
}

/// Why something is done.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Because {
    /// Why, at most 300 characters; the customer reads it.
    #[schemars(length(min = 1))]
    pub reason: String,
}

/// Why something is done, where somebody wants to say so.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MaybeBecause {
    /// Why, at most 300 characters; it stands in the audit.
    #[schemars(length(min = 1))]
    pub reason: Option<String>,
}

/// A password for an account.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NewPassword {
    /// The password.
    pub password: String,
    /// Why, at most 300 characters; it stands in the audit.
    #[schemars(length(min = 1))]
    pub reason: Option<String>,
}

/// An earlier end of a token.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Shortening {
    /// When it expires from now on; days end in the account's zone.
    pub expires: WantedEnd,
    /// Why, at most 300 characters; the customer reads it.
    #[schemars(length(min = 1))]
    pub reason: String,
}

/// Which accounts.
#[derive(JsonSchema)]
pub struct AccountQuery {
    /// The beginning of a user name, an e-mail address or a site, or of any word in one; or the public id of a token; at most
    /// 254 characters.
    pub q: Option<String>,
    /// Only those that may be used (active), or that are suspended.
    #[schemars(extend("enum" = ["all", "active", "suspended"]))]
    pub status: Option<String>,
    /// Only those on the plan of this name.
    pub plan: Option<String>,
    /// Only those with a working token that expires within seven days, where this is true.
    #[schemars(extend("enum" = ["true", "false"]))]
    pub expiring: Option<String>,
    /// Only those without a sign-in for so many days; they come the longest quiet first, and else by user name.
    #[schemars(extend("enum" = ["30", "90", "180"]))]
    pub quiet_days: Option<String>,
    /// How many a page has at most; 25 when nothing is said.
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u8>,
    /// Where the page begins: what the page before gave under next.
    #[schemars(with = "Option<Cursor>")]
    pub cursor: Option<String>,
}
