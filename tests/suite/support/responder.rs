//! A server that says what it is told to and remembers what it was sent: to test the clients without the application.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

/// Answers one connection after the other with the given texts, then is done.
pub(crate) struct Responder {
    address: SocketAddr,
    thread: JoinHandle<Vec<String>>,
}

impl Responder {
    /// Starts on a free port of the loopback address; `answers` are whole HTTP answers.
    pub(crate) fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let thread = thread::spawn(move || {
            let exchange = |answer: String| {
                let (mut stream, _) = listener.accept().expect("a client connects");
                let request = read_request(&mut stream);
                stream.write_all(answer.as_bytes()).expect("the client listens");
                request
            };
            answers.into_iter().map(exchange).collect()
        });
        Self { address, thread }
    }

    /// Serves each of `pages` as HTML, with the status and the extra header lines given (each ending in `\r\n`).
    pub(crate) fn pages(pages: &[(u16, &str, &str)]) -> Self {
        let answer = |(status, headers, html): &(u16, &str, &str)| {
            let length = html.len();
            format!(
                "HTTP/1.1 {status} X\r\nContent-Type: text/html; charset=utf-8\r\n{headers}Content-Length: {length}\r\n\r\n{html}"
            )
        };
        Self::start(pages.iter().map(answer).collect())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until every answer was given and returns what was sent, head and body.
    pub(crate) fn received(self) -> Vec<String> {
        self.thread.join().expect("the responder did not panic")
    }
}

fn read_request(stream: &mut TcpStream) -> String {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).expect("the client sends");
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            body.len() >= length.map_or(0, |length| length.parse().expect("a length is a number"))
        });
        if whole || read == 0 {
            return text.into_owned();
        }
    }
}
