//! One HTTP/1.1 exchange, just as it goes over the wire: nothing followed, nothing kept, nothing added but the length.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Longer than any answer takes; a test that runs into it has found a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request that has not been sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// `target` is what stands in the request line: a path with its query.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The method.
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// The body.
    pub(crate) fn sent(&self) -> &[u8] {
        &self.body
    }

    /// The path and query that it asks for.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Sets a header, in place of the one with that name if there is one.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header beside the ones with that name.
    pub(crate) fn and_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a header away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        self
    }

    /// Sets the body and its type.
    pub(crate) fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", media_type)
    }

    /// Sends the request over a connection of its own and reads the whole answer.
    ///
    /// Panics when the server cannot be reached, or when what it answers is not HTTP.
    pub(crate) fn send(&self, server: SocketAddr) -> Response {
        let mut stream = TcpStream::connect(server).expect("the server accepts connections");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit can be set");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("a time limit can be set");
        // A server may answer and close before it has read everything: what it said counts, not the broken write.
        let _ = stream.write_all(&self.bytes(server));
        let (mut answer, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        // The server may keep the connection open for a while after the answer, when it has not read all that was sent.
        while !is_whole(&answer) {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => answer.extend_from_slice(&buffer[..read]),
                Err(error) => {
                    assert!(
                        !answer.is_empty(),
                        "{} {}: no answer: {error}",
                        self.method,
                        self.target
                    );
                    break;
                }
            }
        }
        Response::parse(&answer, self.method == "HEAD").unwrap_or_else(|| {
            panic!(
                "{} {}: not HTTP: {:?}",
                self.method,
                self.target,
                String::from_utf8_lossy(&answer)
            )
        })
    }

    /// The same with a server that may end at any moment: nothing when the whole answer did not arrive.
    pub(crate) fn try_send(&self, server: SocketAddr) -> Option<Response> {
        let mut stream = TcpStream::connect(server).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(&self.bytes(server)).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        Response::parse(&answer, self.method == "HEAD")
    }

    fn bytes(&self, server: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let mut line = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Host")) {
            line("Host", &server.to_string());
        }
        line("Connection", "close");
        for (name, value) in &self.headers {
            line(name, value);
        }
        if !self.body.is_empty() || matches!(self.method.as_str(), "POST" | "PUT" | "PATCH") {
            line("Content-Length", &self.body.len().to_string());
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

/// Whether an answer has the length that its head names. Without one it ends with the connection.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= end + 4 + length)
}

/// What a server answered.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// Every header line, in order.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, with the chunks put together.
    pub(crate) body: Vec<u8>,
}

impl Response {
    fn parse(answer: &[u8], headless: bool) -> Option<Self> {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&answer[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines
            .next()?
            .strip_prefix("HTTP/1.1 ")?
            .split(' ')
            .next()?
            .parse()
            .ok()?;
        let headers = lines
            .map(|line| {
                line.split_once(':')
                    .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            })
            .collect::<Option<Vec<_>>>()?;
        let mut response = Self {
            status,
            headers,
            body: answer[end + 4..].to_vec(),
        };
        if headless {
            assert!(response.body.is_empty(), "an answer to HEAD must have no body");
        } else if response
            .header("Transfer-Encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
        {
            response.body = unchunked(&response.body)?;
        } else if let Some(length) = response.header("Content-Length") {
            // Cut short otherwise.
            (length.parse() == Ok(response.body.len())).then_some(())?;
        }
        Some(response)
    }

    /// The value of a header; of the first one, if it stands there several times.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(present, _)| present.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a header that may stand there several times.
    pub(crate) fn headers_named(&self, name: &str) -> Vec<&str> {
        let same_name = |(present, _): &&(String, String)| present.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(same_name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The body as text; panics when it is not UTF-8.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let from = end + 2;
        body.extend_from_slice(rest.get(from..from + size)?);
        rest = rest.get(from + size + 2..)?;
    }
}

mod tests {
    use super::{Request, Response};
    use crate::support::responder::Responder;

    #[test]
    fn a_request_goes_out_as_it_was_written() {
        let server = Responder::start(vec![
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\nhi".to_owned(),
        ]);
        let request = Request::new("POST", "/a?b=c")
            .header("X-B", "1")
            .header("x-b", "2")
            .header("X-C", "3");
        let response = request
            .without("x-c")
            .body("text/plain", "körper")
            .send(server.address());
        assert_eq!((response.status, response.text()), (200, "hi"));
        assert_eq!(response.header("X-A"), Some("1"));
        assert_eq!(response.headers_named("X-A"), ["1", "2"]);
        let sent = server.received();
        assert!(
            sent[0].starts_with("POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:"),
            "{}",
            sent[0]
        );
        assert!(
            sent[0].ends_with("x-b: 2\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nkörper"),
            "{}",
            sent[0]
        );
    }

    #[test]
    fn chunks_are_put_together_and_a_cut_answer_is_refused() {
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(Response::parse(chunked, false).expect("it is whole").text(), "abcde");
        assert!(Response::parse(&chunked[..chunked.len() - 12], false).is_none());
        assert!(Response::parse(b"no HTTP at all\r\n\r\n", false).is_none());
    }
}
