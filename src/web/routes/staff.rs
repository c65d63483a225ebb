//! Every route of the staff area, on one screen.

use actix_web::web;

use crate::web::pages::staff::{account, accounts, audit, identify, incidents, members, own_tokens, rules, services};

/// The pages of the staff area.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/staff/accounts").get(accounts::show))
        .service(
            web::resource("/staff/accounts/new")
                .get(account::new::show)
                .post(account::new::submit),
        )
        .service(
            web::resource("/staff/identify")
                .get(identify::show)
                .post(identify::submit),
        )
        .configure(one_account)
        .configure(tokens)
        .configure(members)
        .configure(staff_tokens)
        .configure(service_credentials)
        .configure(policy)
        .configure(many_tokens)
        .configure(audit_pages);
}

/// Changes of many tokens at once.
fn many_tokens(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/staff/incidents")
                .get(incidents::list)
                .post(incidents::new::submit),
        )
        .service(web::resource("/staff/incidents/new").get(incidents::new::show))
        .service(web::resource("/staff/incidents/{run}").get(incidents::one::show))
        .service(web::resource("/staff/incidents/{run}/stop").post(incidents::one::stop));
}

/// The pages of one account.
fn one_account(config: &mut web::ServiceConfig) {
    let path = |rest: &str| web::resource(format!("/staff/accounts/{{id:[0-9A-Za-z]{{12}}}}{rest}"));
    config
        .service(path("").get(account::overview::show))
        .service(path("/change").get(account::change::show).post(account::change::submit))
        .service(
            path("/change/save")
                .get(account::change::show)
                .post(account::change::save),
        )
        .service(
            path("/suspend")
                .get(account::suspend::show)
                .post(account::suspend::submit),
        )
        .service(
            path("/unsuspend")
                .get(account::suspend::show_end)
                .post(account::suspend::end),
        )
        .service(path("/remove").get(account::remove::show).post(account::remove::submit))
        .service(path("/sessions").get(account::sessions::show))
        .service(path("/sessions/end").post(account::sessions::end_all))
        .service(path("/sessions/{session}/end").post(account::sessions::end))
        .service(path("/link").post(account::link::send))
        .service(path("/unblock").post(account::sessions::unblock))
        .service(path("/activity").get(account::activity::show))
        .service(path("/activity.csv").get(account::activity::download))
        .service(path("/notes").get(account::notes::show).post(account::notes::add));
}

/// The pages of staff members.
fn members(config: &mut web::ServiceConfig) {
    use members::{one, press};
    config
        .service(web::resource("/staff/members").get(members::list))
        .service(
            web::resource("/staff/members/new")
                .get(members::new)
                .post(members::invite),
        )
        .service(
            web::resource("/staff/members/{member}")
                .get(one::show)
                .post(one::submit),
        )
        .service(
            web::resource("/staff/members/{member}/deactivate")
                .get(press::ask_deactivate)
                .post(press::deactivate),
        )
        .service(
            web::resource("/staff/members/{member}/reactivate")
                .get(press::ask_reactivate)
                .post(press::reactivate),
        )
        .service(
            web::resource("/staff/members/{member}/invite")
                .get(press::ask_invite)
                .post(press::invite),
        );
}

/// The pages of staff members' own tokens.
fn staff_tokens(config: &mut web::ServiceConfig) {
    use own_tokens::{new, one, revoke};
    config
        .service(web::resource("/staff/tokens").get(own_tokens::list))
        .service(web::resource("/staff/tokens/new").get(new::show).post(new::submit))
        .service(web::resource("/staff/tokens/{own}").get(one::show).post(one::submit))
        .service(
            web::resource("/staff/tokens/{own}/revoke")
                .get(revoke::show)
                .post(revoke::submit),
        )
        .service(
            web::resource("/staff/members/{member}/tokens/{theirs}/revoke")
                .get(revoke::show_of_member)
                .post(revoke::submit_of_member),
        );
}

/// The pages of service credentials.
fn service_credentials(config: &mut web::ServiceConfig) {
    use services::{new, revoke};
    config
        .service(web::resource("/staff/services").get(services::list))
        .service(web::resource("/staff/services/new").get(new::show).post(new::submit))
        .service(
            web::resource("/staff/services/{service}/revoke")
                .get(revoke::show)
                .post(revoke::submit),
        );
}

/// The pages of the policy and the plans.
fn policy(config: &mut web::ServiceConfig) {
    use rules::{plan, plans, policy};
    config
        .service(web::resource("/staff/policy").get(policy::show).post(policy::submit))
        .service(web::resource("/staff/plans").get(plans::list))
        .service(web::resource("/staff/plans/new").get(plans::new).post(plans::create))
        .service(web::resource("/staff/plans/{plan}").get(plan::show).post(plan::submit))
        .service(
            web::resource("/staff/plans/{plan}/remove")
                .get(plans::ask)
                .post(plans::remove),
        );
}

/// The tokens of one account.
fn tokens(config: &mut web::ServiceConfig) {
    use account::tokens::{self, all, bulk, shorten, stop};
    let path = |rest: &str| web::resource(format!("/staff/accounts/{{id:[0-9A-Za-z]{{12}}}}{rest}"));
    config
        .service(path("/tokens").get(tokens::list))
        .service(path("/tokens/pause").get(bulk::show_pause).post(bulk::pause))
        .service(path("/tokens/revoke").get(bulk::show_revoke).post(bulk::revoke))
        .service(path("/tokens/revoke-all").get(all::show).post(all::submit))
        .service(path("/tokens/{token}").get(tokens::show))
        .service(path("/tokens/{token}/usage").get(tokens::usage))
        .service(path("/tokens/{token}/history").get(tokens::history))
        .service(path("/tokens/{token}/pause").get(stop::show_pause).post(stop::pause))
        .service(path("/tokens/{token}/resume").get(stop::show_resume).post(stop::resume))
        .service(path("/tokens/{token}/shorten").get(shorten::show).post(shorten::submit))
        .service(path("/tokens/{token}/revoke").get(stop::show_revoke).post(stop::revoke))
        .service(path("/tokens/{token}/leaked").get(stop::show_leaked).post(stop::leaked));
}

/// What happened in the whole installation.
fn audit_pages(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/staff/audit").get(audit::show))
        .service(web::resource("/staff/audit/refusals").get(audit::refusals::show))
        .service(web::resource("/staff/audit.csv").get(audit::export::csv))
        .service(web::resource("/staff/audit.jsonl").get(audit::export::jsonl));
}
