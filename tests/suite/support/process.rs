//! The real program as a process of its own, which a test may kill.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::Arc,
};

use latchkey::{
    app::{
        self, App, Caller,
        accounts::{self, NewAccount},
    },
    catalogue::Catalogue,
    clock::Clock,
    domain::id::AccountId,
    keyring::Keyring,
    settings::{Flags, Settings},
};

use tokio::runtime::Builder;

use super::Database;

/// An address on which nothing listens now.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("the socket has an address")
}

/// A customer in the database of a process, made beside it.
pub(crate) fn account_of(app: &App) -> AccountId {
    let new = NewAccount {
        username: "priya".parse().unwrap(),
        email: "priya@mail.example".parse().unwrap(),
        password: None,
        plan: "standard".to_owned(),
        time_zone: "UTC".to_owned(),
        sites: Vec::new(),
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(accounts::create(app, &Caller::shell(), new))
        .unwrap()
        .id
}

/// `latchkey serve`, always on the same address, so that browsers stay signed in.
#[derive(Debug)]
pub(crate) struct Process {
    flags: Flags,
    variables: Vec<(String, String)>,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    child: Option<Child>,
}

impl Process {
    /// The program on a database; it is not running yet.
    pub(crate) fn on(database: &Database) -> Self {
        let address = free_address();
        Self {
            flags: Flags {
                listen: Some(address.to_string()),
                data: Some(database.folder().display().to_string()),
                database: Some(database.url()),
                ..Flags::default()
            },
            variables: Vec::new(),
            address,
            child: None,
        }
    }

    /// The same with variables of the environment.
    pub(crate) fn with(mut self, variables: &[(&str, &str)]) -> Self {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.variables.extend(variables);
        self
    }

    /// The application on the same database with the same keys, in the test's own process and with the real clock.
    pub(crate) fn app(&self) -> Arc<App> {
        self.app_at(Clock::system())
    }

    /// The same with another clock.
    pub(crate) fn app_at(&self, clock: Clock) -> Arc<App> {
        let read_file = |path: &std::path::Path| std::fs::read(path);
        let variables = self.variables.iter().cloned();
        let settings = Settings::load(&self.flags, variables, &read_file).expect("the settings are right");
        let (keyring, _) = Keyring::open_or_create(&settings.key_file(), &clock).expect("the keys can be read");
        let (store, _) = app::open_store(&settings).expect("the database can be opened");
        App::new(settings, store, clock, Catalogue::built_in(), keyring).expect("the application can be put together")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        for (option, value) in [
            ("--listen", &self.flags.listen),
            ("--data", &self.flags.data),
            ("--database", &self.flags.database),
        ] {
            command.args([option, value.as_deref().expect("every option is set")]);
        }
        command.envs(self.variables.iter().cloned());
        command
    }

    /// Runs a command of it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command().args(arguments).stdin(Stdio::null()).output();
        output.expect("the program starts")
    }

    /// Starts it and waits until it says where it answers.
    pub(crate) fn start(&mut self) {
        self.start_with_log("warn", Stdio::inherit());
    }

    /// The same with a log of that level that goes to `log`.
    pub(crate) fn start_with_log(&mut self, level: &str, log: Stdio) {
        let mut child = self
            .command()
            .env("LATCHKEY_WORKERS", "2")
            .env("LATCHKEY_LOG", level)
            .stdin(Stdio::null())
            .stderr(log)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output is a pipe");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let address = self.address.to_string();
        assert!(
            lines.any(|line| line.contains(&address)),
            "the program says where it answers"
        );
        // Whoever prints into a pipe that nobody reads would stop some day.
        std::thread::spawn(move || lines.for_each(drop));
        self.child = Some(child);
    }

    /// Ends it as a power cut would, without a word.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("the process can be killed");
            child.wait().expect("the process has ended");
        }
    }

    /// Asks it to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        let id = self.child.as_ref().expect("the program runs").id();
        let asked = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status();
        assert!(asked.expect("a shell can be started").success());
    }

    /// Waits until it has ended, and says how.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the program runs");
        child.wait().expect("the process has ended")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
