//! `/`: the way to the page that somebody begins with.

use actix_web::HttpResponse;

use crate::{
    app::people::Person,
    web::{error::WebError, guard::SignedIn},
};

/// Customers begin with their tokens, staff with the accounts.
pub async fn show(signed_in: SignedIn) -> Result<HttpResponse, WebError> {
    let to = match signed_in.person {
        Person::Customer(_) => "/tokens",
        Person::Staff(_) => "/staff/accounts",
    };
    Ok(signed_in.visit.go(to, None))
}
