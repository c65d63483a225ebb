//! Every route, on one screen.

use std::sync::Arc;

use actix_web::{middleware::from_fn, web};

use super::{api, pages, panel::Panel, session, visit};

/// Adds the panel's routes and what they need.
pub fn configure(config: &mut web::ServiceConfig, panel: &Arc<Panel>) {
    config.app_data(web::Data::from(Arc::clone(panel)));
    config.configure(api::configure);
    config.service(
        web::scope("")
            .wrap(from_fn(visit::set_visitor))
            .wrap(session::middleware(&panel.app))
            .service(web::resource("/").get(pages::start::show))
            .service(
                web::resource("/sign-in")
                    .get(pages::sign_in::show)
                    .post(pages::sign_in::submit),
            )
            .service(web::resource("/sign-out").post(pages::sign_in::sign_out))
            .service(web::resource("/tokens").post(pages::tokens::created::submit))
            .service(
                web::resource("/tokens/new")
                    .get(pages::tokens::new::show)
                    .post(pages::tokens::new::submit),
            ),
    );
}
