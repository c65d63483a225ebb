//! The load: connections that stay open, each asking anew as soon as it is answered, on one thread.

use std::{
    env,
    future::poll_fn,
    io::{self, BufRead, Write as _},
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
    task::LocalSet,
};

use crate::{
    TARGETS, Target, Wanted, print,
    seed::{self, TOKENS},
    serve,
};

/// Sign-ins of [`Wanted::Crowded`].
const SIGN_INS: u64 = 64;
/// Longest answer that is read.
const ROOM: usize = 16 * 1024;

/// Reads lines of "target, connections, milliseconds" and answers each with what it measured.
pub(crate) fn run() {
    let arguments: Vec<String> = env::args().collect();
    let [bare, whole] = [2, 3].map(|place: usize| {
        let address: SocketAddr = arguments[place].parse().expect("the address of a server");
        address
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    for line in io::stdin().lock().lines() {
        let line = line.expect("the input can be read");
        let numbers: Vec<u64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
        let [position, connections, length] = numbers[..] else {
            panic!("three numbers: {line}")
        };
        let target = &TARGETS[usize::try_from(position).expect("a place")];
        let address = if target.wanted == Wanted::BareText { bare } else { whole };
        let length = Duration::from_millis(length);
        let write = move |request: &mut Vec<u8>, drawn| write_request(request, target, address, drawn);
        let round = LocalSet::new();
        let sign_ins = if target.wanted == Wanted::Crowded { SIGN_INS } else { 0 };
        let until = Instant::now() + length;
        let hash: Rc<Write> = Rc::new(move |request: &mut Vec<u8>, _| {
            let written = write!(request, "GET {} HTTP/1.1\r\nHost: {address}\r\n\r\n", serve::HASH);
            written.expect("a request can be written to memory");
        });
        let hashing: Vec<_> = (0..sign_ins)
            .map(|place| round.spawn_local(ask(address, 200, Rc::clone(&hash), place, until)))
            .collect();
        let measured = round.run_until(async {
            let measured = ask_all(address, target.status, Rc::new(write), connections, length).await;
            // Nothing of it is left to disturb what is measured next.
            for sign_in in hashing {
                sign_in.await.expect("a connection ends in good order");
            }
            measured
        });
        print::line(&runtime.block_on(measured));
    }
}

/// Writes the request that a drawn number stands for.
pub(crate) type Write = dyn Fn(&mut Vec<u8>, u64);

/// Requests, seconds, bytes of one answer, and the 50th and 99th percentile of the waits in microseconds.
pub(crate) async fn ask_all(
    address: SocketAddr,
    status: u16,
    write: Rc<Write>,
    connections: u64,
    length: Duration,
) -> String {
    let (began, until) = (Instant::now(), Instant::now() + length);
    let tasks: Vec<_> = (0..connections)
        .map(|place| tokio::task::spawn_local(ask(address, status, Rc::clone(&write), place, until)))
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
async fn ask(address: SocketAddr, status: u16, write: Rc<Write>, place: u64, until: Instant) -> (Vec<u32>, usize) {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server accepts connections");
    stream.set_nodelay(true).expect("an option can be set");
    let (mut waits, mut size) = (Vec::with_capacity(100_000), 0);
    let (mut request, mut answer) = (Vec::with_capacity(1024), vec![0; ROOM]);
    let mut draw = Draw(place.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(std::process::id()));
    let mut asked = Instant::now();
    while asked < until {
        request.clear();
        write(&mut request, draw.next());
        asked = Instant::now();
        let written = stream.try_write(&request).expect("a short request is taken at once");
        assert_eq!(written, request.len());
        size = read_one(&mut stream, &mut answer, status).await;
        waits.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    (waits, size)
}

/// Numbers that look drawn (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn write_request(request: &mut Vec<u8>, target: &Target, address: SocketAddr, drawn: u64) {
    let number = drawn % TOKENS;
    let written = match target.wanted {
        Wanted::BareText | Wanted::Text => {
            write!(request, "GET {} HTTP/1.1\r\nHost: {address}\r\n\r\n", serve::TEXT)
        }
        Wanted::Decision | Wanted::Crowded => question(request, number, seed::secret(number).expose()),
        Wanted::Unknown => question(request, number, seed::secret(TOKENS + number).expose()),
        Wanted::Mistyped => {
            let secret = seed::secret(number);
            let (rest, last) = secret.expose().split_at(49);
            let other = if last == "0" { "1" } else { "0" };
            question(request, number, &[rest, other].concat())
        }
    };
    written.expect("a request can be written to memory");
}

/// What nginx asks before it passes a request on.
fn question(request: &mut Vec<u8>, number: u64, secret: &str) -> io::Result<()> {
    write!(
        request,
        "GET /authz/nginx HTTP/1.1\r\nHost: panel.example\r\nX-Original-Method: POST\r\nX-Original-URI: \
         /sites/{}/backups\r\nX-Original-Host: api.hosting.example\r\nX-Forwarded-For: 198.51.100.7\r\n\
         Authorization: Bearer {secret}\r\n\r\n",
        seed::site(number),
    )
}

/// Reads one whole answer and returns its length; another status ends the measurement, because it would be fast and
/// worth nothing.
async fn read_one(stream: &mut TcpStream, answer: &mut [u8], status: u16) -> usize {
    let mut length = 0;
    loop {
        let mut room = ReadBuf::new(&mut answer[length..]);
        poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut room))
            .await
            .expect("the answer can be read");
        let read = room.filled().len();
        assert!(read > 0, "the server closed the connection");
        length += read;
        if let Some(whole) = whole_length(&answer[..length])
            && whole <= length
        {
            break;
        }
    }
    let line = &answer[..12];
    assert!(
        line == format!("HTTP/1.1 {status}").as_bytes(),
        "{}",
        String::from_utf8_lossy(&answer[..length])
    );
    length
}

/// The length of an answer with its body, once its head is there.
fn whole_length(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let name = b"content-length: ";
    let place = answer[..end]
        .windows(name.len())
        .position(|found| found.eq_ignore_ascii_case(name));
    let body = place.map_or(0, |place| {
        let digits = answer[place + name.len()..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
    });
    Some(end + body)
}
