//! `/tokens/new` and the answer of `POST /tokens`: from a template or a link to a token that works.

use latchkey::{
    domain::{audit::Action, id::AccountId, policy::Plan},
    store::{self, StoreError, audit},
};

use crate::support::{Browser, Form, Page, World};

mod link;
pub(crate) mod once;
mod rules;

on_both!(
    a_template_becomes_a_token_that_works,
    the_examples_can_be_pasted,
    the_review_leads_back_with_every_answer,
    the_form_of_another_customer_offers_nothing_of_mine,
);

/// The form of a new token, filled in with what makes it valid.
fn filled(browser: &Browser, name: &str) -> Form {
    let form = browser.get("/tokens/new").expect(200).form("/tokens/new");
    form.fill("name", name).check("scope", "backups:create")
}

/// What stands in a field, with line ends as browsers show them.
fn typed(form: &Form, field: &str) -> Vec<String> {
    form.values(field).iter().map(|value| value.replace('\r', "")).collect()
}

/// The review of a form.
#[track_caller]
fn reviewed(form: &Form) -> Form {
    form.submit("Review token").expect(200).form("/tokens")
}

/// Makes a token of that name and returns the page with its secret.
#[track_caller]
fn made(browser: &Browser, name: &str) -> Page {
    reviewed(&filled(browser, name)).submit("Create token").expect(200)
}

/// The secret on the page of a new token.
#[track_caller]
fn secret(page: &Page) -> String {
    page.document().by_id("secret").expect("the page shows a secret").text()
}

/// How many live tokens an account has.
fn live(world: &World, account: AccountId) -> i64 {
    let count = |connection: &mut store::DbConnection| store::tokens::count_live(connection, account);
    world.app.store.read_here::<_, StoreError>(count).unwrap()
}

/// Puts another plan in the place of everybody's.
fn put_plan(world: &World, change: impl FnOnce(&mut Plan)) {
    let mut plan = Plan {
        public_id: world.app.new_public_id(),
        name: "standard".to_owned(),
        scopes: "*".parse().unwrap(),
        policy: latchkey::domain::policy::Policy::default(),
    };
    change(&mut plan);
    let put = |connection: &mut store::DbConnection| store::plans::put(connection, &plan);
    world.app.store.write_here::<_, StoreError>(put).unwrap();
}

fn a_template_becomes_a_token_that_works(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let page = browser
        .get("/tokens/new")
        .expect(200)
        .click("Nightly backup")
        .expect(200);
    let form = page.form("/tokens/new");
    assert_eq!(
        (form.values("name"), form.values("expires")),
        (vec!["Nightly backup"], vec!["90"])
    );
    assert_eq!(
        form.values("scope"),
        ["files:read", "databases:read", "backups:read", "backups:create"]
    );
    let review = form.fill("name", "  Backup script ").submit("Review token").expect(200);
    assert!(
        review.has(
            "Anyone who has this token can list and download files, see databases, their users and their sizes and \
             create backups on all your sites, from anywhere, until 21 Feb 2027, 23:59 IST."
        ),
        "{}",
        review.text()
    );
    assert_eq!(live(world, account.id), 0, "nothing is made before it is confirmed");
    let created = review.form("/tokens").submit("Create token").expect(200);
    assert_eq!(
        (created.heading(), created.header("Cache-Control")),
        ("Token created".to_owned(), Some("no-store"))
    );
    let secret = secret(&created);
    let token = world.api().with_token(&secret).get("/api/v1/token").expect(200).json();
    assert_eq!(token["name"], "Backup script");
    assert_eq!(created.click("Create another").expect(200).heading(), "Create token");

    let query = audit::Query {
        limit: 10,
        ..audit::Query::default()
    };
    let events = world
        .app
        .store
        .read_here::<_, StoreError>(|connection| audit::list(connection, account.id, &query))
        .unwrap();
    let event = &events
        .iter()
        .find(|event| event.event.action == Action::TokenCreated)
        .unwrap()
        .event;
    let noted = |field: &str| event.changes.iter().find(|change| change.field == field)?.after.clone();
    assert_eq!(
        (event.actor.name.as_str(), event.target.name.as_str()),
        ("priya", "Backup script")
    );
    assert_eq!(
        noted("scopes").as_deref(),
        Some("backups:create backups:read databases:read files:read")
    );
    assert_eq!(noted("expiry").as_deref(), Some("2027-02-21T18:29:59Z"));
    assert_eq!(event.address.as_deref(), Some("127.0.0.1"));
}

fn the_examples_can_be_pasted(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let page = made(&browser, "Backup");
    let (secret, text) = (secret(&page), |id: &str| page.document().by_id(id).unwrap().raw_text());
    let url = format!("{}/api/v1/token", browser.origin());
    assert_eq!(
        text("curl"),
        format!("curl -H \"Authorization: Bearer {secret}\" {url}")
    );
    assert_eq!(text("dotenv"), format!("HOSTING_API_TOKEN={secret}"));
    assert!(text("github").contains("    HOSTING_API_TOKEN: ${{ secrets.HOSTING_API_TOKEN }}"));
    for id in ["github", "gitlab", "shell"] {
        assert!(
            text(id).contains(&format!("Bearer $HOSTING_API_TOKEN\" {url}")),
            "{}",
            text(id)
        );
        assert!(
            !text(id).contains(&secret),
            "what ends up in a repository holds no secret"
        );
    }
}

fn the_review_leads_back_with_every_answer(world: &World) {
    world.customer("priya");
    let browser = world.signed_in("priya");
    let form = filled(&browser, "Backup")
        .fill("description", "Runs by night\nAsk Asha")
        .check("scope", "dns:write")
        .fill("where", "some")
        .check("site", "shop.priya.example")
        .fill("addresses", "203.0.113.0/24\n2001:db8::7")
        .fill("expires", "date")
        .fill("date", "2027-01-01");
    let review = form.submit("Review token").expect(200);
    assert!(review.has("until 1 Jan 2027, 23:59 IST"), "{}", review.text());
    assert!(review.has("none of its addresses") || review.has("not among its addresses"));
    let back = review.form("/tokens").submit("Change").expect(200);
    assert!(back.errors().is_empty());
    let again = back.form("/tokens/new");
    for field in [
        "name",
        "description",
        "scope",
        "where",
        "site",
        "addresses",
        "expires",
        "date",
        "creation_key",
    ] {
        assert_eq!(typed(&again, field), typed(&form, field), "{field}");
    }
}

fn the_form_of_another_customer_offers_nothing_of_mine(world: &World) {
    world.customer("priya");
    let other = world.customer("arjun");
    let browser = world.signed_in("arjun");
    let form = filled(&browser, "Backup").fill("where", "some");
    assert_eq!(form.choices("site"), ["arjun.example", "shop.arjun.example"]);
    let page = form.forge("site", "priya.example").submit("Review token").expect(422);
    assert_eq!(
        page.error_words(),
        ["Choose only from your own sites, which “priya.example” is not"]
    );
    assert_eq!(live(world, other.id), 0);
}
