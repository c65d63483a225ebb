//! Look-ups in PostgreSQL that wait at the same time, sent as one query.
//!
//! What a look-up costs there is the message, not the key. The questions of one turn of an event loop are put into a queue
//! together when it is over; a thread with a connection of its own takes whatever is in it, sends one query and answers
//! each. A question that comes while a query is under way waits for the next one, so that nothing is answered from before
//! it was asked.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
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
    turn,
};
use crate::domain::{secret::PublicId, site::SiteName};

/// With so many look-ups or more, a query waits for no others.
const BATCH: usize = 128;
/// So many questions do not wait for the end of the turn: the database answers them while the rest of it goes on.
const ENOUGH: usize = 32;
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
    running: OnceLock<Arc<Running>>,
}

struct Running {
    /// `None` once it is being dropped.
    queue: Option<Sender<Vec<Question>>>,
    /// Questions that nobody has taken up.
    waiting: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
}

struct Question {
    id: PublicId,
    site: Option<SiteName>,
    answer: oneshot::Sender<Found>,
}

thread_local! {
    /// What was asked in this turn of this thread's event loop and is not in the queue yet.
    static ASKED: RefCell<Vec<(Arc<Running>, Vec<Question>)>> = const { RefCell::new(Vec::new()) };
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
        let running = self.running.get_or_init(|| Arc::new(Running::start(&self.url)));
        if running.waiting.load(Ordering::Relaxed) >= QUEUE {
            return Err(unreachable("too many look-ups wait for the database"));
        }
        running.ask(Question { id, site, answer });
        answered.await.unwrap_or(Err(StoreError::CutOff))
    }
}

fn unreachable(why: &str) -> StoreError {
    StoreError::Unreachable(why.into())
}

impl Running {
    fn start(url: &Zeroizing<String>) -> Self {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let waiting = Arc::new(AtomicUsize::new(0));
        let start = |_| {
            let queue = Queue {
                asked: Arc::clone(&receiver),
                waiting: Arc::clone(&waiting),
            };
            let url = url.clone();
            let thread = thread::Builder::new().name("look-ups".to_owned());
            thread.spawn(move || Line { url, connection: None }.run(&queue))
        };
        let threads = (0..THREADS).map(start).filter_map(|started| {
            started
                .inspect_err(|error| tracing::error!(%error, "a thread for look-ups cannot be started"))
                .ok()
        });
        let threads = threads.collect();
        Self {
            queue: Some(sender),
            waiting,
            threads,
        }
    }

    /// Puts a question into the queue, together with the others of this turn.
    fn ask(self: &Arc<Self>, question: Question) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let asked = ASKED.with_borrow_mut(|asked| {
            let place = asked.iter().position(|(running, _)| Arc::ptr_eq(running, self));
            let place = place.unwrap_or_else(|| {
                asked.push((Arc::clone(self), Vec::with_capacity(ENOUGH)));
                asked.len() - 1
            });
            asked[place].1.push(question);
            asked[place].1.len()
        });
        if asked >= ENOUGH || (asked == 1 && !turn::at_its_end(send_all)) {
            send_all();
        }
    }
}

/// Puts what was asked on this thread into the queues.
fn send_all() {
    for (running, questions) in ASKED.take() {
        if let Some(queue) = &running.queue {
            // Where no thread could be started the questions are dropped, and whoever asked is told so by that.
            _ = queue.send(questions);
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
    fn run(mut self, queue: &Queue) {
        while let Some(batch) = queue.next() {
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

/// The end of the queue at which questions are taken out.
struct Queue {
    asked: Arc<Mutex<Receiver<Vec<Question>>>>,
    waiting: Arc<AtomicUsize>,
}

impl Queue {
    /// Waits for questions and takes all that are there, until it is a batch; nothing when there will be none any more.
    fn next(&self) -> Option<Vec<Question>> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = asked.recv().ok()?;
        while batch.len() < BATCH
            && let Ok(more) = asked.try_recv()
        {
            batch.extend(more);
        }
        drop(asked);
        self.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        batch.retain(|question| !question.answer.is_closed());
        Some(batch)
    }
}
