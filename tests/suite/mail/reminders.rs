//! Reminders of tokens that expire, and the note that one did.

use latchkey::{
    app::{self, Caller, tokens::pause},
    domain::{
        account::Account,
        mail::{Kind, Message},
        token::{Expiry, Token},
        usage::SecretGeneration,
    },
    store::{
        self, StoreError,
        outbox::queue,
        tokens::{extend, list_ending},
    },
};
use time::Duration;

use super::Panel;
use crate::{
    support::{World, mint, plans},
    token::note_use,
};

on_both_with_python!(
    reminders_come_once_for_each_expiry,
    many_reminders_are_one_mail,
    a_subject_says_how_long_it_really_is,
    what_was_used_lately_is_missed_when_it_expires,
    what_no_longer_holds_is_not_said,
    who_does_not_want_them_gets_none,
    two_nodes_remind_once,
    an_index_finds_what_is_due,
);

fn remind(world: &World, panel: &Panel) -> usize {
    world.wait(app::mail::remind(&panel.server.app)).unwrap()
}

fn opened_by_priya(panel: &Panel, link: &str) -> u16 {
    let browser = panel.server.browser();
    browser.sign_in("priya");
    panel.open(&browser, link)
}

/// A token that expires so long from now.
fn ending(panel: &Panel, account: &Account, name: &str, after: Duration) -> Token {
    let app = &panel.server.app;
    let minted = mint(app, account.id, |new| {
        new.name = name.parse().unwrap();
        new.expiry = Expiry::At(app.now() + after);
    });
    minted.token
}

fn reminders_come_once_for_each_expiry(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer("priya");
    let app = &panel.server.app;
    let ends = |days| Expiry::At(app.now() + Duration::days(days));
    let token = mint(app, account.id, |new| {
        new.name = "Nightly".parse().unwrap();
        new.expiry = ends(20);
    });
    mint(app, account.id, |new| new.expiry = ends(1));
    let paused = mint(app, account.id, |new| new.expiry = ends(20));
    world
        .wait(pause::pause(
            app,
            &Caller::shell().because("idle".parse().unwrap()),
            account.id,
            paused.token.public_id,
        ))
        .unwrap();
    panel.take(world);
    let remind = || remind(world, &panel);
    assert_eq!(remind(), 0);
    world.clock.advance(Duration::days(14));
    assert_eq!((remind(), remind()), (1, 0));
    let mail = panel.take_one(world);
    assert_eq!(mail.subject, "Your API token “Nightly” expires in 6 days");
    assert!(mail.text.contains("- It was never used"), "{}", mail.text);
    let renew = format!("/tokens/{}/renew\n", token.token.public_id);
    assert!(
        mail.text.contains(&renew) && mail.text.contains("/preferences"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("- Expires: 13 Dec 2026, 17:30 IST"), "{}", mail.text);
    assert_eq!(opened_by_priya(&panel, mail.links()[0]), 200);
    world.clock.advance(Duration::days(5) + Duration::hours(1));
    assert_eq!(remind(), 1);
    assert_eq!(
        panel.take_one(world).subject,
        "Your API token “Nightly” expires in 1 day"
    );

    let id = token.token.id;
    let later = Expiry::At(app.now() + Duration::days(7));
    app.store
        .write_here::<_, StoreError>(|connection| extend(connection, id, token.token.revision, later))
        .unwrap();
    assert_eq!(remind(), 1, "a renewed token is told of again");
    panel.take(world);
    world.clock.advance(Duration::days(7) + Duration::minutes(1));
    assert_eq!(remind(), 0, "nobody misses what was never used");
}

fn many_reminders_are_one_mail(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer("priya");
    let app = &panel.server.app;
    let end = Expiry::At(app.now() + Duration::days(8));
    for _ in 0..5 {
        mint(app, account.id, |new| new.expiry = end);
    }
    panel.take(world);
    world.clock.advance(Duration::days(2));
    assert_eq!(remind(world, &panel), 5);
    let mail = panel.take_one(world);
    assert_eq!(mail.subject, "5 of your API tokens expire within 7 days");
    assert_eq!(mail.text.matches("/renew\n").count(), 5, "{}", mail.text);
}

fn a_subject_says_how_long_it_really_is(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer_without_password("priya");
    let (hour, start) = (Duration::HOUR, world.clock.now());
    for (number, (before_end, words)) in [
        (Duration::days(7), "in 7 days"),
        (Duration::days(7) - hour / 6, "in 7 days"),
        (Duration::days(5) + hour * 12, "in 5 days"),
        (Duration::days(1) + hour, "in 1 day"),
        (Duration::days(1), "in 1 day"),
        (hour * 22 + hour / 2, "in 22 hours"),
        (hour + hour / 2, "in 1 hour"),
        (hour / 2, "within the hour"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("Number {number}");
        let token = ending(&panel, &account, &name, Duration::days(20));
        world.clock.advance(Duration::days(20) - before_end);
        assert_eq!(remind(world, &panel), 1, "{words}");
        let mail = panel.take_one(world);
        assert_eq!(mail.subject, format!("Your API token “{name}” expires {words}"));
        let id = token.id;
        let revoke = |connection: &mut _| store::tokens::revoke(connection, id, world.clock.now());
        assert!(world.app.store.write_here::<_, StoreError>(revoke).unwrap());
    }
    assert!(world.clock.now() > start);
}

fn what_was_used_lately_is_missed_when_it_expires(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer("priya");
    let (used, idle) = (
        ending(&panel, &account, "Used", Duration::days(40)),
        ending(&panel, &account, "Idle", Duration::days(40)),
    );
    world.clock.advance(Duration::days(5));
    note_use(world, &idle, SecretGeneration::Current);
    world.clock.advance(Duration::days(25));
    note_use(world, &used, SecretGeneration::Current);
    world.clock.advance(Duration::days(4));
    assert_eq!(remind(world, &panel), 2);
    let mails = panel.take(world);
    assert_eq!(mails.len(), 2, "three at most stand alone");
    assert!(
        mails[1]
            .text
            .contains("- Last used: 23 Dec 2026, 17:30 IST from 203.0.113.24"),
        "{}",
        mails[1].text
    );
    world.clock.advance(Duration::days(6) + Duration::MINUTE);
    assert_eq!((remind(world, &panel), remind(world, &panel)), (1, 0));
    let mail = panel.take_one(world);
    assert_eq!(mail.subject, "Your API token “Used” has expired");
    for words in [
        "Whatever still uses this token is refused now.",
        "- Expired: 2 Jan 2027, 17:30 IST",
    ] {
        assert!(mail.text.contains(words), "{}", mail.text);
    }
    for link in mail.links() {
        assert_eq!(opened_by_priya(&panel, link), 200, "{link}");
    }
    assert!(mail.links()[0].ends_with(&format!("/tokens/{}/renew", used.public_id)));
}

/// Between writing and sending a token is renewed, revoked or paused, or its account is suspended.
fn what_no_longer_holds_is_not_said(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer_without_password("priya");
    let tokens = ["Renewed", "Revoked", "Kept"].map(|name| ending(&panel, &account, name, Duration::days(8)));
    world.clock.advance(Duration::days(2));
    assert_eq!(remind(world, &panel), 3);
    let now = world.clock.now();
    let change = |connection: &mut _| {
        extend(
            connection,
            tokens[0].id,
            tokens[0].revision,
            Expiry::At(now + Duration::days(90)),
        )?;
        store::tokens::revoke(connection, tokens[1].id, now)
    };
    assert!(world.app.store.write_here::<_, StoreError>(change).unwrap());
    let mail = panel.take_one(world);
    assert_eq!(mail.subject, "Your API token “Kept” expires in 6 days");
    world.clock.advance(Duration::days(5));
    assert_eq!(remind(world, &panel), 1);
    let suspend = |connection: &mut _| store::accounts::put_suspension(connection, account.id, Some((now, "unpaid")));
    assert!(world.app.store.write_here::<_, StoreError>(suspend).unwrap());
    assert_eq!(panel.take(world).len(), 0, "who is suspended cannot use it anyway");
}

fn who_does_not_want_them_gets_none(world: &World) {
    let panel = Panel::of(world);
    let account = world.customer_without_password("priya");
    for (kind, told) in [(Kind::Expiring, (0, 1)), (Kind::Expired, (2, 0))] {
        let unwanted = |connection: &mut _| store::accounts::mail::put_unwanted(connection, account.id, &[kind]);
        world.app.store.write_here::<_, StoreError>(unwanted).unwrap();
        let token = ending(&panel, &account, kind.code(), Duration::days(8));
        note_use(world, &token, SecretGeneration::Current);
        world.clock.advance(Duration::days(2));
        let week = remind(world, &panel);
        world.clock.advance(Duration::days(5) + Duration::HOUR);
        let before = week + remind(world, &panel);
        world.clock.advance(Duration::DAY);
        assert_eq!((before, remind(world, &panel)), told, "{kind:?}");
        panel.take(world);
    }
}

fn two_nodes_remind_once(world: &World) {
    let panels = [Panel::of(world), Panel::of(world)];
    let account = world.customer_without_password("priya");
    for number in 0..20 {
        ending(&panels[0], &account, &format!("Number {number}"), Duration::days(8));
    }
    world.clock.advance(Duration::days(2));
    let told: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = panels
            .iter()
            .cycle()
            .take(8)
            .map(|panel| {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    runtime.block_on(app::mail::remind(&panel.server.app)).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(told, 20);
    let mail = panels[0].take_one(world);
    assert_eq!(mail.text.matches("/renew\n").count(), 20, "{}", mail.text);
    assert_eq!(panels[1].take(world).len(), 0);
}

fn an_index_finds_what_is_due(world: &World) {
    let account = world.customer_without_password("priya");
    let now = world.app.now();
    let window = (now, now + Duration::days(7));
    let mail = latchkey::domain::mail::NewMail {
        account: Some(account.id),
        recipient: account.email.clone(),
        message: Message::Test,
        once_key: Some("key".to_owned()),
        stale_at: None,
    };
    let asked = |connection: &mut _| {
        let asked = plans(connection, |connection| {
            for beyond in [None, Some((now, 1))] {
                list_ending(connection, window, beyond, 500).unwrap();
            }
            queue::list_due(connection, now, 200).unwrap();
            queue::untold(connection, vec![mail.clone()]).unwrap();
            queue::lease_alike(connection, account.id, "expired ", 2, window).unwrap();
        });
        Ok::<_, StoreError>(asked)
    };
    let asked = world.app.store.read_here(asked).unwrap();
    let indexes = [
        "tokens_by_expiry",
        "tokens_by_expiry",
        "outbox_waiting",
        "once_key",
        "outbox_by_account",
    ];
    assert_eq!(asked.len(), indexes.len());
    for ((statement, plan), index) in asked.iter().zip(indexes) {
        let automatic = index == "once_key" && plan.contains("sqlite_autoindex_outbox_2");
        assert!(plan.contains(index) || automatic, "{statement}\n{plan}");
        let whole = |step: &str| step.contains("Seq Scan") || step.trim_start().starts_with("SCAN");
        assert!(!plan.lines().any(whole), "{statement}\n{plan}");
    }
}
