//! Ends the connections of peers that send or read too slowly, with keep-alive on.
//!
//! The framework times only the head of a connection's first request. Here every connection has one clock, which stands
//! in one `Phase` at a time and whose deadline is looked at whenever the connection is read or written.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use crate::web::limits::Limits;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The first byte of a request.
    Idle,
    /// The rest of a request's head.
    Head,
    /// Our own handler, which has its own time limit.
    Handling,
    /// The peer, which does not take our answer.
    Stalled,
}

/// The clock of one connection. Requests find it in their connection data.
#[derive(Clone, Debug)]
pub(super) struct ConnectionClock(Rc<State>);

#[derive(Debug)]
struct State {
    limits: Limits,
    idle: Duration,
    phase: Cell<Phase>,
    deadline: Cell<Instant>,
    /// Bytes read since the last write.
    unanswered: Cell<usize>,
    /// Since the present answer was not taken at once: before that, bytes only fill the system's buffers.
    stall: Cell<Option<Stall>>,
}

#[derive(Clone, Copy, Debug)]
struct Stall {
    since: Instant,
    /// When bytes were last taken, and how many since `since`.
    progress: Instant,
    taken: usize,
}

impl ConnectionClock {
    fn new(limits: Limits, trusted: bool) -> Self {
        let idle = if trusted { limits.proxy_idle } else { limits.idle };
        Self(Rc::new(State {
            limits,
            idle,
            phase: Cell::new(Phase::Idle),
            deadline: Cell::new(Instant::now() + idle),
            unanswered: Cell::new(0),
            stall: Cell::new(None),
        }))
    }

    /// A request's head is complete, and its handler starts. A peer that sends the next request before it takes the
    /// answers to the ones before gains no time by that.
    pub(super) fn handling(&self) {
        if self.0.phase.get() == Phase::Stalled {
            return;
        }
        self.0.stall.set(None);
        self.enter(Phase::Handling, Instant::now() + self.0.limits.handler);
    }

    fn enter(&self, phase: Phase, deadline: Instant) {
        self.0.phase.set(phase);
        self.0.deadline.set(deadline);
    }

    fn read(&self, bytes: usize) {
        self.0.unanswered.set(self.0.unanswered.get().saturating_add(bytes));
        if bytes > 0 && self.0.phase.get() == Phase::Idle {
            self.enter(Phase::Head, Instant::now() + self.0.limits.head);
        }
    }

    fn wrote(&self, bytes: usize) {
        let now = Instant::now();
        if let Some(stall) = self.0.stall.get() {
            let taken = stall.taken.saturating_add(bytes);
            self.0.stall.set(Some(Stall {
                progress: now,
                taken,
                ..stall
            }));
        }
        self.0.unanswered.set(0);
        self.enter(Phase::Idle, now + self.0.idle);
    }

    /// A peer that stops reading is given up after a while; one that reads too little a second does not get far either.
    fn stalled(&self) {
        let stall = self.0.stall.get().unwrap_or_else(|| {
            let now = Instant::now();
            Stall {
                since: now,
                progress: now,
                taken: 0,
            }
        });
        self.0.stall.set(Some(stall));
        let seconds = u64::try_from(stall.taken).unwrap_or(u64::MAX) / u64::from(self.0.limits.answer_rate);
        let deadline = stall.progress.min(stall.since + Duration::from_secs(seconds)) + self.0.limits.answer;
        self.enter(Phase::Stalled, deadline);
    }
}

/// A connection that ends itself when its peer is too slow.
#[derive(Debug)]
pub(super) struct GuardedStream<T> {
    io: T,
    clock: ConnectionClock,
    /// Wakes the connection's task. It is left to fire early rather than moved with every request: moving it takes a
    /// lock of the runtime.
    alarm: Pin<Box<Sleep>>,
}

impl<T> GuardedStream<T> {
    /// `trusted`: the peer is one of our proxies, whose idle connections are kept longer.
    pub(super) fn new(io: T, limits: Limits, trusted: bool) -> Self {
        let clock = ConnectionClock::new(limits, trusted);
        let alarm = Box::pin(tokio::time::sleep_until(clock.0.deadline.get()));
        Self { io, clock, alarm }
    }

    pub(super) fn clock(&self) -> &ConnectionClock {
        &self.clock
    }

    /// Ready when the present phase has lasted too long; else the task is woken when that may be so.
    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.clock.0.deadline.get() < self.alarm.deadline() {
            self.alarm.as_mut().reset(self.clock.0.deadline.get());
        }
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            let now = Instant::now();
            if self.clock.0.deadline.get() > now {
                self.alarm.as_mut().reset(self.clock.0.deadline.get());
            } else if self.clock.0.phase.get() == Phase::Handling {
                self.alarm.as_mut().reset(now + self.clock.0.limits.handler);
            } else {
                return Poll::Ready(());
            }
        }
    }
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client does not read the response")
}

impl<T: AsyncRead + Unpin> AsyncRead for GuardedStream<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.poll_expired(cx).is_ready() {
            // Nothing read means "the peer is done", upon which the framework closes the connection without a word.
            let stalled = this.clock.0.phase.get() == Phase::Stalled;
            return Poll::Ready(if stalled { Err(too_slow()) } else { Ok(()) });
        }
        if this.clock.0.unanswered.get() >= this.clock.0.limits.unanswered {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.io).poll_read(cx, buffer))?;
        this.clock.read(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for GuardedStream<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.io).poll_write(cx, bytes) {
            Poll::Ready(Ok(taken)) => {
                this.clock.wrote(taken);
                Poll::Ready(Ok(taken))
            }
            Poll::Pending => {
                this.clock.stalled();
                this.poll_expired(cx).map(|()| Err(too_slow()))
            }
            failed @ Poll::Ready(Err(_)) => failed,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
