//! A refused decision in words, and as the problem document of an answer.

use time::Duration;

use super::{
    call::Call,
    kind::Kind,
    problem::{Problem, list},
};
use crate::{
    app::verify::{Ruling, Verified},
    domain::{
        decision::Refusal,
        scope::ScopeSet,
        token::{Life, PausedBy},
    },
    web::{times::iso, words::counted},
};

/// What a refused decision is answered with; nothing when it allows.
pub fn problem(call: &Call, verified: &Verified, ruling: &Ruling) -> Option<Problem> {
    let first = ruling.decision.first()?;
    let mut problem = Problem::new(call, Kind::from(first.reason()), detail(call, verified, ruling, first));
    let document = problem.document();
    document.token_id = Some(verified.token().public_id);
    document.required_scopes = list(&ruling.required);
    document.missing_scopes = list(&missing(ruling));
    document.resource = ruling.site.as_ref().map(|site| format!("site:{site}"));
    document.resource_allowed = ruling.site_allowed;
    document.fix_url = fix_url(call, verified, ruling);
    problem.retry_after = retry_after(ruling);
    Some(problem)
}

/// After how many seconds the same request may be allowed, when only its being one too many is against it: at least one
/// (RFC 9110, section 10.2.3).
pub fn retry_after(ruling: &Ruling) -> Option<u64> {
    match ruling.decision.first()? {
        Refusal::TooManyCalls { retry_after } => Some(seconds(*retry_after)),
        _ => None,
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    let whole = wait.whole_seconds() + i64::from(wait.subsec_nanoseconds() > 0);
    whole.max(1).unsigned_abs()
}

/// Every needed scope that the token lacks.
pub fn missing(ruling: &Ruling) -> ScopeSet {
    let of = |refusal: &Refusal| match refusal {
        Refusal::MissingScopes(scopes) => Some(scopes.clone()),
        _ => None,
    };
    ruling
        .decision
        .refusals()
        .iter()
        .find_map(of)
        .unwrap_or_else(ScopeSet::empty)
}

/// Every needed scope that the account's plan does not allow.
pub fn excluded(ruling: &Ruling) -> ScopeSet {
    let of = |refusal: &Refusal| match refusal {
        Refusal::PlanExcludesScopes(scopes) => Some(scopes.clone()),
        _ => None,
    };
    ruling
        .decision
        .refusals()
        .iter()
        .find_map(of)
        .unwrap_or_else(ScopeSet::empty)
}

/// One refusal in a sentence.
pub fn detail(call: &Call, verified: &Verified, ruling: &Ruling, refusal: &Refusal) -> String {
    let token = verified.token();
    let named = format!("Token \"{}\" (lk_{})", token.name, token.public_id);
    match refusal {
        Refusal::Revoked => match token.life {
            Life::Revoked { at } => format!("{named} was revoked on {}.", iso(at)),
            Life::Live | Life::Paused { .. } => format!("{named} was revoked."),
        },
        Refusal::Paused => match token.life {
            Life::Paused {
                by: PausedBy::Staff, ..
            } => format!("{named} was paused by the hosting company's staff."),
            _ => format!("{named} is paused."),
        },
        Refusal::Expired { at } => format!("{named} expired on {}.", iso(*at)),
        Refusal::SecretReplaced { at } => {
            format!(
                "{named} has a new secret; the one that was sent stopped working on {}.",
                iso(*at)
            )
        }
        Refusal::AccountSuspended => format!("The account of {} is suspended.", named.replacen('T', "t", 1)),
        Refusal::AddressNotAllowed { from: Some(from) } => format!("{named} may not be used from {from}."),
        Refusal::AddressNotAllowed { from: None } => format!("{named} may not be used from an address unknown."),
        Refusal::NoSuchRoute(reason) => format!("No service has this method and path ({reason})."),
        Refusal::MissingScopes(scopes) => {
            let place = ruling
                .site
                .as_ref()
                .map_or_else(String::new, |site| format!(" on site {site}"));
            format!("{named} may not {}{place}.", sentence(call, scopes))
        }
        Refusal::PlanExcludesScopes(scopes) => {
            format!("The account's plan does not let any token {}.", sentence(call, scopes))
        }
        Refusal::SiteRequired => format!("{named} is limited to sites, and no site is named."),
        Refusal::SiteNotAllowed(site) => format!("{named} may not be used for site {site}."),
        Refusal::NoSuchSite(site) => format!("The account has no site {site}."),
        Refusal::TooManyCalls { retry_after } => {
            let wait = counted(i64::try_from(seconds(*retry_after)).unwrap_or(i64::MAX), "second");
            format!("{named} made too many calls in a short time. Try again in {wait}.")
        }
    }
}

/// "create backups, delete files or see databases".
fn sentence(call: &Call, scopes: &ScopeSet) -> String {
    let say = |scope| match call.app.catalogue.scope(scope) {
        Some(entry) => entry.can.as_str(),
        None => scope.as_str(),
    };
    let mut verbs: Vec<&str> = scopes.iter().map(say).collect();
    let last = verbs.pop().unwrap_or_default();
    if verbs.is_empty() {
        last.to_owned()
    } else {
        format!("{} or {last}", verbs.join(", "))
    }
}

/// The page on which the token's owner can put it right: with exactly what is missing proposed. Nothing when no change
/// of the token would help.
pub fn fix_url(call: &Call, verified: &Verified, ruling: &Ruling) -> Option<String> {
    let page = format!("/tokens/{}", verified.token().public_id);
    let path = match ruling.decision.first()? {
        Refusal::Revoked
        | Refusal::AccountSuspended
        | Refusal::NoSuchRoute(_)
        | Refusal::NoSuchSite(_)
        | Refusal::TooManyCalls { .. } => return None,
        Refusal::Paused | Refusal::SecretReplaced { .. } => page,
        Refusal::Expired { .. } => format!("{page}/renew"),
        Refusal::AddressNotAllowed { .. } => format!("{page}/edit"),
        _ => format!("{page}/edit?{}", additions(ruling)?),
    };
    Some(call.url(&path))
}

/// What the edit page is to propose. What the plan excludes would not help.
fn additions(ruling: &Ruling) -> Option<String> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for scope in &missing(ruling).difference(&excluded(ruling)) {
        query.append_pair("add", scope.as_str());
    }
    if let (Some(site), Some(false)) = (&ruling.site, ruling.site_allowed) {
        query.append_pair("add_site", site);
    }
    let query = query.finish().replace("%3A", ":");
    (!query.is_empty()).then_some(query)
}
