//! Every route of the staff area, on one screen.

use actix_web::web;

use crate::web::pages::staff::account;

/// The pages of the staff area.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.configure(one_account);
}

/// The pages of one account.
fn one_account(config: &mut web::ServiceConfig) {
    let path = |rest: &str| web::resource(format!("/staff/accounts/{{id:[0-9A-Za-z]{{12}}}}{rest}"));
    config.service(path("").get(account::show));
}
