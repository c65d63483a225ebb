//! Hashing passwords: costly on purpose, so bounded in how many run at once and how many wait.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash as Phc,
};
use tokio::sync::{Semaphore, oneshot};
use zeroize::Zeroizing;

use super::AppError;
use crate::clock::Clock;

/// KiB of memory for one hash (OWASP Password Storage; ASVS 5.0 appendix C).
const MEMORY: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// A stored hash that asks for more KiB than this is not computed: a damaged row must not take the machine's memory.
const MEMORY_REFUSED: u32 = 128 * 1024;
/// Longest that a sign-in waits for its turn.
const WAIT: Duration = Duration::from_secs(2);
/// Most sign-ins that wait for their turn.
const QUEUE: usize = 64;
/// The priority of a thread that hashes, as `nice` counts it: beside a busy one it gets a tenth of a core.
#[cfg(target_os = "linux")]
const LOW: i32 = 10;
/// Bytes of salt (RFC 9106, 3.1).
const SALT_BYTES: usize = 16;

/// Salt and hash of no password: a hash of these takes as long as one of somebody's, and need not be made at each start.
const NOBODYS: &str = "TExMTExMTExMTExMTExMTA$bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5LS0";

/// A password's hash as a PHC string.
#[derive(Clone, Debug)]
pub struct PasswordHash(pub String);

type Work = Box<dyn FnOnce() + Send>;

/// Hashes and verifies with Argon2id, at most one hash per core at once.
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    threads: Threads,
    clock: Clock,
    dummy: String,
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("the parameters are within the algorithm's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_with_salt(password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, AppError> {
    let hash = argon2()
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(|error| AppError::Key(format!("hashing a password failed: {error}")))?;
    Ok(hash.to_string())
}

impl Passwords {
    /// Permits for as many hashes at once as the machine has cores.
    pub fn new(clock: &Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            running: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores + QUEUE)),
            threads: Threads::new(cores),
            clock: clock.clone(),
            dummy: format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${NOBODYS}"),
        }
    }

    /// Runs `work` on a thread of its own when a core is free.
    ///
    /// The permits move into the work: it is not cancelled when the visitor hangs up, and one that outlived its permit
    /// would let hurried visitors run more hashes than there are cores. [`AppError::Busy`] when the queue is full or
    /// the wait too long.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| AppError::Busy)?;
        let turn = tokio::time::timeout(WAIT, self.running.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| AppError::Busy)?.map_err(|_| AppError::Busy)?;
        let (done, result) = oneshot::channel();
        let hashing = move || {
            let permits = (turn, place);
            let result = work();
            drop(permits);
            // Whoever asked may have gone.
            _ = done.send(result);
        };
        self.threads.run(Box::new(hashing))?;
        result.await.unwrap_or(Err(AppError::Busy))
    }

    /// Hashes a password that the caller has found good enough.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<PasswordHash, AppError> {
        let mut salt = [0; SALT_BYTES];
        self.clock.fill(&mut salt);
        self.run(move || hash_with_salt(&password, &salt).map(PasswordHash))
            .await
    }

    /// Whether `password` is the one that `stored` was made from. Without a stored hash the same work is done on a
    /// dummy, so that the time taken does not tell whether a login exists.
    pub async fn verify(&self, password: Zeroizing<String>, stored: Option<String>) -> Result<bool, AppError> {
        let (hash, exists) = match stored {
            Some(hash) => (hash, true),
            None => (self.dummy.clone(), false),
        };
        self.run(move || Ok(verify(&password, &hash) && exists)).await
    }

    /// Whether a stored hash was made with other parameters than today's and should be made anew.
    pub fn is_outdated(stored: &str) -> bool {
        let Ok(hash) = Phc::new(stored) else { return true };
        Params::try_from(&hash).map_or(true, |params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY, PASSES, LANES)
        })
    }
}

/// The threads that hash, as many as may at once.
///
/// Each keeps the memory that a hash needs: a thread of its own for each hash would leave it behind in a part of the heap
/// that few others use.
struct Threads {
    number: usize,
    /// The way to them, once they were started.
    queue: Mutex<Option<Sender<Work>>>,
}

impl Threads {
    fn new(number: usize) -> Self {
        Self {
            number,
            queue: Mutex::default(),
        }
    }

    fn run(&self, work: Work) -> Result<(), AppError> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let to = match queue.take() {
            Some(to) => to,
            None => self.start()?,
        };
        let sent = to.send(work).map_err(|_| AppError::Busy);
        *queue = Some(to);
        sent
    }

    /// Starts them; [`AppError::Busy`] when not one could be started.
    fn start(&self) -> Result<Sender<Work>, AppError> {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let start = |_| {
            let queue = Arc::clone(&receiver);
            let thread = thread::Builder::new().name("password".to_owned());
            thread.spawn(move || hash_all(&queue))
        };
        let started = (0..self.number).map(start).filter_map(|started| {
            started
                .inspect_err(|error| tracing::error!(%error, "a thread for passwords cannot be started"))
                .ok()
        });
        if started.count() == 0 {
            return Err(AppError::Busy);
        }
        Ok(sender)
    }
}

/// Does what comes, until nobody can send more.
fn hash_all(queue: &Mutex<Receiver<Work>>) {
    give_way();
    loop {
        // Held while it waits: then the others wait for the lock.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

/// Lets every other thread go first: a person can wait for a moment, and thousands of answers to services would have to.
fn give_way() {
    // Only on Linux this is a thread's own. Where it fails the hash is as much in the way as before.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, LOW) {
        tracing::debug!(%error, "a thread that hashes a password keeps its priority");
    }
}

fn verify(password: &str, stored: &str) -> bool {
    let Ok(hash) = Phc::new(stored) else { return false };
    let Ok(params) = Params::try_from(&hash) else {
        return false;
    };
    params.m_cost() <= MEMORY_REFUSED && argon2().verify_password(password.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(&Clock::fixed(datetime!(2026-11-23 12:00), 1))
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = passwords();
        let PasswordHash(hash) = passwords.hash("correct horse battery".to_owned().into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .verify("correct horse battery".to_owned().into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse batterY".to_owned().into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!Passwords::is_outdated(&hash));
    }

    #[tokio::test]
    async fn nobody_knows_the_dummys_password_and_it_takes_as_long_as_any() {
        let passwords = passwords();
        assert!(Phc::new(&passwords.dummy).is_ok() && !Passwords::is_outdated(&passwords.dummy));
        assert!(
            !passwords
                .verify("a password that nobody has".to_owned().into(), None)
                .await
                .unwrap()
        );
    }

    #[test]
    fn a_damaged_row_cannot_take_the_memory() {
        let greedy = "$argon2id$v=19$m=4194304,t=2,p=1$TExMTExMTExMTExMTExMTA$9sTbKlB6O1cT8y0z3QkH0Q";
        assert!(!verify("x", greedy));
        assert!(Passwords::is_outdated(greedy));
    }

    #[tokio::test]
    async fn a_visitor_who_hangs_up_frees_no_core() {
        let passwords = passwords();
        let cores = passwords.running.available_permits();
        let (started, starts) = std::sync::mpsc::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let mut hurried = Box::pin(passwords.run(move || {
            started.send(()).unwrap();
            // Ends with an error when the test lets go.
            let _ = released.recv();
            Ok(())
        }));
        assert!(futures_util::poll!(&mut hurried).is_pending());
        starts.recv().unwrap();
        drop(hurried);
        assert_eq!(passwords.running.available_permits(), cores - 1);
        drop(release);
        let all = u32::try_from(cores).unwrap();
        assert!(passwords.running.acquire_many(all).await.is_ok());
    }

    #[tokio::test]
    async fn a_hash_that_panics_takes_no_thread_with_it() {
        let passwords = passwords();
        let cores = passwords.running.available_permits();
        for _ in 0..=cores {
            let panicked: Result<(), AppError> = passwords.run(|| panic!("as a test wants it")).await;
            assert!(matches!(panicked, Err(AppError::Busy)));
        }
        assert!(!passwords.verify("x".to_owned().into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_queue_turns_away_at_once() {
        let passwords = passwords();
        let places = u32::try_from(passwords.waiting.available_permits()).unwrap();
        let held = passwords.waiting.acquire_many(places).await.unwrap();
        let refused = passwords.verify("x".to_owned().into(), None).await;
        assert!(matches!(refused, Err(AppError::Busy)));
        drop(held);
        assert!(!passwords.verify("x".to_owned().into(), None).await.unwrap());
    }
}
