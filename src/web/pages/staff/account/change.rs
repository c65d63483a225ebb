//! Changing what an account is: the form, what the change means, and what happens when a colleague was faster.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{AccountHead, OVERVIEW, address, fields, find};
use crate::{
    app::{
        AppError, Rule,
        accounts::{
            self,
            change::{self, Review, Shape},
        },
    },
    domain::{account::Account, audit::Action, site::SiteName},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
        words::{self, EventWords, Reader, counted},
    },
};

/// The form, at both of its steps.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeForm {
    username: String,
    email: String,
    plan: String,
    sites: String,
    reason: String,
    /// Names the account as the form showed it.
    version: String,
    /// Sent by the button that goes back to the form.
    change: String,
    password: String,
}

impl Form for ChangeForm {
    const HAS_PAGE: bool = true;
}

impl ChangeForm {
    fn of(shape: &Shape) -> Self {
        Self {
            username: shape.username.to_string(),
            email: shape.email.to_string(),
            plan: shape.plan.clone(),
            sites: lines(&shape.sites),
            version: shape.version(),
            ..Self::default()
        }
    }

    fn read(&self, faults: &mut Faults) -> Option<Shape> {
        let username = fields::username(&self.username, faults);
        let email = fields::email(&self.email, faults);
        let sites = fields::sites(&self.sites, faults);
        Some(Shape {
            username: username?,
            email: email?,
            plan: self.plan.clone(),
            sites: sites?,
        })
    }

    /// Everything but the password, for the hidden fields of the next step.
    fn hidden(&self) -> [(&'static str, String); 6] {
        [
            (fields::USERNAME, self.username.clone()),
            (fields::EMAIL, self.email.clone()),
            (fields::PLAN, self.plan.clone()),
            (fields::SITES, self.sites.clone()),
            (fields::REASON, self.reason.clone()),
            ("version", self.version.clone()),
        ]
    }
}

fn lines(sites: &[SiteName]) -> String {
    let names: Vec<&str> = sites.iter().map(SiteName::as_str).collect();
    names.join("\n")
}

#[derive(Template)]
#[template(path = "staff/account/change.html")]
struct ChangePage<'a> {
    page: Layout,
    head: AccountHead,
    faults: Faults,
    form: ChangeForm,
    plans: Vec<(&'a str, &'a str)>,
}

/// One thing that is to be otherwise.
struct Row {
    label: &'static str,
    before: Vec<String>,
    after: Vec<String>,
}

#[derive(Template)]
#[template(path = "staff/account/change_review.html")]
struct ReviewPage {
    page: Layout,
    head: AccountHead,
    faults: Faults,
    rows: Vec<Row>,
    /// What it means, a sentence each.
    means: Vec<String>,
    asks_password: bool,
    answers: [(&'static str, String); 6],
}

#[derive(Template)]
#[template(path = "staff/account/change_conflict.html")]
struct ConflictPage {
    page: Layout,
    head: AccountHead,
    /// The account as it is now, and as it was typed.
    rows: Vec<Row>,
    last: Option<EventWords>,
    answers: [(&'static str, String); 6],
}

/// What differs between two shapes, in the order of the form.
fn rows(one: &Shape, other: &Shape) -> Vec<Row> {
    let row = |label, of: &dyn Fn(&Shape) -> Vec<String>| Row {
        label,
        before: of(one),
        after: of(other),
    };
    let all = [
        row("User name", &|shape| vec![shape.username.to_string()]),
        row("E-mail address", &|shape| vec![shape.email.to_string()]),
        row("Plan", &|shape| vec![shape.plan.clone()]),
        row("Sites, the main one first", &|shape| {
            shape.sites.iter().map(ToString::to_string).collect()
        }),
    ];
    all.into_iter().filter(|row| row.before != row.after).collect()
}

fn count(number: usize, one: &str) -> String {
    counted(i64::try_from(number).unwrap_or(i64::MAX), one)
}

/// What a change means for the customer, a sentence each.
fn means(review: &Review) -> Vec<String> {
    let (before, after) = (&review.before, &review.after);
    let mut means = Vec::new();
    if before.username != after.username {
        means.push(format!(
            "The customer signs in as {} from now on. {} on working under the new name.",
            after.username,
            match review.tokens {
                1 => "1 token goes".to_owned(),
                many => format!("{many} tokens go"),
            }
        ));
    }
    if before.has_other_email(after) {
        means.push(format!(
            "Mail goes to {} from now on, and {} is told at once. If the customer has a password, no link to set another is sent to the new address for 24 hours.",
            after.email, before.email
        ));
    }
    for (site, tokens) in &review.sites_gone {
        means.push(match tokens {
            0 => format!("{site} is taken away: tokens that work on all sites are refused there."),
            1 => format!("{site} is taken away: 1 token names it and is refused there, as are those that work on all sites."),
            many => format!("{site} is taken away: {many} tokens name it and are refused there, as are those that work on all sites."),
        });
    }
    if let Some(effect) = &review.plan {
        let mut of = |number: usize, words: &str| {
            if number > 0 {
                means.push(format!("{} {words}", count(number, "token")));
            }
        };
        of(effect.narrowed, "lose permissions that the new plan does not have.");
        of(
            effect.widened,
            "with full access can do more: what the new plan allows.",
        );
        of(
            effect.too_long,
            "live longer than the new plan allows. They keep their date.",
        );
        if let Some(limit) = effect.limit {
            means.push(format!(
                "The new plan allows {limit} tokens and there are {}. They stay, and no new one can be made.",
                review.tokens
            ));
        }
    }
    means
}

/// Somebody who changes an account.
struct Editor {
    staff: Staff,
    account: Account,
}

impl Editor {
    async fn of(staff: Staff, id: &str) -> Result<Self, WebError> {
        let account = find(&staff, id).await?;
        Ok(Self { staff, account })
    }

    fn head(&self) -> AccountHead {
        AccountHead::of(&self.staff, &self.account, OVERVIEW)
    }

    fn layout(&self, title: &str) -> Layout {
        self.staff.layout(title, "accounts")
    }

    async fn form_page(&self, form: ChangeForm, faults: Faults) -> Result<HttpResponse, WebError> {
        let app = &self.staff.visit.app;
        let status = if faults.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let plans = accounts::plan_names(app).await?;
        let page = ChangePage {
            page: self.layout(&format!("Change “{}”", self.account.username)),
            head: self.head(),
            faults,
            form,
            plans: plans.iter().map(|name| (name.as_str(), name.as_str())).collect(),
        };
        self.staff.visit.page(status, &page)
    }

    fn review_page(&self, form: &ChangeForm, review: &Review, faults: Faults) -> Result<HttpResponse, WebError> {
        let status = if faults.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let page = ReviewPage {
            page: self.layout("Review the change"),
            head: self.head(),
            faults,
            rows: rows(&review.before, &review.after),
            means: means(review),
            asks_password: review.before.has_other_email(&review.after) && reentry::is_needed(&self.staff),
            answers: form.hidden(),
        };
        self.staff.visit.page(status, &page)
    }

    /// What the form comes to, or the page that says why it cannot be.
    async fn review(&self, form: &ChangeForm) -> Result<Result<Review, HttpResponse>, WebError> {
        let mut faults = Faults::default();
        let shape = form.read(&mut faults);
        fields::optional_reason(&form.reason, &mut faults);
        let Some(shape) = shape.filter(|_| faults.is_empty()) else {
            return self.form_page(form.clone(), faults).await.map(Err);
        };
        let (app, caller) = (&self.staff.visit.app, &self.staff.caller);
        match change::review(app, caller, &self.account, &form.version, shape.clone()).await {
            Ok(review) if rows(&review.before, &review.after).is_empty() => Ok(Err(self.back(NoticeCode::Unchanged))),
            Ok(review) => Ok(Ok(review)),
            Err(error) => self.refused(form, &shape, error).await.map(Err),
        }
    }

    /// The page for a change that was not made.
    async fn refused(&self, form: &ChangeForm, typed: &Shape, error: AppError) -> Result<HttpResponse, WebError> {
        let AppError::Rule(rule) = error else {
            return Err(error.into());
        };
        if matches!(*rule, Rule::AccountChanged) {
            return self.conflict(form, typed).await;
        }
        let mut faults = Faults::default();
        if fields::explain(&rule, &mut faults) {
            return self.form_page(form.clone(), faults).await;
        }
        Err(AppError::Rule(rule).into())
    }

    async fn conflict(&self, form: &ChangeForm, typed: &Shape) -> Result<HttpResponse, WebError> {
        let (app, caller) = (&self.staff.visit.app, &self.staff.caller);
        let account = find(&self.staff, &self.account.public_id).await?;
        let now = change::current(app, caller, &account).await?;
        let changes = [Action::AccountChanged, Action::EmailChanged];
        let last = accounts::latest(app, caller, account.id, &changes).await?;
        let zone = self.staff.zone();
        let in_words = |event| words::event_words(&app.catalogue, &zone, Reader::Staff, event);
        let answers = ChangeForm {
            version: now.version(),
            ..form.clone()
        };
        let page = ConflictPage {
            page: self.layout("This account was changed meanwhile"),
            head: AccountHead::of(&self.staff, &account, OVERVIEW),
            rows: rows(&now, typed),
            last: last.as_ref().map(in_words),
            answers: answers.hidden(),
        };
        self.staff.visit.page(StatusCode::CONFLICT, &page)
    }

    fn back(&self, code: NoticeCode) -> HttpResponse {
        let notice = Notice::new(code);
        self.staff.visit.go(&address(&self.account, OVERVIEW), Some(&notice))
    }
}

/// `GET /staff/accounts/{id}/change`: the account as it is, or the answers of somebody who had to sign in again.
pub async fn show(staff: Staff, path: Path<String>, kept: Query<ChangeForm>) -> Result<HttpResponse, WebError> {
    let editor = Editor::of(staff, &path).await?;
    let kept = kept.into_inner();
    if !kept.version.is_empty() {
        return editor.form_page(kept, Faults::default()).await;
    }
    let (app, caller) = (&editor.staff.visit.app, &editor.staff.caller);
    let shape = change::current(app, caller, &editor.account).await?;
    editor.form_page(ChangeForm::of(&shape), Faults::default()).await
}

/// `POST /staff/accounts/{id}/change`: from the form to what it means, or back to the form.
pub async fn submit(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, ChangeForm>,
) -> Result<HttpResponse, WebError> {
    let editor = Editor::of(staff, &path).await?;
    if !form.change.is_empty() {
        return editor.form_page(form, Faults::default()).await;
    }
    match editor.review(&form).await? {
        Ok(review) => editor.review_page(&form, &review, Faults::default()),
        Err(answer) => Ok(answer),
    }
}

/// `POST /staff/accounts/{id}/change/save`
pub async fn save(
    path: Path<String>,
    SentBy(staff, form): SentBy<Staff, ChangeForm>,
) -> Result<HttpResponse, WebError> {
    let editor = Editor::of(staff, &path).await?;
    let review = match editor.review(&form).await? {
        Ok(review) => review,
        Err(answer) => return Ok(answer),
    };
    let mut caller = editor.staff.caller.clone();
    if review.before.has_other_email(&review.after) {
        match reentry::confirm(&editor.staff, &form.password).await {
            Ok(confirmed) => caller = confirmed,
            Err(Unconfirmed::Fault(words)) => {
                let mut faults = Faults::default();
                faults.add(reentry::FIELD, words);
                return editor.review_page(&form, &review, faults);
            }
            Err(Unconfirmed::Failed(error)) => return Err(error),
        }
    }
    if let Some(reason) = fields::optional_reason(&form.reason, &mut Faults::default()) {
        caller = caller.because(reason);
    }
    let (app, account) = (&editor.staff.visit.app, &editor.account);
    let after = review.after.clone();
    match change::change(app, &caller, (account.id, account.login), &form.version, after).await {
        Ok(true) => Ok(editor.back(NoticeCode::AccountChanged)),
        Ok(false) => Ok(editor.back(NoticeCode::Unchanged)),
        Err(error) => editor.refused(&form, &review.after, error).await,
    }
}
