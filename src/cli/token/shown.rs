//! How the command line shows a token.

use serde::Serialize;
use time::PrimitiveDateTime;

use crate::{
    app::tokens::identify::{Identified, Seen},
    cli::{output, staff::token::Shown as ShownStaffToken},
    domain::{
        reuse::Reuse,
        token::{PausedBy, Status, Token},
    },
    store::tokens::KnownToken,
    web::times::iso,
};

/// A token as it is printed.
#[derive(Serialize)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) account: String,
    status: &'static str,
    last4: String,
    scopes: String,
    sites: String,
    addresses: String,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    last_used_from: Option<String>,
}

impl Shown {
    pub(super) fn of(token: &Token, account: &str, suspended: bool, now: PrimitiveDateTime) -> Self {
        Self {
            id: token.public_id.to_string(),
            name: token.name.to_string(),
            account: account.to_owned(),
            status: status(token.status(suspended, now)),
            last4: token.last4.clone(),
            scopes: token.scopes.to_string(),
            sites: token.sites.to_string(),
            addresses: token.addresses.to_string(),
            created_at: iso(token.created_at),
            expires_at: token.expiry.instant().map(iso),
            last_used_at: token.last_use.map(|last| iso(last.at)),
            last_used_from: token.last_use.map(|last| last.from.to_string()),
        }
    }

    pub(super) fn of_known(known: &KnownToken, now: PrimitiveDateTime) -> Self {
        Self::of(&known.token, &known.username, known.suspended, now)
    }

    pub(super) fn print_line(&self) {
        let expires = self.expires_at.as_deref().unwrap_or("never");
        output::line(format_args!(
            "{}  {:<15}  {expires:<20}  {}",
            self.id, self.status, self.name
        ));
    }

    pub(super) fn print(&self) {
        let any = |text: &str| if text.is_empty() { "any" } else { text }.to_owned();
        output::line(format_args!("Token      {} (lk_{}…{})", self.name, self.id, self.last4));
        output::line(format_args!("Account    {}", self.account));
        output::line(format_args!("Status     {}", self.status));
        output::line(format_args!("Scopes     {}", self.scopes));
        output::line(format_args!("Sites      {}", self.sites));
        output::line(format_args!("Addresses  {}", any(&self.addresses)));
        output::line(format_args!("Created    {}", self.created_at));
        output::line(format_args!(
            "Expires    {}",
            self.expires_at.as_deref().unwrap_or("never")
        ));
        output::line(match (&self.last_used_at, &self.last_used_from) {
            (Some(at), Some(from)) => format!("Last used  {at} from {from}"),
            _ => "Last used  never".to_owned(),
        });
    }
}

/// A token with what there is to know of it besides.
#[derive(Serialize)]
pub(super) struct ShownWhole<'a> {
    #[serde(flatten)]
    token: Shown,
    /// Calls with secrets of it that no longer work, the latest first.
    old_secret_uses: Vec<ShownReuse<'a>>,
}

#[derive(Serialize)]
struct ShownReuse<'a> {
    secret: &'static str,
    address: &'a str,
    calls: i64,
    first_at: String,
    last_at: String,
}

impl<'a> ShownWhole<'a> {
    pub(super) fn of(known: &KnownToken, reuse: &'a [Reuse], now: PrimitiveDateTime) -> Self {
        let shown = |calls: &'a Reuse| ShownReuse {
            secret: calls.ended.code(),
            address: &calls.address,
            calls: calls.calls,
            first_at: iso(calls.first_at),
            last_at: iso(calls.last_at),
        };
        Self {
            token: Shown::of_known(known, now),
            old_secret_uses: reuse.iter().map(shown).collect(),
        }
    }

    pub(super) fn print(&self) {
        self.token.print();
        for calls in &self.old_secret_uses {
            output::line(format_args!(
                "Old secret {} ({}) from {}, last {}",
                calls.calls, calls.secret, calls.address, calls.last_at
            ));
        }
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Revoked(_) => "revoked",
        Status::Blocked => "blocked",
        Status::Paused(PausedBy::Owner) => "paused",
        Status::Paused(PausedBy::Staff) => "paused by staff",
        Status::Expired(_) => "expired",
        Status::Expiring(_) => "expiring",
        Status::Replaced(_) => "rotating",
        Status::NeverUsed => "never used",
        Status::Idle => "idle",
        Status::Active => "active",
    }
}

#[derive(Serialize)]
struct ShownFound {
    id: Option<String>,
    found: &'static str,
    token: Option<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_token: Option<ShownStaffToken>,
}

/// Prints what stands in a text.
pub(super) fn print_found(found: &Identified, now: PrimitiveDateTime, json: bool) {
    let of_accounts = found.of_accounts.iter().map(|one| ShownFound {
        id: one.id.map(|id| id.to_string()),
        found: seen(one.seen),
        token: one.known.as_deref().map(|known| Shown::of_known(known, now)),
        staff_token: None,
    });
    let of_staff = found.of_staff.iter().map(|one| ShownFound {
        id: one.id.map(|id| id.to_string()),
        found: seen(one.seen),
        token: None,
        staff_token: one
            .known
            .as_deref()
            .map(|(token, member)| ShownStaffToken::new(token, member)),
    });
    let shown: Vec<ShownFound> = of_accounts.chain(of_staff).collect();
    if json {
        output::json(&shown);
        return;
    }
    for (place, one) in shown.iter().enumerate() {
        if place > 0 {
            output::line("");
        }
        output::line(format_args!("Found      {}", one.found));
        match (&one.token, &one.staff_token, &one.id) {
            (Some(token), ..) => token.print(),
            (None, Some(token), _) => token.print(),
            (None, None, Some(id)) => output::line(format_args!("No token has the id {id}.")),
            (None, None, None) => output::line("It names no token."),
        }
    }
}

fn seen(seen: Seen) -> &'static str {
    match seen {
        Seen::Current => "current secret",
        Seen::Outgoing => "old secret of a rotation",
        Seen::NotItsOwn => "a secret that the token does not have",
        Seen::Unchecked => "a secret whose key is gone",
        Seen::IdOnly => "id",
        Seen::Broken(_) => "cut or mistyped",
    }
}
