//! `/tokens/pause`, `/tokens/revoke` and `/tokens/renew`: several tokens at once.

use latchkey::{
    domain::{
        account::Account,
        audit::Action,
        policy::Policy,
        token::{Expiry, Life, Token},
    },
    store::{audit, installation, tokens},
};
use time::{Duration, macros::datetime};

use crate::support::{Browser, Form, World, mint};

on_both!(
    ticked_tokens_are_paused,
    what_cannot_be_paused_is_named,
    a_revoke_is_confirmed_first,
    what_is_revoked_already_is_left_out,
    many_names_are_counted,
    somebody_elses_tokens_do_not_exist,
    this_months_tokens_get_their_time_again,
    the_policy_shortens_or_forbids_a_renewal,
    renewing_asks_for_the_password_again,
);

fn token(world: &World, account: &Account, name: &str) -> Token {
    mint(&world.app, account.id, |new| new.name = name.parse().unwrap()).token
}

fn expiring(world: &World, account: &Account, name: &str, at: time::PrimitiveDateTime) -> Token {
    let change = |new: &mut tokens::NewToken| {
        new.name = name.parse().unwrap();
        new.expiry = Expiry::At(at);
    };
    mint(&world.app, account.id, change).token
}

fn now(world: &World, token: &Token) -> Token {
    let find = |connection: &mut _| tokens::find(connection, token.account, &token.public_id);
    world.app.store.read_here(find).unwrap().unwrap()
}

/// The actions and targets of the account's events, earliest first, without sign-ins.
fn events(world: &World, account: &Account) -> Vec<(Action, String)> {
    let query = audit::Query {
        limit: 1_000,
        ..audit::Query::default()
    };
    let list = |connection: &mut _| audit::list(connection, account.id, &query);
    let mut events = world.app.store.read_here(list).unwrap();
    events.reverse();
    let events = events
        .into_iter()
        .map(|event| (event.event.action, event.event.target.name));
    events
        .filter(|(action, _)| !matches!(action, Action::SignedIn | Action::AccountCreated))
        .collect()
}

/// The list's form with these tokens ticked.
fn ticked(browser: &Browser, path: &str, tokens: &[&Token]) -> Form {
    let form = browser.get(path).expect(200).form("/tokens/pause");
    tokens
        .iter()
        .fold(form, |form, token| form.check("ids", token.public_id.as_str()))
}

fn ticked_tokens_are_paused(world: &World) {
    let account = world.customer("priya");
    let (one, two, other) = (
        token(world, &account, "One"),
        token(world, &account, "Two"),
        token(world, &account, "Other"),
    );
    let browser = world.signed_in("priya");
    let nothing = ticked(&browser, "/tokens", &[])
        .submit("Pause selected")
        .follow()
        .expect(200);
    assert!(nothing.has("Tick the tokens that you mean first."));
    let done = ticked(&browser, "/tokens?q=o&sort=name", &[&one, &two]).submit("Pause selected");
    assert_eq!(done.header("Location"), Some("/tokens?q=o&sort=name"));
    assert!(
        done.follow()
            .expect(200)
            .has("Paused: 2. They are refused until you resume them.")
    );
    assert!(
        matches!(now(world, &one).life, Life::Paused { .. }) && matches!(now(world, &two).life, Life::Paused { .. })
    );
    assert_eq!(now(world, &other).life, Life::Live);
    let paused = |name: &str| (Action::TokenPaused, name.to_owned());
    assert_eq!(events(world, &account), [paused("One"), paused("Two")]);
    let single = ticked(&browser, "/tokens", &[&other])
        .submit("Pause selected")
        .follow()
        .expect(200);
    let undo = single.form(&format!("/tokens/{}/resume", other.public_id));
    undo.submit("Undo").expect(303);
    assert_eq!(now(world, &other).life, Life::Live);
}

fn what_cannot_be_paused_is_named(world: &World) {
    let account = world.customer("priya");
    let (one, two) = (token(world, &account, "One"), token(world, &account, "<i>Two"));
    let browser = world.signed_in("priya");
    let form = ticked(&browser, "/tokens", &[&one, &two]);
    ticked(&browser, "/tokens", &[&two])
        .submit("Pause selected")
        .expect(303);
    let page = form.submit("Pause selected").expect(200);
    assert_eq!(page.heading(), "Not every token was paused");
    assert!(page.has("1 token was paused. One") && page.has("<i>Two: It was paused already."));
    assert_eq!(page.link("Back to my tokens").as_deref(), Some("/tokens"));
}

fn a_revoke_is_confirmed_first(world: &World) {
    let account = world.customer("priya");
    let (one, two) = (token(world, &account, "One"), token(world, &account, "Two"));
    let browser = world.signed_in("priya");
    let form = ticked(&browser, "/tokens?sort=name", &[&one, &two]);
    let asked = form.submit("Revoke selected");
    let address = format!(
        "/tokens/revoke?ids={},{}&back=sort%3Dname",
        one.public_id, two.public_id
    );
    assert_eq!(asked.header("Location"), Some(address.as_str()));
    let page = asked.follow().expect(200);
    assert_eq!(page.heading(), "Revoke 2 tokens?");
    assert!(page.has("One Never used Two Never used") && page.has("This cannot be undone."));
    assert_eq!(page.link("Keep all").as_deref(), Some("/tokens?sort=name"));
    let again = page.form("/tokens/revoke").submit("Revoke 2 tokens").expect(422);
    assert_eq!(
        again.error_words(),
        ["Tick the box to say that these tokens may stop working"]
    );
    assert!(again.title().starts_with("Error: ") && events(world, &account).is_empty());
    let form = again.form("/tokens/revoke").check("understood", "1");
    let done = form.submit("Revoke 2 tokens").follow().expect(200);
    assert_eq!(done.path(), "/tokens?sort=name");
    assert!(done.has("Revoked: 2. Anything that still uses them is refused."));
    assert!(now(world, &one).is_revoked() && now(world, &two).is_revoked());
    let revoked = |name: &str| (Action::TokenRevoked, name.to_owned());
    assert_eq!(events(world, &account), [revoked("One"), revoked("Two")]);
}

fn what_is_revoked_already_is_left_out(world: &World) {
    let account = world.customer("priya");
    let (one, two) = (token(world, &account, "One"), token(world, &account, "Two"));
    let browser = world.signed_in("priya");
    let address = format!("/tokens/revoke?ids={},{}", one.public_id, two.public_id);
    let early = browser
        .get(&address)
        .expect(200)
        .form("/tokens/revoke")
        .check("understood", "1");
    let at = world.app.now();
    world
        .app
        .store
        .write_here(|connection| tokens::revoke(connection, one.id, at))
        .unwrap();
    let page = browser.get(&address).expect(200);
    assert_eq!(page.heading(), "Revoke 1 token?");
    assert!(page.has("Revoked already, and left out: “One”"));
    let done = early.submit("Revoke 2 tokens").expect(200);
    assert_eq!(done.heading(), "Not every token was revoked");
    assert!(done.has("1 token was revoked. Two") && done.has("One: It was revoked on 23 Nov 2026, 17:30 IST."));
    let over = browser.get(&address).expect(200);
    assert_eq!(over.heading(), "These tokens are revoked already");
    assert_eq!(events(world, &account).len(), 1, "one of them here, the other by hand");
}

fn many_names_are_counted(world: &World) {
    let account = world.customer("priya");
    let ids: Vec<String> = (0..44)
        .map(|number| {
            token(world, &account, &format!("Token {number:02}"))
                .public_id
                .to_string()
        })
        .collect();
    let browser = world.signed_in("priya");
    let page = browser
        .get(&format!("/tokens/revoke?ids={}", ids.join(",")))
        .expect(200);
    assert_eq!(page.heading(), "Revoke 44 tokens?");
    assert!(page.has("and 34 more") && page.form("/tokens/revoke").values("ids").len() == 44);
    let twice = format!("/tokens/revoke?ids={0},{0}&ids={0}&ids=;DROP&ids=", ids[0]);
    assert_eq!(browser.get(&twice).expect(200).heading(), "Revoke 1 token?");
}

fn somebody_elses_tokens_do_not_exist(world: &World) {
    let (account, stranger) = (world.customer("priya"), world.customer("arjun"));
    let (own, theirs) = (token(world, &account, "Own"), token(world, &stranger, "Theirs"));
    let browser = world.signed_in("priya");
    let page = browser
        .get(&format!("/tokens/revoke?ids={},{}", own.public_id, theirs.public_id))
        .expect(200);
    assert!(page.heading() == "Revoke 1 token?" && !page.has("Theirs"));
    let form = page
        .form("/tokens/revoke")
        .check("understood", "1")
        .forge("ids", theirs.public_id.as_str());
    let done = form.submit("Revoke 1 token").follow().expect(200);
    assert!(done.has("Tick the tokens that you mean first."));
    let form = browser
        .get("/tokens")
        .form("/tokens/pause")
        .forge("ids", theirs.public_id.as_str());
    form.submit("Pause selected").expect(303);
    assert_eq!(now(world, &theirs).life, Life::Live);
    assert!(events(world, &stranger).is_empty() && events(world, &account).is_empty());
}

fn this_months_tokens_get_their_time_again(world: &World) {
    let account = world.customer("priya");
    // Made on 23 November. 30 November ends at 18:29:59 UTC in India.
    let short = expiring(world, &account, "Short", datetime!(2026-11-26 18:29:59));
    let edge = expiring(world, &account, "Edge", datetime!(2026-11-30 18:29:59));
    let next = expiring(world, &account, "Next month", datetime!(2026-12-31 18:29:59));
    world.clock.advance(Duration::days(1));
    let browser = world.signed_in("priya");
    let page = browser
        .get("/tokens")
        .click("Renew all that expire this month")
        .expect(200);
    assert!(page.has("Tokens that expire until 1 Dec 2026, 23:59 IST") && !page.has("Next month"));
    let rows: Vec<String> = page.rows().into_iter().map(|row| row[1..].join(" | ")).collect();
    assert_eq!(
        rows,
        [
            "Short | 26 Nov 2026, 23:59 IST | 27 Nov 2026, 23:59 IST",
            "Edge | 30 Nov 2026, 23:59 IST | 1 Dec 2026, 23:59 IST"
        ]
    );
    let form = page.form("/tokens/renew");
    assert_eq!(form.values("ids").len(), 2);
    let none = form
        .clone()
        .uncheck("ids", short.public_id.as_str())
        .uncheck("ids", edge.public_id.as_str());
    let none = none.submit("Renew the ticked tokens").expect(422);
    assert_eq!(none.error_words(), ["Tick the tokens that are to be renewed"]);
    let done = form.submit("Renew the ticked tokens").follow().expect(200);
    assert!(done.has("Renewed: 2. Their secrets stay the same."));
    assert_eq!(now(world, &short).expiry, Expiry::At(datetime!(2026-11-27 18:29:59)));
    assert_eq!(now(world, &edge).expiry, Expiry::At(datetime!(2026-12-01 18:29:59)));
    assert_eq!(now(world, &next).expiry, next.expiry);
    let renewed = |name: &str| (Action::TokenRenewed, name.to_owned());
    assert_eq!(events(world, &account), [renewed("Short"), renewed("Edge")]);
    // The same time again would end no later, until a day has gone by since the renewal.
    let again = browser.get("/tokens/renew").expect(200);
    assert!(again.has("It has all of its time before it.") && again.link("Cancel").is_none());
    world.clock.advance(Duration::days(1));
    let page = world.signed_in("priya").get("/tokens/renew").expect(200);
    let rows: Vec<String> = page.rows().into_iter().map(|row| row[3].clone()).collect();
    assert_eq!(
        rows,
        ["28 Nov 2026, 23:59 IST", "2 Dec 2026, 23:59 IST"],
        "three and seven days, as at the renewal"
    );
}

fn the_policy_shortens_or_forbids_a_renewal(world: &World) {
    let account = world.customer("priya");
    let made = world.app.now();
    let old = expiring(world, &account, "Old", made + Duration::days(60));
    let stuck = expiring(world, &account, "Stuck", made + Duration::days(59));
    world.clock.advance(Duration::days(57));
    let policy = Policy {
        max_lifetime_days: Some(2),
        ..Policy::default()
    };
    world
        .app
        .store
        .write_here(|connection| installation::put_policy(connection, &policy))
        .unwrap();
    let browser = world.signed_in("priya");
    let page = browser.get("/tokens/renew").expect(200);
    assert!(
        page.has("Old") && page.has("No token may live beyond"),
        "{}",
        page.text()
    );
    assert!(page.form("/tokens/renew").choices("ids").len() < 2);
    let policy = Policy {
        max_total_lifetime_days: Some(80),
        ..Policy::default()
    };
    world
        .app
        .store
        .write_here(|connection| installation::put_policy(connection, &policy))
        .unwrap();
    let page = browser.get("/tokens/renew").expect(200);
    page.form("/tokens/renew").submit("Renew the ticked tokens").expect(303);
    for token in [&old, &stuck] {
        let expiry = now(world, token).expiry.instant().unwrap();
        assert!(
            expiry > made + Duration::days(79) && expiry <= made + Duration::days(81),
            "{expiry}"
        );
    }
    world.clock.advance(Duration::days(20));
    let page = world.signed_in("priya").get("/tokens/renew").expect(200);
    assert!(
        page.rows().iter().all(|row| !row[3].contains("IST")),
        "{:?}",
        page.rows()
    );
}

fn renewing_asks_for_the_password_again(world: &World) {
    let account = world.customer("priya");
    let soon = expiring(world, &account, "Soon", world.app.now() + Duration::days(4));
    let later = expiring(world, &account, "Later", world.app.now() + Duration::days(5));
    let browser = world.signed_in("priya");
    let fresh = browser.get("/tokens/renew").expect(200);
    assert!(!fresh.form("/tokens/renew").offers("password"));
    world.clock.advance(Duration::minutes(11));
    let form = browser.get("/tokens/renew").expect(200).form("/tokens/renew");
    let form = form.uncheck("ids", later.public_id.as_str());
    let refused = form.submit("Renew the ticked tokens").expect(422);
    assert_eq!(refused.error_words(), ["Enter your password to go on"]);
    let form = refused.form("/tokens/renew");
    assert_eq!(form.values("ids"), [soon.public_id.as_str()], "what was chosen is kept");
    let wrong = form
        .clone()
        .fill("password", "not this one at all")
        .submit("Renew the ticked tokens")
        .expect(422);
    assert!(!wrong.body().contains("not this one at all"));
    let done = form
        .fill("password", crate::support::PASSWORD)
        .submit("Renew the ticked tokens");
    assert!(done.follow().expect(200).has("Renewed: 1."));
    assert_eq!(now(world, &later).expiry, later.expiry);
}
