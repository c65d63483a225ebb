//! An account as it is answered: written as it is asked for, so that what was read can be sent back changed.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::{
    reference::shape::{Id, Instant, SiteName},
    revision::Etag,
};
use crate::{
    app::accounts::change::Shape,
    domain::{
        account::{Account, Standing},
        site::SiteName as Site,
    },
    store::accounts::list::ListedAccount,
    web::times::iso,
};

/// An account of a customer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CustomerAccount")]
pub struct AccountDocument {
    /// Its public id.
    #[schemars(with = "Id")]
    id: String,
    /// What its holder signs in with.
    username: String,
    /// Where its holder gets mail.
    email: String,
    /// Whether it may be used.
    status: AccountStatus,
    /// Since when and why it is suspended; null when it is not.
    suspended: Option<Suspension>,
    /// The name of its plan.
    plan: String,
    /// Its sites, the main one first.
    #[schemars(with = "Vec<SiteName>")]
    sites: Vec<String>,
    /// The IANA name of the zone in which its days end.
    time_zone: String,
    /// When it was made.
    #[schemars(with = "Instant")]
    created_at: String,
    /// What to send as If-Match with a change of it.
    etag: String,
}

/// Whether an account may be used.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// It may.
    Active,
    /// Its tokens are refused, and it can change nothing.
    Suspended,
}

/// A suspension.
#[derive(Serialize, JsonSchema)]
struct Suspension {
    /// Since when.
    #[schemars(with = "Instant")]
    at: String,
    /// Why, as the customer reads it.
    reason: String,
}

impl AccountDocument {
    /// An account, and what of it can be changed.
    pub(super) fn new(account: &Account, shape: &Shape) -> Self {
        Self {
            id: account.public_id.clone(),
            username: shape.username.to_string(),
            email: shape.email.to_string(),
            status: AccountStatus::of(account.is_suspended()),
            suspended: match &account.standing {
                Standing::Active => None,
                Standing::Suspended { at, reason } => Some(Suspension {
                    at: iso(*at),
                    reason: reason.clone(),
                }),
            },
            plan: shape.plan.clone(),
            sites: shape.sites.iter().map(Site::to_string).collect(),
            time_zone: account.time_zone.clone(),
            created_at: iso(account.created_at),
            etag: Etag(shape.version()).to_string(),
        }
    }
}

impl AccountStatus {
    fn of(suspended: bool) -> Self {
        if suspended { Self::Suspended } else { Self::Active }
    }
}

/// An account in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListedAccount")]
pub struct ListedDocument {
    /// Its public id.
    #[schemars(with = "Id")]
    id: String,
    /// What its holder signs in with.
    username: String,
    /// Where its holder gets mail.
    email: String,
    /// Whether it may be used.
    status: AccountStatus,
    /// The name of its plan.
    plan: String,
    /// Its main site; null when it has none.
    #[schemars(with = "Option<SiteName>")]
    main_site: Option<String>,
    /// How many of its tokens are not revoked.
    live_tokens: i64,
    /// When its holder last signed in; null when they never did.
    #[schemars(with = "Option<Instant>")]
    last_sign_in_at: Option<String>,
}

impl From<ListedAccount> for ListedDocument {
    fn from(account: ListedAccount) -> Self {
        Self {
            id: account.public_id,
            username: account.username.to_string(),
            email: account.email.to_string(),
            status: AccountStatus::of(account.suspended),
            plan: account.plan,
            main_site: account.main_site.map(|site| site.to_string()),
            live_tokens: account.live_tokens,
            last_sign_in_at: account.last_sign_in.map(iso),
        }
    }
}
