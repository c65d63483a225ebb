//! `/tokens/{id}/edit`: the form, the difference that it comes to, and what happens when another window was faster.

mod conflict;
mod review;
mod wish;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;
use time::PrimitiveDateTime;

use self::wish::Wish;
use super::{
    fields::{Bounds, Fields, TokenForm, explain, read},
    head::{self, Head},
};
use crate::{
    app::{
        AppError, Rule,
        tokens::{
            content::{Terms, is_name_taken, terms},
            edit::{self as tokens, Proposal},
        },
    },
    domain::{draft::Draft, token::Token},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Customer,
        layout::Layout,
        notice::{Notice, NoticeCode},
        reentry::{self, Unconfirmed},
    },
};

/// The form of a change, at both of its steps.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct EditForm(TokenForm);

impl Form for EditForm {
    const HAS_PAGE: bool = true;
}

#[derive(Template)]
#[template(path = "tokens/edit.html")]
struct EditPage {
    page: Layout,
    head: Head,
    f: Fields,
    revision: String,
    /// What a link proposes to add, in words.
    proposed: Vec<String>,
    /// What a link proposed in vain, in words.
    refused: Vec<String>,
    faults: Faults,
}

/// Somebody who changes a token.
struct Editor {
    customer: Customer,
    terms: Terms,
    token: Token,
    now: PrimitiveDateTime,
}

impl Editor {
    async fn of(customer: Customer, path: &Path<String>) -> Result<Self, WebError> {
        let token = head::find(&customer, path).await?;
        let terms = terms(&customer.visit.app, &customer.caller, &customer.account).await?;
        let now = customer.visit.app.now();
        Ok(Self {
            customer,
            terms,
            token,
            now,
        })
    }

    fn bounds(&self) -> Bounds<'_> {
        Bounds {
            catalogue: &self.customer.visit.app.catalogue,
            terms: &self.terms,
            account: &self.customer.account,
            zone: &self.customer.zone,
            now: self.now,
            token: Some(&self.token),
        }
    }

    /// The form with these answers.
    fn form_page(&self, form: &TokenForm, faults: Faults, wish: Wish) -> Result<HttpResponse, WebError> {
        let visit = &self.customer.visit;
        let status = if faults.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let page = EditPage {
            page: self.customer.layout(&format!("Edit “{}”", self.token.name), "tokens"),
            head: Head::of(&self.customer, &self.token, head::DETAILS),
            f: Fields::of(&self.bounds(), form, visit.address),
            revision: form.revision.clone(),
            proposed: wish.proposed,
            refused: wish.refused,
            faults,
        };
        visit.page(status, &page)
    }

    /// What the form asks for, or everything that is wrong with it.
    async fn read(&self, form: &TokenForm) -> Result<Result<Draft, Faults>, WebError> {
        let customer = &self.customer;
        let taken = match form.name.parse() {
            Ok(name) => {
                let except = Some(self.token.id);
                is_name_taken(&customer.visit.app, &customer.caller, customer.account.id, name, except).await?
            }
            Err(_) => false,
        };
        Ok(read(&self.bounds(), form, taken, Some(self.token.expiry)))
    }

    /// What `draft` would come to, or the page that says why it cannot be.
    async fn propose(&self, form: &TokenForm, draft: Draft) -> Result<Result<Proposal, HttpResponse>, WebError> {
        let Customer { account, .. } = &self.customer;
        let (app, caller) = (&self.customer.visit.app, &self.customer.caller);
        let proposed = tokens::propose(
            app,
            caller,
            account,
            self.token.public_id,
            revision(form),
            draft.clone(),
        )
        .await;
        match proposed {
            Ok(proposal) if proposal.changes.is_empty() => Ok(Err(self.back(Some(NoticeCode::Unchanged)))),
            Ok(proposal) => Ok(Ok(proposal)),
            Err(error) => self.refused(form, &draft, error).await.map(Err),
        }
    }

    /// The page for a change that was not made.
    async fn refused(&self, form: &TokenForm, draft: &Draft, error: AppError) -> Result<HttpResponse, WebError> {
        let AppError::Rule(rule) = error else {
            return Err(error.into());
        };
        match *rule {
            Rule::Changed(now) => conflict::page(self, form, draft, &now).await,
            Rule::Revoked(_) => Ok(self.back(None)),
            rule => {
                let Some((field, words)) = explain(&self.bounds(), &rule, form.name.trim()) else {
                    return Err(AppError::from(rule).into());
                };
                let mut faults = Faults::default();
                faults.add(field, words);
                self.form_page(form, faults, Wish::default())
            }
        }
    }

    /// To the token's own page.
    fn back(&self, code: Option<NoticeCode>) -> HttpResponse {
        let id = self.token.public_id;
        let notice = code.map(|code| Notice::about(code, id));
        self.customer.visit.go(&format!("/tokens/{id}"), notice.as_ref())
    }

    /// The token as it is, with what a link asks for.
    fn wished(&self, query: &str) -> (TokenForm, Wish) {
        let mut form = TokenForm::of(&self.token, &self.customer.zone);
        let app = &self.customer.visit.app;
        let plan = &self.terms.plan_scopes;
        let wish = Wish::read(query, app, &self.customer.account, &self.token, plan, &mut form);
        (form, wish)
    }
}

/// The revision that the form was made from; one that no token has when it is none.
fn revision(form: &TokenForm) -> i32 {
    form.revision.parse().unwrap_or(-1)
}

/// Shows the form: the token as it is, with what a link adds (`?add=backups:create`), or the answers of somebody who had
/// to sign in again.
pub async fn show(customer: Customer, path: Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{path}"))? {
        return Ok(refused);
    }
    let editor = Editor::of(customer, &path).await?;
    if editor.token.is_revoked() {
        return Ok(editor.back(None));
    }
    let answers = serde_html_form::from_str::<TokenForm>(request.query_string());
    if let Some(answers) = answers.ok().filter(|answers| !answers.revision.is_empty()) {
        return editor.form_page(&answers, Faults::default(), Wish::default());
    }
    let (form, wish) = editor.wished(request.query_string());
    editor.form_page(&form, Faults::default(), wish)
}

/// From the form to the difference, or back to the form.
pub async fn submit(
    SentBy(customer, EditForm(form)): SentBy<Customer, EditForm>,
    path: Path<String>,
) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{path}"))? {
        return Ok(refused);
    }
    let editor = Editor::of(customer, &path).await?;
    if !form.change.is_empty() {
        return editor.form_page(&form, Faults::default(), Wish::default());
    }
    let draft = match editor.read(&form).await? {
        Ok(draft) => draft,
        Err(faults) => return editor.form_page(&form, faults, Wish::default()),
    };
    match editor.propose(&form, draft).await? {
        Ok(proposal) => review::page(&editor, &form, &proposal, Faults::default()),
        Err(answer) => Ok(answer),
    }
}

/// Saves the difference that was shown.
pub async fn save(
    SentBy(customer, EditForm(form)): SentBy<Customer, EditForm>,
    path: Path<String>,
) -> Result<HttpResponse, WebError> {
    if let Some(refused) = head::suspended(&customer, &format!("/tokens/{path}"))? {
        return Ok(refused);
    }
    let editor = Editor::of(customer, &path).await?;
    let draft = match editor.read(&form).await? {
        Ok(draft) => draft,
        Err(faults) => return editor.form_page(&form, faults, Wish::default()),
    };
    let proposal = match editor.propose(&form, draft).await? {
        Ok(proposal) => proposal,
        Err(answer) => return Ok(answer),
    };
    let mut caller = editor.customer.caller.clone();
    if proposal.difference.widens() {
        match reentry::confirm(&editor.customer, &form.password).await {
            Ok(confirmed) => caller = confirmed,
            Err(Unconfirmed::Fault(words)) => {
                let mut faults = Faults::default();
                faults.add(reentry::FIELD, words);
                return review::page(&editor, &form, &proposal, faults);
            }
            Err(Unconfirmed::Failed(error)) => return Err(error),
        }
    }
    let Proposal { token, draft, .. } = proposal;
    let Customer { account, .. } = &editor.customer;
    let app = &editor.customer.visit.app;
    match tokens::edit(app, &caller, account, token.public_id, revision(&form), draft.clone()).await {
        Ok(true) => Ok(editor.back(Some(NoticeCode::Changed))),
        Ok(false) => Ok(editor.back(Some(NoticeCode::Unchanged))),
        Err(error) => editor.refused(&form, &draft, error).await,
    }
}
