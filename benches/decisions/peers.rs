//! What other programs do that people would pick instead, on the same machine in the same run: each with as many tokens in
//! a SQLite database, asked over as many connections whether tokens drawn at random are good.
//!
//! They are measured where they are installed: `npm ci` in `peers/better-auth`, and a virtual environment
//! `peers/knox/environment` with the packages of `peers/knox/requirements.txt`.

use std::{
    env, fs,
    io::{self, BufRead, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use tokio::task::LocalSet;

use crate::{Load, load, part::Part, print, seed};

/// A program beside ours.
struct Peer {
    name: &'static str,
    /// What runs its server, and the server; both below `peers`.
    program: &'static str,
    server: &'static str,
    /// What must be there for it to run.
    installed: &'static str,
    /// The word before the token in the `Authorization` header.
    scheme: &'static str,
}

const PEERS: [Peer; 2] = [
    Peer {
        name: "better-auth, API keys",
        program: "node",
        server: "better-auth/serve.mjs",
        installed: "better-auth/node_modules",
        scheme: "Bearer",
    },
    Peer {
        name: "django-rest-knox, tokens",
        program: "knox/environment/bin/python",
        server: "knox/serve.py",
        installed: "knox/environment",
        scheme: "Token",
    },
];

/// Measures each peer that is installed, and says how many times its rate `decisions` a second are.
pub(crate) fn measure(load: &Load, decisions: f64) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/decisions/peers");
    for peer in PEERS {
        if folder.join(peer.installed).exists() {
            let rate = peer.rate(&folder, load);
            print::line(&format!(
                "{:<32} {rate:>8.0} a second: decisions are {:.0} times as many",
                peer.name,
                decisions / rate
            ));
        } else {
            print::line(&format!("{:<32} is not installed", peer.name));
        }
    }
}

impl Peer {
    /// The median of its answers a second.
    fn rate(&self, folder: &Path, load: &Load) -> f64 {
        let data = tempfile::tempdir().expect("a temporary folder can be made");
        let program = if self.program.contains('/') {
            folder.join(self.program)
        } else {
            PathBuf::from(self.program)
        };
        let (server, place) = (folder.join(self.server), data.path());
        let [tokens, accounts] = [seed::TOKENS, seed::TOKENS / seed::EACH].map(|number| number.to_string());
        let arguments = [
            &server.to_string_lossy(),
            &place.to_string_lossy(),
            &*tokens,
            &*accounts,
        ];
        let mut peer = Part::of(&program, "0", &arguments);
        let address = peer.line();
        let tokens = place.join("tokens");
        let mut asking = Part::start("1", &["peer-load", &address, self.scheme, &tokens.to_string_lossy()]);
        let rounds = (0..=load.rounds).map(|round| {
            let length = if round == 0 {
                Duration::from_secs(1)
            } else {
                load.length
            };
            let answer = asking.ask(&format!("{} {}", load.connections, length.as_millis()));
            let mut numbers = answer.split(' ').filter_map(|number| number.parse::<f64>().ok());
            let (requests, seconds) = (numbers.next(), numbers.next());
            requests
                .zip(seconds)
                .map_or(0.0, |(requests, seconds)| requests / seconds)
        });
        let rounds: Vec<f64> = rounds.skip(1).collect();
        print::middle(rounds)
    }
}

/// The load on a peer: reads lines of "connections, milliseconds" and answers each with what it measured.
pub(crate) fn ask() {
    let arguments: Vec<String> = env::args().collect();
    let [address, scheme, file] = [2, 3, 4].map(|place: usize| arguments[place].clone());
    let address: SocketAddr = address.parse().expect("the address of a server");
    let tokens = fs::read_to_string(file).expect("the peer has written its tokens");
    let tokens: Vec<String> = tokens.lines().map(str::to_owned).collect();
    let write = move |request: &mut Vec<u8>, drawn: u64| {
        let place = usize::try_from(drawn).unwrap_or(usize::MAX) % tokens.len();
        let token = &tokens[place];
        let written = write!(
            request,
            "GET / HTTP/1.1\r\nHost: {address}\r\nAuthorization: {scheme} {token}\r\n\r\n"
        );
        written.expect("a request can be written to memory");
    };
    let write: Rc<load::Write> = Rc::new(write);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    for line in io::stdin().lock().lines() {
        let line = line.expect("the input can be read");
        let (connections, length) = line.split_once(' ').expect("two numbers");
        let connections = connections.parse().expect("a number");
        let length = Duration::from_millis(length.parse().expect("a number"));
        let round = LocalSet::new();
        let measured = round.run_until(load::ask_all(address, 200, Rc::clone(&write), connections, length));
        print::line(&runtime.block_on(measured));
    }
}
