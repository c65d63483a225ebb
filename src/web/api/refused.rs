//! What a use case did not do, as the problem document of an answer: one table for the whole API.

use time::PrimitiveDateTime;

use super::{
    bearer::{Holder, unavailable},
    call::Call,
    kind::Kind,
    members::Faults,
    problem::{Problem, list},
    revision,
};
use crate::{
    app::{AppError, Rule},
    domain::{
        permission::Denied,
        policy::ExpiryRefusal,
        scope::ScopeSet,
        site::{SiteName, SiteSet},
        staff_token::Beyond,
        token::PausedBy,
        usage::SecretGeneration,
        widening::Difference,
    },
    store::StoreError,
    web::{passwords, times::iso, words::counted},
};

/// What is said of a rule that stands against a call: the kind of problem, the member that it is about and its code, where
/// it is about one, and a sentence.
pub struct Said {
    /// The kind of problem.
    pub kind: Kind,
    /// A member of the body, as a pointer, and what is wrong with it.
    pub member: Option<(&'static str, &'static str)>,
    /// What stands against it, and what to do.
    pub detail: String,
}

impl Said {
    fn of(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            member: None,
            detail: detail.into(),
        }
    }

    fn member(self, pointer: &'static str, code: &'static str) -> Self {
        Self {
            member: Some((pointer, code)),
            ..self
        }
    }

    /// About a member that the caller can mend.
    fn fault(pointer: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::of(Kind::InvalidBody, detail).member(pointer, code)
    }

    fn plain(kind: Kind) -> Self {
        Self::of(kind, format!("{}. {}", kind.title(), kind.help()))
    }
}

/// What a call is answered with whose use case did not happen.
pub fn problem(call: &Call, error: AppError) -> Problem {
    match error {
        AppError::Rule(rule) => of_rule(call, *rule),
        AppError::Denied(denied) => of_denied(call, denied),
        AppError::NotFound => Problem::plain(call, Kind::NotFound),
        AppError::TooManyTries { seconds, .. } => {
            let mut problem = Problem::plain(call, Kind::RateLimited);
            problem.retry_after = Some(seconds.max(1));
            problem
        }
        outage @ (AppError::Store(StoreError::Unreachable(_)) | AppError::Busy) => unavailable(call, &outage),
        failure => {
            let cause = std::error::Error::source(&failure)
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(request = call.request_id.as_str(), error = %failure, cause, "a call failed");
            Problem::plain(call, Kind::Internal)
        }
    }
}

impl Holder {
    /// [`problem`], where it is about the token that asks with that token and the way to put it right.
    pub fn refused(&self, error: AppError) -> Problem {
        let missing = match &error {
            AppError::Denied(Denied::Scope(_)) if self.verified.generation == SecretGeneration::Previous => {
                return Problem::plain(&self.call, Kind::OutgoingSecret);
            }
            AppError::Denied(Denied::Scope(scope)) => {
                (scope.parse().unwrap_or_else(|_| ScopeSet::empty()), SiteSet::NONE)
            }
            AppError::Rule(rule) => match &**rule {
                Rule::BeyondToken(beyond) => (beyond.scopes_added.clone(), beyond.sites_added.clone()),
                _ => return problem(&self.call, error),
            },
            _ => return problem(&self.call, error),
        };
        let mut problem = problem(&self.call, error);
        let document = problem.document();
        let id = self.verified.token().public_id;
        document.token_id = Some(id);
        document.fix_url =
            additions(&missing.0, &missing.1).map(|query| self.call.url(&format!("/tokens/{id}/edit?{query}")));
        problem
    }
}

/// What the page on which the token is changed is to propose; nothing where it cannot propose all of it.
fn additions(scopes: &ScopeSet, sites: &SiteSet) -> Option<String> {
    let SiteSet::Named(sites) = sites else { return None };
    if scopes.is_full() || scopes.is_empty() && sites.is_empty() {
        return None;
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(scopes.iter().map(|scope| ("add", scope.as_str())))
        .extend_pairs(sites.iter().map(|site| ("add_site", site.as_str())))
        .finish();
    Some(query.replace("%3A", ":"))
}

fn of_denied(call: &Call, denied: Denied) -> Problem {
    let needed = match denied {
        Denied::NotYours => return Problem::plain(call, Kind::NotFound),
        Denied::Suspended => return Problem::plain(call, Kind::AccountSuspended),
        Denied::Role => return Problem::plain(call, Kind::RoleExcludes),
        Denied::Scope(scope) => scope.to_owned(),
        Denied::StaffScope(scope) => scope.to_string(),
    };
    let detail = format!("The token lacks the scope {needed}.");
    let mut problem = Problem::new(call, Kind::InsufficientScope, detail);
    let document = problem.document();
    document.required_scopes = vec![needed.clone()];
    document.missing_scopes = vec![needed];
    problem
}

fn of_rule(call: &Call, rule: Rule) -> Problem {
    match rule {
        Rule::Changed(token) => revision::changed(call, token.revision),
        Rule::BeyondToken(beyond) => beyond_token(call, &beyond),
        Rule::BeyondStaffToken(beyond) => beyond_staff_token(call, &beyond),
        rule => {
            let said = said(&rule);
            let mut problem = Problem::new(call, said.kind, said.detail.clone());
            if let Some((member, code)) = said.member {
                let mut faults = Faults::default();
                faults.add(member, code, said.detail);
                problem.document().errors = faults.into_list();
            }
            problem
        }
    }
}

/// Names everything that a token asked for and does not have itself.
fn beyond_token(call: &Call, beyond: &Difference) -> Problem {
    const CODE: &str = "beyond-this-token";
    let mut faults = Faults::default();
    if !beyond.scopes_added.is_empty() {
        faults.add(
            "/scopes",
            CODE,
            format!("The token that asks does not have {}.", beyond.scopes_added),
        );
    }
    if !beyond.sites_added.is_empty() {
        let sites = match &beyond.sites_added {
            SiteSet::All => "every site, also those to come".to_owned(),
            SiteSet::Named(names) => sites(names.iter()),
        };
        faults.add("/sites", CODE, format!("The token that asks is not for {sites}."));
    }
    if beyond.more_addresses() {
        let more = &beyond.addresses_added;
        let more = if more.is_any() {
            "everywhere".to_owned()
        } else {
            more.to_string()
        };
        faults.add(
            "/addresses",
            CODE,
            format!("The token that asks may not be used from {more}."),
        );
    }
    if let Some((own, wanted)) = beyond.expiry.filter(|(own, wanted)| wanted.is_later_than(*own)) {
        let wanted = match wanted.instant() {
            None => "would never expire".to_owned(),
            Some(at) => format!("would expire on {}", iso(at)),
        };
        let own = own.instant().map_or_else(String::new, iso);
        faults.add(
            "/expires",
            CODE,
            format!("The token {wanted}, and the one that asks expires on {own}."),
        );
    }
    let details: Vec<String> = faults.list().iter().map(|fault| fault.detail.clone()).collect();
    let mut problem = Problem::new(call, Kind::BeyondToken, details.join(" "));
    let document = problem.document();
    document.missing_scopes = list(&beyond.scopes_added);
    document.required_scopes = document.missing_scopes.clone();
    document.errors = faults.into_list();
    problem
}

/// [`beyond_token`] for tokens of staff members.
fn beyond_staff_token(call: &Call, beyond: &Beyond) -> Problem {
    const CODE: &str = "beyond-this-token";
    let mut faults = Faults::default();
    if !beyond.scopes.is_empty() {
        let detail = format!("The token that asks does not have {}.", beyond.scopes);
        faults.add("/scopes", CODE, detail);
    }
    if beyond.addresses {
        let detail = "The token that asks may not be used from all of these.";
        faults.add("/addresses", CODE, detail);
    }
    if beyond.expiry {
        faults.add("/expires", CODE, "The token that asks expires sooner.");
    }
    let details: Vec<String> = faults.list().iter().map(|fault| fault.detail.clone()).collect();
    let mut problem = Problem::new(call, Kind::BeyondToken, details.join(" "));
    let document = problem.document();
    document.missing_scopes = beyond.scopes.iter().map(|scope| scope.to_string()).collect();
    document.required_scopes = document.missing_scopes.clone();
    document.errors = faults.into_list();
    problem
}

/// What is said of a rule. Those about single members are said of the whole member here; a reader that knows the place says
/// the same of it.
pub fn said(rule: &Rule) -> Said {
    match rule {
        Rule::NameTaken => Said::plain(Kind::NameTaken).member("/name", "name-taken"),
        Rule::TooManyTokens { limit } => Said::of(
            Kind::TooManyTokens,
            format!("The account has {limit} of {limit} tokens. Revoke one that is no longer needed."),
        ),
        Rule::NoScope => Said::fault("/scopes", "empty", "At least one scope is needed."),
        Rule::UnknownScopes(scopes) => {
            let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
            Said::fault(
                "/scopes",
                "unknown-scope",
                format!("There is no scope {}.", scopes.join(", ")),
            )
        }
        Rule::PlanExcludes(scopes) => Said::fault(
            "/scopes",
            "plan-excludes-scope",
            format!("The account's plan does not include {scopes}."),
        ),
        Rule::NoSite => Said::fault("/sites", "empty", "At least one site is needed, or \"all\"."),
        Rule::NotYourSites(names) => Said::fault(
            "/sites",
            "not-your-site",
            format!("The account does not have {}.", sites(names.iter())),
        ),
        Rule::Expiry(refusal) => expiry(*refusal),
        Rule::Revoked(at) => Said::of(Kind::AlreadyRevoked, format!("The token was revoked on {}.", iso(*at))),
        Rule::Expired => Said::plain(Kind::AlreadyExpired),
        Rule::Paused(Some(PausedBy::Staff)) => Said::plain(Kind::PausedByStaff),
        Rule::Paused(_) | Rule::AlreadySo => Said::plain(Kind::AlreadySo),
        Rule::NoOverlap => Said::plain(Kind::NoOverlap),
        Rule::KeyReused => Said::plain(Kind::KeyReused),
        Rule::BeyondToken(_) | Rule::BeyondStaffToken(_) => Said::plain(Kind::BeyondToken),
        Rule::Changed(_) | Rule::AccountChanged | Rule::Outdated => Said::plain(Kind::Changed),
        other => said_of_others(other),
    }
}

/// What is said of the rules about accounts, plans and staff.
fn said_of_others(rule: &Rule) -> Said {
    let conflict = |detail: &str| Said::of(Kind::Conflict, detail);
    match rule {
        Rule::RoleExcludes(scopes) => Said::fault(
            "/scopes",
            "role-excludes",
            format!("The role of the staff member does not include {scopes}."),
        ),
        Rule::TooManyStaffTokens { limit } => Said::of(
            Kind::TooManyTokens,
            format!("The staff member has {limit} of {limit} tokens. Revoke one that is no longer needed."),
        ),
        Rule::UsernameTaken => conflict("Somebody here has that user name.").member("/username", "username-taken"),
        Rule::EmailTaken => conflict("Somebody here has that e-mail address.").member("/email", "email-taken"),
        Rule::SiteTaken(site) => {
            conflict(&format!("{site} belongs to another account.")).member("/sites", "site-taken")
        }
        Rule::UnknownPlan => Said::fault("/plan", "unknown-plan", "There is no such plan."),
        Rule::WeakPassword(weakness) => {
            Said::of(Kind::WeakPassword, passwords::weakness(*weakness)).member("/password", "weak-password")
        }
        Rule::ReasonNeeded => Said::fault("/reason", "missing", "A reason is needed; the customer reads it."),
        Rule::TooManyServices { limit } => conflict(&format!("There are {limit} of {limit} service credentials.")),
        Rule::LastAdministrator => conflict("They are the only administrator."),
        Rule::Yourself => conflict("Nobody changes their own role or deactivates themselves."),
        Rule::PlanInUse(accounts) => {
            let many = counted(i64::try_from(*accounts).unwrap_or(i64::MAX), "account");
            conflict(&format!("The plan is in use: {many}."))
        }
        Rule::PlanNameTaken => conflict("A plan has that name.").member("/name", "name-taken"),
        Rule::LastPlan => conflict("It is the only plan, and every account needs one."),
        Rule::EmailChangedRecently { until } => conflict(&format!(
            "The e-mail address was changed by staff lately, so that no link is sent there before {}.",
            iso(*until)
        )),
        Rule::MailOff => conflict("No mail is sent here, so that nobody can be sent a link."),
        // These belong to pages that no program has.
        _ => Said::plain(Kind::NotFound),
    }
}

/// "a.example, b.example"
fn sites<'a>(names: impl Iterator<Item = &'a SiteName>) -> String {
    let names: Vec<&str> = names.map(SiteName::as_str).collect();
    names.join(", ")
}

/// Why an expiry does not fit, with the limit and what it is for.
fn expiry(refusal: ExpiryRefusal) -> Said {
    const WHY: &str = "so that a forgotten token does not stay open";
    let limit = |latest: PrimitiveDateTime| {
        format!(
            "The hosting company limits how long a token lives, {WHY}: until {} here.",
            iso(latest)
        )
    };
    let (code, detail) = match refusal {
        ExpiryRefusal::Past => ("expiry-past", "The expiry must be in the future.".to_owned()),
        ExpiryRefusal::NeverNotAllowed { latest: None } => {
            ("never-not-allowed", format!("Every token has to expire, {WHY}."))
        }
        ExpiryRefusal::NeverNotAllowed { latest: Some(latest) } => ("never-not-allowed", limit(latest)),
        ExpiryRefusal::TooLate { latest } => ("expiry-too-late", limit(latest)),
        ExpiryRefusal::TotalLifetimeOver => (
            "total-lifetime-over",
            "The token has used up all the time that it may live with its renewals. Create a new one.".to_owned(),
        ),
    };
    Said::fault("/expires", code, detail)
}
