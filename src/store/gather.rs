//! Look-ups in PostgreSQL that wait at the same time, sent as one query.
//!
//! What a look-up costs there is the message, not the key. Whoever looks up puts the question into a queue; a thread with
//! a connection of its own takes whatever is in it, sends one query and answers each. A question that comes while a query
//! is under way waits for the next one, so that nothing is answered from before it was asked.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::{
    DbConnection, StoreError,
    connection::PostgresSource,
    tokens::{Standings, TokenStanding},
};
use crate::domain::{secret::PublicId, site::SiteName};

/// Look-ups of one query at most.
const BATCH: usize = 128;
/// Look-ups that wait at most; one more fails at once.
const QUEUE: usize = 8_192;
/// Threads, each with a connection: one answers while the other waits for the database.
const THREADS: usize = 2;
/// Nobody waits longer for an answer, so no query has to go on for longer.
const SESSION: &str = "SET statement_timeout = '1500ms'";

type Found = Result<Option<TokenStanding>, StoreError>;

/// The queue and its threads, which are started by the first look-up.
pub(super) struct Gatherer {
    url: Zeroizing<String>,
    running: OnceLock<Running>,
}

struct Running {
    /// `None` once it is being dropped.
    queue: Option<SyncSender<Question>>,
    threads: Vec<JoinHandle<()>>,
}

struct Question {
    id: PublicId,
    site: Option<SiteName>,
    answer: oneshot::Sender<Found>,
}

impl Gatherer {
    pub(super) fn new(url: Zeroizing<String>) -> Self {
        Self {
            url,
            running: OnceLock::new(),
        }
    }

    /// See [`Store::token_standing`](super::Store::token_standing).
    pub(super) async fn find(&self, id: PublicId, site: Option<SiteName>) -> Found {
        let (answer, answered) = oneshot::channel();
        let running = self.running.get_or_init(|| Running::start(&self.url));
        let question = Question { id, site, answer };
        let queued = running.queue.as_ref().map(|queue| queue.try_send(question));
        if !matches!(queued, Some(Ok(()))) {
            return Err(unreachable("too many look-ups wait for the database"));
        }
        answered.await.unwrap_or(Err(StoreError::CutOff))
    }
}

fn unreachable(why: &str) -> StoreError {
    StoreError::Unreachable(why.into())
}

impl Running {
    fn start(url: &Zeroizing<String>) -> Self {
        let (sender, receiver) = sync_channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        let start = |_| {
            let (receiver, url) = (Arc::clone(&receiver), url.clone());
            let thread = thread::Builder::new().name("look-ups".to_owned());
            thread.spawn(move || Line { url, connection: None }.run(&receiver))
        };
        let threads = (0..THREADS).map(start).filter_map(|started| {
            started
                .inspect_err(|error| tracing::error!(%error, "a thread for look-ups cannot be started"))
                .ok()
        });
        Self {
            queue: Some(sender),
            threads: threads.collect(),
        }
    }
}

impl Drop for Running {
    /// Waits for the threads: a connection must not be closed while the process cleans up what TLS needs.
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            _ = thread.join();
        }
    }
}

/// One thread's way to the database.
struct Line {
    url: Zeroizing<String>,
    connection: Option<DbConnection>,
}

impl Line {
    fn run(mut self, queue: &Mutex<Receiver<Question>>) {
        while let Some(batch) = next_batch(queue) {
            if !batch.is_empty() {
                self.answer(batch);
            }
        }
    }

    fn answer(&mut self, batch: Vec<Question>) {
        let was_open = self.connection.is_some();
        let found = match self.ask(&batch) {
            // The database may have been started again since this connection was used last.
            Err(StoreError::Unreachable(_)) if was_open => self.ask(&batch),
            found => found,
        };
        match found {
            Ok(mut standings) => {
                for Question { id, site, answer } in batch {
                    // Whoever asked may have gone.
                    _ = answer.send(standings.take(id, site.as_ref()));
                }
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                let why = format!("{error}: {}", cause.unwrap_or_default());
                for question in batch {
                    _ = question.answer.send(Err(unreachable(&why)));
                }
            }
        }
    }

    /// Sends one query. After an error the connection is not used again.
    fn ask(&mut self, batch: &[Question]) -> Result<Standings, StoreError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let DbConnection::Postgres(postgres) = &mut connection else {
            return Err(StoreError::CutOff);
        };
        let ids: Vec<PublicId> = batch.iter().map(|question| question.id).collect();
        let names: Vec<&str> = batch
            .iter()
            .filter_map(|question| question.site.as_ref().map(SiteName::as_str))
            .collect();
        let standings = Standings::list(postgres, &ids, &names)?;
        self.connection = Some(connection);
        Ok(standings)
    }

    fn connect(&self) -> Result<DbConnection, StoreError> {
        let source = PostgresSource { url: self.url.clone() };
        let mut connection =
            diesel::r2d2::ManageConnection::connect(&source).map_err(|error| StoreError::Unreachable(error.into()))?;
        connection.batch_execute(SESSION)?;
        Ok(connection)
    }
}

/// Waits for a question and takes all that are there with it; nothing when there will be none any more.
fn next_batch(queue: &Mutex<Receiver<Question>>) -> Option<Vec<Question>> {
    let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let mut batch = vec![queue.recv().ok()?];
    // Where the threads share a core with those who ask, the others of this moment get their turn to ask.
    thread::yield_now();
    while batch.len() < BATCH
        && let Ok(question) = queue.try_recv()
    {
        batch.push(question);
    }
    batch.retain(|question| !question.answer.is_closed());
    Some(batch)
}
