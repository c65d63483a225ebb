//! The functions of the module `Tokens`, whichever envelope they were called in.

use std::net::Ipv6Addr;

use actix_web::HttpRequest;
use serde_json::{Value, json};
use time::{OffsetDateTime, PrimitiveDateTime};

use super::{
    controls::uapi,
    envelope::{Done, Refused},
    holder::{Holder, NotLetIn},
    parameters::Parameters,
    words::Failure,
};
use crate::{
    app::{
        AppError, Rule,
        tokens::{
            content::terms,
            create::{Created, create},
            edit::edit,
            list::{self, Selection},
            revoke::revoke,
        },
    },
    domain::{
        address::AddressSet,
        draft::Draft,
        scope::{Scope, ScopeSet},
        site::SiteSet,
        token::{Description, Expiry, Token, TokenName},
    },
};

/// The name of the module.
pub const MODULE: &str = "Tokens";
/// Longest name that these functions give a token.
const LONGEST_NAME: usize = 50;
/// So often a change is tried again that somebody else's change of the same token came before.
const TRIES: usize = 3;

/// A function of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Makes a token with full access, or one that only reads.
    CreateFullAccess,
    /// Lists the tokens.
    List,
    /// Gives a token another name.
    Rename,
    /// Ends a token.
    Revoke,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 4] = [Self::CreateFullAccess, Self::List, Self::Rename, Self::Revoke];

    /// The function of a name, whose case matters.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateFullAccess => "create_full_access",
            Self::List => "list",
            Self::Rename => "rename",
            Self::Revoke => "revoke",
        }
    }

    /// What a token needs to call it.
    pub fn needs(self) -> ScopeSet {
        let scope = match self {
            Self::List => "tokens:read",
            Self::CreateFullAccess | Self::Rename | Self::Revoke => "tokens:manage",
        };
        scope.parse().expect("it has the form of a scope")
    }
}

/// Calls a function for whoever makes the request. Its calls are counted under `route`.
pub async fn call(
    function: Function,
    request: &HttpRequest,
    route: &str,
    parameters: &Parameters,
) -> Result<Done, NotLetIn> {
    let holder = Holder::of(request, route, &function.needs()).await?;
    let done = match function {
        Function::CreateFullAccess => create_full_access(&holder, parameters).await,
        Function::List => list(&holder, parameters).await,
        Function::Rename => rename(&holder, parameters).await,
        Function::Revoke => revoke_named(&holder, parameters).await,
    };
    Ok(done?)
}

async fn create_full_access(holder: &Holder, parameters: &Parameters) -> Result<Done, Failure> {
    let app = &holder.call.app;
    let draft = Draft {
        name: new_name(parameters.needed("name")?)?,
        description: Description::default(),
        scopes: if parameters.flag("readonly")? {
            reading(holder).await?
        } else {
            ScopeSet::full()
        },
        sites: SiteSet::All,
        addresses: AddressSet::any(),
        expiry: expiry(parameters.one("expires_at")?)?,
    };
    match create(app, &holder.caller, &holder.account, draft, None).await? {
        Created::New(token, secret) => Ok(Done::with(json!({
            "create_time": unix(token.created_at),
            "token": secret.expose(),
            "whitelist_ips": null,
        }))),
        // No call carries the key of a form.
        Created::Before(_) => Err(AppError::NotFound.into()),
    }
}

/// Everything that only reads, as far as the account's plan allows it.
async fn reading(holder: &Holder) -> Result<ScopeSet, Failure> {
    let catalogue = &holder.call.app.catalogue;
    let plan = terms(&holder.call.app, &holder.caller, &holder.account)
        .await?
        .plan_scopes;
    Ok(catalogue
        .closure(&plan)
        .iter()
        .filter(|scope| reads(scope))
        .cloned()
        .collect())
}

/// Whether a scope changes nothing.
fn reads(scope: &Scope) -> bool {
    scope.action() == "read"
}

async fn list(holder: &Holder, parameters: &Parameters) -> Result<Done, Failure> {
    let rows = live(holder).await?.iter().map(row).collect();
    Ok(uapi::list(parameters, rows)?)
}

/// A token as a list has it: numbers in place of yes and no, and `readonly` only where it is.
fn row(token: &Token) -> Value {
    let mut row = json!({
        "name": token.name.as_str(),
        "create_time": unix(token.created_at),
        "expires_at": token.expiry.instant().map(unix),
        "has_full_access": u8::from(token.scopes.is_full()),
        "features": token.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
        "whitelist_ips": addresses(&token.addresses),
    });
    if !token.scopes.is_full() && token.scopes.iter().all(reads) {
        row["readonly"] = 1.into();
    }
    row
}

/// Null when it may be used from anywhere. IPv6 addresses are written out, as the interfaces do.
pub(super) fn addresses(set: &AddressSet) -> Option<Vec<String>> {
    (!set.is_any()).then(|| set.iter().map(|net| written_out(&net.to_string())).collect())
}

fn written_out(range: &str) -> String {
    let (address, length) = match range.split_once('/') {
        Some((address, length)) => (address, format!("/{length}")),
        None => (range, String::new()),
    };
    match address.parse::<Ipv6Addr>() {
        Ok(six) => {
            let groups = six.segments().map(|group| format!("{group:04x}"));
            format!("{}{length}", groups.join(":"))
        }
        Err(_) => range.to_owned(),
    }
}

async fn rename(holder: &Holder, parameters: &Parameters) -> Result<Done, Failure> {
    let name = parameters.needed("name")?;
    let new_name = new_name(parameters.needed("new_name")?)?;
    for _ in 0..TRIES {
        let Some(token) = named(holder, name).await? else {
            return Err(Refused::new(format!("There is no token with the name “{name}”.")).into());
        };
        let draft = Draft {
            name: new_name.clone(),
            ..Draft::from(&token)
        };
        let app = &holder.call.app;
        match edit(
            app,
            &holder.caller,
            &holder.account,
            token.public_id,
            token.revision,
            draft,
        )
        .await
        {
            Ok(_) => return Ok(Done::default()),
            Err(AppError::Rule(rule)) if matches!(*rule, Rule::Changed(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::new("The token is being changed by somebody else. Try again.").into())
}

/// A token that is not there is as good as revoked: programs repeat a call whose answer got lost.
async fn revoke_named(holder: &Holder, parameters: &Parameters) -> Result<Done, Failure> {
    let gone = || Done::with(1.into());
    let Some(token) = named(holder, parameters.needed("name")?).await? else {
        return Ok(gone());
    };
    match revoke(&holder.call.app, &holder.caller, holder.account.id, token.public_id).await {
        Ok(()) => Ok(gone()),
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Revoked(_)) => Ok(gone()),
        Err(error) => Err(error.into()),
    }
}

/// The account's tokens that are not revoked, by name.
async fn live(holder: &Holder) -> Result<Vec<Token>, Failure> {
    let (app, account) = (&holder.call.app, holder.account.id);
    let all = list::walk(app, &holder.caller, account, Selection::default(), None, i64::MAX);
    let mut tokens = all.await?;
    tokens.sort_by_cached_key(|token| token.name.folded());
    Ok(tokens)
}

/// The token of a name. As names are unique ignoring case, their case does not matter.
async fn named(holder: &Holder, name: &str) -> Result<Option<Token>, Failure> {
    let Ok(name) = name.parse::<TokenName>() else {
        return Ok(None);
    };
    let tokens = live(holder).await?;
    Ok(tokens.into_iter().find(|token| token.name.folded() == name.folded()))
}

/// A name that these functions give a token: fewer characters than the panel allows.
pub(super) fn new_name(text: &str) -> Result<TokenName, Refused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(plain);
    let name = if fits { text.parse().ok() } else { None };
    name.ok_or_else(|| {
        Refused::new(format!(
            "A token's name has 1 to {LONGEST_NAME} letters from a to z, digits, dashes and underscores."
        ))
    })
}

/// An expiry in seconds since 1970; absent, empty or 0: never.
pub(super) fn expiry(text: Option<&str>) -> Result<Expiry, Refused> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() || text == "0" {
        return Ok(Expiry::Never);
    }
    let at = text
        .parse()
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let at = at.ok_or_else(|| {
        Refused::new("“expires_at” must be a whole number of seconds since 1970 in UTC, such as 1798761599.")
    })?;
    Ok(Expiry::At(PrimitiveDateTime::new(at.date(), at.time())))
}

/// Seconds since 1970.
pub(super) fn unix(at: PrimitiveDateTime) -> i64 {
    at.as_utc().unix_timestamp()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn names_have_few_characters() {
        for good in ["a", "My_token-1", &"x".repeat(50)] {
            assert!(new_name(good).is_ok(), "{good}");
        }
        for bad in ["", " a", "a b", "é", "a\u{0}", &"x".repeat(51), "a.b"] {
            assert!(new_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_written_out() {
        let set: AddressSet = "192.0.2.7 198.51.100.0/24 fc00:abcd::f 2001:db8::/48".parse().unwrap();
        let mut written = addresses(&set).unwrap();
        written.sort();
        assert_eq!(
            written,
            [
                "192.0.2.7",
                "198.51.100.0/24",
                "2001:0db8:0000:0000:0000:0000:0000:0000/48",
                "fc00:abcd:0000:0000:0000:0000:0000:000f"
            ]
        );
        assert_eq!(addresses(&AddressSet::any()), None);
    }

    #[test]
    fn an_expiry_is_a_number_of_seconds() {
        for never in [None, Some(""), Some("0"), Some(" ")] {
            assert_eq!(expiry(never).unwrap(), Expiry::Never);
        }
        let at = Expiry::At(datetime!(2026-12-31 23:59:59));
        assert_eq!(expiry(Some("1798761599")).unwrap(), at);
        for odd in [
            "tomorrow",
            "1.5",
            "1e9",
            "99999999999999999999",
            "9223372036854775807",
            "-",
        ] {
            assert!(expiry(Some(odd)).is_err(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn no_number_is_too_odd(number in any::<i64>(), text in ".{0,30}") {
            let _ = expiry(Some(&text));
            if let Ok(Expiry::At(at)) = expiry(Some(&number.to_string())) {
                prop_assert_eq!(unix(at), number);
            }
        }
    }
}
