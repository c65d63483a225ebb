//! An account at a glance, and what staff can do about it.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use super::{AccountHead, OVERVIEW, find};
use crate::{
    app::accounts::overview::{self, Overview},
    domain::{account::Account, staff::Role},
    web::{
        error::WebError,
        guard::Staff,
        layout::Layout,
        times::{When, when},
        words::{self, EventWords, Reader, counted},
    },
};

/// So many sites stand there at once; the rest folds away.
const SITES: usize = 5;

/// How the password stands.
enum Password {
    /// It was set.
    Set(When),
    /// An invitation can be used until then.
    Invited(When),
    /// It was never set, and no invitation can be used.
    None,
}

#[derive(Template)]
#[template(path = "staff/account/overview.html")]
struct OverviewPage {
    page: Layout,
    head: AccountHead,
    /// Whether this staff member may remove accounts.
    admin: bool,
    id: String,
    email: String,
    plan: String,
    /// What the plan allows, one sentence each.
    allows: Vec<String>,
    limits: Vec<String>,
    main_site: Option<String>,
    sites: Vec<String>,
    more_sites: Vec<String>,
    time_zone: String,
    created: When,
    last_sign_in: Option<When>,
    password: Password,
    blocked_until: Option<When>,
    /// Label and count.
    tokens: Vec<(&'static str, i64)>,
    events: Vec<EventWords>,
}

fn limits(overview: &Overview) -> Vec<String> {
    let policy = &overview.policy;
    let days = |days: Option<u16>| days.map(|days| counted(i64::from(days), "day"));
    let mut limits = vec![format!("At most {} tokens", policy.live_token_limit())];
    if let Some(days) = days(policy.max_lifetime_days) {
        limits.push(format!("A token lives at most {days}"));
    } else if !policy.allows_never() {
        limits.push("Every token has to expire".to_owned());
    }
    if let Some(days) = days(policy.max_total_lifetime_days) {
        limits.push(format!("With renewals, a token lives at most {days}"));
    }
    if let Some(days) = days(policy.revoke_unused_days) {
        limits.push(format!("A token is revoked after {days} without use"));
    }
    if let Some(calls) = policy.calls_per_minute {
        limits.push(format!("A token can make {} a minute", counted(calls.into(), "call")));
    }
    limits
}

fn tokens(account: &Account, overview: &Overview) -> Vec<(&'static str, i64)> {
    let counts = &overview.tokens;
    let working = if account.is_suspended() {
        "Work again after the suspension"
    } else {
        "Work now"
    };
    let all = [
        (working, counts.active),
        ("Of these, expire within a week", counts.expiring),
        ("Of these, never used", counts.never_used),
        ("Paused", counts.paused),
        ("Expired", counts.expired),
        ("Revoked in the last 90 days", counts.revoked),
    ];
    let wanted = |place: usize, count: i64| place == 0 || count > 0;
    let shown = all
        .into_iter()
        .enumerate()
        .filter(|(place, (_, count))| wanted(*place, *count));
    shown.map(|(_, entry)| entry).collect()
}

fn page(staff: &Staff, account: &Account, overview: &Overview) -> OverviewPage {
    let (app, zone) = (&staff.visit.app, staff.zone());
    let mut sites: Vec<String> = overview.sites.iter().map(ToString::to_string).collect();
    let main_site = (!sites.is_empty()).then(|| sites.remove(0));
    let more_sites = sites.split_off(sites.len().min(SITES));
    let sign_ins = &overview.sign_ins;
    let invited = sign_ins.invited_until.filter(|until| *until > app.now());
    let in_words = |event| words::event_words(&app.catalogue, &zone, Reader::Staff, event);
    OverviewPage {
        page: staff.layout(account.username.as_str(), "accounts"),
        head: AccountHead::of(staff, account, OVERVIEW),
        admin: staff.member.role == Role::Admin,
        id: account.public_id.clone(),
        email: account.email.to_string(),
        plan: account.plan_name.clone(),
        allows: overview
            .plan
            .as_ref()
            .map(|plan| allows(staff, &plan.scopes))
            .unwrap_or_default(),
        limits: limits(overview),
        main_site,
        sites,
        more_sites,
        time_zone: account.time_zone.clone(),
        created: when(&zone, account.created_at),
        last_sign_in: sign_ins.last_at.map(|at| when(&zone, at)),
        password: match (sign_ins.has_password, invited) {
            (true, _) => Password::Set(when(&zone, sign_ins.password_changed_at.unwrap_or(account.created_at))),
            (false, Some(until)) => Password::Invited(when(&zone, until)),
            (false, None) => Password::None,
        },
        blocked_until: overview.blocked_until.map(|until| when(&zone, until)),
        tokens: tokens(account, overview),
        events: overview.events.iter().map(in_words).collect(),
    }
}

/// What a plan allows; a plan with everything says so in one sentence.
fn allows(staff: &Staff, scopes: &crate::domain::scope::ScopeSet) -> Vec<String> {
    if scopes.is_full() {
        return vec!["Everything, now and later".to_owned()];
    }
    words::permissions(&staff.visit.app.catalogue, scopes)
}

/// `GET /staff/accounts/{id}`
pub async fn show(staff: Staff, path: Path<String>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path).await?;
    let overview = overview::read(&staff.visit.app, &staff.caller, &account).await?;
    staff.visit.page(StatusCode::OK, &page(&staff, &account, &overview))
}
