//! A way to a database server that can be closed, as when the server or the network goes away.

use std::{
    io::copy,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Passes connections on to a server while it is open.
#[derive(Debug)]
pub(crate) struct Gate {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    streams: Vec<TcpStream>,
}

impl Gate {
    /// An open gate to the server that a `postgres://` URL names.
    pub(crate) fn to(url: &str) -> Self {
        let (before, rest) = url.split_once("://").expect("a URL has a scheme");
        let (authority, path) = rest.split_once('/').expect("a URL has a path");
        let (user, server) = authority
            .rsplit_once('@')
            .map_or(("", authority), |(user, server)| (user, server));
        let server = if server.contains(':') {
            server.to_owned()
        } else {
            format!("{server}:5432")
        };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("the socket has an address");
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut state = shared.lock().unwrap();
                if state.closed {
                    continue;
                }
                let server = TcpStream::connect(&server).expect("the server accepts connections");
                for (mut from, mut to) in [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server.try_clone().unwrap(), client.try_clone().unwrap()),
                ] {
                    thread::spawn(move || {
                        let _ = copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                state.streams.extend([client, server]);
            }
        });
        let at = if user.is_empty() { "" } else { "@" };
        Self {
            url: format!("{before}://{user}{at}{address}/{path}"),
            state,
        }
    }

    /// The URL that leads through the gate.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Cuts every connection off and lets no new one through.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap();
        state.closed = true;
        for stream in state.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets connections through again.
    pub(crate) fn open(&self) {
        self.state.lock().unwrap().closed = false;
    }
}
