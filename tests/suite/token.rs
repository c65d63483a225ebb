//! `/tokens/{id}`, its usage and its history, in every state that a token can be in.

use latchkey::{
    app::{
        Caller,
        tokens::rotate::{Overlap, rotate},
    },
    domain::{
        account::Account,
        audit::{Action, NewEvent},
        permission::Actor,
        token::{Expiry, PausedBy, Token},
        usage::{SecretGeneration, SeenUse, UsageDay, UsageKey, UsageRow, day_of, hour_of},
    },
    store::{DbConnection, StoreError, accounts, audit, tokens, usage},
};
use time::Duration;

use crate::support::{Browser, Minted, Page, World, mint};

on_both!(
    a_token_tells_everything_about_itself,
    somebody_elses_token_is_not_there,
    each_state_says_what_can_be_done,
    usage_is_shown_as_a_chart_and_a_table,
    usage_is_filtered_and_paged,
    history_tells_who_changed_what,
    a_suspended_account_sees_everything_and_changes_nothing,
);

/// A customer who has just given the password.
pub(crate) fn fresh(world: &World, account: &Account) -> Caller {
    Caller {
        actor: Actor::from(account),
        password_at: Some(world.clock.now()),
        ..Caller::system()
    }
}

/// The events about a token, latest first.
pub(crate) fn events(world: &World, token: &Token) -> Vec<NewEvent> {
    let query = audit::Query {
        target: Some(("token".to_owned(), token.public_id.to_string())),
        limit: 100,
        ..audit::Query::default()
    };
    let listed = world
        .app
        .store
        .read_here(|connection| audit::list(connection, token.account, &query));
    listed.unwrap().into_iter().map(|event| event.event).collect()
}

/// Suspends an account.
pub(crate) fn suspend(world: &World, account: &Account) {
    let now = world.clock.now();
    let done: Result<(), StoreError> = world.app.store.write_here(|connection| {
        accounts::put_suspension(connection, account.id, Some((now, "The invoice of October is open"))).map(drop)
    });
    done.unwrap();
}

fn note_calls(world: &World, token: &Token, route: &str, outcome: &str, calls: i64) {
    let now = world.clock.now();
    let row = UsageRow {
        key: UsageKey {
            token: token.id,
            hour: hour_of(now),
            route: route.to_owned(),
            scope: "backups:restore".to_owned(),
            site: "priya.example".to_owned(),
            address: "203.0.113.7".to_owned(),
            outcome: outcome.to_owned(),
        },
        calls,
        last_at: now,
    };
    let allowed = if outcome == "allowed" { calls } else { 0 };
    let day = UsageDay {
        token: token.id,
        day: day_of(now),
        allowed,
        refused: calls - allowed,
    };
    let done: Result<(), StoreError> = world.app.store.write_here(|connection| {
        usage::add(connection, &row)?;
        usage::add_day(connection, &day)
    });
    done.unwrap();
}

/// Notes a use of one of its secrets now.
pub(crate) fn note_use(world: &World, token: &Token, generation: SecretGeneration) {
    let seen = SeenUse {
        token: token.id,
        generation,
        at: world.clock.now(),
        from: "203.0.113.24".parse().unwrap(),
    };
    let done: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| tokens::record_use(connection, &seen));
    done.unwrap();
}

fn offers(page: &Page) -> Vec<&'static str> {
    let all = ["Edit", "Renew", "Rotate", "Revoke"];
    let mut offered: Vec<&str> = all.into_iter().filter(|words| page.link(words).is_some()).collect();
    for (action, words) in [("/pause", "Pause"), ("/resume", "Resume")] {
        if page.forms().iter().any(|form| form.action().ends_with(action)) {
            offered.push(words);
        }
    }
    offered
}

fn a_token_tells_everything_about_itself(world: &World) {
    let account = world.customer("priya");
    let Minted { token, .. } = mint(&world.app, account.id, |new| {
        new.name = "Nightly <b>backup</b>".parse().unwrap();
        new.description = "Runs on the office server".parse().unwrap();
        new.scopes = "backups:create dns:write".parse().unwrap();
        new.sites = "priya.example".parse().unwrap();
        new.addresses = "203.0.113.0/24".parse().unwrap();
    });
    let page = world
        .signed_in("priya")
        .get(&format!("/tokens/{}", token.public_id))
        .expect(200);
    assert_eq!(page.heading(), "Nightly <b>backup</b>");
    for words in [
        "Active",
        "Runs on the office server",
        "priya.example",
        "203.0.113.0/24",
        "21 Feb 2027, 17:30 IST (12:00 UTC)",
        "23 Nov 2026, 17:30 IST by you",
        "Create backups",
        "See backups",
        "Add and change DNS records",
        "High risk",
        "Anyone who has this token can",
        "Never used",
        "curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:",
    ] {
        assert!(page.has(words), "{words}: {}", page.text());
    }
    assert!(page.has(&token.last4));
    assert_eq!(page.header("Cache-Control"), Some("no-store"));
    assert_eq!(offers(&page), ["Edit", "Renew", "Rotate", "Revoke", "Pause"]);
}

fn somebody_elses_token_is_not_there(world: &World) {
    let (priya, arjun) = (world.customer("priya"), world.customer("arjun"));
    let Minted { token, .. } = mint(&world.app, priya.id, |_| ());
    let stranger = world.signed_in("arjun");
    for rest in ["", "/usage", "/history", "/edit", "/renew", "/rotate", "/revoke"] {
        let theirs = stranger.get(&format!("/tokens/{}{rest}", token.public_id)).expect(404);
        let nobodys = stranger.get(&format!("/tokens/00000000{rest}")).expect(404);
        assert_eq!(theirs.heading(), nobodys.heading());
    }
    let own = mint(&world.app, arjun.id, |_| ()).token;
    let page = stranger.get(&format!("/tokens/{}", own.public_id)).expect(200);
    let form_token = page
        .form(&format!("/tokens/{}/pause", own.public_id))
        .values("form_token")[0]
        .to_owned();
    for action in ["pause", "resume", "revoke"] {
        let path = format!("/tokens/{}/{action}", token.public_id);
        let forged = stranger.form_request("POST", &path, &format!("form_token={form_token}"));
        stranger.send(&forged).expect(404);
    }
    assert!(events(world, &token).is_empty());
}

fn each_state_says_what_can_be_done(world: &World) {
    let account = world.customer("priya");
    let browser = world.signed_in("priya");
    let now = world.clock.now();
    let show = |token: &Token| browser.get(&format!("/tokens/{}", token.public_id)).expect(200);
    let write = |work: &dyn Fn(&mut DbConnection) -> Result<bool, StoreError>| {
        assert!(world.app.store.write_here(|connection| work(connection)).unwrap());
    };

    let expired = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(now - Duration::hours(1));
        new.created_at = now - Duration::days(3);
    });
    let page = show(&expired.token);
    assert!(page.has("This token has expired.") && page.has("Expired"));
    assert_eq!(offers(&page), ["Edit", "Renew", "Revoke"]);

    let paused = mint(&world.app, account.id, |_| ()).token;
    write(&|connection| tokens::pause(connection, paused.id, PausedBy::Owner, now));
    let page = show(&paused);
    assert!(page.has("This token is paused."));
    assert_eq!(offers(&page), ["Edit", "Renew", "Rotate", "Revoke", "Resume"]);

    let stopped = mint(&world.app, account.id, |_| ()).token;
    write(&|connection| tokens::pause(connection, stopped.id, PausedBy::Staff, now));
    let page = show(&stopped);
    assert!(page.has("Support paused this token.") && page.has("until they resume it; you cannot"));
    assert_eq!(offers(&page), ["Edit", "Renew", "Rotate", "Revoke"]);

    let over = mint(&world.app, account.id, |_| ()).token;
    write(&|connection| tokens::revoke(connection, over.id, now));
    let page = show(&over);
    assert!(page.has("This token was revoked.") && page.has("Revoked 23 Nov 2026"));
    assert_eq!(offers(&page), [""; 0]);

    let rotated = mint(&world.app, account.id, |_| ()).token;
    note_use(world, &rotated, SecretGeneration::Current);
    let caller = fresh(world, &account);
    world.clock.advance(Duration::minutes(5));
    let new = rotate(
        &world.app,
        &caller,
        account.id,
        rotated.public_id,
        rotated.revision,
        Overlap::Day,
    );
    let new = world.wait(new).unwrap().token;
    let page = show(&rotated);
    assert!(page.has("Two secrets work until 24 Nov 2026, 17:35 IST."));
    assert!(page.has("The old one has not been used since the new one was made."));
    assert!(page.has(&format!(
        "ending in {}: last used 23 Nov 2026, 17:30 IST from 203.0.113.24",
        rotated.last4
    )));
    assert!(page.has(&format!("ending in {}: not used yet", new.last4)));
    world.clock.advance(Duration::minutes(1));
    note_use(world, &new, SecretGeneration::Previous);
    assert!(show(&rotated).has("Something still uses the old one"));
    world.clock.advance(Duration::days(1));
    let later = world.signed_in("priya").get(&format!("/tokens/{}", rotated.public_id));
    assert!(!later.expect(200).has("Two secrets work"));
}

fn usage_is_shown_as_a_chart_and_a_table(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let path = format!("/tokens/{}/usage", token.public_id);
    assert!(browser.get(&path).expect(200).has("Not used in the last 30 days"));
    note_calls(world, &token, "POST /sites/{site}/backups", "allowed", 1_200);
    note_calls(world, &token, "POST /sites/{site}/restores", "missing-scopes", 4);
    note_calls(world, &token, "", "paused", 1);
    let page = browser.get(&path).expect(200);
    assert!(page.has("1,205 calls in 30 days, 5 of them refused"));
    assert!(page.has("Counts are a few seconds behind, and longer while very many calls come in at once."));
    let rows = page.rows();
    assert_eq!(rows[0], ["23 Nov 2026", "1200", "5"]);
    assert_eq!(rows.len(), 4);
    let words: Vec<String> = rows[1..].iter().map(|row| row.join(" | ")).collect();
    let find = |part: &str| words.iter().find(|row| row.contains(part)).unwrap();
    assert!(find("POST /sites/{site}/backups").contains("priya.example | 203.0.113.7 | Allowed | 1,200 |"));
    assert!(find("/restores").contains("The token may not do this. Allow it | 4 |"));
    assert!(find("paused").contains("The token was paused. | 1 |"));
    let edit = page.click("Allow it").expect(200);
    assert_eq!(
        edit.path(),
        format!("/tokens/{}/edit?add=backups%3Arestore", token.public_id)
    );
    assert!(
        browser
            .get(&format!("/tokens/{}", token.public_id))
            .has("1,205 calls in 30 days")
    );
    world.clock.advance(Duration::days(31));
    let browser = world.signed_in("priya");
    assert!(browser.get(&path).expect(200).has("Not used in the last 30 days"));
}

fn usage_is_filtered_and_paged(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    for number in 0..55 {
        note_calls(world, &token, &format!("GET /sites/{number}"), "allowed", 1);
        world.clock.advance(Duration::seconds(1));
    }
    note_calls(world, &token, "DELETE /sites/{site}", "missing-scopes", 2);
    let path = format!("/tokens/{}/usage", token.public_id);
    let calls = |page: &Page| {
        page.rows()
            .iter()
            .filter(|row| row.len() == 6)
            .map(|row| row[0].clone())
            .collect::<Vec<_>>()
    };
    let first = browser.get(&path).expect(200);
    let second = first.click("Next").expect(200);
    let mut all = calls(&first);
    assert!(all[0].starts_with("DELETE /sites/{site}"), "the latest first");
    all.extend(calls(&second));
    assert_eq!((calls(&first).len(), all.len()), (50, 56));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 56, "no row twice");
    let narrowed = |query: &str| calls(&browser.get(&format!("{path}?{query}")).expect(200));
    assert_eq!(narrowed("outcome=refused").len(), 1);
    assert_eq!(narrowed("outcome=missing-scopes").len(), 1);
    assert_eq!(narrowed("outcome=paused").len(), 0);
    assert_eq!(
        narrowed("call=GET+%2Fsites%2F7&site=priya.example&from=203.0.113.7").len(),
        1
    );
    assert_eq!(narrowed("site=other.example").len(), 0);
    let form = first.form(&path).fill("outcome", "allowed").submit("Show").expect(200);
    assert_eq!(calls(&form).len(), 50);
    assert_eq!(form.click("Next").path(), format!("{path}?outcome=allowed&page=2"));
    let offered = form.form(&path);
    assert_eq!(offered.values("outcome"), ["allowed"], "what was chosen stays chosen");
    assert_eq!(second.click("Previous").path(), path);
    assert!(
        browser
            .get(&format!("{path}?page=-3&outcome=%22%3E"))
            .expect(200)
            .has("What was called")
    );
    assert!(
        browser
            .get(&format!("{path}?page=900"))
            .expect(200)
            .has("No such calls")
    );
}

/// Presses a button of a token's page. The notice of the press before may offer the same as "Undo".
fn press(browser: &Browser, path: &str, action: &str, words: &str) {
    browser.get(path).expect(200);
    browser
        .get(path)
        .form(&format!("{path}/{action}"))
        .submit(words)
        .expect(303);
}

fn history_tells_who_changed_what(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let path = format!("/tokens/{}", token.public_id);
    press(&browser, &path, "pause", "Pause");
    world.clock.advance(Duration::minutes(1));
    press(&browser, &path, "resume", "Resume");
    let history = browser.get(&format!("{path}/history")).expect(200);
    for words in [
        "was paused",
        "Status: active → paused",
        "was resumed",
        "Status: paused → active",
        "You from 127.0.0.1",
    ] {
        assert!(history.has(words), "{words}: {}", history.text());
    }
    let actions: Vec<Action> = events(world, &token).iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::TokenResumed, Action::TokenPaused]);
    for _ in 0..13 {
        press(&browser, &path, "pause", "Pause");
        press(&browser, &path, "resume", "Resume");
    }
    let first = browser.get(&format!("{path}/history")).expect(200);
    let older = first.click("Older").expect(200);
    let count = |page: &Page| page.text().matches("Status:").count();
    assert_eq!((count(&first), count(&older)), (25, 3));
    assert!(older.link("Older").is_none() && older.link("Latest").is_some());
}

fn a_suspended_account_sees_everything_and_changes_nothing(world: &World) {
    let account = world.customer("priya");
    let token = mint(&world.app, account.id, |_| ()).token;
    let browser = world.signed_in("priya");
    let path = format!("/tokens/{}", token.public_id);
    let before = browser.get(&path).expect(200);
    let rotate = browser.get(&format!("{path}/rotate")).expect(200);
    let revoke = browser.get(&format!("{path}/revoke")).expect(200);
    suspend(world, &account);
    let page = browser.get(&path).expect(200);
    assert!(page.has("Blocked – account suspended") && page.has("The invoice of October is open"));
    assert_eq!(offers(&page), [""; 0]);
    browser.get(&format!("{path}/usage")).expect(200);
    browser.get(&format!("{path}/history")).expect(200);
    for rest in ["edit", "renew", "rotate", "revoke"] {
        let refused = browser.get(&format!("{path}/{rest}")).expect(403);
        assert_eq!(refused.heading(), "Nothing can be changed now");
        assert!(refused.has("The invoice of October is open"));
    }
    for (page, action, words) in [
        (before, "pause", "Pause"),
        (rotate, "rotate", "Make a new secret"),
        (revoke, "revoke", "Revoke token"),
    ] {
        let refused = page.form(&format!("{path}/{action}")).submit(words).expect(403);
        assert!(refused.has("The invoice of October is open"));
    }
    assert!(events(world, &token).is_empty());
}
