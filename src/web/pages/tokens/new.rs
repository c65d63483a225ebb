//! `/tokens/new`: the form of a new token, filled in by a template or a link where somebody chose one.

mod prefill;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;
use time::PrimitiveDateTime;

use super::{
    fields::{Bounds, Fields, TokenForm, explain, read},
    review,
};
use crate::{
    app::{
        Rule,
        tokens::{
            content::{Terms, is_name_taken, terms},
            create::{CREATION_KEY_LENGTH, free_name, new_creation_key},
        },
    },
    domain::{draft::Draft, token::TokenName},
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Customer,
        layout::Layout,
    },
};
use prefill::Prefill;

/// The form of a new token, at both of its steps.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct NewTokenForm(pub TokenForm);

impl Form for NewTokenForm {
    const HAS_PAGE: bool = true;
    const PAGE: Option<&'static str> = Some("/tokens/new");
}

/// A template to begin with.
struct TemplateCard<'a> {
    id: &'a str,
    name: &'a str,
    sentence: &'a str,
    current: bool,
}

/// Why no token can be made at all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blocked {
    Suspended,
    Full,
}

#[derive(Template)]
#[template(path = "tokens/new.html")]
struct NewPage<'a> {
    page: Layout,
    blocked: Option<Blocked>,
    live: u32,
    limit: u32,
    templates: Vec<TemplateCard<'a>>,
    template: &'a str,
    by_link: bool,
    remarks: Vec<String>,
    creation_key: String,
    f: Fields,
    faults: Faults,
}

/// A customer on the way to a new token.
pub(super) struct Maker {
    /// Who.
    pub(super) customer: Customer,
    terms: Terms,
    now: PrimitiveDateTime,
}

impl Maker {
    /// Reads what the customer's account allows.
    pub(super) async fn of(customer: Customer) -> Result<Self, WebError> {
        let terms = terms(&customer.visit.app, &customer.caller, &customer.account).await?;
        let now = customer.visit.app.now();
        Ok(Self { customer, terms, now })
    }

    pub(super) fn bounds(&self) -> Bounds<'_> {
        Bounds {
            catalogue: &self.customer.visit.app.catalogue,
            terms: &self.terms,
            account: &self.customer.account,
            zone: &self.customer.zone,
            now: self.now,
            token: None,
        }
    }

    /// What the form asks for, or everything that is wrong with it.
    pub(super) async fn read(&self, form: &TokenForm) -> Result<Result<Draft, Faults>, WebError> {
        let Customer { account, .. } = &self.customer;
        let taken = match form.name.parse::<TokenName>() {
            Ok(name) => is_name_taken(&self.customer.visit.app, &self.customer.caller, account.id, name, None).await?,
            Err(_) => false,
        };
        let read = read(&self.bounds(), form, taken, None);
        if self.terms.is_full() {
            let mut faults = Faults::default();
            let limit = self.terms.policy.live_token_limit();
            if let Some((field, message)) = explain(&self.bounds(), &Rule::TooManyTokens { limit }, "") {
                faults.add(field, message);
            }
            for (field, message) in read.err().iter().flat_map(|faults| faults.list().iter()) {
                faults.add(field, message);
            }
            return Ok(Err(faults));
        }
        Ok(read)
    }

    /// The form with these answers and what is wrong with them.
    pub(super) fn form_page(&self, form: TokenForm, faults: Faults) -> Result<HttpResponse, WebError> {
        let status = if faults.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let given = Prefill {
            form,
            template: None,
            by_link: false,
            remarks: Vec::new(),
        };
        self.page(status, given, faults)
    }

    fn page(&self, status: StatusCode, given: Prefill<'_>, faults: Faults) -> Result<HttpResponse, WebError> {
        let visit = &self.customer.visit;
        let templates = visit.app.catalogue.templates().iter();
        let blocked = if self.customer.account.is_suspended() {
            Some(Blocked::Suspended)
        } else {
            (self.terms.is_full() && faults.is_empty()).then_some(Blocked::Full)
        };
        let page = NewPage {
            page: self.customer.layout("Create token", "tokens"),
            blocked,
            live: self.terms.live,
            limit: self.terms.policy.live_token_limit(),
            templates: templates
                .map(|template| TemplateCard {
                    id: &template.id,
                    name: &template.name,
                    sentence: &template.sentence,
                    current: given.template.is_some_and(|chosen| chosen.id == template.id),
                })
                .collect(),
            template: given.template.map_or("", |template| &template.name),
            by_link: given.by_link,
            remarks: given.remarks,
            creation_key: if is_creation_key(&given.form.creation_key) {
                given.form.creation_key.clone()
            } else {
                new_creation_key(&visit.app)
            },
            f: Fields::of(&self.bounds(), &given.form, visit.address),
            faults,
        };
        visit.page(status, &page)
    }
}

/// Whether a text can be the key of an act of creation.
pub(in crate::web::pages) fn is_creation_key(text: &str) -> bool {
    text.len() == CREATION_KEY_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The empty form, or the one that the address fills in.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let maker = Maker::of(customer).await?;
    let mut given = Prefill::of(&maker.bounds(), request.query_string());
    if let Some(template) = given.template.filter(|_| given.form.name.is_empty())
        && let Ok(wanted) = template.name.parse()
    {
        let Customer { account, .. } = &maker.customer;
        let name = free_name(&maker.customer.visit.app, &maker.customer.caller, account.id, wanted).await?;
        given.form.name = name.to_string();
    }
    maker.page(StatusCode::OK, given, Faults::default())
}

/// From the form to the review, or back to the form.
pub async fn submit(
    SentBy(customer, NewTokenForm(form)): SentBy<Customer, NewTokenForm>,
) -> Result<HttpResponse, WebError> {
    let maker = Maker::of(customer).await?;
    if maker.customer.account.is_suspended() || !form.change.is_empty() {
        return maker.form_page(form, Faults::default());
    }
    match maker.read(&form).await? {
        Ok(draft) => review::page(&maker, &form, &draft, Faults::default()),
        Err(faults) => maker.form_page(form, faults),
    }
}
