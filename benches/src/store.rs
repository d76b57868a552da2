//! A database of its own for one bench, with the settings of production: SQLite in a folder on the disk of the workspace, or PostgreSQL
//! as a role that row-level security holds.

use roro::access::Actor;
use roro::app;
use roro::config::Config;
use roro::kernel::Ctx;
use roro::kernel::db::Db;
use roro::tenant;
use sea_orm::{ConnectionTrait as _, Database};
use std::path::PathBuf;

/// A kernel on a database of its own, gone when [`Store::end`] is called.
pub struct Store {
    /// The kernel.
    pub ctx: Ctx,
    /// Who holds the machine, acting for the bench's tenant.
    pub actor: Actor,
    /// What a table calls it.
    pub name: &'static str,
    /// Its data folder.
    pub folder: PathBuf,
    /// The database's address.
    pub url: String,
    /// Name of database and role, where there is a server.
    on_server: Option<String>,
}

impl Store {
    /// SQLite.
    pub async fn sqlite() -> Self {
        let folder = fresh_folder("sqlite");
        let url = format!("sqlite:{}", folder.join("roro.db").display());
        Self::open("SQLite", folder, &url, None).await
    }

    /// PostgreSQL, when [`server_url`] names one.
    pub async fn postgres() -> Option<Self> {
        let server = server_url()?;
        let name = format!("roro_bench_{}_{}", std::process::id(), count());
        let admin = Database::connect(&server).await.expect("PostgreSQL");
        let make_role = format!("CREATE ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{name}'");
        admin.execute_unprepared(&make_role).await.expect("a role");
        admin.execute_unprepared(&format!("CREATE DATABASE {name} OWNER {name}")).await.expect("a database");
        let (_, place) = server.split_once('@').expect("a URL with a user");
        let (place, _) = place.rsplit_once('/').unwrap_or((place, ""));
        let url = format!("postgres://{name}:{name}@{place}/{name}");
        Some(Self::open("PostgreSQL", fresh_folder("postgres"), &url, Some(name)).await)
    }

    /// Every database that there is.
    pub async fn all() -> Vec<Self> {
        let mut stores = vec![Self::sqlite().await];
        stores.extend(Self::postgres().await);
        if stores.len() == 1 {
            println!("  PostgreSQL is not measured: RORO_TEST_POSTGRES_URL is not set (`cargo xtask bench` sets it)");
        }
        stores
    }

    async fn open(name: &'static str, folder: PathBuf, url: &str, on_server: Option<String>) -> Self {
        let file = format!("[data]\nfolder = '{}'\n[database]\nurl = '{url}'\n", folder.display());
        let config = Config::from_layers(Some(("bench".to_owned(), file)), []).expect("settings");
        if on_server.is_some() {
            let db = Db::open(&config.database()).await.expect("a database");
            app::migrate(&db).await.expect("migrations");
        }
        let ctx = app::kernel(&config).await.expect("a kernel");
        let handle = "bench".to_owned();
        tenant::create(&ctx, tenant::New { handle: handle.clone(), name: "Bench".to_owned(), development: false })
            .await
            .expect("a tenant");
        let actor = roro::access::operator(&ctx, &handle).await.expect("an actor");
        Self { ctx, actor, name, folder, url: url.to_owned(), on_server }
    }

    /// Removes folder, database and role.
    pub async fn end(self) {
        drop(self.ctx);
        std::fs::remove_dir_all(&self.folder).ok();
        if let (Some(name), Some(server)) = (self.on_server, server_url()) {
            let admin = Database::connect(server).await.expect("PostgreSQL");
            admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("it is ours");
            admin.execute_unprepared(&format!("DROP ROLE {name}")).await.expect("it is ours");
        }
    }
}

/// The PostgreSQL on which databases and roles can be made; `cargo xtask bench` starts one.
fn server_url() -> Option<String> {
    std::env::var("RORO_TEST_POSTGRES_URL").ok()
}

/// A folder that nobody has used, on the disk of the workspace: a folder in memory would make every commit free.
#[must_use]
pub fn fresh_folder(name: &str) -> PathBuf {
    let folder = crate::cases::folder().join(format!("{name}-{}-{}", std::process::id(), count()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn count() -> u32 {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
