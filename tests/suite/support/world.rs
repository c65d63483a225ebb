//! The real application on a port of its own, with a clock that the test sets.

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    process::{Command, Output, Stdio},
    sync::Arc,
    thread::JoinHandle,
};

use latchkey::{
    app::{
        self, App, Caller,
        accounts::{self, NewAccount},
        staff::{self, NewStaffMember},
    },
    catalogue::Catalogue,
    clock::Clock,
    domain::{account::Account, staff::Role},
    keyring::Keyring,
    settings::{Flags, Settings},
    web,
};
use time::macros::datetime;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use super::{Api, Browser, Database, copies};

/// A running application on a database of its own. Both are gone when the test ends.
pub(crate) struct World {
    /// The application, for what a test has to arrange that no page can.
    pub(crate) app: Arc<App>,
    /// The application's clock; it stands at noon UTC of 23 November 2026, a Monday, until it is moved.
    pub(crate) clock: Clock,
    runtime: Runtime,
    // In this order: the server ends before its database is dropped.
    server: Server,
    database: Database,
}

impl From<Database> for World {
    fn from(database: Database) -> Self {
        let clock = Clock::fixed(datetime!(2026-11-23 12:00), 7);
        let server = Server::start(&database, &clock, &[]);
        Self {
            app: Arc::clone(&server.app),
            clock,
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made"),
            server,
            database,
        }
    }
}

impl World {
    /// Starts another server on the same database, with the same keys and the same clock.
    pub(crate) fn join(&self) -> Server {
        self.join_with(&[])
    }

    /// The same with variables of the environment in place of some settings.
    pub(crate) fn join_with(&self, variables: &[(&str, &str)]) -> Server {
        Server::start(&self.database, &self.clock, variables)
    }

    /// A new browser, signed in nowhere.
    pub(crate) fn browser(&self) -> Browser {
        self.server.browser()
    }

    /// A program without a token.
    pub(crate) fn api(&self) -> Api {
        self.server.api()
    }
}

/// One server in a thread of its own. It ends when this is dropped.
pub(crate) struct Server {
    /// Its application.
    pub(crate) app: Arc<App>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Whoever connects is believed to be a proxy, so that [`Browser::at_address`] works.
    fn start(database: &Database, clock: &Clock, variables: &[(&str, &str)]) -> Self {
        let flags = Flags {
            listen: Some("127.0.0.1:0".to_owned()),
            data: Some(database.folder().display().to_string()),
            ..Flags::default()
        };
        let url = database.url();
        let environment = [
            ("LATCHKEY_DATABASE", url.as_str()),
            ("LATCHKEY_TRUSTED_PROXIES", "127.0.0.1"),
            ("LATCHKEY_WORKERS", "1"),
        ];
        let environment = environment.iter().chain(variables);
        let environment = environment.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let read_file = |path: &std::path::Path| std::fs::read(path);
        let settings = Settings::load(&flags, environment, &read_file).expect("the settings are right");
        let listener = TcpListener::bind(settings.listen).expect("a port is free");
        let address = listener.local_addr().expect("the socket has an address");
        let settings = settings.listening_on(address);
        let (store, _) = app::open_store(&settings).expect("the database can be opened");
        let app = App::new(
            settings,
            store,
            clock.clone(),
            Catalogue::built_in(),
            Keyring::for_tests(),
        )
        .expect("the application can be put together");
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&app);
        let thread = std::thread::spawn(move || {
            let shutdown = async {
                let _ = stopped.await;
            };
            actix_web::rt::System::new()
                .block_on(web::serving::run(served, listener, shutdown))
                .expect("it serves");
        });
        Self {
            app,
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// A new browser that visits this server, signed in nowhere.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A program without a token that calls this server.
    pub(crate) fn api(&self) -> Api {
        Api::new(self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the server ends in good order");
            copies::are_exact(&self.app);
        }
    }
}

/// The password of everybody whom a test makes.
pub(crate) const PASSWORD: &str = "violet tram under the pear";

impl World {
    /// Makes an account with two sites, `<username>.example` and `shop.<username>.example`, in the zone Asia/Kolkata.
    pub(crate) fn customer(&self, username: &str) -> Account {
        self.make_customer(username, Some(PASSWORD))
    }

    /// Makes a customer who has not chosen a password yet: nothing has to be hashed.
    pub(crate) fn customer_without_password(&self, username: &str) -> Account {
        self.make_customer(username, None)
    }

    fn make_customer(&self, username: &str, password: Option<&str>) -> Account {
        let site = |name: String| name.parse().expect("the name of a site");
        let new = NewAccount {
            username: username.parse().expect("a user name"),
            email: format!("{username}@mail.example").parse().expect("an e-mail address"),
            password: password.map(|password| password.to_owned().into()),
            plan: "standard".to_owned(),
            time_zone: "Asia/Kolkata".to_owned(),
            sites: vec![
                site(format!("{username}.example")),
                site(format!("shop.{username}.example")),
            ],
        };
        self.wait(accounts::create(&self.app, &Caller::shell(), new))
            .expect("the account can be made")
    }

    /// Makes a staff member.
    pub(crate) fn staff(&self, username: &str, role: Role) {
        let new = NewStaffMember {
            username: username.parse().expect("a user name"),
            email: format!("{username}@staff.example").parse().expect("an e-mail address"),
            name: format!("Staff {username}"),
            role,
            password: PASSWORD.to_owned().into(),
        };
        self.wait(staff::create(&self.app, &Caller::shell(), new))
            .expect("the staff member can be made");
    }

    /// A new browser in which the customer or staff member of that name has signed in.
    /// Ten sign-ins from one address are the most before the clock has to move.
    pub(crate) fn signed_in(&self, username: &str) -> Browser {
        let browser = self.browser();
        browser.sign_in(username);
        browser
    }

    /// Runs the program with `arguments` on the world's database and gives it `input`, as somebody at the server's
    /// shell would while the server is running.
    pub(crate) fn latchkey(&self, arguments: &[&str], input: &str) -> Output {
        let mut process = Command::new(env!("CARGO_BIN_EXE_latchkey"))
            .args(arguments)
            .arg("--data")
            .arg(self.database.folder())
            .args(["--database", &self.database.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = process.stdin.take().expect("its input is a pipe");
        // A program that needs no input may have ended before it was given any.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        process.wait_with_output().expect("the program ends")
    }

    /// Runs a use case outside the server, as the command line does.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}
