//! `/tokens` and `/tokens.csv`: what the list shows, in which order, and to whom.

use latchkey::{
    domain::{
        account::Account,
        policy::Policy,
        token::{Expiry, PausedBy, Token},
        usage::{SecretGeneration, SeenUse, UsageDay, day_of},
    },
    store::{StoreError, accounts, installation, tokens, usage},
};
use time::Duration;

use crate::support::{Page, World, mint};

on_both!(
    a_newcomer_reads_what_tokens_are_for,
    each_filter_shows_and_counts_its_own,
    a_search_finds_name_description_and_id,
    each_column_sorts_both_ways,
    pages_have_25_rows_and_end,
    a_row_says_everything,
    hostile_names_are_only_names,
    a_suspended_account_only_reads,
    a_full_account_is_told_so,
    what_expires_soon_is_announced,
    the_file_has_every_row_of_the_filter_and_runs_nothing,
);

fn token(world: &World, account: &Account, name: &str) -> Token {
    mint(&world.app, account.id, |new| new.name = name.parse().unwrap()).token
}

fn expiring(world: &World, account: &Account, name: &str, length: Duration) -> Token {
    let at = world.app.now() + length;
    let change = |new: &mut tokens::NewToken| {
        new.name = name.parse().unwrap();
        new.expiry = Expiry::At(at);
    };
    mint(&world.app, account.id, change).token
}

fn used(world: &World, token: &Token) {
    let seen = SeenUse {
        token: token.id,
        generation: SecretGeneration::Current,
        at: world.app.now(),
        from: "203.0.113.24".parse().unwrap(),
    };
    let noted: Result<(), StoreError> = world
        .app
        .store
        .write_here(|connection| tokens::record_use(connection, &seen));
    noted.unwrap();
}

/// The names in the list, from above.
fn names(page: &Page) -> Vec<String> {
    let links = page.document().all("a");
    let names = links.iter().filter(|link| link.has_class("name"));
    names.map(|link| link.text()).collect()
}

fn a_newcomer_reads_what_tokens_are_for(world: &World) {
    world.customer("priya");
    let page = world.signed_in("priya").get("/tokens").expect(200);
    assert!(page.has("No tokens yet") && page.has("What are tokens for?") && page.has("makes a backup every night"));
    assert_eq!(page.link("Create token").as_deref(), Some("/tokens/new"));
    assert_eq!(page.header("Cache-Control"), Some("no-store"));
}

/// One token for each filter, all made two days ago.
fn one_of_each(world: &World, account: &Account) {
    let active = token(world, account, "Active");
    used(world, &active);
    token(world, account, "Unused");
    used(world, &expiring(world, account, "Soon", Duration::days(5)));
    expiring(world, account, "Over", Duration::days(1));
    let paused = token(world, account, "Paused");
    let revoked = token(world, account, "Revoked");
    let now = world.app.now();
    let changed: Result<(), StoreError> = world.app.store.write_here(|connection| {
        assert!(tokens::pause(connection, paused.id, PausedBy::Owner, now)?);
        assert!(tokens::revoke(connection, revoked.id, now)?);
        Ok(())
    });
    changed.unwrap();
    world.clock.advance(Duration::days(2));
}

fn each_filter_shows_and_counts_its_own(world: &World) {
    let account = world.customer("priya");
    token(world, &world.customer("arjun"), "A stranger's");
    one_of_each(world, &account);
    let browser = world.signed_in("priya");
    for (status, label, shown) in [
        ("all", "All 5", vec!["Active", "Over", "Paused", "Soon", "Unused"]),
        ("active", "Active 3", vec!["Active", "Soon", "Unused"]),
        ("expiring", "Expiring 1", vec!["Soon"]),
        ("never-used", "Never used 1", vec!["Unused"]),
        ("expired", "Expired 1", vec!["Over"]),
        ("paused", "Paused 1", vec!["Paused"]),
        ("revoked", "Revoked 1", vec!["Revoked"]),
        ("nonsense", "All 5", vec!["Active", "Over", "Paused", "Soon", "Unused"]),
    ] {
        let page = browser.get(&format!("/tokens?status={status}&sort=name")).expect(200);
        assert_eq!(names(&page), shown, "{status}");
        let links = page.document().all("a");
        let current = links
            .iter()
            .filter(|link| link.attribute("aria-current") == Some("true"));
        let current: Vec<String> = current.map(|link| link.text()).collect();
        assert_eq!(current, [label], "{status}");
    }
    let revoked = browser.get("/tokens?status=revoked");
    assert!(revoked.link("Edit Revoked").is_none() && revoked.has("Revoked 23 Nov 2026"));
    world.clock.advance(Duration::days(89));
    let gone = world.signed_in("priya").get("/tokens?status=revoked").expect(200);
    assert!(gone.has("None of your tokens is revoked.") && gone.link("Show all tokens").is_some());
}

fn a_search_finds_name_description_and_id(world: &World) {
    let account = world.customer("priya");
    let wordpress = token(world, &account, "WordPress 100%");
    mint(&world.app, account.id, |new| {
        new.description = "Also for wordpress".parse().unwrap();
        new.name = "Other".parse().unwrap();
    });
    let browser = world.signed_in("priya");
    let page = browser
        .get("/tokens")
        .form("/tokens")
        .fill("q", "WORDpress")
        .submit("Search")
        .expect(200);
    assert_eq!(names(&page), ["Other", "WordPress 100%"]);
    assert!(page.has("2 tokens with “WORDpress”"));
    assert_eq!(page.form("/tokens").values("q"), ["WORDpress"]);
    let found = |query: &str| names(&browser.get(&format!("/tokens?q={query}")));
    assert_eq!(found(wordpress.public_id.as_str()), ["WordPress 100%"]);
    assert_eq!(found(&format!("lk_{}", wordpress.public_id)), ["WordPress 100%"]);
    assert_eq!(found("100%25"), ["WordPress 100%"]);
    assert_eq!((found("%25%25").len(), found("_").len(), found("%00").len()), (0, 0, 2));
    let none = browser.get("/tokens?q=%3Cb%3Ewp").expect(200);
    assert!(none.has("No tokens match “<b>wp”") && !none.body().contains("<b>wp"));
    assert_eq!(names(&none.click("Clear search")).len(), 2);
}

fn each_column_sorts_both_ways(world: &World) {
    let account = world.customer("priya");
    let first = expiring(world, &account, "Bravo", Duration::days(40));
    world.clock.advance(Duration::minutes(1));
    let second = expiring(world, &account, "alpha", Duration::days(30));
    world.clock.advance(Duration::minutes(1));
    mint(&world.app, account.id, |new| {
        new.name = "Charlie".parse().unwrap();
        new.expiry = Expiry::Never;
    });
    used(world, &second);
    world.clock.advance(Duration::minutes(1));
    used(world, &first);
    let browser = world.signed_in("priya");
    for (sort, wanted) in [
        ("name", "alpha Bravo Charlie"),
        ("-name", "Charlie Bravo alpha"),
        ("expires", "alpha Bravo Charlie"),
        ("-expires", "Bravo alpha Charlie"),
        ("-used", "Bravo alpha Charlie"),
        ("used", "alpha Bravo Charlie"),
        ("created", "Bravo alpha Charlie"),
        ("-created", "Charlie alpha Bravo"),
        ("size", "Charlie alpha Bravo"),
    ] {
        let page = browser.get(&format!("/tokens?sort={sort}")).expect(200);
        assert_eq!(names(&page).join(" "), wanted, "{sort}");
    }
    let state = |page: &Page| -> Vec<String> {
        let heads = page.document().all("th").into_iter();
        heads
            .filter_map(|head| Some(format!("{} {}", head.text(), head.attribute("aria-sort")?)))
            .collect()
    };
    let by_name = browser.get("/tokens").click("Name");
    assert_eq!(state(&by_name), ["Name ascending"]);
    assert_eq!(state(&by_name.click("Name")), ["Name descending"]);
    assert_eq!(state(&by_name.click("Last used")), ["Last used descending"]);
}

fn pages_have_25_rows_and_end(world: &World) {
    let account = world.customer("priya");
    for number in 1..=51 {
        token(world, &account, &format!("Token {number:02}"));
    }
    let browser = world.signed_in("priya");
    let first = browser.get("/tokens?sort=name").expect(200);
    assert_eq!((names(&first).len(), names(&first)[0].as_str()), (25, "Token 01"));
    assert!(first.has("1 to 25 of 51") && first.link("Previous").is_none());
    let last = first.click("Next").click("Next");
    assert_eq!(names(&last), ["Token 51"]);
    assert!(last.has("51 to 51 of 51") && last.link("Next").is_none());
    for beyond in ["4", "99999999", "9223372036854775807"] {
        assert_eq!(
            names(&browser.get(&format!("/tokens?sort=name&page={beyond}"))),
            ["Token 51"]
        );
    }
    for odd in ["0", "-1", "x", "", "99999999999999999999"] {
        let page = browser.get(&format!("/tokens?sort=name&page={odd}")).expect(200);
        assert_eq!(names(&page)[0], "Token 01", "{odd}");
    }
}

fn a_row_says_everything(world: &World) {
    let account = world.customer("priya");
    let minted = mint(&world.app, account.id, |new| {
        new.name = "Nightly".parse().unwrap();
        new.scopes = "backups:create backups:delete dns:read files:read statistics:read"
            .parse()
            .unwrap();
        new.sites = "priya.example".parse().unwrap();
        new.addresses = "203.0.113.0/24 2001:db8::1".parse().unwrap();
    });
    used(world, &minted.token);
    let today = day_of(world.app.now());
    let counted: Result<(), StoreError> = world.app.store.write_here(|connection| {
        for (ago, allowed, refused) in [(0, 5, 1), (13, 2, 0), (14, 99, 0)] {
            let day = UsageDay {
                token: minted.token.id,
                day: today - Duration::days(ago),
                allowed,
                refused,
            };
            usage::add_day(connection, &day)?;
        }
        Ok(())
    });
    counted.unwrap();
    let page = world.signed_in("priya").get("/tokens").expect(200);
    let row = page.rows().remove(0).join(" | ");
    for words in [
        &format!("Nightly lk_{}…{}", minted.token.public_id, minted.token.last4),
        "Delete backups",
        "List and download files",
        "3 more things it can do",
        "priya.example",
        "Only from 2 addresses",
        "Active",
        "21 Feb 2027 17:30 IST",
        "23 Nov 2026, 17:30 IST",
        "from 203.0.113.24",
    ] {
        assert!(row.contains(words), "{words}: {row}");
    }
    assert!(
        page.body()
            .contains("aria-label=\"8 calls in 14 days, peak 6 in a day\"")
    );
    assert!(!page.body().contains(&minted.secret));
}

fn hostile_names_are_only_names(world: &World) {
    let account = world.customer("priya");
    let name = "<script>alert(1)</script>\" onclick=\"x' & שלום";
    token(world, &account, name);
    token(world, &account, &"W".repeat(50));
    let browser = world.signed_in("priya");
    for path in ["/tokens", "/tokens/renew", "/activity"] {
        let page = browser.get(path).expect(200);
        assert!(!page.body().contains("<script>alert"), "{path}");
    }
    assert!(names(&browser.get("/tokens")).contains(&name.to_owned()));
}

fn a_suspended_account_only_reads(world: &World) {
    let account = world.customer("priya");
    token(world, &account, "Deploy");
    let browser = world.signed_in("priya");
    let now = world.app.now();
    let suspend = |connection: &mut _| accounts::put_suspension(connection, account.id, Some((now, "unpaid")));
    world.app.store.write_here(suspend).unwrap();
    let page = browser.get("/tokens").expect(200);
    assert!(page.has("This account is suspended.") && page.has("unpaid") && page.has("Blocked"));
    assert!(page.link("Create token").is_none() && page.has("Not while the account is suspended."));
    assert!(page.link("Edit Deploy").is_none() && page.link("Renew all that expire this month").is_none());
    assert_eq!(browser.get("/tokens.csv").expect(200).body().lines().count(), 2);
}

fn a_full_account_is_told_so(world: &World) {
    let account = world.customer("priya");
    let policy = Policy {
        max_live_tokens: Some(2),
        ..Policy::default()
    };
    world
        .app
        .store
        .write_here(|connection| installation::put_policy(connection, &policy))
        .unwrap();
    token(world, &account, "One");
    let browser = world.signed_in("priya");
    assert!(browser.get("/tokens").link("Create token").is_some());
    token(world, &account, "Two");
    let page = browser.get("/tokens?q=One").expect(200);
    assert!(page.has("You have 2 of 2 tokens.") && page.link("Create token").is_none());
}

fn what_expires_soon_is_announced(world: &World) {
    let account = world.customer("priya");
    let soon = expiring(world, &account, "Deploy", Duration::days(3));
    expiring(world, &account, "Later", Duration::days(8));
    let browser = world.signed_in("priya");
    let page = browser.get("/tokens?q=Later").expect(200);
    assert!(page.has("1 token expires in the next 7 days. “Deploy” stops working on 26 Nov 2026, 17:30 IST."));
    assert_eq!(page.link("Renew it"), Some(format!("/tokens/{}/renew", soon.public_id)));
    expiring(world, &account, "Earlier", Duration::days(2));
    let page = browser.get("/tokens").expect(200);
    assert!(page.has("2 tokens expire in the next 7 days. The first, “Earlier”, stops working"));
    assert_eq!(
        page.link("Renew all that expire this month").as_deref(),
        Some("/tokens/renew")
    );
}

fn the_file_has_every_row_of_the_filter_and_runs_nothing(world: &World) {
    let account = world.customer("priya");
    let formula = mint(&world.app, account.id, |new| {
        new.name = "=HYPERLINK(\"https://evil.example\")".parse().unwrap();
        new.description = "@two\nlines".parse().unwrap();
        new.expiry = Expiry::Never;
    });
    for number in 0..30 {
        token(world, &account, &format!("Plain {number:02}"));
    }
    token(world, &world.customer("arjun"), "A stranger's");
    let browser = world.signed_in("priya");
    let link = browser.get("/tokens?q=plain&sort=-name&page=2").link("Download as CSV");
    assert_eq!(link.as_deref(), Some("/tokens.csv?q=plain&sort=-name"));
    let plain = browser.get(&link.unwrap()).expect(200);
    let lines: Vec<&str> = plain.body().lines().collect();
    assert_eq!(lines.len(), 31);
    assert!(lines[0].starts_with("Name,Description,Id,Token,Status,") && lines[1].starts_with("Plain 29,"));
    assert_eq!(
        plain.header("Content-Disposition"),
        Some("attachment; filename=\"api-tokens.csv\"")
    );
    assert!(plain.header("Content-Type").unwrap().starts_with("text/csv"));
    assert_eq!(plain.header("Cache-Control"), Some("no-store"));
    let all = browser.get("/tokens.csv?sort=created").expect(200);
    let record = format!(
        "\"'=HYPERLINK(\"\"https://evil.example\"\")\",\"'@two\nlines\",{id},lk_{id}…{last4},active,backups:create,*,*,\
         never,2026-11-23T12:00:00Z,priya,,,\r\n",
        id = formula.token.public_id,
        last4 = formula.token.last4,
    );
    assert!(all.body().contains(&record), "{}", all.body());
    assert!(!all.body().contains(&formula.secret) && !all.body().contains("A stranger's"));
}
