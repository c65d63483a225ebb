//! Which accounts a list shows, and how its pages follow one another.

use latchkey::{
    domain::{
        id::AccountId,
        policy::{Plan, Policy},
        scope::ScopeSet,
        token::{Expiry, PausedBy},
    },
    store::{
        DbConnection,
        accounts::{
            self,
            list::{Query, list_expiring, list_keys},
            put_plan, put_suspension, terms,
        },
        plans, tokens,
    },
};
use time::Duration;

use super::{asha, make_many, names, write};
use crate::support::{Page, World, mint};

on_both!(
    filters_go_together,
    expiring_tokens_are_found_however_many_there_are,
    pages_go_on_and_back,
    equal_neighbours_stand_on_one_page_each,
    a_removed_account_is_nowhere,
    what_has_no_terms_gets_them,
);

/// `old` has not signed in for 100 days, `new` is suspended, `gold` is on another plan and has an expiring token.
fn three(world: &World) {
    let old = world.customer_without_password("old");
    world.clock.advance(Duration::days(100));
    let new = world.customer_without_password("new");
    let gold = world.customer_without_password("gold");
    let now = world.app.now();
    for (account, days) in [(&old, 8), (&gold, 5)] {
        mint(&world.app, account.id, |token| {
            token.expiry = Expiry::At(now + Duration::days(days));
        });
    }
    write(world, |connection| {
        put_suspension(connection, new.id, Some((now, "unpaid")))?;
        let plan = Plan {
            public_id: "planplanplan".to_owned(),
            name: "gold & more".to_owned(),
            scopes: ScopeSet::full(),
            policy: Policy::default(),
        };
        plans::insert(connection, &plan)?;
        let id = plans::find_by_name(connection, "gold & more")?.unwrap();
        put_plan(connection, gold.id, id)
    });
}

fn filters_go_together(world: &World) {
    three(world);
    let browser = asha(world);
    for (query, found) in [
        ("", "gold new old"),
        ("status=active", "gold old"),
        ("status=suspended", "new"),
        ("status=nonsense", "gold new old"),
        ("plan=gold+%26+more", "gold"),
        ("plan=standard", "new old"),
        ("plan=none", "gold new old"),
        ("expiring=7", "gold"),
        ("quiet=90", "old"),
        ("quiet=30", "old"),
        ("quiet=180", ""),
        ("quiet=31", "gold new old"),
        ("status=suspended&plan=gold+%26+more", ""),
        ("status=active&plan=standard", "old"),
        ("status=active&plan=gold+%26+more&expiring=7", "gold"),
        ("expiring=7&quiet=30", ""),
        ("quiet=90&plan=standard&status=active", "old"),
        ("q=mail.example&status=active", "gold old"),
        ("q=mail.example&quiet=90", "old"),
        ("q=mail.example&expiring=7", "gold"),
        ("q=old&expiring=7", ""),
    ] {
        let page = browser.get(&format!("/staff/accounts?{query}")).expect(200);
        assert_eq!(names(&page), found, "{query}");
    }
    let page = browser.get("/staff/accounts?q=mail.example&status=active&plan=gold+%26+more&expiring=7&quiet=");
    let form = page.form("/staff/accounts");
    for (field, value) in [
        ("q", "mail.example"),
        ("status", "active"),
        ("plan", "gold & more"),
        ("expiring", "7"),
    ] {
        assert_eq!(form.values(field), [value]);
    }
    let listed = world.latchkey(
        &[
            "account",
            "list",
            "--status",
            "active",
            "--plan",
            "gold & more",
            "--json",
        ],
        "",
    );
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed[0]["username"], "gold");
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["live_tokens"]),
        (1, &1.into())
    );
    let unknown = world.latchkey(&["account", "list", "--plan", "silver"], "");
    assert!(!unknown.status.success() && String::from_utf8_lossy(&unknown.stderr).contains("gold & more, standard"));
    let found = world.latchkey(&["account", "list", "--search", "OL"], "");
    assert!(String::from_utf8_lossy(&found.stdout).starts_with("old "));
}

/// Where many expire soon, accounts are asked one by one; what is found is the same.
fn expiring_tokens_are_found_however_many_there_are(world: &World) {
    three(world);
    let now = world.app.now();
    let mut query = Query {
        expiring: Some((now, now + Duration::days(7))),
        limit: 10,
        ..Query::default()
    };
    let found = |query: &Query| {
        let keys = world
            .app
            .store
            .read_here(|connection| list_keys(connection, query))
            .unwrap();
        keys.into_iter()
            .map(|(_, key)| key.username)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(found(&query), "gold");
    let gold = world
        .app
        .store
        .read_here(|connection| list_expiring(connection, (now, now + Duration::days(7)), 10));
    query.expiring = None;
    query.among = Some(gold.unwrap());
    assert_eq!(found(&query), "gold");
    let token = world.app.store.read_here(|connection| {
        tokens::list(
            connection,
            query.among.as_ref().unwrap()[0],
            &tokens::Query {
                limit: 1,
                ..Default::default()
            },
            now,
        )
    });
    let token = token.unwrap().remove(0);
    write(world, |connection| {
        tokens::pause(connection, token.id, PausedBy::Owner, now)
    });
    let browser = asha(world);
    assert_eq!(
        names(&browser.get("/staff/accounts?expiring=7")),
        "",
        "a paused token is not missed"
    );
}

fn pages_go_on_and_back(world: &World) {
    make_many(world, 120);
    let browser = asha(world);
    let first = browser.get("/staff/accounts").expect(200);
    let shown = |page: &Page| {
        let names = names(page);
        (
            names.split(' ').next().unwrap().to_owned(),
            names.split(' ').next_back().unwrap().to_owned(),
            page.rows().len(),
        )
    };
    let is = |page: &Page, first: &str, last: &str, count| {
        assert_eq!(
            shown(page),
            (first.to_owned(), last.to_owned(), count),
            "{}",
            page.path()
        );
    };
    is(&first, "a000", "a049", 50);
    assert!(first.link("Previous").is_none() && first.has("120 accounts"));
    let second = first.click("Next").expect(200);
    is(&second, "a050", "a099", 50);
    let third = second.click("Next").expect(200);
    is(&third, "a100", "a119", 20);
    assert!(third.link("Next").is_none() && third.has("120 accounts"));
    is(&third.click("Previous"), "a050", "a099", 50);
    let back = third.click("Previous").click("Previous");
    is(&back, "a000", "a049", 50);
    assert!(back.link("Previous").is_none());
    // Somebody new came before: the first page is a whole one again.
    world.customer_without_password("a0");
    is(
        &browser.get(&third.click("Previous").link("Previous").unwrap()),
        "a000",
        "a049",
        50,
    );
    is(&browser.get("/staff/accounts?before=a001.0"), "a0", "a048", 50);
    for odd in ["after=zz.1", "after=x", "before=", "before=a0.1", "after=%FF.1"] {
        is(
            &browser.get(&format!("/staff/accounts?{odd}")).expect(200),
            "a0",
            "a048",
            50,
        );
    }
}

/// All of them have been quiet since the same instant.
fn equal_neighbours_stand_on_one_page_each(world: &World) {
    make_many(world, 101);
    world.clock.advance(Duration::days(40));
    world.customer_without_password("fresh");
    let browser = asha(world);
    let mut page = browser.get("/staff/accounts?quiet=30").expect(200);
    let mut seen = Vec::new();
    loop {
        seen.extend(names(&page).split(' ').map(str::to_owned));
        match page.link("Next") {
            Some(next) => page = browser.get(&next).expect(200),
            None => break,
        }
    }
    let all: Vec<String> = (0..101).map(|number| format!("a{number:03}")).collect();
    assert_eq!(seen, all);
    let back = page.click("Previous");
    assert!(
        names(&back).starts_with("a050 ") && names(&back).ends_with(" a099"),
        "{}",
        names(&back)
    );
}

fn a_removed_account_is_nowhere(world: &World) {
    let account = world.customer_without_password("priya");
    let minted = mint(&world.app, account.id, |token| {
        token.expiry = Expiry::At(world.app.now() + Duration::days(3));
    });
    let (now, removed) = (world.app.now(), account.clone());
    write(world, |connection| accounts::change::remove(connection, &removed, now));
    world.clock.advance(Duration::days(2));
    let browser = asha(world);
    let id = minted.token.public_id;
    for query in [
        "",
        "q=priya",
        "q=mail.example",
        &format!("q={id}"),
        "expiring=7",
        "status=active",
    ] {
        let page = browser.get(&format!("/staff/accounts?{query}")).expect(200);
        assert_eq!(
            (names(&page).as_str(), page.has("is the token")),
            ("", false),
            "{query}"
        );
    }
    let again = write(world, |connection| {
        terms::refresh(connection, account.id)?;
        terms::search(connection, "priya", 10)
    });
    assert_eq!(again, (Vec::new(), false));
}

fn what_has_no_terms_gets_them(world: &World) {
    make_many(world, 5);
    let found = |connection: &mut DbConnection| terms::search(connection, "a00", 100).map(|found| found.0.len());
    let filled = write(world, |connection| {
        let all = accounts::find_by_username(connection, "a003")?.unwrap();
        terms::clear(connection, all.id)?;
        assert_eq!(found(connection)?, 4);
        let last = terms::fill(connection, AccountId(0), 2)?;
        assert_eq!(last, Some(all.id));
        assert_eq!(terms::fill(connection, all.id, 2)?, None);
        found(connection)
    });
    assert_eq!(filled, 5);
    let (some, more) = world
        .app
        .store
        .read_here(|connection| terms::search(connection, "a00", 3))
        .unwrap();
    assert!(more && some.len() <= 3);
    let all = world
        .app
        .store
        .read_here(|connection| terms::search(connection, "a00", 50))
        .unwrap();
    assert_eq!((all.0.len(), all.1), (5, false));
}
