//! `../tokens/{token}/shorten`: an earlier end for one token, in the account's time zone.

use actix_web::{HttpResponse, http::StatusCode, web::Query};
use askama::Template;
use serde::Deserialize;
use time::{Date, PrimitiveDateTime};

use super::{Names, find, read_reason};
use crate::{
    app::{
        AppError, Rule,
        tokens::{
            content::{Terms, terms},
            one, shorten as tokens,
        },
    },
    clock::TimeZone,
    domain::{
        account::Account,
        policy::Policy,
        text::MAX_REASON,
        token::{Expiry, Token},
    },
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::tokens::{
            fields::{self, Bounds, Lifetimes, ON_DATE},
            head::{self, Head},
            revoke::use_sentence,
            viewer::Viewer,
        },
        times::{self, When},
    },
};

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShortenForm {
    expires: String,
    date: String,
    reason: String,
}

impl Form for ShortenForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "staff/tokens/shorten.html")]
struct ShortenPage {
    page: Layout,
    head: Head,
    faults: Faults,
    expires: Option<When>,
    zone: String,
    use_sentence: String,
    lifetimes: Lifetimes,
    /// Why it cannot end sooner; empty when it can.
    idle: &'static str,
    reason: String,
    max: i32,
}

/// A token that is to end sooner.
struct Asked<'a> {
    viewer: Viewer<'a>,
    terms: Terms,
    token: Token,
}

impl<'a> Asked<'a> {
    async fn of(staff: &'a Staff, account: &'a Account, id: &str) -> Result<Self, WebError> {
        let (app, caller) = (&staff.visit.app, &staff.caller);
        let token = one::find(app, caller, account.id, head::id(id)?).await?;
        let mut terms = terms(app, caller, account).await?;
        // No policy stands against an earlier end.
        terms.policy = Policy::default();
        Ok(Self {
            viewer: Viewer::of_staff(staff, account),
            terms,
            token,
        })
    }

    fn now(&self) -> PrimitiveDateTime {
        self.viewer.visit.app.now()
    }

    fn bounds(&self) -> Bounds<'_> {
        Bounds {
            catalogue: &self.viewer.visit.app.catalogue,
            terms: &self.terms,
            account: self.viewer.account,
            zone: &self.viewer.zone,
            now: self.now(),
            token: Some(&self.token),
        }
    }

    /// The last day whose end comes before the token's own; none when it never ends.
    fn last_day(&self) -> Option<Date> {
        let expires = self.token.expiry.instant()?;
        Some(day_before(&self.viewer.zone, expires))
    }

    fn idle(&self) -> &'static str {
        let today = self.viewer.zone.today(self.now());
        if self.token.is_revoked() {
            "It is revoked already, for good."
        } else if self.token.is_expired(self.now()) {
            "It has ended already. To keep it from being renewed, pause or revoke it."
        } else if self.last_day().is_some_and(|last| last < today) {
            "It ends today already. To stop it sooner, pause or revoke it."
        } else {
            ""
        }
    }

    /// The choices: those that end before the token does now.
    fn lifetimes(&self, form: &ShortenForm) -> Lifetimes {
        let mut lifetimes = Lifetimes::of(&self.bounds(), &form.expires, &form.date);
        lifetimes.never_allowed = false;
        lifetimes.limits.clear();
        let Some((expires, last)) = self.token.expiry.instant().zip(self.last_day()) else {
            return lifetimes;
        };
        let end = times::iso(expires);
        lifetimes.presets.retain(|preset| preset.until.iso < end);
        lifetimes.max = times::iso_day(last);
        let first = times::day(self.viewer.zone.today(self.now()));
        lifetimes.range = match times::day(last) {
            last if last == first => format!("Only {first}"),
            last => format!("From {first} to {last}"),
        };
        lifetimes
    }

    fn page(&self, form: &ShortenForm, faults: Faults, status: StatusCode) -> Result<HttpResponse, WebError> {
        let (viewer, zone) = (&self.viewer, &self.viewer.zone);
        let page = ShortenPage {
            page: viewer.layout(&format!("Shorten “{}”", self.token.name)),
            head: Head::seen_by(viewer, &self.token, head::DETAILS),
            faults,
            expires: self.token.expiry.instant().map(|at| times::when(zone, at)),
            zone: zone.name().to_owned(),
            use_sentence: use_sentence(self.token.last_use, self.now()),
            lifetimes: self.lifetimes(form),
            idle: self.idle(),
            reason: form.reason.clone(),
            max: i32::try_from(MAX_REASON).unwrap_or(0),
        };
        viewer.visit.page(status, &page)
    }

    /// The end that was chosen, which has to come before the token's own.
    fn read(&self, form: &ShortenForm, faults: &mut Faults) -> Option<PrimitiveDateTime> {
        let expiry = fields::read_expiry(&self.bounds(), &form.expires, &form.date, faults)?;
        match expiry {
            Expiry::At(until) if self.token.expiry.is_later_than(expiry) => Some(until),
            _ => {
                let field = if form.expires == ON_DATE { ON_DATE } else { "expires" };
                faults.add(field, self.too_late());
                None
            }
        }
    }

    fn too_late(&self) -> String {
        match self.last_day() {
            Some(last) => format!("Choose a date up to {}: the token ends soon after it", times::day(last)),
            None => "Choose a date: staff only let a token end sooner".to_owned(),
        }
    }
}

/// The last day in `zone` that is over before `at`.
fn day_before(zone: &TimeZone, at: PrimitiveDateTime) -> Date {
    let day = zone.today(at);
    if zone.end_of_day(day) < at {
        day
    } else {
        day.previous_day().unwrap_or(day)
    }
}

/// Shows the form.
pub async fn show(staff: Staff, path: Names, kept: Query<ShortenForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path.0).await?;
    let asked = Asked::of(&staff, &account, &path.1).await?;
    asked.page(&kept, Faults::default(), StatusCode::OK)
}

/// Lets it end sooner.
pub async fn submit(path: Names, SentBy(staff, form): SentBy<Staff, ShortenForm>) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path.0).await?;
    let asked = Asked::of(&staff, &account, &path.1).await?;
    if !asked.idle().is_empty() {
        return asked.page(&form, Faults::default(), StatusCode::OK);
    }
    let mut faults = Faults::default();
    let until = asked.read(&form, &mut faults);
    let reason = read_reason(&form.reason, &mut faults);
    let (Some(until), Some(reason)) = (until, reason) else {
        return asked.page(&form, faults, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let (caller, id) = (staff.caller.because(reason), asked.token.public_id);
    match tokens::shorten(&staff.visit.app, &caller, account.id, id, until).await {
        Ok(()) => {
            let notice = Notice::about(NoticeCode::Shortened, id);
            Ok(staff.visit.go(&format!("{}/{id}", asked.viewer.list()), Some(&notice)))
        }
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::AlreadySo | Rule::Changed(_) | Rule::Revoked(_)) => {
            let asked = Asked::of(&staff, &account, &path.1).await?;
            if asked.idle().is_empty() {
                faults.add(
                    "expires",
                    "Somebody changed the token meanwhile. Look at when it ends now",
                );
            }
            asked.page(&form, faults, StatusCode::CONFLICT)
        }
        Err(error) => Err(error.into()),
    }
}
