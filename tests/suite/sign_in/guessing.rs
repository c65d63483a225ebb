//! Guessing passwords: slowed down for whoever guesses, and never for whoever is guessed.

use std::thread;

use latchkey::{
    app::{AppError, Caller, sign_in},
    store::{
        StoreError,
        throttles::{self, Limit, Pace},
    },
};
use time::Duration;

use super::{attempt, attempt_from};
use crate::support::{Browser, PASSWORD, Page, World};

const WRONG: &str = "not the password at all";

/// A try in a browser that may have signed in before.
fn try_in(browser: &Browser, name: &str, password: &str) -> Page {
    let form = browser.get("/sign-in").expect(200).form("/sign-in");
    form.fill("username", name).fill("password", password).submit("Sign in")
}

/// A try from an address that nobody else uses.
fn from_anywhere(world: &World, number: u32, name: &str, password: &str) -> Page {
    attempt_from(
        world,
        &format!("10.1.{}.{}", number / 250, number % 250 + 1),
        name,
        password,
    )
}

fn a_source_has_ten_tries_and_then_one_in_six_seconds(world: &World) {
    world.customer("priya");
    for number in 0..10 {
        attempt(world, &format!("nobody{number}"), WRONG).expect(422);
    }
    let refused = attempt(world, "priya", PASSWORD).expect(429);
    assert_eq!(refused.header("Retry-After"), Some("6"));
    assert_eq!(
        refused.error_words(),
        ["Too many tries. You can try again at 12:01 UTC (in 6 seconds)."]
    );
    let unknown = attempt(world, "nobody", WRONG).expect(429);
    assert_eq!(unknown.error_words(), refused.error_words());
    attempt_from(world, "203.0.113.10", "priya", PASSWORD).expect(303);
    world.clock.advance(Duration::seconds(5));
    attempt(world, "priya", PASSWORD).expect(429);
    world.clock.advance(Duration::seconds(1));
    attempt(world, "priya", PASSWORD).expect(303);
    attempt(world, "priya", PASSWORD).expect(429);
}

fn a_source_is_a_network_of_ipv6(world: &World) {
    for number in 0..10 {
        attempt_from(world, &format!("2001:db8:1:2::{number:x}"), "nobody", WRONG);
    }
    attempt_from(world, "2001:db8:1:2:ffff::1", "somebody", WRONG).expect(429);
    attempt_from(world, "2001:db8:1:3::1", "somebody", WRONG).expect(422);
}

fn the_owners_browser_is_unaffected(world: &World) {
    world.customer("priya");
    let own = world.browser().at_address("203.0.113.77");
    try_in(&own, "priya", PASSWORD).expect(303);
    own.set_cookie("latchkey-session", "");
    // The same account under both of its names, from everywhere.
    for number in 0..10 {
        let name = if number % 2 == 0 { "priya" } else { "Priya@mail.example" };
        from_anywhere(world, number, name, WRONG).expect(422);
    }
    let refused = from_anywhere(world, 11, "priya", PASSWORD).expect(429);
    assert_eq!(refused.header("Retry-After"), Some("900"));
    assert!(refused.error_words()[0].contains("at 12:15 UTC (in 15 minutes)"));
    // The guesser even sits at the owner's address.
    for number in 0..12 {
        attempt_from(world, "203.0.113.77", &format!("nobody{number}"), WRONG);
    }
    attempt_from(world, "203.0.113.77", "priya", WRONG).expect(429);
    try_in(&own, "priya", WRONG).expect(422);
    try_in(&own, "priya", PASSWORD).expect(303);
    own.set_cookie("latchkey-session", "");
    // That success is the browser's own: strangers go on waiting, for this account alone.
    from_anywhere(world, 12, "priya", PASSWORD).expect(429);
    from_anywhere(world, 13, "arjun", WRONG).expect(422);
    // The browser has limits of its own, and its mark is worth nothing for anybody else.
    for _ in 0..8 {
        try_in(&own, "priya", WRONG).expect(422);
    }
    try_in(&own, "priya", WRONG).expect(429);
    world.clock.advance(Duration::minutes(15));
    from_anywhere(world, 14, "priya", PASSWORD).expect(303);
}

fn a_mark_is_worth_nothing_for_another_login(world: &World) {
    world.customer("priya");
    world.customer("mallory");
    let browser = world.browser().at_address("203.0.113.66");
    try_in(&browser, "mallory", PASSWORD).expect(303);
    let marks = browser.cookie("latchkey-device").unwrap();
    for number in 0..10 {
        from_anywhere(world, number, "priya", WRONG).expect(422);
    }
    browser.set_cookie("latchkey-session", "");
    try_in(&browser, "priya", WRONG).expect(429);
    for forged in ["", "x", &format!("{}x", &marks[..marks.len() - 1]), &"~".repeat(3000)] {
        browser.set_cookie("latchkey-device", forged);
        try_in(&browser, "priya", WRONG).expect(429);
    }
    // One browser of two people is known to both.
    world.clock.advance(Duration::minutes(16));
    browser.set_cookie("latchkey-device", &marks);
    try_in(&browser, "priya", PASSWORD).expect(303);
    let both = browser.cookie("latchkey-device").unwrap();
    assert_eq!(both.split('~').count(), 2);
    assert!(both.ends_with(&marks));
}

fn a_hundred_in_a_row_leave_known_browsers_alone(world: &World) {
    world.customer("priya");
    let own = world.browser().at_address("203.0.113.77");
    try_in(&own, "priya", PASSWORD).expect(303);
    own.set_cookie("latchkey-session", "");
    for number in 0..100 {
        if number % 10 == 0 {
            world.clock.advance(Duration::minutes(16));
        }
        from_anywhere(world, number, "priya", WRONG).expect(422);
    }
    world.clock.advance(Duration::days(1));
    let refused = from_anywhere(world, 200, "priya", PASSWORD).expect(429);
    assert!(refused.error_words()[0].contains("Use a browser that you have signed in with before"));
    try_in(&own, "priya", PASSWORD).expect(303);
    let unblock = |name| world.wait(sign_in::unblock(&world.app, &Caller::shell(), name));
    assert!(matches!(unblock("nobody"), Err(AppError::NotFound)));
    unblock("priya").unwrap();
    from_anywhere(world, 201, "priya", PASSWORD).expect(303);
}

fn parallel_tries_do_not_exceed_the_limit(world: &World) {
    let second = world.join();
    let customer = world.customer("priya");
    let (_, servers) = (customer, [world.browser(), second.browser()]);
    let passed: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..8_u32)
            .map(|thread| {
                let window = &servers[usize::from(thread % 2 == 0)];
                scope.spawn(move || {
                    let tries = (0..4).map(|number| {
                        let address = format!("10.2.{thread}.{number}");
                        let browser = window.apart().at_address(&address);
                        usize::from(try_in(&browser, "priya", WRONG).status() == 422)
                    });
                    tries.sum::<usize>()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(passed, 10);
}

fn buckets_count_exactly_in_eight_threads(world: &World) {
    let now = world.clock.now();
    let limit = Limit {
        tries: 10,
        window: Duration::minutes(15),
    };
    let pace = Pace {
        burst: 10,
        every: Duration::seconds(6),
    };
    let store = &world.app.store;
    let (limited, paced) = thread::scope(|scope| {
        let take = || {
            let one = |connection: &mut _| throttles::take(connection, "a", limit, now);
            let limited: Result<_, StoreError> = store.write_here(one);
            let two = |connection: &mut _| throttles::take_at_pace(connection, "b", pace, now);
            let paced: Result<_, StoreError> = store.write_here(two);
            (
                usize::from(limited.unwrap().is_none()),
                usize::from(paced.unwrap().is_none()),
            )
        };
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(move || (0..5).map(|_| take()).collect::<Vec<_>>()))
            .collect();
        let taken = threads.into_iter().flat_map(|thread| thread.join().unwrap());
        taken.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    });
    assert_eq!((limited, paced), (10, 10));
    let sweep = |at| store.write_here::<_, StoreError>(move |connection| throttles::sweep(connection, at));
    assert_eq!(sweep(now + Duration::seconds(59)).unwrap(), 0);
    assert_eq!(sweep(now + Duration::minutes(16)).unwrap(), 2);
}

/// As many hashes as may wait are begun and never looked at again, so that none of them makes room.
fn a_full_queue_is_said_and_costs_no_try(world: &World) {
    world.customer("priya");
    let passwords = &world.app.passwords;
    world.wait(async {
        let mut waiting: Vec<_> = (0..200)
            .map(|_| Box::pin(passwords.hash("whatever it is".to_owned().into())))
            .collect();
        for hash in &mut waiting {
            let _ = futures_util::poll!(hash);
        }
        let refused = attempt_from(world, "203.0.113.10", "priya", WRONG).expect(503);
        assert_eq!(refused.header("Retry-After"), Some("1"));
        assert!(refused.text().contains("try again"), "{}", refused.text());
    });
    for number in 0..10 {
        from_anywhere(world, number, "priya", WRONG).expect(422);
    }
    from_anywhere(world, 10, "priya", WRONG).expect(429);
}

on_both!(
    a_source_has_ten_tries_and_then_one_in_six_seconds,
    a_source_is_a_network_of_ipv6,
    the_owners_browser_is_unaffected,
    a_mark_is_worth_nothing_for_another_login,
    a_hundred_in_a_row_leave_known_browsers_alone,
    parallel_tries_do_not_exceed_the_limit,
    buckets_count_exactly_in_eight_threads,
    a_full_queue_is_said_and_costs_no_try,
);
