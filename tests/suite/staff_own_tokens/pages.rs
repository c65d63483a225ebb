//! `/staff/tokens`: making a staff token whose secret is shown once, changing and revoking it; and `/staff/members`, where
//! administrators see and end those of others.

use latchkey::{
    app::Caller,
    domain::{
        audit::Action,
        secret::{EXAMPLE, StaffSecret},
        staff::Role,
        staff_token::{MAX_LIVE, StaffToken},
    },
};
use time::Duration;

use super::{live, member, revoke, verify};
use crate::{
    services::events,
    staff_once::{administrator, secret},
    support::{Browser, Form, PASSWORD, World, mint_staff},
};

on_both!(
    a_staff_member_makes_one_that_works,
    what_was_typed_is_kept,
    a_name_belongs_to_one_and_there_is_a_most,
    a_role_offers_what_it_allows,
    it_lives_as_long_as_is_chosen,
    only_widening_asks_for_the_password,
    whoever_was_slower_is_shown_what_holds,
    a_revoked_one_is_refused_from_the_next_request,
    an_administrator_ends_those_of_others,
    nobody_reaches_those_of_others,
);

pub(super) const LIST: &str = "/staff/tokens";
pub(super) const NEW: &str = "/staff/tokens/new";
pub(super) const MAKE: &str = "Make staff token";
pub(super) const REVOKE: &str = "Revoke staff token";

#[track_caller]
pub(super) fn filled(browser: &Browser, name: &str) -> Form {
    let form = browser.get(NEW).expect(200).form(NEW);
    form.fill("name", name).check("scope", "accounts:read")
}

/// The live tokens of the staff member with this user name.
pub(super) fn tokens(world: &World, username: &str) -> Vec<StaffToken> {
    live(world, &member(world, username))
}

fn a_staff_member_makes_one_that_works(world: &World) {
    let browser = administrator(world);
    let empty = browser.get("/staff/accounts").click("Staff tokens").expect(200);
    assert!(empty.has("No staff token yet"), "{}", empty.text());
    let form = empty.click("New staff token").expect(200).form(NEW);
    let form = form
        .fill("name", " Billing ")
        .check("scope", "accounts:read")
        .check("scope", "accounts:suspend")
        .fill("addresses", "203.0.113.7\r\n10.0.0.9/8, 10.1.2.3");
    let page = form.submit(MAKE).expect(200);
    assert_eq!(page.header("Cache-Control"), Some("no-store"));
    assert!(page.has("From where you are now, 127.0.0.1, it will be refused"));
    let secret = secret(&page);
    let id = StaffSecret::parse(&secret).unwrap().public_id();
    let url = world.app.settings.public_url.as_str();
    let curl = page.document().by_id("curl").unwrap().text();
    assert_eq!(
        curl,
        format!("curl -H \"Authorization: Bearer {secret}\" {url}/api/v1/staff/token")
    );
    assert!(verify(world, &secret, "203.0.113.7").is_ok());
    assert!(verify(world, &secret, "203.0.113.8").is_err());
    assert_eq!(events(world, Action::StaffTokenCreated), 1);

    let row = browser.get(LIST).expect(200).rows().remove(0);
    let hint = format!("lka_{id}…{}", &secret[secret.len() - 4..]);
    assert_eq!(row[0], format!("Billing {hint}"));
    assert_eq!(
        row[1],
        "Search accounts and see what they are Suspend accounts and restore them Only from 2 addresses"
    );
    assert_eq!(row[2..5], ["Active", "Never", "21 Feb 2027"]);
    let change = format!("{LIST}/{id}");
    let form = browser.get(&change).expect(200).form(&change);
    assert_eq!(
        form.values("addresses").join("").replace('\r', ""),
        "10.0.0.0/8\n203.0.113.7"
    );
    let audit = browser.get("/staff/audit").expect(200);
    assert!(
        audit.has("A token of staff member “Staff meera” was made"),
        "{}",
        audit.text()
    );
    assert!(audit.has(&format!("Token: Billing ({id})")), "{}", audit.text());
}

fn what_was_typed_is_kept(world: &World) {
    let browser = administrator(world);
    let wrong = filled(&browser, &"x".repeat(51))
        .uncheck("scope", "accounts:read")
        .fill("addresses", "10.0.0.1\r\nmy server")
        .fill("expires", "date")
        .fill("date", "2027-13-01");
    let page = wrong.submit(MAKE).expect(422);
    assert!(page.title().starts_with("Error: "));
    let ids: Vec<String> = page.errors().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["name", "scopes", "addresses", "addresses", "date"]);
    let shown = page.form(NEW);
    for field in ["name", "scope", "addresses", "expires", "date", "creation_key"] {
        let typed: Vec<String> = shown.values(field).iter().map(|text| text.replace('\r', "")).collect();
        let sent: Vec<String> = wrong.values(field).iter().map(|text| text.replace('\r', "")).collect();
        assert_eq!(typed, sent, "{field}");
    }
    for (name, words) in [
        (" ", "Enter a name for the token"),
        (
            EXAMPLE,
            "Take the token itself out of the name: everybody who reads it could use the token",
        ),
    ] {
        assert_eq!(filled(&browser, name).submit(MAKE).expect(422).error_words(), [words]);
    }
    let unknown = filled(&browser, "Other")
        .forge("scope", "accounts:destroy")
        .submit(MAKE);
    assert_eq!(
        unknown.expect(422).error_words(),
        ["Choose from the list what it can do"]
    );
    let late = filled(&browser, "Other")
        .fill("expires", "date")
        .fill("date", "2027-02-22");
    assert_eq!(
        late.submit(MAKE).expect(422).errors(),
        [("date".to_owned(), "Choose a date up to 21 Feb 2027".to_owned())]
    );
    assert!(tokens(world, "meera").is_empty());
}

fn a_name_belongs_to_one_and_there_is_a_most(world: &World) {
    let browser = administrator(world);
    let (_, first) = mint_staff(world, "meera", "Billing", "accounts:read");
    let page = filled(&browser, "BILLING").submit(MAKE).expect(422);
    let words = "You already have a staff token called “BILLING”. Choose another name, or revoke that one first";
    assert_eq!(page.errors(), [("name".to_owned(), words.to_owned())]);
    for number in 1..MAX_LIVE {
        mint_staff(world, "meera", &format!("Program {number}"), "accounts:read");
    }
    let form = filled(&browser, "One more");
    let page = form.submit(MAKE).expect(422);
    assert!(page.error_words()[0].starts_with("You have 50 staff tokens, which is the most."));
    revoke(world, &Caller::shell(), &first).unwrap();
    form.submit(MAKE).expect(200);
}

fn a_role_offers_what_it_allows(world: &World) {
    world.staff("asha", Role::Support);
    let browser = world.signed_in("asha");
    let form = filled(&browser, "Tickets");
    let page = browser.get(NEW);
    let disabled = |id: &str| page.document().by_id(id).unwrap().has("disabled");
    assert!(disabled("scope-accounts:remove") && disabled("scope-policy:change"));
    assert!(!disabled("scope-tokens:stop"));
    assert!(page.has("Who sets a password can sign in as that customer and create tokens.") != page.has("High risk"));
    let forged = form.forge("scope", "accounts:password").submit(MAKE).expect(422);
    assert_eq!(
        forged.errors(),
        [("scopes".to_owned(), "Untick what your role does not include".to_owned())]
    );
    assert!(tokens(world, "asha").is_empty());
}

fn it_lives_as_long_as_is_chosen(world: &World) {
    let browser = administrator(world);
    let until = |expires: &str, date: &str| {
        let form = filled(&browser, &world.clock.random_base62(8)).fill("expires", expires);
        let form = if date.is_empty() { form } else { form.fill("date", date) };
        let id = StaffSecret::parse(&secret(&form.submit(MAKE).expect(200)))
            .unwrap()
            .public_id();
        let token = tokens(world, "meera")
            .into_iter()
            .find(|token| token.public_id == id)
            .unwrap();
        token.expires_at
    };
    let now = world.clock.now();
    // The end of that day, and never more than 90 days.
    assert_eq!(until("7", "").date(), (now + Duration::days(7)).date());
    assert!(until("7", "") > now + Duration::days(7));
    assert_eq!(until("90", ""), now + Duration::days(90));
    assert_eq!(until("date", "2027-02-21"), now + Duration::days(90));
    assert_eq!(until("date", "2026-12-01").date().to_string(), "2026-12-01");
}

fn only_widening_asks_for_the_password(world: &World) {
    let browser = administrator(world);
    let (_, token) = mint_staff(world, "meera", "Billing", "accounts:read audit:read");
    let path = format!("{LIST}/{}", token.public_id);
    world.clock.advance(Duration::minutes(11));
    let page = browser.get(LIST).click("Change Billing").expect(200);
    assert_eq!(page.path(), path);
    let narrow = page
        .form(&path)
        .uncheck("scope", "audit:read")
        .fill("name", "Accounting");
    assert!(narrow.offers("password"));
    let done = narrow.submit("Save").follow();
    assert!(done.has("Saved. The change holds for the very next request."));
    let unchanged = done.form(&path).submit("Save").follow();
    assert!(unchanged.has("Nothing was different, so nothing was changed."));

    let wide = unchanged.form(&path).check("scope", "accounts:create");
    let asking = wide.submit("Save").expect(422);
    assert_eq!(
        asking.errors(),
        [("password".to_owned(), "Enter your password to go on".to_owned())]
    );
    assert_eq!(asking.form(&path).values("scope"), ["accounts:read", "accounts:create"]);
    assert_eq!(tokens(world, "meera")[0].scopes.to_string(), "accounts:read");
    asking.form(&path).fill("password", PASSWORD).submit("Save").expect(303);
    let changed = &tokens(world, "meera")[0];
    assert_eq!(
        (changed.name.as_str(), changed.scopes.to_string().as_str()),
        ("Accounting", "accounts:read accounts:create")
    );
    assert_eq!((changed.revision, changed.expires_at), (2, token.expires_at));
    assert_eq!(events(world, Action::StaffTokenChanged), 2);
}

fn whoever_was_slower_is_shown_what_holds(world: &World) {
    let browser = administrator(world);
    let (_, token) = mint_staff(world, "meera", "Billing", "accounts:read");
    let path = format!("{LIST}/{}", token.public_id);
    let form = browser.get(&path).expect(200).form(&path);
    form.clone().fill("name", "First").submit("Save").expect(303);
    let slower = form.fill("name", "Second").submit("Save").expect(409);
    assert!(slower.has("Somebody else changed this while you had it open."));
    assert_eq!(slower.form(&path).values("name"), ["Second"]);
    slower.form(&path).submit("Save").expect(303);
    assert_eq!(tokens(world, "meera")[0].name.as_str(), "Second");
    let late = browser.get(&path).form(&path);
    revoke(world, &Caller::shell(), &token).unwrap();
    let over = late.fill("name", "Third").submit("Save").expect(409);
    assert!(over.has("is refused for good"), "{}", over.text());
}

fn a_revoked_one_is_refused_from_the_next_request(world: &World) {
    let browser = administrator(world);
    let (secret, token) = mint_staff(world, "meera", "Billing", "accounts:read");
    let ask = format!("{LIST}/{}/revoke", token.public_id);
    let unused = browser.get(LIST).click("Revoke Billing").expect(200);
    assert_eq!((unused.path(), unused.heading().as_str()), (&*ask, "Revoke “Billing”?"));
    assert!(unused.has("It was never used. Whoever uses it is refused from the next request on."));
    assert!(verify(world, &secret, "203.0.113.7").is_ok());
    world.wait(world.app.staff_tokens.flush(&world.app)).unwrap();
    world.clock.advance(Duration::minutes(10));
    let used = browser.get(&ask).expect(200);
    assert!(used.has("It is in use. It was used 10 minutes ago from 203.0.113.7."));
    // To end one the password is never asked for.
    let form = used.form(&ask);
    let done = form.submit(REVOKE).follow();
    assert!(done.has("Revoked. The program that uses the staff token is refused."));
    assert!(verify(world, &secret, "203.0.113.7").is_err());
    let again = form.submit(REVOKE).expect(200);
    assert_eq!(again.heading(), "“Billing” is revoked");
    let page = browser.get(&format!("{LIST}/{}", token.public_id)).expect(200);
    assert!(page.has("It was revoked on 23 Nov 2026, 12:10 UTC and is refused for good."));
    assert_eq!(events(world, Action::StaffTokenRevoked), 1);
    for id in ["Ab12Cd34", "none", "a%00b"] {
        browser.get(&format!("{LIST}/{id}")).expect(404);
        browser.get(&format!("{LIST}/{id}/revoke")).expect(404);
    }
}

fn an_administrator_ends_those_of_others(world: &World) {
    let browser = administrator(world);
    world.staff("asha", Role::Support);
    let (_, token) = mint_staff(world, "asha", "Tickets", "accounts:read");
    let asha = format!("/staff/members/{}", member(world, "asha").public_id);
    let page = browser.get(&asha).expect(200);
    assert!(page.rows().remove(0)[0].starts_with("Tickets lka_"));
    let asking = page.click("Revoke Tickets").expect(200);
    assert!(asking.has("It is a token of Staff asha, who gets a mail about it."));
    let ask = format!("{asha}/tokens/{}/revoke", token.public_id);
    let done = asking.form(&ask).submit(REVOKE).follow();
    assert_eq!(done.path(), asha);
    assert!(done.has("Revoked.") && done.rows().is_empty());
    assert!(tokens(world, "asha").is_empty());
    let (_, own) = mint_staff(world, "meera", "Billing", "accounts:read");
    for (of, id) in [
        (&*asha, own.public_id.as_str()),
        ("/staff/members/nobody", token.public_id.as_str()),
    ] {
        browser.get(&format!("{of}/tokens/{id}/revoke")).expect(404);
    }
}

fn nobody_reaches_those_of_others(world: &World) {
    let admin = administrator(world);
    world.staff("asha", Role::Support);
    let (_, theirs) = mint_staff(world, "meera", "Billing", "accounts:read");
    let (_, of_asha) = mint_staff(world, "asha", "Tickets", "accounts:read");
    let support = world.signed_in("asha");
    for (browser, id) in [(&support, theirs.public_id), (&admin, of_asha.public_id)] {
        let token = browser.get("/security").form("/sign-out").values("form_token")[0].to_owned();
        for rest in ["", "/revoke"] {
            let path = format!("{LIST}/{id}{rest}");
            browser.get(&path).expect(404);
            let fields = if rest.is_empty() {
                "&name=Mine&revision=0&expires=keep"
            } else {
                ""
            };
            let body = format!("form_token={token}{fields}");
            browser.send(&browser.form_request("POST", &path, &body)).expect(404);
        }
    }
    let meera = member(world, "meera").public_id;
    support
        .get(&format!("/staff/members/{meera}/tokens/{}/revoke", theirs.public_id))
        .expect(403);
    assert_eq!((tokens(world, "meera").len(), tokens(world, "asha").len()), (1, 1));
}
