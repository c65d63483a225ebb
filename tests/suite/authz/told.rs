//! "Yes": what the service behind the proxy is told, and that a client has no say in it.

use latchkey::{domain::site::SiteSet, store};

use super::{BACKUPS, PROXIES, id, identity, minted, with_scopes, with_token, write};
use crate::support::{Request, World, mint};

on_both!(
    the_service_is_told_who_it_is,
    the_scopes_are_those_that_count_now,
    what_the_client_sent_itself_is_not_repeated,
    nothing_is_kept_and_nothing_of_the_panel_is_there,
);

fn the_service_is_told_who_it_is(world: &World) {
    let account = world.customer("priya");
    let name = "Caf\u{e9} \u{2603}, \"CI\" 100%";
    let named = mint(&world.app, account.id, |new| {
        new.name = name.parse().unwrap();
        new.sites = "shop.priya.example priya.example".parse().unwrap();
    });
    let plain = minted_beside(world, account.id);
    for proxy in PROXIES {
        let ask = |secret: &str| world.api().send(&with_token(proxy.asks("POST", BACKUPS), secret));
        let answer = ask(&named.secret).expect(200);
        assert_eq!(
            identity(&answer),
            [
                ["priya"],
                [id(&named.token)],
                ["Caf%C3%A9%20%E2%98%83%2C%20%22CI%22%20100%25"],
                ["backups:create backups:read"],
                ["priya.example shop.priya.example"],
            ],
            "{proxy:?}"
        );
        let answer = ask(&plain.secret).expect(200);
        assert_eq!(
            identity(&answer)[2..],
            [["plain-name_1.0"], ["backups:create backups:read"], ["*"]]
        );
    }
}

fn minted_beside(world: &World, account: latchkey::domain::id::AccountId) -> crate::support::Minted {
    mint(&world.app, account, |new| new.name = "plain-name_1.0".parse().unwrap())
}

fn the_scopes_are_those_that_count_now(world: &World) {
    let account = world.customer("priya");
    let full = with_scopes(world, account.id, "*");
    let some = with_scopes(world, account.id, "files:write backups:create");
    let none = mint(&world.app, account.id, |new| {
        new.scopes = "files:read websites:read".parse().unwrap();
        new.sites = SiteSet::All;
    });
    let scopes = |secret: &str| {
        let asked = PROXIES.map(|proxy| {
            let request = with_token(proxy.asks("GET", "/sites/priya.example/files"), secret);
            world.api().send(&request).header("X-Token-Scopes").map(str::to_owned)
        });
        assert!(asked.iter().all(|one| *one == asked[0]));
        asked[0].clone()
    };
    assert_eq!(scopes(&full.secret).as_deref(), Some("*"));
    let both = "backups:create backups:read files:read files:write";
    assert_eq!(scopes(&some.secret).as_deref(), Some(both));
    write(world, |connection| {
        let mut plan = store::plans::find(connection, account.plan)?.unwrap();
        plan.scopes = "files:write dns:read".parse().unwrap();
        store::plans::put(connection, &plan).map(|()| true)
    });
    assert_eq!(scopes(&full.secret).as_deref(), Some("dns:read files:read files:write"));
    assert_eq!(scopes(&some.secret).as_deref(), Some("files:read files:write"));
    assert_eq!(scopes(&none.secret).as_deref(), Some("files:read"));
}

fn what_the_client_sent_itself_is_not_repeated(world: &World) {
    let minted = minted(world);
    for proxy in PROXIES {
        let forged = [
            "Remote-User",
            "X-Token-Id",
            "X-Token-Name",
            "X-Token-Scopes",
            "X-Token-Resources",
        ]
        .iter()
        .fold(proxy.asks("POST", BACKUPS), |request, name| {
            request
                .and_header(name, "admin")
                .and_header(&name.to_uppercase(), "root")
        });
        let answer = world
            .api()
            .send(&with_token(forged.clone(), &minted.secret))
            .expect(200);
        for values in identity(&answer) {
            assert!(
                values.len() == 1 && !["admin", "root"].contains(&values[0]),
                "{proxy:?}: {values:?}"
            );
        }
        let heard = proxy.hears(&world.api().send(&forged));
        assert_eq!(heard.outcome(), (401, "missing-token"));
    }
}

fn nothing_is_kept_and_nothing_of_the_panel_is_there(world: &World) {
    let minted = minted(world);
    for proxy in PROXIES {
        let request = with_token(proxy.asks("POST", BACKUPS), &minted.secret).header("Cookie", "latchkey=x");
        let answer = world.api().send(&request).expect(200);
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        for name in ["Set-Cookie", "Content-Encoding", "Location"] {
            assert_eq!(answer.header(name), None, "{name}");
        }
    }
    for path in ["/authz/", "/authz/haproxy", "/authz/nginx/x", "/authz/tokens"] {
        let answer = world.api().send(&with_token(Request::new("GET", path), &minted.secret));
        assert_eq!((answer.status(), answer.text()), (404, ""), "{path}");
    }
}
