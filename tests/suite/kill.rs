//! The end of the process: whatever was confirmed is there afterwards, and asked to end it ends in good order.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use latchkey::{
    app::{
        App, Caller,
        accounts::{self, NewAccount},
        verify::{standing, verify},
    },
    domain::{audit::Action, id::AccountId, policy::Policy},
    store::{self, StoreError, audit, tokens, usage},
};
use serde_json::json;
use time::Duration;
use tokio::runtime::{Builder, Runtime};

use crate::support::{Api, Browser, Database, Minted, PASSWORD, Process, Request, mint};

on_both!(
    nothing_confirmed_is_lost_when_it_is_killed_twenty_times,
    asked_to_end_it_answers_writes_and_ends_well,
);

const TOKEN: &str = "/api/v1/token";
const DECIDE: &str = "/api/v1/decide";

/// A process, the same application in the test, and an account on it.
struct Scene {
    process: Process,
    app: std::sync::Arc<App>,
    account: AccountId,
    runtime: Runtime,
}

impl Scene {
    fn new(database: &Database) -> Self {
        let process = Process::on(database);
        let app = process.app();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let new = NewAccount {
            username: "priya".parse().unwrap(),
            email: "priya@mail.example".parse().unwrap(),
            password: Some(PASSWORD.to_owned().into()),
            plan: "standard".to_owned(),
            time_zone: "Asia/Kolkata".to_owned(),
            sites: vec!["priya.example".parse().unwrap()],
        };
        let account = runtime
            .block_on(accounts::create(&app, &Caller::shell(), new))
            .unwrap()
            .id;
        let policy = Policy {
            max_live_tokens: Some(1_000),
            ..Policy::default()
        };
        let put: Result<(), StoreError> = app
            .store
            .write_here(|connection| store::installation::put_policy(connection, &policy));
        put.unwrap();
        Self {
            process,
            app,
            account,
            runtime,
        }
    }

    fn mint(&self) -> Minted {
        mint(&self.app, self.account, |_| ())
    }

    /// How many events of an action there are.
    fn events(&self, action: Action) -> usize {
        let query = audit::Query {
            actions: vec![action],
            limit: 10_000,
            ..audit::Query::default()
        };
        let events: Result<_, StoreError> = self
            .app
            .store
            .read_here(|connection| audit::list(connection, self.account, &query));
        events.unwrap().len()
    }

    fn counts(&self) -> tokens::Counts {
        let now = self.app.now();
        let counts: Result<_, StoreError> = self
            .app
            .store
            .read_here(|connection| tokens::count(connection, self.account, "", now));
        counts.unwrap()
    }
}

/// What was confirmed while the server was being killed.
#[derive(Default)]
struct Confirmed {
    count: AtomicUsize,
    secrets: Mutex<Vec<(String, bool)>>,
}

impl Confirmed {
    fn note(&self, secret: String, lives: bool) {
        self.secrets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((secret, lives));
        self.count.fetch_add(1, Ordering::SeqCst);
    }
}

/// The last page of making a token, filled in and ready to be sent.
fn ready_to_create(browser: &Browser, name: &str) -> Request {
    let form = browser.get("/tokens/new").expect(200).form("/tokens/new");
    let form = form.fill("name", name).check("scope", "backups:create");
    let review = form.submit("Review token").expect(200);
    review.form("/tokens").request("Create token")
}

fn secret_in(page: &str) -> String {
    let start = page.find("lk_").expect("the page shows a secret");
    page[start..start + 50].to_owned()
}

/// Sends all of it at once, kills the process when more than `count` were confirmed, and says which were.
fn killed_after(
    process: &mut Process,
    count: usize,
    to_create: &[Request],
    to_revoke: &[String],
) -> Vec<(String, bool)> {
    let confirmed = Confirmed::default();
    let (address, noted, left) = (process.address, &confirmed, &AtomicUsize::new(3));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for request in to_create {
                let answer = request.try_send(address);
                if let Some(answer) = answer.filter(|answer| answer.status == 200) {
                    noted.note(secret_in(answer.text()), true);
                }
            }
            left.fetch_sub(1, Ordering::SeqCst);
        });
        for secrets in to_revoke.chunks(3) {
            scope.spawn(move || {
                for secret in secrets {
                    let request = Api::new(address).with_token(secret).request("DELETE", TOKEN);
                    let answer = request.try_send(address);
                    if answer.is_some_and(|answer| answer.status == 204) {
                        noted.note(secret.clone(), false);
                    }
                }
                left.fetch_sub(1, Ordering::SeqCst);
            });
        }
        while noted.count.load(Ordering::SeqCst) <= count && left.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
        process.kill();
    });
    confirmed.secrets.into_inner().unwrap()
}

fn nothing_confirmed_is_lost_when_it_is_killed_twenty_times(database: &Database) {
    let mut scene = Scene::new(database);
    let browser = Browser::new(scene.process.address);
    let (mut revoked, mut created) = (0, 0);
    for round in 0..20 {
        scene.process.start();
        if round == 0 {
            browser.sign_in("priya");
        }
        let to_create: Vec<Request> = (0..3)
            .map(|number| ready_to_create(&browser, &format!("Made {round}-{number}")))
            .collect();
        let to_revoke: Vec<String> = (0..6).map(|_| scene.mint().secret).collect();
        // Nine writes are on their way; the process dies after some of them, in each round after others.
        let confirmed = killed_after(&mut scene.process, round % 8, &to_create, &to_revoke);
        for (secret, lives) in confirmed {
            let verified = scene.runtime.block_on(verify(&scene.app, &secret)).unwrap();
            let ruling = standing(&scene.app, &verified, "127.0.0.1".parse().unwrap());
            assert_eq!(
                ruling.decision.is_allowed(),
                lives,
                "round {round}: {:?}",
                ruling.decision
            );
            *(if lives { &mut created } else { &mut revoked }) += 1;
        }
        // What was not confirmed may have happened, but then whole: no change without its event, no event without its
        // change.
        let counts = scene.counts();
        assert_eq!(
            usize::try_from(counts.revoked).unwrap(),
            scene.events(Action::TokenRevoked)
        );
        let minted = 6 * (round + 1);
        let all = usize::try_from(counts.all + counts.revoked).unwrap();
        assert_eq!(all - minted, scene.events(Action::TokenCreated));
    }
    assert!(revoked >= 20 && created >= 5, "{revoked} revoked and {created} created");
    scene.process.start();
    browser.get("/tokens").expect(200);
}

fn asked_to_end_it_answers_writes_and_ends_well(database: &Database) {
    let mut scene = Scene::new(database);
    scene.process.start();
    let Minted { secret, token } = scene.mint();
    let api = Api::new(scene.process.address).with_token(&secret);
    let question = json!({ "method": "POST", "path": "/sites/priya.example/backups" });
    for _ in 0..3 {
        api.post(DECIDE, &question).expect(200);
    }
    let body = question.to_string();
    let mut stream = TcpStream::connect(scene.process.address).unwrap();
    let head = format!(
        "POST {DECIDE} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {secret}\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        scene.process.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    scene.process.terminate();
    // The request is running; nobody new is let in.
    while TcpStream::connect(scene.process.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"allowed\":true"),
        "{answer}"
    );
    assert!(scene.process.ended().success());
    let since = scene.app.now() - Duration::days(1);
    let days: Result<_, StoreError> = scene
        .app
        .store
        .read_here(|connection| usage::list_days(connection, &[token.id], since));
    let calls: i64 = days.unwrap().iter().map(|day| day.allowed).sum();
    assert_eq!(calls, 4, "the last call is in the books too");
}
