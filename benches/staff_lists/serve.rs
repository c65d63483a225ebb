//! The server that is measured: the real panel with one more route, in a thread of its own.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread,
};

use actix_web::{HttpResponse, web};
use latchkey::{
    app::{
        self, App, Caller,
        staff::{self, NewStaffMember},
    },
    catalogue::Catalogue,
    clock::Clock,
    domain::staff::Role,
    keyring::Keyring,
    settings::{Flags, Settings},
    web::{panel::Panel, routes, server, serving},
};

/// Where the fixed text is; only here, and in no release.
pub(crate) const TEXT: &str = "/benchmark/text";
/// Who looks at the pages.
pub(crate) const STAFF: &str = "asha";
pub(crate) const PASSWORD: &str = "violet tram under the pear";

/// A server that runs until the process ends.
pub(crate) struct Served {
    pub(crate) app: Arc<App>,
    pub(crate) address: String,
}

/// Starts the server on a new database, with a staff member.
pub(crate) fn start(folder: &Path, url: &str) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("the socket has an address");
    let flags = Flags {
        data: Some(folder.display().to_string()),
        database: Some(url.to_owned()),
        ..Flags::default()
    };
    let nothing = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let settings = Settings::load(&flags, std::iter::empty(), &nothing).expect("the settings are right");
    let settings = settings.listening_on(address);
    let (store, _) = app::open_store(&settings).expect("the database can be opened");
    let (clock, keyring) = (Clock::system(), Keyring::for_tests());
    let app =
        App::new(settings, store, clock, Catalogue::built_in(), keyring).expect("the application can be put together");
    let new = NewStaffMember {
        username: STAFF.parse().expect("a user name"),
        email: "asha@staff.example".parse().expect("an address"),
        name: "Asha Rao".to_owned(),
        role: Role::Admin,
        password: PASSWORD.to_owned().into(),
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made")
        .block_on(staff::create(&app, &Caller::shell(), new))
        .expect("the staff member can be made");
    let panel = Arc::new(Panel::new(Arc::clone(&app)));
    thread::spawn(move || {
        let edge = serving::edge(&panel).expect("the address is an origin");
        let configure = move |config: &mut web::ServiceConfig| {
            config.service(web::resource(TEXT).get(text));
            routes::configure(config, &panel);
        };
        actix_web::rt::System::new()
            .block_on(server::serve(listener, edge, configure, std::future::pending()))
            .expect("it serves");
    });
    Served {
        app,
        address: address.to_string(),
    }
}

async fn text() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("fixed\n")
}

/// Asks for a page and reads all of the answer; returns its status and its length in bytes.
pub(crate) fn ask(address: &str, path: &str, cookie: &str) -> (u16, usize) {
    let mut stream = TcpStream::connect(address).expect("the server accepts connections");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    let head = String::from_utf8_lossy(&answer[..answer.len().min(16)]);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_default(), answer.len())
}
