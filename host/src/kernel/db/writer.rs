//! SQLite's one writer. Requests queue; the writer takes as many as have come, runs each in a savepoint of its own and commits them
//! together. The commit before is all the waiting there is: an idle writer starts at once. Nobody is answered before the commit.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::FutureExt as _;
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait as _};
use tokio::sync::{mpsc, oneshot};

use super::error::Trouble;
use super::{Error, Settings};

/// One request of many types, as the writer sees it.
#[async_trait]
trait Job: Send {
    /// Runs in its savepoint; true asks to keep what it wrote.
    async fn run(&mut self, savepoint: Arc<DatabaseTransaction>, limit: Duration) -> bool;

    /// Undone although it asked to be kept.
    fn fail(&mut self, error: Error);

    /// Tells the caller. Only after the commit.
    fn answer(self: Box<Self>);
}

struct Request<T, E, F> {
    work: F,
    result: Result<T, E>,
    caller: oneshot::Sender<Result<T, E>>,
}

#[async_trait]
impl<T, E, F, Fut> Job for Request<T, E, F>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: Fn(Arc<DatabaseTransaction>, Trouble) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
{
    async fn run(&mut self, savepoint: Arc<DatabaseTransaction>, limit: Duration) -> bool {
        self.result = bounded(limit, (self.work)(savepoint, Trouble::default())).await;
        self.result.is_ok()
    }

    fn fail(&mut self, error: Error) {
        if self.result.is_ok() {
            self.result = Err(error.into());
        }
    }

    fn answer(self: Box<Self>) {
        // A caller that has gone away has the answer stored under its idempotency key.
        let _ = self.caller.send(self.result);
    }
}

/// Runs work for so long at most. A panic of one request must not take others with it.
pub(super) async fn bounded<T, E: From<Error>>(limit: Duration, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::Panicked.into()),
        Err(_) => Err(Error::TooSlow { limit }.into()),
    }
}

/// The way to the writer.
pub(super) struct Queue {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

struct Limits {
    batch: usize,
    batch_time: Duration,
    write: Duration,
}

impl Queue {
    pub(super) fn start(connection: DatabaseConnection, settings: &Settings) -> Self {
        let (jobs, waiting) = mpsc::channel(settings.queue_max.max(1));
        let limits = Limits {
            batch: settings.batch_max.max(1),
            batch_time: Duration::from_millis(settings.batch_ms_max),
            write: Duration::from_millis(settings.write_ms_max),
        };
        tokio::spawn(run(connection, waiting, limits));
        Self { jobs }
    }

    pub(super) async fn submit<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(Arc<DatabaseTransaction>, Trouble) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let request = Request { work, result: Err(Error::Stopped.into()), caller };
        self.jobs.try_send(Box::new(request)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopped,
        })?;
        answer.await.unwrap_or_else(|_| Err(Error::Stopped.into()))
    }
}

async fn run(connection: DatabaseConnection, mut waiting: mpsc::Receiver<Box<dyn Job>>, limits: Limits) {
    while let Some(first) = waiting.recv().await {
        let mut batch = Vec::new();
        let outcome = share_a_commit(&connection, &mut waiting, &limits, first, &mut batch).await;
        let failure = outcome.err();
        if let Some(error) = &failure {
            tracing::error!(
                error = error as &dyn std::error::Error,
                writes = batch.len(),
                "a shared commit failed and was undone"
            );
        }
        for mut job in batch {
            if let Some(error) = &failure {
                job.fail(if error.is_retryable() { Error::Busy } else { Error::Undone });
            }
            job.answer();
        }
    }
}

async fn share_a_commit(
    connection: &DatabaseConnection,
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
    limits: &Limits,
    first: Box<dyn Job>,
    batch: &mut Vec<Box<dyn Job>>,
) -> Result<(), Error> {
    let started = Instant::now();
    let mut next = Some(first);
    let tx = match super::begin_immediate(connection).await {
        Ok(tx) => tx,
        Err(error) => {
            batch.extend(next);
            return Err(error);
        }
    };
    while let Some(mut job) = next.take() {
        let outcome = in_savepoint(&tx, job.as_mut(), limits.write).await;
        batch.push(job);
        outcome?;
        if batch.len() < limits.batch && started.elapsed() < limits.batch_time {
            next = waiting.try_recv().ok();
        }
    }
    Ok(tx.commit().await?)
}

/// Runs a job; an error means that the state of the whole transaction is unknown.
async fn in_savepoint(tx: &DatabaseTransaction, job: &mut dyn Job, limit: Duration) -> Result<(), Error> {
    let savepoint = Arc::new(tx.begin().await?);
    let keep = job.run(savepoint.clone(), limit).await;
    let savepoint = Arc::try_unwrap(savepoint).map_err(|_| {
        job.fail(Error::ScopeKept);
        Error::ScopeKept
    })?;
    if keep {
        savepoint.commit().await?
    } else {
        savepoint.rollback().await?
    }
    Ok(())
}

/// How long to wait before another attempt: full jitter below 10 ms, doubled each time, at most 320 ms.
pub(super) fn backoff(attempt: u32) -> Duration {
    let ceiling = 10_000_u64 << attempt.min(5);
    // The low bits of the clock are as good as a die here: all that matters is that colliding writers part.
    let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    Duration::from_micros(u64::from(nanos) % ceiling)
}
