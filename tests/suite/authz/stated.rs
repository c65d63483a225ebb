//! What a request needs by the proxy's own word, in place of the catalogue's routes.

use super::{BACKUPS, CLIENT, Heard, Proxy, with_scopes, with_token};
use crate::support::{Request, World, mint};

on_both!(
    the_proxys_word_takes_the_place_of_the_routes,
    what_cannot_be_understood_lets_nothing_pass,
    a_client_does_not_change_it,
);

/// Asks each kind of proxy's address with a statement; nothing of the client's request is sent along but its address.
fn ask(world: &World, secret: &str, statement: &str) -> [Heard; 3] {
    let told = |proxy: Proxy, path: String| {
        let request = Request::new("GET", &path).header("X-Forwarded-For", CLIENT);
        proxy.hears(&world.api().send(&with_token(request, secret)))
    };
    [
        told(Proxy::Nginx, format!("/authz/nginx?{statement}")),
        told(Proxy::Forward, format!("/authz/forward?{statement}")),
        told(Proxy::Envoy, format!("/authz/envoy-for/{statement}/any/path?x=y")),
    ]
}

fn the_proxys_word_takes_the_place_of_the_routes(world: &World) {
    let account = world.customer("priya").id;
    let writer = with_scopes(world, account, "databases:write backups:create");
    let one = mint(&world.app, account, |new| {
        new.scopes = "databases:write".parse().unwrap();
        new.sites = "priya.example".parse().unwrap();
    });
    for (secret, statement, status, code) in [
        (&writer.secret, "scope=databases:write", 200, ""),
        (&writer.secret, "scope=databases:write&scope=backups:create", 200, ""),
        (
            &writer.secret,
            "scope=databases:read+backups:read&site=priya.example",
            200,
            "",
        ),
        (
            &writer.secret,
            "scope=databases:write&scope=dns:read",
            403,
            "insufficient-scope",
        ),
        (
            &writer.secret,
            "scope=databases:write&site=arjun.example",
            403,
            "no-such-site",
        ),
        (&one.secret, "scope=databases:write&site=Priya.Example", 200, ""),
        (
            &one.secret,
            "scope=databases:write&site=shop.priya.example",
            403,
            "site-not-allowed",
        ),
        (&one.secret, "scope=databases:write", 403, "site-not-allowed"),
    ] {
        for heard in ask(world, secret, statement) {
            assert_eq!(heard.outcome(), (status, code), "{statement}: {}", heard.problem);
        }
    }
}

fn what_cannot_be_understood_lets_nothing_pass(world: &World) {
    let minted = with_scopes(world, world.customer("priya").id, "*");
    for statement in [
        "scope=",
        "scope=*",
        "scope=files:reed",
        "scope=files:read+nonsense",
        "scope=files:read&colour=blue",
        "scope=files:read&site=priya.example&site=priya.example",
        "scope=files:read&site=localhost",
        "site=priya.example",
        "scope",
        "&&",
    ] {
        for heard in ask(world, &minted.secret, statement) {
            assert_eq!(heard.outcome(), (400, "gateway-fault"), "{statement}");
            assert_eq!(heard.challenge, None, "it is not the token's fault");
        }
    }
}

fn a_client_does_not_change_it(world: &World) {
    let minted = with_scopes(world, world.customer("priya").id, "files:read");
    let nginx = |target: &str| {
        let request = Proxy::Nginx.asks("GET", target);
        Proxy::Nginx.hears(&world.api().send(&with_token(request, &minted.secret)))
    };
    assert_eq!(
        nginx(&format!("{BACKUPS}?scope=files:read")).code(),
        "insufficient-scope"
    );
    for client in [
        format!("{BACKUPS}?scope=files:read"),
        format!("{BACKUPS}?scope=files:read&site=priya.example"),
        "/../scope=files:read/x".to_owned(),
        "/..%2fscope=files:read".to_owned(),
    ] {
        let heard = Proxy::Envoy.ask(world, &minted.secret, "GET", &client);
        assert_ne!(heard.status, 200, "{client}");
        let path = format!("/authz/envoy-for/scope=files:write{client}");
        let request = Request::new("GET", &path).header("X-Forwarded-For", CLIENT);
        let heard = Proxy::Envoy.hears(&world.api().send(&with_token(request, &minted.secret)));
        assert_eq!(heard.outcome(), (403, "insufficient-scope"), "{client}");
    }
}
