//! Slow, silent and greedy peers, and what happens to connections when the server stops.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use latchkey::web::{edge::Edge, limits::Limits};

use super::{
    Wire,
    server::{HUGE, Server, Told, edge, short},
};

const STEP: Duration = Duration::from_millis(50);

/// Far more than the limits of these tests, far less than a connection that nobody ends.
const SOON: Duration = Duration::from_secs(3);

fn quick() -> Server {
    Server::start(Edge {
        limits: short(),
        ..edge()
    })
}

fn keep_alive(server: &Server) -> Wire {
    let mut wire = Wire::connect(server.address);
    let first = wire
        .send("GET /page HTTP/1.1\r\nHost: panel.example\r\n\r\n")
        .response();
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    wire
}

#[test]
fn the_defaults_keep_the_promise() {
    let limits = Limits::default();
    let promise = Duration::from_secs(20);
    let linger = Duration::from_secs(1);
    assert!(limits.head + limits.handler + linger < promise);
    assert!(
        limits.idle >= limits.handler,
        "a handler must be able to end before its connection counts as idle"
    );
    assert!(limits.idle < promise && limits.answer < promise);
}

#[test]
fn keep_alive_works() {
    let server = quick();
    let mut wire = keep_alive(&server);
    let second = wire
        .send("GET /page HTTP/1.1\r\nHost: panel.example\r\n\r\n")
        .response();
    assert!(second.ends_with("<p>Here.</p>"), "{second}");
}

#[test]
fn a_slow_first_head_is_ended() {
    let server = quick();
    let mut wire = Wire::connect(server.address);
    wire.send("GET /page HTTP/1.1\r\nHost: panel.example\r\nX-Slow: ");
    assert!(wire.trickle(b"a", STEP) < SOON);
}

#[test]
fn a_slow_second_head_is_ended() {
    let server = quick();
    let mut wire = keep_alive(&server);
    wire.send("GET /page HTTP/1.1\r\nX-Slow: ");
    assert!(wire.trickle(b"a", STEP) < SOON);
}

#[test]
fn half_a_head_behind_a_whole_request_is_ended() {
    let server = quick();
    let mut wire = Wire::connect(server.address);
    let began = Instant::now();
    wire.send("GET /page HTTP/1.1\r\nHost: panel.example\r\n\r\nGET /page HT");
    assert!(wire.rest().contains("200 OK"));
    assert!(began.elapsed() < SOON);
}

#[test]
fn a_slow_body_is_answered_and_ended() {
    let server = quick();
    for (length, piece) in [
        ("Content-Length: 9000", &b"a"[..]),
        ("Transfer-Encoding: chunked", b"1\r\na\r\n"),
    ] {
        let mut wire = keep_alive(&server);
        wire.send(format!(
            "POST /echo HTTP/1.1\r\nHost: panel.example\r\n{length}\r\n\r\n"
        ))
        .send(piece);
        let began = Instant::now();
        let answer = wire.rest();
        assert!(answer.starts_with("HTTP/1.1 408"), "{length}: {answer}");
        assert!(answer.contains("content-security-policy"), "{answer}");
        assert!(began.elapsed() < SOON);

        let mut wire = keep_alive(&server);
        wire.send(format!(
            "POST /echo HTTP/1.1\r\nHost: panel.example\r\n{length}\r\n\r\n"
        ));
        assert!(wire.trickle(piece, STEP) < SOON, "{length}");
    }
}

#[test]
fn a_silent_peer_is_ended() {
    let server = quick();
    let began = Instant::now();
    assert_eq!(Wire::connect(server.address).rest(), "");
    assert_eq!(keep_alive(&server).rest(), "");
    assert!(began.elapsed() < 2 * SOON);
}

#[test]
fn a_proxys_idle_connection_is_kept_longer() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a range")];
    let server = Server::start(Edge {
        limits: short(),
        trusted_proxies,
        ..edge()
    });
    let mut wire = keep_alive(&server);
    wire.stream
        .set_read_timeout(Some(2 * short().idle))
        .expect("a time limit can be set");
    let error = wire
        .stream
        .read(&mut [0])
        .expect_err("nothing comes, and nobody closes");
    assert!(matches!(error.kind(), ErrorKind::WouldBlock), "{error}");
    wire.send("GET /page HTTP/1.1\r\nX-Slow: ");
    assert!(
        wire.trickle(b"a", STEP) < SOON,
        "a slow head is ended, whoever sends it"
    );
}

#[test]
fn a_peer_that_does_not_read_is_ended() {
    let server = quick();
    let mut wire = Wire::connect(server.address);
    wire.send("GET /huge HTTP/1.1\r\nHost: panel.example\r\n\r\n");
    assert_eq!(server.told.recv_timeout(SOON), Ok(Told::Dropped));
    assert!(wire.rest().len() < HUGE, "the whole answer was delivered");
}

#[test]
fn a_peer_that_reads_a_little_at_a_time_is_ended() {
    let limits = Limits {
        answer_rate: 64 << 20,
        ..short()
    };
    let server = Server::start(Edge { limits, ..edge() });
    let mut wire = Wire::connect(server.address);
    wire.send("GET /huge HTTP/1.1\r\nHost: panel.example\r\n\r\n");
    let (mut buffer, mut total) = (vec![0; 256 << 10], 0);
    let began = Instant::now();
    while server.told.recv_timeout(STEP).is_err() {
        assert!(began.elapsed() < SOON, "still open");
        total += wire.stream.read(&mut buffer).expect("there is more than is read");
    }
    assert!(total + wire.rest().len() < HUGE, "the whole answer was delivered");
}

#[test]
fn a_peer_that_only_asks_is_ended() {
    let server = quick();
    let mut wire = Wire::connect(server.address);
    let request = "GET /empty HTTP/1.1\r\nHost: panel.example\r\n\r\n";
    wire.send(request.repeat(10_000));
    let began = Instant::now();
    while wire.stream.write(request.as_bytes()).is_ok() {
        assert!(began.elapsed() < SOON, "still open");
        assert!(server.told.recv_timeout(STEP).is_err(), "these requests tell nothing");
    }
}

#[test]
fn a_reader_that_is_fast_enough_gets_everything() {
    let server = quick();
    let mut wire = Wire::connect(server.address);
    wire.send("GET /huge HTTP/1.1\r\nHost: panel.example\r\nConnection: close\r\n\r\n");
    assert!(wire.rest().len() > HUGE);
}

#[test]
fn a_slow_handler_is_answered_for() {
    let server = quick();
    let mut wire = Wire::connect(server.address);
    let answer = wire
        .send("GET /never HTTP/1.1\r\nHost: panel.example\r\n\r\n")
        .response();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let again = wire
        .send("GET /page HTTP/1.1\r\nHost: panel.example\r\n\r\n")
        .response();
    assert!(again.starts_with("HTTP/1.1 200"), "{again}");
}

#[test]
fn no_more_than_a_megabyte_is_read_of_a_body_that_is_too_large() {
    let server = quick();
    let announced = "POST /echo HTTP/1.1\r\nHost: panel.example\r\nContent-Length: 1000000000\r\n\r\n";
    let chunked = "POST /echo HTTP/1.1\r\nHost: panel.example\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n";
    for head in [announced, chunked] {
        let mut wire = Wire::connect(server.address);
        let answer = wire.send(head).send(vec![b'a'; 100 << 10]).response();
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("content-security-policy"), "{answer}");
        let (began, piece) = (Instant::now(), vec![b'a'; 64 << 10]);
        while wire.stream.write(&piece).is_ok() {
            assert!(began.elapsed() < SOON, "it reads on and on");
        }
    }
}

#[test]
fn stopping_closes_idle_connections_and_finishes_what_runs() {
    let mut server = Server::start(edge());
    let mut idle = keep_alive(&server);
    let mut running = Wire::connect(server.address);
    running.send("GET /gated HTTP/1.1\r\nHost: panel.example\r\n\r\n");
    assert_eq!(server.told.recv_timeout(SOON), Ok(Told::Started));
    server.ask_to_stop();
    assert_eq!(idle.rest(), "");
    server.gate.add_permits(1);
    assert!(running.rest().ends_with("at last"));
    server.wait();
    assert!(TcpStream::connect(server.address).is_err(), "it accepts no more");
}

#[test]
fn stopping_does_not_wait_for_ever() {
    let mut server = Server::start(Edge {
        shutdown_seconds: 1,
        ..edge()
    });
    let mut stuck = Wire::connect(server.address);
    stuck.send("GET /never HTTP/1.1\r\nHost: panel.example\r\n\r\n");
    assert_eq!(server.told.recv_timeout(SOON), Ok(Told::Started));
    let began = Instant::now();
    server.ask_to_stop();
    server.wait();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
