//! Every route, on one screen.

use std::sync::Arc;

use actix_web::{middleware::from_fn, web};

mod staff;

use super::{api, cpanel, error_page, oauth, pages, panel::Panel, refusals, session, visit};
use crate::settings::Side;

/// Adds the panel's routes and what they need.
pub fn configure(config: &mut web::ServiceConfig, panel: &Arc<Panel>) {
    configure_for(config, panel, None);
}

/// [`configure`] on a socket that is for one side of the compatible interfaces alone, or for both.
pub fn configure_for(config: &mut web::ServiceConfig, panel: &Arc<Panel>, side: Option<Side>) {
    config.app_data(web::Data::from(Arc::clone(panel)));
    config.configure(api::configure);
    config.configure(oauth::configure);
    cpanel::configure(config, panel, side);
    config.configure(pages::brand::configure);
    config.service(
        web::scope("")
            .wrap(from_fn(error_page::prepare))
            .wrap(from_fn(refusals::count))
            .wrap(from_fn(visit::set_visitor))
            .wrap(session::middleware(&panel.app))
            .wrap(from_fn(session::out_of_reach))
            .service(web::resource("/").get(pages::start::show))
            .service(
                web::resource("/sign-in")
                    .get(pages::sign_in::show)
                    .post(pages::sign_in::submit),
            )
            .service(
                web::resource("/sign-in/forgot")
                    .get(pages::forgot::show)
                    .post(pages::forgot::submit),
            )
            .service(
                web::resource("/link/{secret}")
                    .get(pages::link::show)
                    .post(pages::link::submit),
            )
            .service(web::resource("/sign-out").post(pages::sign_in::sign_out))
            .service(
                web::resource("/setup")
                    .get(pages::setup::show)
                    .post(pages::setup::submit),
            )
            .service(
                web::resource("/security")
                    .get(pages::security::show)
                    .post(pages::security::change_password),
            )
            .service(web::resource("/security/email").post(pages::security::email::submit))
            .service(web::resource("/security/sessions/end-others").post(pages::security::end_others))
            .service(web::resource("/security/sessions/{id}/end").post(pages::security::end_session))
            .service(
                web::resource("/preferences")
                    .get(pages::preferences::show)
                    .post(pages::preferences::save),
            )
            .service(web::resource("/preferences/theme").post(pages::preferences::set_theme))
            .service(
                web::resource("/leaks")
                    .get(pages::leaks::show)
                    .post(pages::leaks::submit),
            )
            .configure(reference)
            .configure(tokens)
            .service(web::resource("/activity").get(pages::activity::show))
            .service(web::resource("/activity.csv").get(pages::activity::export::show))
            .configure(token)
            .configure(staff::configure),
    );
}

/// The pages that explain the JSON API.
fn reference(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/reference").get(pages::reference::index))
        .service(web::resource("/reference/{call}").get(pages::reference::show))
        .service(web::resource("/problems/{code}").get(pages::problems::show));
}

/// The pages of all tokens.
fn tokens(config: &mut web::ServiceConfig) {
    use pages::tokens::{bulk, created, list, new};
    config
        .service(web::resource("/tokens").get(list::show).post(created::submit))
        .service(web::resource("/tokens.csv").get(list::export::show))
        .service(web::resource("/tokens/new").get(new::show).post(new::submit))
        .service(web::resource("/tokens/pause").post(bulk::pause))
        .service(
            web::resource("/tokens/revoke")
                .get(bulk::revoke::show)
                .post(bulk::revoke::submit),
        )
        .service(
            web::resource("/tokens/renew")
                .get(bulk::renew::show)
                .post(bulk::renew::submit),
        );
}

/// The pages of one token.
fn token(config: &mut web::ServiceConfig) {
    use pages::tokens::{edit, history, one, pause, renew, revoke, rotate, usage};
    let path = |rest: &str| web::resource(format!("/tokens/{{id:[0-9A-Za-z]{{8}}}}{rest}"));
    config
        .service(path("").get(one::show))
        .service(path("/usage").get(usage::show))
        .service(path("/history").get(history::show))
        .service(path("/edit").get(edit::show).post(edit::submit))
        .service(path("/edit/save").get(edit::show).post(edit::save))
        .service(path("/renew").get(renew::show).post(renew::submit))
        .service(path("/rotate").get(rotate::show).post(rotate::submit))
        .service(path("/retire").post(revoke::retire))
        .service(path("/pause").post(pause::pause))
        .service(path("/resume").post(pause::resume))
        .service(path("/revoke").get(revoke::show).post(revoke::submit));
}
