//! `/api/v1/policy` and `/api/v1/plans`: the rules for every token, and those that a plan narrows, for a program of staff's.
//!
//! * [`rules`]: how the rules are read and answered, of both alike; [`policy`], [`plans`]: the calls; [`described`]: the
//!   calls for the reference.

pub mod described;
pub mod plans;
pub mod policy;
pub mod rules;

use actix_web::web;

use super::only;

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/policy")
                .get(policy::show)
                .put(policy::set)
                .default_service(only("GET, HEAD, PUT")),
        )
        .service(
            web::resource("/plans")
                .get(plans::list)
                .post(plans::create)
                .default_service(only("GET, HEAD, POST")),
        )
        .service(
            web::resource("/plans/{id}")
                .get(plans::show)
                .put(plans::change)
                .delete(plans::remove)
                .default_service(only("GET, HEAD, PUT, DELETE")),
        );
}
