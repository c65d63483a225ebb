//! `/problems/{code}`: what the `type` of a problem document leads to, for whoever reads it in a script's log.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use askama::Template;

use crate::web::{
    api::kind::Kind,
    error::{WebError, explain},
    guard::SignedIn,
    layout::Layout,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "problems/show.html")]
struct ProblemPage<'a> {
    page: Layout,
    title: &'a str,
    help: &'a str,
    code: &'a str,
    status: StatusCode,
}

/// Explains one kind of problem; nobody has to be signed in.
pub async fn show(visit: Visit, signed_in: Option<SignedIn>, code: Path<String>) -> Result<HttpResponse, WebError> {
    let (status, title, help) = match Kind::find(&code) {
        Some(kind) => (kind.status().as_u16(), kind.title(), kind.help()),
        None => explain(&code).ok_or(WebError::NotFound)?,
    };
    let title = title.trim_end_matches('.');
    let page = match &signed_in {
        Some(somebody) => somebody.layout(title, ""),
        None => visit.layout(title, "", None),
    };
    let template = ProblemPage {
        page,
        title,
        help,
        code: &code,
        status: StatusCode::from_u16(status).map_err(WebError::internal)?,
    };
    visit.page(StatusCode::OK, &template)
}
