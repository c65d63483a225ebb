//! How much the first page weighs, with everything that it fetches.

use std::net::SocketAddr;

use latchkey::domain::usage::{UsageDay, day_of};
use time::Duration;

use crate::support::{Database, World, mint};

/// What a first visit may fetch, in bytes on the wire without headers.
const MOST: usize = 30 * 1024;

#[test]
fn the_first_page_is_light() {
    let world = World::from(Database::sqlite());
    let account = world.customer("priya");
    let templates = world.app.catalogue.templates();
    for (number, template) in (0_i64..).zip(templates.iter().cycle().take(25)) {
        let token = mint(&world.app, account.id, |new| {
            new.name = format!("{} {number}", template.name).parse().unwrap();
            new.scopes = template.scopes.clone();
        })
        .token;
        world
            .app
            .store
            .write_here(|connection| {
                (0..14).try_for_each(|ago| {
                    let day = UsageDay {
                        token: token.id,
                        day: day_of(world.app.now() - Duration::days(ago)),
                        allowed: 7 * number % 23 + ago,
                        refused: 0,
                    };
                    latchkey::store::usage::add_day(connection, &day)
                })
            })
            .unwrap();
    }
    let browser = world.signed_in("priya");
    let page = browser.get("/tokens").expect(200);
    assert_eq!(page.rows().len(), 25);
    let server: SocketAddr = browser.origin().strip_prefix("http://").unwrap().parse().unwrap();
    let mut weights = Vec::new();
    for path in std::iter::once("/tokens").chain(fetched(page.body())) {
        let request = browser
            .request("GET", path)
            .header("Accept-Encoding", "gzip, deflate, br");
        let answer = request.send(server);
        assert_eq!(answer.status, 200, "{path}");
        weights.push((path, answer.body.len()));
    }
    assert!(
        weights.len() >= 5,
        "a style sheet, a script, icons and the tab's icon: {weights:?}"
    );
    let total: usize = weights.iter().map(|(_, bytes)| bytes).sum();
    assert!(total < MOST, "{total} bytes: {weights:?}");
}

/// The files that a page fetches, each once.
fn fetched(html: &str) -> impl Iterator<Item = &str> {
    let mut paths: Vec<&str> = html
        .split("\"/static/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '#']).next())
        // Only what is put on a home screen.
        .filter(|path| !path.ends_with("touch-icon.png"))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter().map(move |path| {
        let at = html.find(path).expect("the path was found there");
        let beginning = at - "/static/".len();
        &html[beginning..at + path.len()]
    })
}
