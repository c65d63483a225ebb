//! From what was typed to the content of a token, with everything that is wrong at once.

use super::{ALL_SITES, Bounds, SOME_SITES, TokenForm, expiry};
use crate::{
    app::{
        Rule,
        tokens::content::{check_scopes, check_sites},
    },
    domain::{
        address::{AddressError, AddressProblem, AddressSet, MAX_RANGES},
        draft::Draft,
        scope::{Scope, ScopeSet},
        site::{SiteName, SiteSet},
        text::TextError,
        token::{Description, Expiry, MAX_DESCRIPTION, MAX_NAME, TokenName},
    },
    web::form::Faults,
};

/// At most so many wrong addresses are named: the rest shows after the first are mended.
const ADDRESS_FAULTS: usize = 5;

/// Reads a form. `name_taken`: whether a live token has that name. `kept_expiry`: the expiry that stays, on a form that
/// does not ask for one.
///
/// Every fault stands in the order of the page, at the id of its field.
pub fn read(
    bounds: &Bounds<'_>,
    form: &TokenForm,
    name_taken: bool,
    kept_expiry: Option<Expiry>,
) -> Result<Draft, Faults> {
    let mut faults = Faults::default();
    let name = read_name(&form.name, name_taken, &mut faults);
    let description = read_description(form, &mut faults);
    let scopes = read_scopes(bounds, form, &mut faults);
    let sites = read_sites(bounds, form, &mut faults);
    let addresses = read_addresses(&form.addresses, &mut faults);
    let expiry = kept_expiry.or_else(|| expiry::read_expiry(bounds, &form.expires, &form.date, &mut faults));
    match (name, description, scopes, sites, addresses, expiry) {
        (Some(name), Some(description), Some(scopes), Some(sites), Some(addresses), Some(expiry)) => Ok(Draft {
            name,
            description,
            scopes,
            sites,
            addresses,
            expiry,
        }),
        _ => Err(faults),
    }
}

/// Reads the name of a token. `taken`: whether a live one has it.
pub fn read_name(text: &str, taken: bool, faults: &mut Faults) -> Option<TokenName> {
    let message = match text.parse::<TokenName>() {
        Ok(name) if !taken => return Some(name),
        Ok(name) => name_taken(name.as_str()),
        Err(TextError::Empty) => "Enter a name for the token".to_owned(),
        Err(TextError::TooLong { .. }) => format!("Use at most {MAX_NAME} characters for the name"),
        Err(TextError::Control) => "Take the invisible characters out of the name: type it again".to_owned(),
        Err(TextError::Secret) => holds_secret("name"),
    };
    faults.add("name", message);
    None
}

fn name_taken(name: &str) -> String {
    format!("You already have a token called “{name}”. Choose another name")
}

fn holds_secret(field: &str) -> String {
    format!("Take the token itself out of the {field}: everybody who reads it could use the token")
}

fn read_description(form: &TokenForm, faults: &mut Faults) -> Option<Description> {
    let message = match form.description.parse() {
        Ok(description) => return Some(description),
        Err(TextError::TooLong { .. }) => format!("Use at most {MAX_DESCRIPTION} characters for the description"),
        Err(TextError::Control | TextError::Empty) => {
            "Take the invisible characters out of the description: type it again".to_owned()
        }
        Err(TextError::Secret) => holds_secret("description"),
    };
    faults.add("description", message);
    None
}

fn read_scopes(bounds: &Bounds<'_>, form: &TokenForm, faults: &mut Faults) -> Option<ScopeSet> {
    let scopes = if form.scope.iter().any(|scope| scope == ScopeSet::FULL) {
        ScopeSet::full()
    } else {
        let Ok(scopes) = form.scope.iter().map(|scope| scope.parse::<Scope>()).collect() else {
            faults.add("scopes", "Choose only from the permissions of this list");
            return None;
        };
        scopes
    };
    let none = ScopeSet::empty();
    let had = bounds.token.map_or(&none, |token| &token.scopes);
    allowed(
        bounds,
        check_scopes(bounds.catalogue, &bounds.terms.plan_scopes, &scopes, had),
        scopes,
        faults,
    )
}

fn read_sites(bounds: &Bounds<'_>, form: &TokenForm, faults: &mut Faults) -> Option<SiteSet> {
    let sites = match form.place.as_str() {
        ALL_SITES => SiteSet::All,
        SOME_SITES => {
            let Ok(sites) = form.site.iter().map(|site| site.parse::<SiteName>()).collect() else {
                faults.add("sites", "Choose only from the sites of this list");
                return None;
            };
            sites
        }
        _ => {
            faults.add("sites", "Choose where the token works");
            return None;
        }
    };
    let none = SiteSet::NONE;
    let had = bounds.token.map_or(&none, |token| &token.sites);
    allowed(bounds, check_sites(&bounds.account.sites, &sites, had), sites, faults)
}

fn allowed<T>(bounds: &Bounds<'_>, checked: Result<(), Rule>, value: T, faults: &mut Faults) -> Option<T> {
    let Err(rule) = checked else { return Some(value) };
    if let Some((field, message)) = explain(bounds, &rule, "") {
        faults.add(field, message);
    }
    None
}

/// The addresses that were typed, any of none; or what is wrong with them, at the field `addresses`.
pub fn read_addresses(text: &str, faults: &mut Faults) -> Option<AddressSet> {
    match AddressSet::parse_lines(text) {
        Ok(addresses) => Some(addresses),
        Err(errors) => {
            for error in errors.iter().take(ADDRESS_FAULTS) {
                faults.add("addresses", address_fault(error));
            }
            None
        }
    }
}

fn address_fault(AddressError { line, text, problem }: &AddressError) -> String {
    match problem {
        AddressProblem::NotAnAddress | AddressProblem::PrefixLength => format!(
            "Line {line}: “{text}” is not an address. Write an address such as 203.0.113.24 or a range such as \
             203.0.113.0/24"
        ),
        AddressProblem::TooMany => {
            format!("Write at most {MAX_RANGES} addresses; “{text}” on line {line} is one too many")
        }
    }
}

/// The field and the sentence for a rule about a token's content that a use case found broken; nothing for a rule that
/// is about something else. `name` is the name that was asked for.
pub fn explain(bounds: &Bounds<'_>, rule: &Rule, name: &str) -> Option<(&'static str, String)> {
    let quoted = |words: Vec<String>| words.join(", ");
    Some(match rule {
        Rule::NameTaken => ("name", name_taken(name)),
        Rule::TooManyTokens { limit } => (
            "name",
            format!("You have {limit} of {limit} tokens. Revoke one that you no longer need, then send this again"),
        ),
        Rule::NoScope => ("scopes", "Choose at least one thing the token can do".to_owned()),
        Rule::UnknownScopes(scopes) => {
            let names = quoted(scopes.iter().map(|scope| format!("“{scope}”")).collect());
            (
                "scopes",
                format!("Choose only from this list. It does not have {names}"),
            )
        }
        Rule::PlanExcludes(scopes) => {
            let entries = scopes.iter().filter_map(|scope| bounds.catalogue.scope(scope));
            let cans = quoted(entries.map(|entry| format!("“{}”", entry.can)).collect());
            ("scopes", format!("Take out what your plan does not include: {cans}"))
        }
        Rule::NoSite => ("sites", "Choose at least one site, or all of them".to_owned()),
        Rule::NotYourSites(sites) => {
            let names = quoted(sites.iter().map(|site| format!("“{site}”")).collect());
            (
                "sites",
                format!("Choose only from your own sites, which {names} is not"),
            )
        }
        Rule::Expiry(refusal) => ("expires", expiry::explain_refusal(bounds, *refusal)),
        _ => return None,
    })
}
