//! What runs by itself beside the server: writing the usage and what else was counted, reading the key file again, removing what is over, ending
//! tokens that nobody uses, changing many tokens, sending mail. Each may run on many nodes at once.
//!
//! Decides nothing: when something is over, [`app`](crate::app) says, by its own clock.

use std::{pin::Pin, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::app::{App, AppError, audit, links, mail, runs, tokens, upkeep, usage};

type Wake = Pin<Box<dyn Future<Output = ()> + Send>>;
type Work = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

/// A job and how long it waits between two runs.
struct Job {
    name: &'static str,
    every: Duration,
    run: fn(Arc<App>) -> Work,
    /// What does not let it wait so long.
    woken: Option<fn(Arc<App>) -> Wake>,
}

static JOBS: &[Job] = &[
    Job {
        name: "put the usage down",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.usage.put_down(&app).await }),
        woken: Some(|app| Box::pin(async move { app.usage.filling().await })),
    },
    Job {
        name: "write the usage into the books",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.usage.write_gently(&app).await.map(drop) }),
        woken: Some(|app| Box::pin(async move { app.usage.waiting().await })),
    },
    Job {
        name: "write the uses of service credentials",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.services.flush(&app).await }),
        woken: None,
    },
    Job {
        name: "write the uses of staff members' tokens",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.staff_tokens.flush(&app).await }),
        woken: None,
    },
    Job {
        name: "write the refusals",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.refusals.flush(&app).await }),
        woken: None,
    },
    Job {
        name: "write the uses of old secrets",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { app.reuse.flush(&app).await }),
        woken: None,
    },
    Job {
        name: "read the keys again",
        every: Duration::from_secs(5),
        run: |app| {
            Box::pin(async move {
                let read = app.reread_keys();
                read.map(drop).map_err(|error| AppError::Key(error.to_string()))
            })
        },
        woken: None,
    },
    Job {
        name: "read the limits of calls again",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { usage::reread_limits(&app).await }),
        woken: None,
    },
    Job {
        name: "change many tokens",
        every: Duration::from_secs(1),
        run: |app| Box::pin(async move { runs::work(&app).await.map(drop) }),
        woken: None,
    },
    Job {
        name: "tell the head of the audit",
        every: Duration::from_mins(1),
        run: |app| Box::pin(async move { audit::log_head(&app).await }),
        woken: None,
    },
    Job {
        name: "send mail",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { mail::send_due(&app).await.map(drop) }),
        woken: None,
    },
    Job {
        name: "remind of tokens that expire",
        every: Duration::from_mins(10),
        run: |app| Box::pin(async move { mail::remind(&app).await.map(drop) }),
        woken: None,
    },
    Job {
        name: "make the links that were asked for",
        every: Duration::from_secs(5),
        run: |app| Box::pin(async move { links::resolve(&app).await.map(drop) }),
        woken: None,
    },
    Job {
        name: "remove what is over",
        every: Duration::from_mins(10),
        run: |app| Box::pin(async move { upkeep::sweep(&app).await.map(drop) }),
        woken: None,
    },
    Job {
        name: "write what accounts are found by",
        every: Duration::from_hours(6),
        run: |app| Box::pin(async move { upkeep::fill_account_terms(&app).await }),
        woken: None,
    },
    Job {
        name: "revoke unused tokens",
        every: Duration::from_hours(1),
        run: |app| Box::pin(async move { tokens::unused::revoke_unused(&app).await.map(drop) }),
        woken: None,
    },
];

/// The running jobs.
#[derive(Debug)]
pub struct Jobs {
    stop: watch::Sender<()>,
    running: Vec<JoinHandle<()>>,
}

/// Starts every job in the current Tokio runtime; each runs once at once.
pub fn start(app: &Arc<App>) -> Jobs {
    let (stop, stopped) = watch::channel(());
    let start = |job| tokio::spawn(repeat(job, Arc::clone(app), stopped.clone()));
    Jobs {
        running: JOBS.iter().map(start).collect(),
        stop,
    }
}

impl Jobs {
    /// Lets what is under way end, starts nothing more, writes what was counted and is left, and tells the
    /// log the audit's head.
    pub async fn stop(self, app: &App) {
        drop(self.stop);
        app.usage.end_soon();
        for job in self.running {
            if job.await.is_err() {
                tracing::error!("a job panicked");
            }
        }
        if let Err(error) = app.usage.flush_last(app).await {
            tracing::error!(%error, "the last usage could not be written");
        }
        if let Err(error) = app.services.flush(app).await {
            tracing::error!(%error, "the last uses of service credentials could not be written");
        }
        if let Err(error) = app.refusals.flush(app).await {
            tracing::error!(%error, "the last refusals could not be written");
        }
        if let Err(error) = app.reuse.flush(app).await {
            tracing::error!(%error, "the last uses of old secrets could not be written");
        }
        if let Err(error) = audit::log_head(app).await {
            tracing::error!(%error, "the head of the audit could not be read");
        }
    }
}

async fn woken(job: &Job, app: &Arc<App>) {
    match job.woken {
        Some(woken) => woken(Arc::clone(app)).await,
        None => std::future::pending().await,
    }
}

async fn repeat(job: &'static Job, app: Arc<App>, mut stopped: watch::Receiver<()>) {
    let mut ticks = interval(job.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = ticks.tick() => {}
            () = woken(job, &app) => {}
        }
        // In a task of its own, so that a panic ends this run and not the job.
        match tokio::spawn((job.run)(Arc::clone(&app))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                tracing::warn!(job = job.name, %error, cause, "a job failed and will be tried again");
            }
            Err(panicked) => tracing::error!(job = job.name, error = %panicked, "a job panicked"),
        }
    }
}
