//! `/execute/{module}/{function}` and `/json-api/cpanel`: the account's side of the compatible interfaces.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    envelope::{self, Called, Refused, Said, answer, flat, nested, no_such_function, version_2},
    holder::{Holder, NotLetIn},
    parameters::Parameters,
    tokens::{self, Function},
};
use crate::web::error::WebError;

/// What calls are counted under whose function there is not.
const ELSEWHERE: &str = "/execute";

/// `/execute/{module}/{function}`, by GET and by POST.
pub async fn execute(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, WebError> {
    let parameters = Parameters::read(&request, payload).await?;
    let named = |name| request.match_info().get(name).unwrap_or_default();
    let called = Called {
        module: named("module"),
        function: named("function"),
    };
    match call(&request, called, &parameters).await {
        Ok(Some(said)) => Ok(answer(&flat(&said))),
        Ok(None) => Ok(answer(&flat(&Err(Refused::new(format!(
            "Could not find the function “{}” in the module “{}”. This server has the module {} only.",
            called.function,
            called.module,
            tokens::MODULE
        )))))),
        Err(NotLetIn::Failed(error)) => Err(error),
        Err(_) => Ok(envelope::unauthorized()),
    }
}

/// `/json-api/cpanel`, by GET and by POST.
pub async fn legacy(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, WebError> {
    let parameters = Parameters::read(&request, payload).await?;
    let read = |name: &str| parameters.one(&format!("cpanel_jsonapi_{name}"));
    let (Ok(module), Ok(function), Ok(version)) = (read("module"), read("func"), read("apiversion")) else {
        return Err(WebError::BadRequest);
    };
    let called = Called {
        module: module.unwrap_or_default(),
        function: function.unwrap_or_default(),
    };
    let version = version.unwrap_or("2");
    let known = matches!(version, "2" | "3");
    let called_or_not = Called {
        module: if known { called.module } else { "" },
        ..called
    };
    match call(&request, called_or_not, &parameters).await {
        Ok(Some(said)) if version == "3" => Ok(answer(&nested(called, &said))),
        Ok(Some(said)) => Ok(answer(&version_2(called, &said))),
        Ok(None) => Ok(answer(&no_such_function(called))),
        Err(NotLetIn::Failed(error)) => Err(error),
        Err(_) => Ok(envelope::forbidden()),
    }
}

/// What a function says; none where there is no such function. Nobody is told which functions there are who is not let in.
async fn call(request: &HttpRequest, called: Called<'_>, parameters: &Parameters) -> Result<Option<Said>, NotLetIn> {
    let function = Function::find(called.function).filter(|_| called.module == tokens::MODULE);
    let Some(function) = function else {
        return match Holder::of(request, ELSEWHERE, &Function::List.needs()).await {
            Ok(_) => Ok(None),
            Err(NotLetIn::Refused(refused)) => Ok(Some(Err(refused))),
            Err(other) => Err(other),
        };
    };
    let route = format!("{} /execute/{}/{}", request.method(), tokens::MODULE, function.name());
    match tokens::call(function, request, &route, parameters).await {
        Ok(done) => Ok(Some(Ok(done))),
        Err(NotLetIn::Refused(refused)) => Ok(Some(Err(refused))),
        Err(other) => Err(other),
    }
}
