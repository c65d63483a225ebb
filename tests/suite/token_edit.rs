//! `/tokens/{id}/edit`: what changes is shown first, widening asks for the password, and two windows lose nothing.

mod rules;

use latchkey::{
    app::{AppError, tokens::edit::edit},
    domain::{
        audit::Action,
        draft::Draft,
        scope::ScopeSet,
        token::{Expiry, Token},
    },
    store::tokens,
};
use time::Duration;

use crate::{
    support::{Form, Minted, PASSWORD, Page, World, mint},
    token::{events, fresh},
};

on_both!(
    a_change_is_shown_before_it_is_saved,
    only_widening_asks_for_the_password,
    what_is_wrong_is_said_and_nothing_is_lost,
    nothing_different_is_said,
    a_link_proposes_permissions,
    a_link_proposes_sites,
    answers_survive_signing_in_again,
    an_expired_token_is_edited_and_a_revoked_one_is_not,
);

fn path(token: &Token) -> String {
    format!("/tokens/{}/edit", token.public_id)
}

fn save_path(token: &Token) -> String {
    format!("/tokens/{}/edit/save", token.public_id)
}

fn now(world: &World, token: &Token) -> Token {
    let found = world
        .app
        .store
        .read_here(|connection| tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap()
}

fn review(form: &Form) -> Page {
    form.submit("Review changes").expect(200)
}

fn a_change_is_shown_before_it_is_saved(world: &World) {
    let account = world.customer("priya");
    let Minted { token, secret } = mint(&world.app, account.id, |new| {
        new.name = "Backup".parse().unwrap();
        new.scopes = "backups:create files:read".parse().unwrap();
    });
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).expect(200).form(&path(&token));
    assert_eq!(form.values("name"), ["Backup"]);
    assert_eq!(form.values("scope"), ["files:read", "backups:create"]);
    assert_eq!(form.values("where"), ["all"]);
    assert!(!form.offers("expires"), "renewing is a page of its own");
    let form = form
        .fill("name", "Nightly backup")
        .uncheck("scope", "files:read")
        .check("scope", "dns:write")
        .fill("where", "some")
        .check("site", "priya.example")
        .fill("addresses", "203.0.113.7\n198.51.100.0/24");
    let shown = review(&form);
    for words in [
        "Added: Nightly backup",
        "Removed: Backup",
        "Removed: List and download files",
        "Added: Add and change DNS records",
        "Added: See DNS records",
        "Added: priya.example",
        "Removed: All sites",
        "Removed: Any address",
        "Added: 203.0.113.7",
        "The token can do more than before.",
        "What is taken away is refused from the very next request on.",
        "You are now at 127.0.0.1, which is none of its addresses any more",
        "Anyone who has this token can create backups",
    ] {
        assert!(shown.has(words), "{words}: {}", shown.text());
    }
    assert_eq!(now(world, &token).revision, token.revision, "nothing is saved yet");
    // Back to the form, with everything in it.
    let back = shown.form(&save_path(&token)).submit("Change it again").expect(200);
    assert_eq!(back.form(&path(&token)).values("name"), ["Nightly backup"]);
    assert_eq!(back.form(&path(&token)).values("site"), ["priya.example"]);
    let done = review(&back.form(&path(&token)))
        .form(&save_path(&token))
        .submit("Save the change")
        .follow();
    assert!(done.has("Saved. The change holds for the very next request."));
    let changed = now(world, &token);
    assert_eq!(changed.scopes.to_string(), "backups:create dns:write");
    assert_eq!(changed.addresses.to_string(), "198.51.100.0/24 203.0.113.7");
    assert_eq!((changed.last4, changed.expiry), (token.last4.clone(), token.expiry));
    let refused = world.api().with_token(&secret).get("/api/v1/token").expect(403);
    assert_eq!(refused.json()["title"], "The token may not be used from this address");
    let written = events(world, &token);
    assert_eq!((written.len(), written[0].action), (1, Action::TokenChanged));
    let fields: Vec<&str> = written[0].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["name", "scopes", "sites", "addresses", "widened"]);
    assert_eq!(written[0].changes[0].before.as_deref(), Some("Backup"));
}

fn only_widening_asks_for_the_password(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |new| {
        new.scopes = "backups:create files:read".parse().unwrap();
    })
    .token;
    let browser = world.signed_in("priya");
    world.clock.advance(Duration::minutes(11));
    let narrower = browser
        .get(&path(&token))
        .form(&path(&token))
        .uncheck("scope", "files:read");
    let shown = review(&narrower).form(&save_path(&token));
    assert!(!shown.offers("password"));
    shown.submit("Save the change").expect(303);
    let implied = browser
        .get(&path(&token))
        .form(&path(&token))
        .check("scope", "backups:read");
    let same = implied.submit("Review changes").follow();
    assert!(
        same.has("Nothing was different"),
        "creating backups includes seeing them"
    );
    let wider = browser
        .get(&path(&token))
        .form(&path(&token))
        .check("scope", "files:read");
    let form = review(&wider).form(&save_path(&token));
    let refused = form.submit("Save the change").expect(422);
    assert_eq!(refused.error_words(), ["Enter your password to go on"]);
    assert!(
        refused.has("Added: List and download files"),
        "the change is still shown"
    );
    let form = refused.form(&save_path(&token)).fill("password", PASSWORD);
    form.submit("Save the change").expect(303);
    assert!(now(world, &token).scopes.to_string().contains("files:read"));
    let stale = fresh(world, &account);
    world.clock.advance(Duration::minutes(11));
    let token = now(world, &token);
    let wider = Draft {
        scopes: ScopeSet::full(),
        ..Draft::from(&token)
    };
    let refused = edit(&world.app, &stale, &account, token.public_id, token.revision, wider);
    assert!(matches!(world.wait(refused), Err(AppError::PasswordNeeded)));
}

fn what_is_wrong_is_said_and_nothing_is_lost(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    mint(&world.app, account.id, |new| new.name = "Deploy".parse().unwrap());
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).form(&path(&token));
    let form = form
        .fill("name", "dePLOY")
        .fill("description", "mine")
        .uncheck("scope", "backups:create")
        .fill("addresses", "300.1.1.1");
    let refused = form.submit("Review changes").expect(422);
    let fields: Vec<String> = refused.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "scopes", "addresses"]);
    assert!(refused.title().starts_with("Error: "));
    let form = refused.form(&path(&token));
    assert_eq!(form.values("description"), ["mine"]);
    assert_eq!(form.values("addresses"), ["300.1.1.1"]);
    let foreign = form
        .fill("addresses", "")
        .fill("name", "Mine")
        .check("scope", "files:read");
    let foreign = foreign.forge("where", "some").forge("site", "arjun.example");
    let refused = foreign.submit("Review changes").expect(422);
    assert_eq!(
        refused.error_words(),
        ["Choose only from your own sites, which “arjun.example” is not"]
    );
    assert!(events(world, &token).is_empty());
}

fn nothing_different_is_said(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let form = browser.get(&path(&token)).form(&path(&token));
    assert!(
        form.submit("Review changes")
            .follow()
            .has("Nothing was different, so nothing was changed.")
    );
    assert!(events(world, &token).is_empty());
}

fn a_link_proposes_permissions(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let link = format!("{}?add=dns:read&add=backups:read+moon:land&utm=mail", path(&token));
    let page = browser.get(&link).expect(200);
    assert!(page.has("Filled in by a link.") && page.has("See DNS records"));
    assert!(page.has("There is no permission “moon:land” here."));
    let form = page.form(&path(&token));
    assert_eq!(
        form.values("scope"),
        ["backups:create", "dns:read"],
        "seeing backups is included"
    );
    assert_eq!(
        now(world, &token).revision,
        token.revision,
        "a link changes nothing by itself"
    );
    assert!(review(&form).has("Added: See DNS records"));
    let unknown = browser
        .get(&format!("{}?add=%22%3E%3Cscript%3E", path(&token)))
        .expect(200);
    assert!(unknown.has("There is no permission “\"><script>” here."));
}

fn a_link_proposes_sites(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |new| {
        new.sites = "priya.example".parse().unwrap();
    })
    .token;
    let browser = world.signed_in("priya");
    let link = format!("{}?add_site=shop.priya.example&add_site=other.example", path(&token));
    let page = browser.get(&link).expect(200);
    assert!(page.has("Work on shop.priya.example"));
    assert!(page.has("Your account has no site “other.example”."));
    assert_eq!(
        page.form(&path(&token)).values("site"),
        ["priya.example", "shop.priya.example"]
    );
}

fn answers_survive_signing_in_again(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let form = browser
        .get(&path(&token))
        .form(&path(&token))
        .fill("name", "Renamed")
        .check("scope", "files:read");
    world.clock.advance(Duration::days(2));
    let sign_in = form.submit("Review changes").follow().expect(200);
    let form = sign_in
        .form("/sign-in")
        .fill("username", "priya")
        .fill("password", PASSWORD);
    let again = form.submit("Sign in").follow().expect(200);
    let form = again.form(&path(&token));
    assert_eq!(form.values("name"), ["Renamed"]);
    assert_eq!(form.values("scope"), ["files:read", "backups:create"]);
    assert!(review(&form).has("Added: Renamed"));
}

fn an_expired_token_is_edited_and_a_revoked_one_is_not(world: &World) {
    let account = world.customer("priya");
    let at = world.clock.now();
    let expired = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(at - Duration::hours(1));
    })
    .token;
    let browser = world.signed_in("priya");
    let form = browser
        .get(&path(&expired))
        .form(&path(&expired))
        .fill("name", "Old one");
    review(&form)
        .form(&save_path(&expired))
        .submit("Save the change")
        .expect(303);
    assert_eq!(now(world, &expired).name.as_str(), "Old one");
    let revoked = mint(&world.app, account.id, |_| ()).token;
    let form = browser
        .get(&path(&revoked))
        .form(&path(&revoked))
        .fill("name", "Too late");
    let done = world
        .app
        .store
        .write_here(|connection| tokens::revoke(connection, revoked.id, at));
    assert!(done.unwrap());
    assert!(form.submit("Review changes").follow().has("This token was revoked."));
    assert!(browser.get(&path(&revoked)).follow().has("This token was revoked."));
    assert!(events(world, &revoked).is_empty());
}
