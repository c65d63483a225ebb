//! `/reference`: every call of the API for people to read, made of the same table as the API's document.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use self::members::{Member, Schemas};
use crate::web::{
    api::{
        kind::Kind,
        reference::{
            curl,
            operation::{Answer, Needs, Operation, Tag},
            operations,
        },
    },
    error::WebError,
    guard::SignedIn,
    layout::Layout,
    visit::Visit,
};

mod members;

#[derive(Template)]
#[template(path = "reference/index.html")]
struct IndexPage {
    page: Layout,
    groups: Vec<(Tag, Vec<Operation>)>,
    kinds: &'static [Kind],
    try_it: String,
}

#[derive(Template)]
#[template(path = "reference/show.html")]
struct CallPage {
    page: Layout,
    operation: Operation,
    curl: String,
    parameters: Vec<Member>,
    sent: Vec<Member>,
    answers: Vec<Answered>,
    refusals: Vec<Kind>,
}

/// What a call answers when it does what is asked.
struct Answered {
    answer: Answer,
    members: Vec<Member>,
}

/// Every call, and what they have in common. Nobody has to be signed in.
pub async fn index(visit: Visit, signed_in: Option<SignedIn>) -> Result<HttpResponse, WebError> {
    let operations = operations();
    let of = |tag: &Tag| operations.iter().filter(|it| it.tag == *tag).copied().collect();
    let groups = Tag::ALL.iter().map(|tag| (*tag, of(tag)));
    let own = operations.iter().find(|operation| operation.path == "/api/v1/token");
    let template = IndexPage {
        page: layout(&visit, signed_in.as_ref(), "API reference"),
        groups: groups
            .filter(|(_, calls): &(Tag, Vec<Operation>)| !calls.is_empty())
            .collect(),
        kinds: Kind::ALL,
        try_it: own.map_or_else(String::new, |own| curl::line(own, visit.panel.origin())),
    };
    visit.page(StatusCode::OK, &template)
}

/// One call.
pub async fn show(visit: Visit, signed_in: Option<SignedIn>, id: Path<String>) -> Result<HttpResponse, WebError> {
    let operation = operations().into_iter().find(|operation| operation.id == *id);
    let operation = operation.ok_or(WebError::NotFound)?;
    let document = visit.panel.published().document();
    let schemas = Schemas(document);
    let described = &document["paths"][operation.path][operation.method.to_ascii_lowercase()];
    let answered = |answer: &Answer| Answered {
        members: schemas.members(&described["responses"][answer.status.to_string()], answer.example()),
        answer: *answer,
    };
    let sent = operation.body.map_or("", |body| body.example);
    let template = CallPage {
        page: layout(&visit, signed_in.as_ref(), operation.summary),
        curl: curl::line(&operation, visit.panel.origin()),
        parameters: schemas.parameters(described),
        sent: schemas.members(&described["requestBody"], sent),
        answers: operation.answers.iter().map(answered).collect(),
        refusals: operation.refusals(),
        operation,
    };
    visit.page(StatusCode::OK, &template)
}

fn layout(visit: &Visit, signed_in: Option<&SignedIn>, title: &str) -> Layout {
    match signed_in {
        Some(somebody) => somebody.layout(title, "reference"),
        None => visit.layout(title, "reference", None),
    }
}

impl CallPage {
    /// Whose token it takes, as one sentence.
    fn needs(&self) -> String {
        let one = |needs: &Needs| match needs {
            Needs::Token => "any token of an account".to_owned(),
            Needs::Scope(scope) => format!("a token of an account with {scope}"),
            Needs::StaffToken => "any token of a staff member".to_owned(),
            Needs::StaffScope(scope) => format!("a token of a staff member with {scope}"),
        };
        let all: Vec<String> = self.operation.needs.iter().map(one).collect();
        if all.is_empty() {
            "no token".to_owned()
        } else {
            all.join(", or ")
        }
    }
}
