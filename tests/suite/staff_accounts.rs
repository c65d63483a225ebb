//! `/staff/accounts`: who is found by what, in which order, and by which index.

mod filters;
mod indexes;

use latchkey::{
    app::{
        Caller,
        accounts::{self, NewAccount},
    },
    domain::{account::Account, staff::Role},
    store::{DbConnection, StoreError, tokens},
};

use crate::support::{Browser, Page, World, mint};

on_both!(
    an_empty_installation_says_what_to_do,
    a_row_says_everything,
    every_word_of_a_name_finds_its_account,
    a_search_takes_every_character_as_it_is,
    a_token_is_found_by_its_id_and_never_by_its_secret,
);

fn make(world: &World, username: &str, email: &str, sites: &[&str]) -> Account {
    let new = NewAccount {
        username: username.parse().unwrap(),
        email: email.parse().unwrap(),
        password: None,
        plan: "standard".to_owned(),
        time_zone: "Asia/Kolkata".to_owned(),
        sites: sites.iter().map(|site| site.parse().unwrap()).collect(),
    };
    world.wait(accounts::create(&world.app, &Caller::shell(), new)).unwrap()
}

/// Accounts `a000` and on, as fast as rows can be written.
fn make_many(world: &World, count: usize) {
    for number in 0..count {
        world.customer_without_password(&format!("a{number:03}"));
    }
}

fn write<T>(world: &World, work: impl FnOnce(&mut DbConnection) -> Result<T, StoreError>) -> T {
    world.app.store.write_here(work).unwrap()
}

fn asha(world: &World) -> Browser {
    world.staff("asha", Role::Support);
    world.signed_in("asha")
}

/// The user names in the list, from above.
fn names(page: &Page) -> String {
    let links = page.document().all("a");
    let names: Vec<String> = links
        .iter()
        .filter(|link| link.has_class("name"))
        .map(|link| link.text())
        .collect();
    names.join(" ")
}

fn an_empty_installation_says_what_to_do(world: &World) {
    let browser = asha(world);
    let page = browser.get("/").follow().expect(200);
    assert_eq!((page.path(), page.heading().as_str()), ("/staff/accounts", "Accounts"));
    assert!(page.has("No accounts yet"));
    assert_eq!(page.link("Create account").as_deref(), Some("/staff/accounts/new"));
    let none = browser.get("/staff/accounts?q=Priya").expect(200);
    assert!(none.has("No account matches your search"));
    assert_eq!(
        none.link("Create account “Priya”").as_deref(),
        Some("/staff/accounts/new?username=priya")
    );
    assert_eq!(none.link("Clear search").as_deref(), Some("/staff/accounts"));
    let filtered = browser.get("/staff/accounts?status=suspended").expect(200);
    assert!(filtered.has("Nothing matches") && filtered.link("Show all accounts").is_some());
}

fn a_row_says_everything(world: &World) {
    let account = make(world, "priya", "priya@mail.example", &["main.example", "also.example"]);
    make(world, "bare", "bare@mail.example", &[]);
    mint(&world.app, account.id, |_| {});
    let revoked = mint(&world.app, account.id, |_| {}).token;
    let now = world.app.now();
    write(world, |connection| tokens::revoke(connection, revoked.id, now));
    let page = asha(world).get("/staff/accounts").expect(200);
    assert_eq!(
        page.rows(),
        [
            ["bare", "None", "bare@mail.example", "standard", "Active", "0", "Never"],
            [
                "priya",
                "main.example",
                "priya@mail.example",
                "standard",
                "Active",
                "1",
                "Never"
            ],
        ]
    );
    let link = format!("/staff/accounts/{}", account.public_id);
    assert_eq!(page.link("priya"), Some(link));
    assert!(page.has("2 accounts") && page.link("Next").is_none());
}

fn every_word_of_a_name_finds_its_account(world: &World) {
    make(
        world,
        "priya",
        "asha.rao@mail-box.example",
        &["my-shop.tea.example", "xn--mnchen-3ya.example"],
    );
    make(world, "arjun", "arjun@MÜNCHEN.example", &["shop.example"]);
    let browser = asha(world);
    for (typed, found) in [
        ("priya", "priya"),
        ("PRI", "priya"),
        ("asha.rao@mail", "priya"),
        ("Rao@Mail-Box.EXAMPLE", "priya"),
        ("mail-box.example", "priya"),
        ("box", "priya"),
        ("tea.example", "priya"),
        ("shop", "arjun priya"),
        ("https://shop.example/cart", "arjun"),
        ("m%C3%BCnchen", "arjun"),
        ("M%C3%9CNCHEN.example", "arjun"),
        ("xn--m", "priya"),
        ("example", ""),
        ("iya", ""),
        ("hop", ""),
    ] {
        let page = browser.get(&format!("/staff/accounts?q={typed}")).expect(200);
        assert_eq!(names(&page), found, "{typed}");
    }
}

fn a_search_takes_every_character_as_it_is(world: &World) {
    make(world, "priya", "100%_a@mail.example", &[]);
    make(world, "arjun", "arjun@mail.example", &[]);
    let browser = asha(world);
    let found = |typed: &str| names(&browser.get(&format!("/staff/accounts?q={typed}")).expect(200));
    assert_eq!((found("%25"), found("_"), found("%5C")), Default::default());
    assert_eq!(found("100%25_"), "priya");
    assert_eq!(found("%00%0a+"), "arjun priya", "nothing is left to search for");
    assert_eq!(found("%F4%8F%BF%BF"), "", "the last character that there is");
    let hostile = browser.get("/staff/accounts?q=%3Cb%3Ex%22").expect(200);
    assert!(hostile.has("begins with “<b>x\"”") && !hostile.body().contains("<b>x"));
    let long = "a".repeat(3_000);
    assert!(
        browser
            .get(&format!("/staff/accounts?q={long}"))
            .expect(200)
            .has("No account matches")
    );
}

fn a_token_is_found_by_its_id_and_never_by_its_secret(world: &World) {
    let account = make(world, "priya", "priya@mail.example", &[]);
    make(world, "arjun", "arjun@mail.example", &[]);
    let minted = mint(&world.app, account.id, |new| new.name = "Nightly".parse().unwrap());
    let (id, secret) = (minted.token.public_id, minted.secret);
    let browser = asha(world);
    for typed in [
        format!("{id}"),
        format!("lk_{id}"),
        format!("lk_{id}%E2%80%A6{}", minted.token.last4),
    ] {
        let page = browser.get(&format!("/staff/accounts?q={typed}")).expect(200);
        assert_eq!(names(&page), "priya", "{typed}");
        assert!(page.has(&format!("lk_{id} is the token “Nightly” of priya.")));
    }
    let folded: String = id.to_string().chars().map(swapped).collect();
    assert_eq!(
        names(&browser.get(&format!("/staff/accounts?q={folded}"))),
        "",
        "{folded}"
    );
    for typed in [secret.clone(), format!("+{secret}+"), secret[..40].to_owned()] {
        let answer = browser.get(&format!("/staff/accounts?q={typed}")).expect(303);
        assert_eq!(answer.header("Location"), Some("/staff/identify"));
        assert!(!answer.body().contains("lk_"));
    }
}

/// Upper case for lower case and the other way round.
fn swapped(letter: char) -> char {
    if letter.is_ascii_lowercase() {
        letter.to_ascii_uppercase()
    } else {
        letter.to_ascii_lowercase()
    }
}
