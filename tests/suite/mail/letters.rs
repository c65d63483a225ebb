//! Each message: who gets it, what it says, where it leads.

use std::thread;

use latchkey::{
    app::{self, Caller, tokens::revoke},
    domain::{text::Reason, token::Expiry},
    store::StoreError,
};
use time::Duration;

use super::Panel;
use crate::support::{World, mint};

on_both_with_python!(
    staff_who_stop_tokens_are_named,
    two_nodes_send_each_mail_once,
    what_did_not_happen_is_not_told,
    people_choose_among_the_harmless_mails,
    a_strange_browser_is_told_of,
);

fn support() -> Caller {
    let reason: Reason = "found <b>in</b> a log".parse().unwrap();
    Caller::shell().because(reason)
}

fn staff_who_stop_tokens_are_named(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer("priya");
    let token = mint(&panel.server.app, account.id, |new| {
        new.name = "Nightly <b>".parse().unwrap();
    });
    let id = token.token.public_id;
    world
        .wait(revoke::revoke(&panel.server.app, &support(), account.id, id))
        .unwrap();
    let mail = panel.take_one(world);
    assert_eq!(mail.to, "priya@mail.example");
    assert_eq!(mail.subject, "Your API token “Nightly <b>” was revoked by support");
    assert!(mail.text.starts_with("Hello priya,\n"), "{}", mail.text);
    assert!(
        mail.text
            .contains("- When: 23 Nov 2026, 17:30 IST\n- By: support\n- Reason: found <b>in</b> a log")
    );
    assert!(mail.html.contains("found &#60;b&#62;in") && mail.html.contains("Sun &#38; Moon"));
    let url = panel.server.app.settings.public_url.as_str();
    assert!(mail.text.contains(&format!("\n{url}/tokens/{id}\n")), "{}", mail.text);
    assert_eq!(panel.take(world).len(), 0, "it is sent once");
}

fn two_nodes_send_each_mail_once(world: &World) {
    let panel = Panel::of(world);
    let second = Panel::of(world);
    let account = world.customer("priya");
    for _ in 0..12 {
        let token = mint(&panel.server.app, account.id, |_| {});
        let id = token.token.public_id;
        world
            .wait(revoke::revoke(&panel.server.app, &support(), account.id, id))
            .unwrap();
    }
    let nodes = [&panel, &second].map(|panel| std::sync::Arc::clone(&panel.server.app));
    let running = nodes.into_iter().cycle().take(8).map(|app| {
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(app::mail::send_due(&app)).unwrap().sent
        })
    });
    let running: Vec<_> = running.collect();
    let sent: usize = running.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(sent, 12);
    assert_eq!(panel.take(world).len() + second.take(world).len(), 12);
}

fn what_did_not_happen_is_not_told(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer("priya");
    let token = mint(&panel.server.app, account.id, |_| {});
    let event = Caller::shell().event(
        world.clock.now(),
        latchkey::domain::audit::Action::TokenRevoked,
        Some(account.id),
        latchkey::domain::audit::Party::new("token", token.token.public_id, &token.token.name),
        Vec::new(),
    );
    let undone: Result<(), StoreError> = panel.server.app.store.write_here(|connection| {
        latchkey::store::audit::insert(connection, &event)?;
        Err(StoreError::CutOff)
    });
    assert!(undone.is_err());
    assert_eq!(panel.take(world).len(), 0);
    world
        .wait(revoke::revoke(
            &world.app,
            &support(),
            account.id,
            token.token.public_id,
        ))
        .unwrap();
    assert_eq!(panel.take(world).len(), 0, "where mail is off, none is written");
}

fn people_choose_among_the_harmless_mails(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer("priya");
    let browser = panel.server.browser();
    browser.sign_in("priya");
    let page = browser.get("/preferences").expect(200);
    assert!(page.has("Mail about the security of your account is always sent"));
    let form = page.form("/preferences");
    assert_eq!(form.values("mail_expiring"), ["yes"]);
    form.forge("mail_expiring", "").submit("Save").follow();
    let app = &panel.server.app;
    mint(app, account.id, |new| {
        new.expiry = Expiry::At(app.now() + Duration::days(8));
    });
    world.clock.advance(Duration::days(2));
    assert_eq!(world.wait(app::mail::remind(app)).unwrap(), 0);
    assert!(!world.signed_in("priya").get("/preferences").has("Remind me"));
}

fn a_strange_browser_is_told_of(world: &World) {
    let panel = Panel::of(world);
    world.customer("priya");
    panel.server.browser().sign_in("priya");
    assert_eq!(panel.take(world).len(), 0, "nothing is strange about the first one");
    panel.server.browser().sign_in("priya");
    let mail = panel.take_one(world);
    assert!(
        mail.subject.starts_with("New sign-in to your Sun & Moon account"),
        "{}",
        mail.subject
    );
    assert!(
        mail.text.contains("/security\n") && mail.text.contains("From: 127.0.0.1"),
        "{}",
        mail.text
    );
}
