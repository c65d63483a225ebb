//! What staff do to the tokens of an account: pause, resume, shorten and revoke one, several or all, with a reason that
//! the customer reads; and what they cannot do.

mod races;
mod several;

use latchkey::{
    domain::{
        account::Account,
        audit::{Action, NewEvent},
        permission::Actor,
        staff::Role,
        token::{Expiry, Token},
    },
    store::tokens,
};
use time::Duration;

use crate::{
    support::{Browser, Minted, Page, World, mint},
    token::{events, suspend},
};

on_both!(
    a_token_is_stopped_with_a_reason_that_its_holder_reads,
    staff_resume_only_what_staff_paused,
    an_expiry_only_moves_forward,
    a_leaked_tokens_page_says_what_to_do,
    staff_are_no_customers,
    no_secret_is_shown_to_staff,
);

pub(crate) fn path(account: &Account, rest: &str) -> String {
    format!("/staff/accounts/{}/tokens{rest}", account.public_id)
}

fn now(world: &World, token: &Token) -> Token {
    let found = world
        .app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap()
}

/// Opens one of a token's pages that ask, and gives the reason.
fn press(browser: &Browser, address: &str, reason: &str, button: &str) -> Page {
    let form = browser.get(address).expect(200).form(address);
    form.fill("reason", reason).submit(button)
}

fn last(world: &World, token: &Token) -> NewEvent {
    events(world, token).remove(0)
}

/// A customer with a token, and a support member who has signed in.
fn stage(world: &World) -> (Account, Minted, Browser) {
    let account = world.customer("priya");
    let minted = mint(&world.app, account.id, |new| new.name = "Backup".parse().unwrap());
    world.staff("asha", Role::Support);
    (account, minted, world.signed_in("asha"))
}

fn a_token_is_stopped_with_a_reason_that_its_holder_reads(world: &World) {
    let (account, Minted { token, secret }, asha) = stage(world);
    let one = path(&account, &format!("/{}", token.public_id));
    let api = world.api().with_token(&secret);
    api.get("/api/v1/token").expect(200);
    let list = asha.get(&path(&account, "")).expect(200);
    assert!(list.has("Backup") && list.has(&format!("lk_{}…{}", token.public_id, token.last4)));
    for (step, button) in [("pause", "Pause token"), ("revoke", "Revoke token")] {
        let address = format!("{one}/{step}");
        let empty = press(&asha, &address, " ", button).expect(422);
        assert_eq!(empty.errors()[0].0, "reason");
        let long = press(&asha, &address, &"x".repeat(301), button).expect(422);
        assert_eq!(long.form(&address).values("reason"), [&*"x".repeat(301)], "it is kept");
        let pasted = press(&asha, &address, &format!("It is {secret}"), button).expect(422);
        assert_eq!(pasted.errors()[0].0, "reason");
    }
    assert!(events(world, &token).is_empty());

    let address = format!("{one}/pause");
    let ask = asha.get(&address).expect(200);
    assert_eq!(ask.heading(), "Pause “Backup”?");
    assert!(
        ask.has("refused from the next request on, until staff resume it"),
        "{}",
        ask.text()
    );
    let done = press(&asha, &address, "Strange calls at night", "Pause token").follow();
    assert!(
        done.has("Staff paused this token.") && done.has("Strange calls at night"),
        "{}",
        done.text()
    );
    api.get("/api/v1/token").expect(401);
    let again = asha.get(&address).expect(200);
    assert_eq!(again.heading(), "“Backup” is paused already");
    assert!(
        again.has("Paused by Staff asha: Strange calls at night"),
        "{}",
        again.text()
    );

    let priya = world.signed_in("priya");
    let page = priya.get(&format!("/tokens/{}", token.public_id)).expect(200);
    assert!(page.has("Paused by support: Strange calls at night"), "{}", page.text());
    assert!(page.has("Support: Staff asha"), "the history names who did it");
    assert!(priya.get("/tokens").has("Paused by support: Strange calls at night"));
    assert!(priya.get("/activity").has("Strange calls at night"));

    let address = format!("{one}/revoke");
    let form = asha.get(&address).expect(200).form(&address);
    let form = form.fill("reason", "No answer for a week");
    let done = form.submit("Revoke token").follow();
    assert!(done.has("This token was revoked.") && done.has("No answer for a week"));
    let event = last(world, &token);
    assert_eq!(
        (event.action, event.reason.as_deref()),
        (Action::TokenRevoked, Some("No answer for a week"))
    );
    assert_eq!((event.actor.kind.as_str(), event.account), ("staff", Some(account.id)));
    let late = form.submit("Revoke token").expect(200);
    assert_eq!(late.heading(), "“Backup” is revoked already", "that is no fault");
    assert_eq!(last(world, &token).action, Action::TokenRevoked);
}

fn staff_resume_only_what_staff_paused(world: &World) {
    let (account, Minted { token, secret }, asha) = stage(world);
    let one = path(&account, &format!("/{}", token.public_id));
    let own = format!("/tokens/{}", token.public_id);
    let priya = world.signed_in("priya");
    priya
        .get(&own)
        .form(&format!("{own}/pause"))
        .submit("Pause")
        .expect(303);
    let page = asha.get(&one).expect(200);
    assert!(page.has("Its holder paused this token.") && page.link("Resume").is_none());
    let refused = asha.get(&format!("{one}/resume")).expect(200);
    assert_eq!(
        refused.heading(),
        "“Backup” was paused by its holder, who alone can resume it"
    );
    let forged = asha.get(&format!("{one}/pause")).expect(200);
    assert_eq!(forged.heading(), "“Backup” is paused already");
    let form_token = asha.get("/security").form("/sign-out").values("form_token")[0].to_owned();
    let body = format!("form_token={form_token}&reason=Because");
    asha.send(&asha.form_request("POST", &format!("{one}/resume"), &body))
        .expect(200);
    world.api().with_token(&secret).get("/api/v1/token").expect(401);

    priya.get(&own).expect(200);
    // The notice with its "Undo" is gone by now.
    let resume = priya.get(&own).expect(200).form(&format!("{own}/resume"));
    resume.submit("Resume").expect(303);
    press(&asha, &format!("{one}/pause"), "Looks odd", "Pause token").expect(303);
    let page = resume.submit("Resume").follow();
    assert!(page.has("Support paused this token."), "the holder cannot");
    let done = press(&asha, &format!("{one}/resume"), "All is well", "Resume token").follow();
    assert!(done.has("Resumed. The token works again."), "{}", done.text());
    world.api().with_token(&secret).get("/api/v1/token").expect(200);
    let event = last(world, &token);
    assert_eq!(
        (event.action, event.reason.as_deref()),
        (Action::TokenResumed, Some("All is well"))
    );
    // Staff stop tokens of suspended accounts too.
    suspend(world, &account);
    press(&asha, &format!("{one}/pause"), "Once more", "Pause token").expect(303);
}

fn an_expiry_only_moves_forward(world: &World) {
    let (account, Minted { token, .. }, asha) = stage(world);
    let endless = mint(&world.app, account.id, |new| new.expiry = Expiry::Never).token;
    let address = path(&account, &format!("/{}/shorten", token.public_id));
    let send = |address: &str, expires: &str, date: &str| {
        let form = asha.get(address).expect(200).form(address);
        form.forge("expires", expires)
            .forge("date", date)
            .fill("reason", "The contract ends")
            .submit("Shorten token")
    };
    let page = asha.get(&address).expect(200);
    assert!(
        page.has("30 days") && !page.has("1 year"),
        "only what is earlier: {}",
        page.text()
    );
    assert!(page.has("Asia/Kolkata"));
    for (expires, date) in [
        ("365", ""),
        ("never", ""),
        ("date", "2027-06-01"),
        ("date", "2026-11-01"),
        ("", ""),
    ] {
        let page = send(&address, expires, date).expect(422);
        assert_eq!(
            page.form(&address).values("reason"),
            ["The contract ends"],
            "{expires} {date}"
        );
    }
    assert_eq!(now(world, &token).expiry, token.expiry);
    let done = send(&address, "date", "2026-12-24").follow();
    assert!(
        done.has("Shortened.") && done.has("The contract ends"),
        "{}",
        done.text()
    );
    let at = time::macros::datetime!(2026-12-24 18:29:59);
    assert_eq!(
        now(world, &token).expiry,
        Expiry::At(at),
        "the end of the day in the account's zone"
    );
    assert_eq!(last(world, &token).action, Action::TokenShortened);
    let priya = world.signed_in("priya").get(&format!("/tokens/{}", token.public_id));
    assert!(priya.has("Support made this token end sooner") && priya.has("Shortened by support: The contract ends"));

    let address = path(&account, &format!("/{}/shorten", endless.public_id));
    assert!(asha.get(&address).has("It now never expires."));
    send(&address, "30", "").expect(303);
    assert!(now(world, &endless).expiry != Expiry::Never);
}

fn a_leaked_tokens_page_says_what_to_do(world: &World) {
    let (account, Minted { token, secret }, asha) = stage(world);
    let address = path(&account, &format!("/{}/leaked", token.public_id));
    press(&asha, &address, "Found in public", "Revoke as leaked").expect(303);
    world.api().with_token(&secret).get("/api/v1/token").expect(401);
    assert_eq!(last(world, &token).action, Action::TokenLeaked);
    let priya = world.signed_in("priya");
    let page = priya.get(&format!("/tokens/{}", token.public_id)).expect(200);
    for words in [
        "Somebody else had this token",
        "Revoked by support: Found in public",
        "What to do now:",
    ] {
        assert!(page.has(words), "{words}: {}", page.text());
    }
    assert!(
        priya
            .get("/tokens?status=revoked")
            .has("Leaked, revoked by support: Found in public")
    );
    let again = asha.get(&address).expect(200);
    assert_eq!(again.heading(), "“Backup” is revoked already");
}

/// Every page and form of a customer's tokens, as staff: refused, and nothing is changed.
fn staff_are_no_customers(world: &World) {
    let (account, Minted { token, .. }, asha) = stage(world);
    let own = format!("/tokens/{}", token.public_id);
    let form_token = asha.get("/security").form("/sign-out").values("form_token")[0].to_owned();
    for rest in [
        "",
        "/usage",
        "/history",
        "/edit",
        "/edit/save",
        "/renew",
        "/rotate",
        "/revoke",
    ] {
        asha.get(&format!("{own}{rest}")).expect(403);
    }
    let sent =
        "name=Mine&scope=*&where=all&addresses=&expires=never&date=&revision=0&overlap=now&last4=&password=&ids=";
    for (address, body) in [
        ("/tokens".to_owned(), format!("{sent}&creation_key=x")),
        (format!("{own}/edit/save"), sent.to_owned()),
        (
            format!("{own}/renew"),
            "expires=365&date=&revision=0&password=".to_owned(),
        ),
        (
            format!("{own}/rotate"),
            format!("overlap=now&revision=0&last4={}&password=", token.last4),
        ),
        (format!("{own}/resume"), String::new()),
        (format!("{own}/retire"), "last4=".to_owned()),
    ] {
        let page = asha.send(&asha.form_request("POST", &address, &format!("form_token={form_token}&{body}")));
        assert!(matches!(page.status(), 400 | 403), "{address}: {}", page.status());
    }
    // Fields that the staff's own forms do not have.
    for (step, more) in [
        ("shorten", "expires=never&date="),
        ("pause", "scope=*"),
        ("revoke", "expires=365"),
    ] {
        let address = path(&account, &format!("/{}/{step}", token.public_id));
        let body = format!("form_token={form_token}&reason=x&{more}");
        let page = asha.send(&asha.form_request("POST", &address, &body));
        assert!(matches!(page.status(), 400 | 422), "{address}: {}", page.status());
    }
    // Another account's token below this one.
    let other = world.customer_without_password("arjun");
    asha.get(&path(&other, &format!("/{}", token.public_id))).expect(404);
    let body = format!("form_token={form_token}&reason=x");
    let address = path(&other, &format!("/{}/revoke", token.public_id));
    asha.send(&asha.form_request("POST", &address, &body)).expect(404);
    assert!(events(world, &token).is_empty());
    assert_eq!(now(world, &token).revision, token.revision);
    assert!(matches!(Actor::from(&account), Actor::Account { suspended: false, .. }));
}

fn no_secret_is_shown_to_staff(world: &World) {
    let (account, Minted { token, secret }, asha) = stage(world);
    let hidden = secret.rsplit_once('_').unwrap().1;
    let one = format!("/{}", token.public_id);
    for rest in [
        "",
        &one,
        &format!("{one}/usage"),
        &format!("{one}/history"),
        &format!("{one}/revoke"),
        "/revoke-all",
    ] {
        let page = asha.get(&path(&account, rest)).expect(200);
        assert!(
            !page.body().contains(hidden) && !page.body().contains(&hidden[..32]),
            "{rest}"
        );
    }
    world.clock.advance(Duration::days(100));
    let asha = world.signed_in("asha");
    let expired = asha.get(&path(&account, &one)).expect(200);
    assert!(expired.has("This token has expired.") && expired.link("Shorten").is_none());
    let idle = asha.get(&path(&account, &format!("{one}/shorten"))).expect(200);
    assert!(idle.has("It has ended already."), "{}", idle.text());
}
