//! The wiring: from settings to a kernel, and from a kernel to a server with its workers.
//!
//! The only place that knows all parts at once. It decides what stands behind each port, starts the relay of events and the sweeps, and
//! ends them in order.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::document::routes::Press;
use crate::http::{self, House};
use crate::kernel::cache::{self, Cache};
use crate::kernel::db::{self, Db};
use crate::kernel::objects::{self, Objects};
use crate::kernel::queue::Memory;
use crate::kernel::rng::{self, Rng};
use crate::kernel::secret::Passwords;
use crate::kernel::time::Clock;
use crate::kernel::Ctx;
use crate::migration::Migrator;
use crate::outbox::{Forgetful, Journal, Relay};
use crate::{access, command};

/// How often old answers, sessions and events are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// Why the server does not start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The tables are older than this program.
    #[error("the database lacks {} steps, from `{first}` on; make a backup, then run: roro migrate", .count)]
    Behind {
        /// The first step that is missing.
        first: String,
        /// How many are.
        count: usize,
    },
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// The objects.
    #[error(transparent)]
    Objects(#[from] objects::Error),
    /// The machine has no randomness.
    #[error(transparent)]
    Rng(#[from] rng::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; choose another with http.listen or --listen")]
    Listen {
        /// Which address.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The listener failed.
    #[error("the server stopped listening")]
    Serve(#[source] std::io::Error),
}

/// The steps that a database lacks.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(db: &Db) -> Result<Vec<String>, db::Error> {
    db.pending::<Migrator>().await
}

/// Brings the tables to this program's version.
///
/// # Errors
/// When a step fails; nothing is changed then.
pub async fn migrate(db: &Db) -> Result<(), db::Error> {
    db.migrate::<Migrator>().await
}

/// Opens the database and refuses one that is behind. An embedded one that is new gets its tables.
///
/// # Errors
/// [`Error::Db`], [`Error::Behind`].
pub async fn database(config: &Config) -> Result<Db, Error> {
    let settings = config.database();
    let db = Db::open(&settings).await?;
    let missing = pending(&db).await?;
    let Some(first) = missing.first() else { return Ok(db) };
    // When even the first step is missing, there is nothing that a step could harm.
    if db.engine() == db::Engine::Sqlite && first.starts_with("m0001_") {
        migrate(&db).await?;
        return Ok(db);
    }
    Err(Error::Behind { first: first.clone(), count: missing.len() })
}

/// The kernel of these settings.
///
/// # Errors
/// Any of [`Error`] but the listener's.
pub async fn kernel(config: &Config) -> Result<Ctx, Error> {
    let (clock, rng) = (Clock::system(), Rng::system()?);
    let db = database(config).await?;
    let cache = Cache::open(&config.cache, clock.clone()).await?;
    let objects = Objects::folder(&config.data.folder.join("objects"))?;
    let passwords = Passwords::new(rng.clone(), config.access.hashes_max);
    Ok(Ctx::new(db, clock, rng, cache, objects, passwords))
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    config: Config,
    house: House,
    listener: TcpListener,
}

impl Server {
    /// Binds the address.
    ///
    /// # Errors
    /// [`Error::Listen`].
    pub async fn bind(config: Config, ctx: Ctx, press: Press) -> Result<Self, Error> {
        let address = config.http.listen.clone();
        let listener = TcpListener::bind(&address).await.map_err(|source| Error::Listen { address, source })?;
        Ok(Self { config, house: House { ctx, press }, listener })
    }

    /// The address that it listens on: with the port that the system chose, when port 0 was asked for.
    ///
    /// # Errors
    /// [`Error::Serve`].
    pub fn address(&self) -> Result<std::net::SocketAddr, Error> {
        self.listener.local_addr().map_err(Error::Serve)
    }

    /// Answers requests and works on events until `stop` is ready; then drains.
    ///
    /// # Errors
    /// [`Error::Serve`].
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let (tell, told) = watch::channel(false);
        let workers = workers(&self.house.ctx, &told);
        let served = http::serve(self.listener, self.house, &self.config.http, stop).await;
        // After the last request. Events that have not gone out wait in the outbox for the next start.
        let _ = tell.send(true);
        for worker in workers {
            if let Err(error) = worker.await {
                tracing::error!(error = &error as &dyn std::error::Error, "a worker ended by a fault of this program");
            }
        }
        served.map_err(Error::Serve)
    }
}

fn workers(ctx: &Ctx, told: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let queue = Memory::new(vec![Arc::new(Journal::new(ctx.clone())), Arc::new(Forgetful::new(ctx.clone()))]);
    let relay = Relay::new(ctx.clone(), Arc::new(queue));
    let sweeps = sweeps(ctx.clone(), relay.clone(), told.clone());
    vec![tokio::spawn(relay.run(told.clone())), tokio::spawn(sweeps)]
}

async fn sweeps(ctx: Ctx, relay: Relay, mut told: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(SWEEP_EVERY);
    loop {
        let ended = tokio::select! {
            _ = rounds.tick() => false,
            _ = told.wait_for(|told| *told) => true,
        };
        if ended {
            return;
        }
        sweep(&ctx, &relay).await;
    }
}

async fn sweep(ctx: &Ctx, relay: &Relay) {
    let log = |what: &str, error: &(dyn std::error::Error + 'static)| tracing::warn!(error, "{what} were not swept; the next round tries again");
    if let Err(error) = command::sweep(ctx).await {
        log("old answers", &error);
    }
    if let Err(error) = access::sweep(ctx).await {
        log("ended sessions", &error);
    }
    if let Err(error) = relay.sweep().await {
        log("old events", &error);
    }
}
