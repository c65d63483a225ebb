//! The load: 64 connections that stay open, each asking anew as soon as it is answered, on one thread.

use std::{
    env,
    io::{self, BufRead},
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{net::TcpStream, task::LocalSet};

use crate::{TARGETS, Target, report};

const CONNECTIONS: usize = 64;

/// Reads lines of "target, milliseconds" and answers each with what it measured.
pub(crate) fn run() {
    let arguments: Vec<String> = env::args().collect();
    let address: SocketAddr = arguments[2].parse().expect("the address of the server");
    let cookies = &arguments[3..5];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    for line in io::stdin().lock().lines() {
        let line = line.expect("the input can be read");
        let (position, length) = line.split_once(' ').expect("two numbers");
        let target = &TARGETS[position.parse::<usize>().expect("a number")];
        let length = Duration::from_millis(length.parse().expect("a number"));
        let request = request(target, address, &cookies[target.cookie]);
        let tasks = LocalSet::new();
        let round = tasks.run_until(ask_all(address, request, length));
        report::line(&runtime.block_on(round));
    }
}

fn request(target: &Target, address: SocketAddr, cookie: &str) -> Vec<u8> {
    let encoding = if target.compressed {
        "Accept-Encoding: gzip, deflate, br\r\n"
    } else {
        ""
    };
    format!(
        "GET {} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: text/html\r\n{encoding}\r\n",
        target.path
    )
    .into_bytes()
}

/// Requests, seconds, bytes of one answer, and the 50th and 99th percentile of the waits in microseconds.
async fn ask_all(address: SocketAddr, request: Vec<u8>, length: Duration) -> String {
    let (began, until) = (Instant::now(), Instant::now() + length);
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::task::spawn_local(ask(address, request.clone(), until)))
        .collect();
    let (mut waits, mut bytes) = (Vec::new(), 0);
    for task in tasks {
        let (own, size) = task.await.expect("a connection ends in good order");
        waits.extend(own);
        bytes = size;
    }
    let seconds = began.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |hundredth: usize| waits.get(waits.len() * hundredth / 100).copied().unwrap_or_default();
    format!("{} {seconds} {bytes} {} {}", waits.len(), at(50), at(99))
}

/// Asks until the time is over; returns how long each answer took, in microseconds, and the bytes of the last one.
async fn ask(address: SocketAddr, request: Vec<u8>, until: Instant) -> (Vec<u128>, usize) {
    let stream = TcpStream::connect(address)
        .await
        .expect("the server accepts connections");
    stream.set_nodelay(true).expect("an option can be set");
    let (mut waits, mut answer) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        let asked = Instant::now();
        stream.writable().await.expect("the connection is open");
        let written = stream.try_write(&request).expect("a short request is taken at once");
        assert_eq!(written, request.len());
        read_one(&stream, &mut answer).await;
        waits.push(asked.elapsed().as_micros());
    }
    (waits, answer.len())
}

/// Reads one whole answer; anything but a 200 ends the measurement, because it would be fast and worth nothing.
async fn read_one(stream: &TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        stream.readable().await.expect("the connection is open");
        match stream.try_read(&mut buffer) {
            Ok(0) => panic!("the server closed the connection"),
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => panic!("{error}"),
        }
        if is_whole(answer) {
            break;
        }
    }
    let text = String::from_utf8_lossy(&answer[..answer.len().min(200)]);
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

/// Whether an answer has its whole length, named or in chunks.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]);
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    match length {
        Some(length) => answer.len() >= end + 4 + length,
        None => answer.ends_with(b"\r\n0\r\n\r\n"),
    }
}
