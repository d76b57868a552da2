//! Tests of everything that is stored: each runs on SQLite and on PostgreSQL, in a database of its own that is dropped afterwards.
//!
//! `RORO_TEST_POSTGRES_URL` names a server on which databases and roles can be made, `RORO_TEST_REDIS_URL` a Redis. `cargo xtask test`
//! starts both; without them these tests fail and say so, and none is skipped. On PostgreSQL the house works as a role that is no superuser,
//! because row-level security does not hold superusers.

mod access;
mod cache;
mod command;
mod company;
mod database;
mod house;
mod order;
mod outbox;
mod pack;
pub(crate) mod webhook;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt as _;
use roro::access::{Actor, Credential, NewToken, NewUser, Role, UserCard};
use roro::kernel::Ctx;
use roro::kernel::cache::Cache;
use roro::kernel::db::{Db, Settings};
use roro::kernel::objects::Objects;
use roro::kernel::rng::Rng;
use roro::kernel::secret::{Passwords, Secret};
use roro::kernel::time::Clock;
use roro::kernel::vault::Vault;
use roro::migration::Migrator;
use roro::tenant;
use sea_orm::{ConnectionTrait as _, Database};

/// Which database a test runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

/// A variable that `cargo xtask test` sets.
pub(crate) fn server(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run `cargo xtask test`"))
}

/// A database of one test, and a kernel on it.
pub(crate) struct Store {
    pub(crate) on: On,
    pub(crate) ctx: Ctx,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    name: String,
    folder: PathBuf,
}

impl Store {
    async fn new(on: On) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("roro_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(&name);
        let url = match on {
            On::Sqlite => format!("sqlite:{}", folder.join("roro.db").display()),
            On::Postgres => {
                let admin = Database::connect(server("RORO_TEST_POSTGRES_URL")).await.unwrap();
                admin
                    .execute_unprepared(&format!("CREATE ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{name}'"))
                    .await
                    .unwrap();
                admin.execute_unprepared(&format!("CREATE DATABASE {name} OWNER {name}")).await.unwrap();
                admin.close().await.unwrap();
                postgres_url(&name)
            }
        };
        let settings = Settings::for_testing(&url);
        let clock = Clock::fixed("2026-03-01T09:00:00Z".parse().unwrap());
        let ctx = ctx(&settings, &clock).await;
        ctx.db.migrate::<Migrator>().await.unwrap();
        Self { on, ctx, clock, settings, name, folder }
    }

    /// Another process on the same database.
    pub(crate) async fn neighbour(&self) -> Ctx {
        ctx(&self.settings, &self.clock).await
    }

    /// A tenant with the one who holds the machine acting for it.
    pub(crate) async fn tenant(&self, handle: &str) -> Actor {
        let new = tenant::New { handle: handle.to_owned(), name: handle.to_uppercase(), development: false };
        tenant::create(&self.ctx, new).await.unwrap();
        roro::access::operator(&self.ctx, handle).await.unwrap()
    }

    /// A user of a tenant with the password `correct horse battery`.
    pub(crate) async fn user(&self, operator: &Actor, email: &str, role: Role) -> UserCard {
        let new = NewUser {
            email: email.to_owned(),
            name: "A Person".to_owned(),
            role,
            password: Secret::new("correct horse battery"),
        };
        roro::access::create_user(&self.ctx, operator, new).await.unwrap()
    }

    /// A program with a token.
    pub(crate) async fn program(&self, operator: &Actor, role: Role) -> (Actor, Credential) {
        let new = NewToken { name: "a program".to_owned(), role, expires_at: None };
        let (_, credential) = roro::access::create_token(&self.ctx, operator, new).await.unwrap();
        (roro::access::actor_of_token(&self.ctx, &credential).await.unwrap(), credential)
    }

    async fn end(self) {
        drop(self.ctx);
        if self.on == On::Postgres {
            let admin = Database::connect(server("RORO_TEST_POSTGRES_URL")).await.unwrap();
            admin.execute_unprepared(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
            admin.execute_unprepared(&format!("DROP ROLE {}", self.name)).await.unwrap();
            admin.close().await.unwrap();
        }
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder).unwrap();
        }
    }
}

async fn ctx(settings: &Settings, clock: &Clock) -> Ctx {
    let rng = Rng::system().unwrap();
    let db = Db::open(settings).await.unwrap();
    let cache = Cache::memory(1_048_576, clock.clone());
    let vault = Vault::with_key(&[7; 32], rng.clone()).unwrap();
    Ctx::new(db, clock.clone(), rng.clone(), cache, Objects::memory(), Passwords::for_testing(rng), vault)
}

/// The server's URL as another user on another database.
fn postgres_url(name: &str) -> String {
    let admin = server("RORO_TEST_POSTGRES_URL");
    let (scheme, rest) = admin.split_once("://").expect("RORO_TEST_POSTGRES_URL is postgres://USER@HOST:PORT/NAME");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let (host, options) = host.split_once('?').unwrap_or((host, ""));
    let host = host.split('/').next().unwrap();
    let mark = if options.is_empty() { "" } else { "?" };
    format!("{scheme}://{name}:{name}@{host}/{name}{mark}{options}")
}

/// Runs a test and drops its database, also when the test fails.
pub(crate) async fn run(on: On, test: for<'a> fn(&'a Store) -> Pin<Box<dyn Future<Output = ()> + 'a>>) {
    let store = Store::new(on).await;
    let outcome = AssertUnwindSafe(test(&store)).catch_unwind().await;
    store.end().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Writes each test twice: once a database.
macro_rules! on_both {
    ($(async fn $name:ident($store:ident: &Store) $body:block)+) => {
        $(
            mod $name {
                use super::*;
                use $crate::storage::{On, run};

                fn test<'a>($store: &'a Store) -> std::pin::Pin<Box<dyn std::future::Future<Output = ()> + 'a>> {
                    Box::pin(async move { $body })
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    run(On::Sqlite, test).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    run(On::Postgres, test).await;
                }
            }
        )+
    };
}
pub(crate) use on_both;
