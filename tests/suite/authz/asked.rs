//! What each address reads, and that nothing else that a client sends has any effect there.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
};

use super::{BACKUPS, CLIENT, HOST, PROXIES, Proxy, minted, with_scopes, with_token};
use crate::support::{Minted, Request, World};

on_both!(
    headers_of_other_proxies_mean_nothing,
    what_the_proxy_has_to_set_is_there_once,
    paths_that_could_mean_something_else_are_refused,
    the_host_chooses_the_service,
    methods_are_the_clients,
    bodies_are_not_read,
);

/// What a client could add to make one proxy's request look like another's.
const FORGED: [(&str, &str); 12] = [
    ("X-Original-Method", "GET"),
    ("X-Original-URI", "/sites/priya.example/files"),
    (
        "X-Original-URL",
        "https://api.hosting.example/sites/priya.example/files",
    ),
    ("X-Original-Host", "deploy.hosting.example"),
    ("X-Forwarded-Method", "GET"),
    ("X-Forwarded-Uri", "/sites/priya.example/files"),
    ("X-Forwarded-Host", "deploy.hosting.example"),
    ("X-Forwarded-Proto", "https"),
    ("X-HTTP-Method-Override", "GET"),
    ("X-Rewrite-URL", "/sites/priya.example/files"),
    ("Forwarded", "for=203.0.113.7;host=deploy.hosting.example"),
    ("X-Real-IP", "203.0.113.7"),
];

/// The headers that a proxy sets.
fn own(proxy: Proxy) -> &'static [&'static str] {
    match proxy {
        Proxy::Nginx => &["X-Original-Method", "X-Original-URI", "X-Original-Host"],
        Proxy::Forward => &["X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host"],
        Proxy::Envoy => &["Host"],
    }
}

/// May read files and nothing else: the forged headers ask for what it may.
fn reader(world: &World) -> Minted {
    with_scopes(world, world.customer("priya").id, "files:read")
}

fn headers_of_other_proxies_mean_nothing(world: &World) {
    let minted = reader(world);
    for proxy in PROXIES {
        let forged = FORGED
            .iter()
            .filter(|(name, _)| !own(proxy).contains(name))
            .fold(proxy.asks("POST", BACKUPS), |request, (name, value)| {
                request.and_header(name, value)
            });
        let heard = proxy.hears(&world.api().send(&with_token(forged, &minted.secret)));
        assert_eq!(heard.outcome(), (403, "insufficient-scope"), "{proxy:?}");
        assert_eq!(heard.problem["required_scopes"][0], "backups:create");
    }
}

fn what_the_proxy_has_to_set_is_there_once(world: &World) {
    let minted = with_scopes(world, world.customer("priya").id, "*");
    for proxy in PROXIES {
        let good = || with_token(proxy.asks("GET", "/sites/priya.example/files"), &minted.secret);
        assert_eq!(proxy.hears(&world.api().send(&good())).status, 200);
        for name in own(proxy) {
            let mut wrong = vec![
                good().and_header(name, "/sites/priya.example/files"),
                good().header(name, ""),
                good().header(name, "caf\u{e9}"),
            ];
            // The client of these tests sends no request without a host.
            if *name != "Host" {
                wrong.push(good().without(name));
            }
            for request in wrong {
                let answer = world.api().send(&request);
                // Two hosts, or none, are for HTTP itself to refuse.
                if *name == "Host" && answer.header("Cache-Control").is_none() {
                    assert_eq!(answer.status(), 400);
                    continue;
                }
                let heard = proxy.hears(&answer);
                assert_eq!(heard.outcome(), (400, "gateway-fault"), "{proxy:?} {name}");
            }
        }
        for request in [
            good().without("X-Forwarded-For"),
            good().header("X-Forwarded-For", ""),
            good().header("X-Forwarded-For", "unknown"),
            good().header("X-Forwarded-For", &format!("{CLIENT}, unknown")),
        ] {
            let heard = proxy.hears(&world.api().send(&request));
            assert_eq!(heard.outcome(), (400, "gateway-fault"), "{proxy:?}");
            assert!(heard.problem["detail"].as_str().unwrap().contains("x-forwarded-for"));
        }
    }
}

fn paths_that_could_mean_something_else_are_refused(world: &World) {
    let minted = with_scopes(world, world.customer("priya").id, "*");
    for (target, reason) in [
        ("/sites/priya.example/files/../../x", "dot-segment"),
        ("/sites/priya.example/%2e%2e/x", "dot-segment"),
        ("/sites/priya.example%2Ffiles", "encoded-slash"),
        ("/sites/priya.example/files%5c..", "backslash"),
        ("/sites/priya.example//files", "empty-segment"),
        ("/sites/priya.example/files/", "empty-segment"),
        ("/sites/priya.example/files;a=b", "semicolon"),
        ("/sites/priya.example/files%00", "control-character"),
        ("/sites/priya.example/files%0d%0a", "control-character"),
        ("/sites/priya.example/%252e%252e", "bad-encoding"),
        ("/sites/priya.example/files/%zz", "bad-encoding"),
        ("/sites/priya.example/files/%c0%ae", "non-ascii"),
        ("/authz/nginx", "unknown-path"),
    ] {
        for proxy in PROXIES {
            let heard = proxy.ask(world, &minted.secret, "GET", target);
            assert_eq!(heard.outcome(), (403, "no-such-route"), "{proxy:?} {target}");
            let detail = heard.problem["detail"].as_str().unwrap();
            assert!(detail.contains(reason), "{proxy:?} {target}: {detail}");
        }
    }
    let long = format!("/sites/priya.example/files/{}", "a".repeat(5000));
    for (proxy, target) in [
        (Proxy::Nginx, long.as_str()),
        (Proxy::Forward, &long),
        (Proxy::Envoy, &long),
        (Proxy::Nginx, "https://api.hosting.example/sites/priya.example/files"),
        (Proxy::Forward, "https://api.hosting.example/sites/priya.example/files"),
        (Proxy::Nginx, "*"),
        (Proxy::Nginx, "/sites/priya.example/files#x"),
    ] {
        let heard = proxy.ask(world, &minted.secret, "GET", target);
        assert_eq!(heard.outcome(), (403, "no-such-route"), "{proxy:?} {target:.60}");
    }
    let absolute = format!("http://{HOST}/authz/envoy/sites/priya.example/files");
    let request = Request::new("GET", &absolute)
        .header("Host", HOST)
        .header("X-Forwarded-For", CLIENT);
    let heard = Proxy::Envoy.hears(&world.api().send(&with_token(request, &minted.secret)));
    assert_eq!(heard.outcome(), (400, "gateway-fault"));
    for target in ["/sites/priya.example/files?a=../..%2f", "/sites/priya.example/%66iles"] {
        for proxy in PROXIES {
            assert_eq!(proxy.ask(world, &minted.secret, "GET", target).status, 200, "{target}");
        }
    }
}

fn the_host_chooses_the_service(world: &World) {
    let minted = with_scopes(world, world.customer("priya").id, "*");
    for proxy in PROXIES {
        let name = own(proxy).last().unwrap();
        let ask = |host: &str, target: &str| {
            let request = with_token(proxy.asks("GET", target).header(name, host), &minted.secret);
            proxy.hears(&world.api().send(&request)).status
        };
        let (releases, files) = ("/v1/sites/priya.example/releases", "/sites/priya.example/files");
        assert_eq!(ask("deploy.hosting.example", releases), 200);
        assert_eq!(ask("Deploy.Hosting.Example:8443", releases), 200);
        assert_eq!(ask("deploy.hosting.example", files), 403);
        assert_eq!(ask("other.example", releases), 403);
        assert_eq!(ask("other.example", files), 200);
        assert_eq!(ask("two,hosts", files), 403);
    }
}

fn methods_are_the_clients(world: &World) {
    let minted = reader(world);
    let files = "/sites/priya.example/files";
    for proxy in PROXIES {
        for (method, status) in [
            ("GET", 200),
            ("HEAD", 200),
            ("OPTIONS", 403),
            ("TRACE", 403),
            ("PROPFIND", 403),
            ("get", 403),
        ] {
            let request = with_token(proxy.asks(method, files), &minted.secret);
            let answer = world.api().send(&request);
            if proxy == Proxy::Envoy && method == "HEAD" {
                assert_eq!(answer.status(), status);
            } else {
                assert_eq!(proxy.hears(&answer).status, status, "{proxy:?} {method}");
            }
        }
    }
    // What the subrequest itself is made with does not matter.
    for method in ["POST", "HEAD", "OPTIONS", "PROPFIND"] {
        let asked = Request::new(method, "/authz/nginx")
            .header("X-Original-Method", "GET")
            .header("X-Original-URI", files)
            .header("X-Original-Host", HOST)
            .header("X-Forwarded-For", CLIENT);
        let answer = world.api().send(&with_token(asked, &minted.secret));
        assert_eq!((answer.status(), answer.header("Remote-User")), (200, Some("priya")));
    }
}

fn bodies_are_not_read(world: &World) {
    let minted = minted(world);
    let address = world.app.settings.listen;
    let head = format!(
        "POST /authz/nginx HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nX-Original-Method: POST\r\n\
         X-Original-URI: {BACKUPS}\r\nX-Original-Host: {HOST}\r\nX-Forwarded-For: {CLIENT}\r\n",
        minted.secret
    );
    let smuggled = "GET /authz/nginx HTTP/1.1\r\nHost: a\r\n\r\n";
    for (header, body) in [
        (format!("Content-Length: {}", smuggled.len()), smuggled.to_owned()),
        ("Content-Length: 100000".to_owned(), String::new()),
        (
            "Transfer-Encoding: chunked".to_owned(),
            format!("{:x}\r\n{smuggled}\r\n0\r\n\r\n", smuggled.len()),
        ),
        ("Transfer-Encoding: chunked".to_owned(), String::new()),
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(format!("{head}{header}\r\n\r\n{body}").as_bytes())
            .unwrap();
        // Who has sent too little says no more.
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        // The server may reset a connection on which it has not read everything; the answer has come before that.
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{header}: {answer}");
        assert!(
            answer.to_ascii_lowercase().contains("connection: close"),
            "{header}: {answer}"
        );
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{header}: {answer}");
    }
}
