//! The HTTP edge by itself, with routes made for these tests: what it does to requests and connections of every kind.

mod assets;
mod connections;
mod requests;
mod responses;
mod server;

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// A connection whose bytes the test chooses.
struct Wire {
    stream: TcpStream,
}

impl Wire {
    fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("the server accepts connections");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a time limit can be set");
        stream.set_nodelay(true).expect("an option can be set");
        Self { stream }
    }

    /// Sends bytes; the server may already have closed, which the next read tells.
    fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.stream.write_all(bytes.as_ref());
        self
    }

    /// Reads one response that has a `Content-Length` and leaves the connection open.
    fn response(&mut self) -> String {
        let (mut text, mut byte) = (String::new(), [0]);
        while !text.ends_with("\r\n\r\n") {
            let read = self.stream.read(&mut byte).expect("a response comes");
            assert_eq!(read, 1, "the connection closed after {text:?}");
            text.push(char::from(byte[0]));
        }
        let length = text
            .to_ascii_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body).expect("the body comes");
        text + &String::from_utf8_lossy(&body)
    }

    /// Everything that still comes until the server closes.
    fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        match self.stream.read_to_end(&mut bytes) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "still open: {error}"),
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends `piece` again and again, `pause` apart, until the server closes; returns how long that took.
    fn trickle(&mut self, piece: &[u8], pause: Duration) -> Duration {
        let began = Instant::now();
        self.stream
            .set_read_timeout(Some(pause))
            .expect("a time limit can be set");
        let mut buffer = [0; 1024];
        while began.elapsed() < Duration::from_secs(25) {
            let _ = self.stream.write_all(piece);
            match self.stream.read(&mut buffer) {
                Ok(0) => return began.elapsed(),
                Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return began.elapsed();
                }
                _ => {}
            }
        }
        panic!("a slow client was still connected after 25 seconds");
    }
}
