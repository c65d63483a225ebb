//! How long the real program takes from its start to its first answer on a database that is there.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{print, seed};

/// Starts that are timed; the first fills the system's caches and does not count.
const TIMES: usize = 6;

/// Starts the program some times and prints the median.
pub(crate) fn measure(folder: &Path, url: &str) {
    let mut waits: Vec<f64> = (0..TIMES).map(|_| once(folder, url)).collect();
    let first = waits.remove(0);
    print::line(&format!(
        "start to first answer: {:.0} ms (the first time {first:.0} ms)",
        print::middle(waits)
    ));
}

fn once(folder: &Path, url: &str) -> f64 {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = free.local_addr().expect("the socket has an address");
    drop(free);
    let began = Instant::now();
    let mut server = Command::new(env!("CARGO_BIN_EXE_latchkey"))
        .args(["--listen", &address.to_string(), "--database", url, "--data"])
        .arg(folder)
        .env("LATCHKEY_LOG", "warn")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    while !is_answered(address) {
        assert!(
            matches!(server.try_wait(), Ok(None)) && began.elapsed().as_secs() < 60,
            "the program runs"
        );
        std::thread::yield_now();
    }
    let wait = began.elapsed().as_secs_f64() * 1e3;
    // It has nothing to lose: only the usage of one call.
    _ = server.kill();
    _ = server.wait();
    wait
}

/// Whether a decision is answered with "yes".
fn is_answered(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let request = format!(
        "GET /authz/nginx HTTP/1.1\r\nHost: {address}\r\nX-Original-Method: POST\r\nX-Original-URI: /sites/{}/backups\r\n\
         X-Original-Host: {address}\r\nX-Forwarded-For: 198.51.100.7\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        seed::site(0),
        seed::secret(0).expose(),
    );
    let mut answer = String::new();
    let asked = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.read_to_string(&mut answer));
    asked.is_ok() && answer.starts_with("HTTP/1.1 200")
}
