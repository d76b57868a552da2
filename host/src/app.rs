//! The wiring: from settings to a kernel, and from a kernel to a server with its workers.
//!
//! The only place that knows all parts at once. It decides what stands behind each port, starts the relay of events and the sweeps, and
//! ends them in order.

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::document::routes::Press;
use crate::http::{self, House};
use crate::job::Ears;
use crate::kernel::Ctx;
use crate::kernel::cache::{self, Cache};
use crate::kernel::db::{self, Db, FolderLock};
use crate::kernel::objects::{self, Objects};
use crate::kernel::outbound::Outbound;
use crate::kernel::queue::Memory;
use crate::kernel::rng::{self, Rng};
use crate::kernel::secret::Passwords;
use crate::kernel::time::Clock;
use crate::kernel::vault::{self, Vault};
use crate::migration::Migrator;
use crate::outbox::{Forgetful, Journal, Relay};
use crate::webhook::{self, Courier, Herald};
use crate::{access, command, job};

/// How often old answers, sessions and events are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// Why the server does not start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder.
    #[error("cannot make the folder {}; create it or choose another with --data", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
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
    /// The key of the vault.
    #[error(transparent)]
    Vault(#[from] vault::Error),
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
}

/// Makes the data folder when it is not there, for its owner's eyes only: it holds what customers wrote.
///
/// # Errors
/// [`Error::Folder`].
pub fn make_folder(config: &Config) -> Result<(), Error> {
    let folder = &config.data.folder;
    let failed = |source| Error::Folder { folder: folder.clone(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)
}

/// Takes the data folder for this process, until the lock is dropped.
///
/// # Errors
/// [`Error::Folder`]; [`db::Error::FolderTaken`] when another process serves it.
pub fn take_folder(config: &Config) -> Result<FolderLock, Error> {
    make_folder(config)?;
    Ok(FolderLock::take(&config.data.folder)?)
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
    make_folder(config)?;
    let (clock, rng) = (Clock::system(), Rng::system()?);
    let db = database(config).await?;
    let cache = Cache::open(&config.cache, clock.clone()).await?;
    let objects = Objects::folder(&config.data.folder.join("objects"))?;
    let passwords = Passwords::new(rng.clone(), config.access.hashes_max);
    let vault = Vault::open(&config.data.folder.join("vault.key"), rng.clone())?;
    Ok(Ctx::new(db, clock, rng, cache, objects, passwords, vault).with_outbound(Outbound::new(&config.outbound)))
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    config: Config,
    house: House,
    listener: TcpListener,
    address: SocketAddr,
    metrics: Option<TcpListener>,
}

impl Server {
    /// Binds the address.
    ///
    /// # Errors
    /// [`Error::Listen`].
    pub async fn bind(config: Config, ctx: Ctx, press: Press) -> Result<Self, Error> {
        let listener = listen(&config.http.listen).await?;
        let address = address_of(&listener)?;
        let metrics = match config.metrics.listen.as_str() {
            "" => None,
            address => Some(listen(address).await?),
        };
        Ok(Self { config, house: House { ctx, press }, listener, address, metrics })
    }

    /// The address on which metrics are read, if they are.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// The address that it listens on: with the port that the system chose, when port 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests and works on events until `stop` is ready; then drains.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let (tell, told) = watch::channel(false);
        let mut workers = workers(&self.house, &self.config, &told);
        if let Some(listener) = self.metrics {
            workers.push(tokio::spawn(http::serve_metrics(listener, self.house.ctx.metrics.clone(), told.clone())));
        }
        http::serve(self.listener, self.house, &self.config.http, stop).await;
        // After the last request. Events that have not gone out wait in the outbox for the next start.
        tell.send_replace(true);
        for worker in workers {
            if let Err(error) = worker.await {
                tracing::error!(error = &error as &dyn std::error::Error, "a worker ended by a fault of this program");
            }
        }
    }
}

async fn listen(address: &str) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| Error::Listen { address: address.to_owned(), source })
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|source| Error::Listen { address: "the address".to_owned(), source })
}

fn workers(house: &House, config: &Config, told: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let ctx = &house.ctx;
    let (bell, work) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let herald = Herald::new(ctx.clone(), Arc::clone(&bell));
    let ears = Ears::new(ctx.clone(), Arc::clone(&work));
    let queue = Memory::new(vec![
        Arc::new(Journal::new(ctx.clone())),
        Arc::new(Forgetful::new(ctx.clone())),
        Arc::new(herald),
        Arc::new(ears),
    ]);
    let jobs = job::Worker::new(ctx.clone(), house.press.clone(), work);
    let couriers = Courier::new(ctx.clone(), bell, config.webhooks.clone());
    let relay = Relay::new(ctx.clone(), Arc::new(queue));
    let sweeps = sweeps(ctx.clone(), relay.clone(), told.clone());
    vec![
        tokio::spawn(relay.run(told.clone())),
        tokio::spawn(couriers.run(told.clone())),
        tokio::spawn(jobs.run(told.clone())),
        tokio::spawn(sweeps),
    ]
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
    let log = |what: &str, error: &(dyn std::error::Error + 'static)| {
        tracing::warn!(error, "{what} were not swept; the next round tries again")
    };
    if let Err(error) = command::sweep(ctx).await {
        log("old answers", &error);
    }
    if let Err(error) = access::sweep(ctx).await {
        log("ended sessions", &error);
    }
    if let Err(error) = relay.sweep().await {
        log("old events", &error);
    }
    if let Err(error) = webhook::sweep(ctx).await {
        log("old deliveries of webhooks", &error);
    }
    if let Err(error) = job::sweep(ctx).await {
        log("old jobs of apps", &error);
    }
}
