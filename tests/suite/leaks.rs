//! `/leaks`: whoever finds a token ends it, and learns nothing by it. [`scanners`]: how programs know one.

mod scanners;
mod staff;

use latchkey::{
    app::{
        Caller, accounts,
        tokens::rotate::{Overlap, rotate},
    },
    domain::{
        account::Account,
        audit::{Action, NewEvent},
        secret::{PublicId, TokenSecret},
        staff::Role,
        token::{Expiry, PausedBy, Token},
    },
    store::{
        self,
        throttles::{self, Limit},
    },
};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    support::{Answer, Api, Browser, Minted, Page, World, mint},
    token::{events, fresh},
    tokens_new::once::{log_here, logged, stored},
};

on_both!(
    a_program_ends_what_it_found,
    every_secret_that_could_let_in_is_ended_and_no_other,
    the_answer_is_the_same_for_all,
    what_is_no_report_is_refused,
    people_report_on_a_page,
    nothing_keeps_what_was_reported,
    a_place_that_reports_too_much_has_to_wait,
    much_at_once_is_counted_by_how_much_it_is,
    one_of_eight_reports_ends_it,
);

fn stage(world: &World) -> (Account, Minted) {
    let account = world.customer_without_password("priya");
    let minted = mint(&world.app, account.id, |new| new.name = "Backup".parse().unwrap());
    (account, minted)
}

fn report(api: &Api, tokens: &[&str]) -> Answer {
    api.post("/leaks", &json!({ "tokens": tokens }))
}

fn now(world: &World, token: &Token) -> Token {
    let found = world
        .app
        .store
        .read_here(|connection| store::tokens::find(connection, token.account, &token.public_id));
    found.unwrap().unwrap()
}

fn leaked(world: &World, token: &Token) -> Vec<NewEvent> {
    let events = events(world, token).into_iter();
    events.filter(|event| event.action == Action::TokenLeaked).collect()
}

fn a_program_ends_what_it_found(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    let api = world.api().at_address("198.51.100.77");
    let answer = report(&api, &[&secret, "no token"]).expect(202);
    assert_eq!(answer.json()["status"], "accepted");
    assert_eq!(answer.header("Set-Cookie"), None);
    let ended = now(world, &token);
    assert!(ended.is_revoked() && ended.last_use.is_none(), "a report is not a use");
    world.api().with_token(&secret).get("/api/v1/token").expect(401);
    let found = leaked(world, &token);
    let [event] = &found[..] else {
        panic!("one event");
    };
    assert_eq!((event.actor.kind.as_str(), &event.reason), ("finder", &None));
    assert_eq!(event.address.as_deref(), Some("198.51.100.77"));

    // GitHub's form says where it was.
    let other = mint(&world.app, account.id, |_| ());
    let list = json!([
        { "token": other.secret, "type": "latchkey", "url": "https://code.example/shop/blob/main/.env", "source": "commit" },
        { "token": secret, "type": "latchkey", "url": "https://code.example/again", "source": "commit" },
    ]);
    assert_eq!(api.post("/leaks", &list).expect(202).json(), answer.json());
    let place = "https://code.example/shop/blob/main/.env (commit)";
    assert_eq!(leaked(world, &other.token)[0].reason.as_deref(), Some(place));
    assert_eq!(leaked(world, &token).len(), 1, "it was over already");

    // The owner reads where it was and never who said so; staff see from where.
    world.staff("asha", Role::Support);
    let asha = world.signed_in("asha");
    let path = format!("/tokens/{}", other.token.public_id);
    let seen = asha
        .get(&format!("/staff/accounts/{}{path}", account.public_id))
        .expect(200);
    assert!(seen.has("198.51.100.77") && seen.has("Somebody who found it") && seen.has(place));
    assert!(
        !seen.body().contains("href=\"https://code.example"),
        "it is text and no link"
    );
    assert!(asha.get("/staff/audit?by=finders").expect(200).has("Backup"));
}

fn every_secret_that_could_let_in_is_ended_and_no_other(world: &World) {
    let account = world.customer_without_password("priya");
    let caller = fresh(world, &account);
    let rotated = |overlap| {
        let Minted { secret, token } = mint(&world.app, account.id, |_| ());
        let id = token.public_id;
        world
            .wait(rotate(&world.app, &caller, account.id, id, token.revision, overlap))
            .unwrap();
        Minted { secret, token }
    };
    let (overlapping, replaced) = (rotated(Overlap::Day), rotated(Overlap::None));
    let expired = mint(&world.app, account.id, |new| {
        new.expiry = Expiry::At(world.clock.now() - Duration::HOUR);
    });
    let paused = mint(&world.app, account.id, |_| ());
    let at = world.clock.now();
    let switched = world
        .app
        .store
        .write_here(|connection| store::tokens::pause(connection, paused.token.id, PausedBy::Owner, at));
    assert!(switched.unwrap());
    let untouched = mint(&world.app, account.id, |_| ());
    let id = untouched.token.public_id;
    let made_up = TokenSecret::mint(id, |length| "x".repeat(length));
    let reported: [&str; 7] = [
        &overlapping.secret,
        &replaced.secret,
        &expired.secret,
        &paused.secret,
        made_up.expose(),
        &format!("lk_{id}"),
        &untouched.secret[..49],
    ];
    report(&world.api(), &reported).expect(202);
    for ended in [&overlapping, &expired, &paused] {
        assert!(now(world, &ended.token).is_revoked());
    }
    for kept in [&replaced, &untouched] {
        assert!(!now(world, &kept.token).is_revoked() && leaked(world, &kept.token).is_empty());
    }
}

/// What whoever reports a text is told: the body, and the headers that could tell something.
fn told(world: &World, text: &str) -> (Value, [Option<String>; 3]) {
    let answer = report(&world.api(), &[text]).expect(202);
    let headers = ["Content-Type", "Cache-Control", "Content-Length"];
    let headers = headers.map(|name| answer.header(name).map(str::to_owned));
    (answer.json(), headers)
}

fn the_answer_is_the_same_for_all(world: &World) {
    let (account, Minted { secret, token }) = stage(world);
    let made_up = TokenSecret::mint(token.public_id, |length| "x".repeat(length));
    let unknown = TokenSecret::mint("Unknown1".parse::<PublicId>().unwrap(), |length| "x".repeat(length));
    let removed = {
        let other = world.customer_without_password("lena");
        let minted = mint(&world.app, other.id, |_| ());
        let caller = Caller::shell().because("gone".parse().unwrap());
        world
            .wait(accounts::remove::remove(&world.app, &caller, other.id))
            .unwrap();
        minted.secret
    };
    let told = |text: &str| told(world, text);
    let first = told(unknown.expose());
    for text in [
        made_up.expose(),
        &secret,
        &secret,
        &removed,
        "",
        "lk_",
        &secret.replace("lk_", "lk-"),
    ] {
        assert_eq!(told(text), first, "{text}");
    }
    assert_eq!(events(world, &token).len(), 1);
    assert_eq!(account.id, token.account);
}

fn what_is_no_report_is_refused(world: &World) {
    let (_, Minted { secret, token }) = stage(world);
    let api = world.api();
    let send = |kind: &str, body: &str| {
        let answer = api.send(&api.request("POST", "/leaks").body(kind, body.to_owned()));
        let json = answer.header("Content-Type") == Some("application/problem+json");
        assert!(json, "{kind} {body}: {:?}", answer.header("Content-Type"));
        assert!(!answer.json().to_string().contains(&secret[12..]));
        answer.status()
    };
    let long = format!("{{\"tokens\":[\"{}\"]}}", "x".repeat(70_000));
    let many = json!({ "tokens": vec!["x"; 1_001] }).to_string();
    let (bare, cut) = (format!("[\"{secret}\"]"), format!("{{\"tokens\":[\"{secret}\""));
    for (kind, body, status) in [
        ("application/json", "", 400),
        ("application/json", &cut, 400),
        ("application/json", &bare, 422),
        ("application/json", r#"{"tokens":[]}"#, 422),
        ("application/json", r#"{"credentials":["x"]}"#, 422),
        ("application/json", &many, 422),
        ("application/json", &long, 413),
        ("text/plain", &secret, 415),
        ("application/xml", "<x/>", 415),
    ] {
        assert_eq!(send(kind, body), status, "{kind} {}", &body[..body.len().min(60)]);
    }
    assert!(!now(world, &token).is_revoked());
}

fn paste(browser: &Browser, text: &str, place: &str) -> Page {
    let form = browser.get("/leaks").expect(200).form("/leaks");
    form.fill("pasted", text).fill("place", place).submit("End the token")
}

fn people_report_on_a_page(world: &World) {
    const THANKS: &str =
        "Thank you. If what you pasted were tokens of ours, they are dead now and their owners were told.";
    let (account, Minted { secret, token }) = stage(world);
    let second = mint(&world.app, account.id, |_| ());
    let browser = world.browser();
    let link = browser.get("/sign-in").link("Report a token you found");
    assert_eq!(link.as_deref(), Some("/leaks"));
    let text = format!("export TOKEN={secret}\nTOKEN2='{}'\n", second.secret);
    let sent = paste(&browser, &text, " A chat \u{202e}of <b>cooks</b> ").expect(303);
    assert_eq!(sent.header("Location"), Some("/leaks"));
    let page = sent.follow();
    assert!(page.has(THANKS), "{}", page.text());
    assert!(!page.body().contains(&secret[12..]) && !page.body().contains("cooks"));
    for ended in [&token, &second.token] {
        assert!(now(world, ended).is_revoked());
        let reason = leaked(world, ended)[0].reason.clone();
        assert_eq!(reason.as_deref(), Some("A chat of <b>cooks</b>"));
    }
    // What is made up is answered alike, also to somebody who is signed in.
    world.customer("arjun");
    let arjun = world.signed_in("arjun");
    let made_up = TokenSecret::mint("Unknown1".parse::<PublicId>().unwrap(), |length| "x".repeat(length));
    assert!(paste(&arjun, made_up.expose(), "").follow().has(THANKS));
    let own = mint(&world.app, account.id, |_| ());
    assert!(paste(&arjun, &own.secret, "").follow().has(THANKS));
    assert_eq!(
        leaked(world, &own.token)[0].actor.kind,
        "finder",
        "nobody is told who it was"
    );

    for (text, words) in [
        ("", "Paste the token, or the text in which it stands"),
        (
            &own.secret[..49],
            "Paste a whole token: 50 characters that begin with lk_, or 51 with lka_, with nothing left out",
        ),
        (
            "EXAMPLE1",
            "Paste a whole token: 50 characters that begin with lk_, or 51 with lka_, with nothing left out",
        ),
    ] {
        let page = paste(&browser, text, "In a log").expect(422);
        assert_eq!(page.error_words(), [words]);
        let form = page.form("/leaks");
        assert_eq!(
            (form.values("pasted"), form.values("place")),
            (vec![""], vec!["In a log"])
        );
    }
}

fn nothing_keeps_what_was_reported(world: &World) {
    log_here();
    let (_, Minted { secret, token }) = stage(world);
    let hidden = secret[12..].to_owned();
    let made_up = TokenSecret::mint(token.public_id, |length| "q7".repeat(length / 2));
    let browser = world.browser();
    let place = format!("https://x.example/?key={secret}");
    report(&world.api(), &[made_up.expose()]).expect(202);
    paste(&browser, &secret[..45], &place).expect(422);
    paste(&browser, &format!("see {secret} there"), &place).expect(303);
    let id = token.public_id;
    let reason = leaked(world, &token)[0].reason.clone();
    assert_eq!(reason, Some(format!("https://x.example/?key=lk_{id}_…")));
    let bytes = stored(world);
    let holds = |wanted: &str| bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes());
    assert!(holds("https://x.example/?key=") && !holds(&hidden[..30]) && !holds(&"q7".repeat(8)));
    let log = logged();
    assert!(!log.contains(&hidden[..30]) && !log.contains(&"q7".repeat(8)));
}

fn a_place_that_reports_too_much_has_to_wait(world: &World) {
    let (_, Minted { secret, token }) = stage(world);
    let (here, there) = (
        world.api().at_address("198.51.100.7"),
        world.api().at_address("198.51.100.8"),
    );
    for _ in 0..60 {
        report(&here, &["no token"]).expect(202);
    }
    let refused = report(&here, &[&secret]).expect(429);
    assert_eq!(refused.header("Retry-After"), Some("3600"));
    let said: Value = refused.json();
    assert!(
        said["type"].as_str().unwrap().ends_with("/problems/too-many-tries"),
        "{said}"
    );
    assert!(!now(world, &token).is_revoked(), "nothing is ended");
    let browser = world.browser().at_address("198.51.100.7");
    let page = paste(&browser, &secret, "").expect(429);
    assert!(page.has("Too many tries.") && page.header("Retry-After").is_some());
    report(&there, &[&secret]).expect(202);
    assert!(now(world, &token).is_revoked(), "another address is not held up");
    world.clock.advance(Duration::HOUR);
    report(&here, &["no token"]).expect(202);
}

fn much_at_once_is_counted_by_how_much_it_is(world: &World) {
    let limit = Limit {
        tries: 10,
        window: Duration::HOUR,
    };
    let start = world.clock.now();
    let take = |many, minutes| {
        let now = start + Duration::minutes(minutes);
        let taken = world
            .app
            .store
            .write_here(|connection| throttles::take_many(connection, "a", limit, many, now));
        taken.unwrap()
    };
    let end = Some(start + Duration::HOUR);
    assert_eq!(take(7, 0), None);
    assert_eq!(
        (take(4, 1), take(2, 1)),
        (end, None),
        "what does not fit is not taken in part"
    );
    assert_eq!(take(1, 30), None);
    let closed = Some(start + Duration::minutes(90));
    assert_eq!(
        (take(0, 31), take(1, 89)),
        (closed, closed),
        "a full bucket is closed for a whole window"
    );
    assert_eq!(take(50, 90), None, "an empty bucket refuses nothing");
}

fn one_of_eight_reports_ends_it(world: &World) {
    let account = world.customer_without_password("priya");
    let tokens: Vec<Minted> = (0..10).map(|_| mint(&world.app, account.id, |_| ())).collect();
    let second = world.join();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let api = if thread % 2 == 0 { world.api() } else { second.api() };
            let mut secrets: Vec<&str> = tokens.iter().map(|minted| minted.secret.as_str()).collect();
            secrets.rotate_left(thread);
            scope.spawn(move || report(&api, &secrets).expect(202));
        }
    });
    for minted in &tokens {
        assert!(now(world, &minted.token).is_revoked());
        assert_eq!(leaked(world, &minted.token).len(), 1);
    }
}
