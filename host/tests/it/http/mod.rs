//! Tests of the HTTP door: a server that really listens, on SQLite and on PostgreSQL, with the shipped plugins, packs and fonts.
//!
//! `crash.rs` and `program.rs` start the `roro` program itself; the others serve from the test's own process.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a helper of a test fails like the test")]

mod activation;
mod app_attacks;
mod app_described;
mod apps;
mod bodies;
mod client;
mod compile;
mod coverage;
mod crash;
mod described;
mod documents;
mod firm;
mod operator;
mod orders;
mod plugin_life;
mod plugins;
mod prices;
mod problems;
pub(crate) mod program;
mod traces;
mod trials;
mod uninstalled;
mod warm;
mod watched;
mod webhooks;

use std::sync::Arc;

use roro::access::Role;
use roro::app::Server;
use roro::command::Request;
use roro::config::Config;
use roro::document::hook::Hooks;
use roro::document::routes::Press;
use roro::kernel::outbound::Outbound;
use roro::pack::{self, Shelf};
use roro::plugin::{self, catalogue::Catalogue};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::storage::Store;
use crate::support;
pub(crate) use apps::follow_ups;
pub(crate) use client::{Client, Reply};
pub(crate) use orders::{import, order};
pub(crate) use plugin_life::{Folder, activate, install, release, rules, start as start_in, trust};
pub(crate) use prices::tariff;
pub(crate) use trials::{Past, priced, rows};

/// A door on a test's database.
pub(crate) struct TestApp<'a> {
    store: &'a Store,
    address: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl<'a> TestApp<'a> {
    /// Listens on a port of the system's choice, with the shipped settings.
    pub(crate) async fn start(store: &'a Store) -> Self {
        Self::start_with(store, |_| ()).await
    }

    /// The same with changed settings.
    pub(crate) async fn start_with(store: &'a Store, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(store, change, Arc::new(support::dispatch())).await
    }

    /// The same with other plugins.
    pub(crate) async fn start_on(store: &'a Store, change: impl FnOnce(&mut Config), hooks: Arc<dyn Hooks>) -> Self {
        let mut config = Config::from_layers(None, []).unwrap();
        config.http.listen = "127.0.0.1:0".to_owned();
        change(&mut config);
        let plugins = plugin::Shelf::new(Arc::new(support::dispatch().runner().clone()), &config.plugins).unwrap();
        let catalogue = Catalogue::new(&config.data.folder.join("catalogue"), &config.plugins, &config.outbound).unwrap();
        let press = Press {
            hooks,
            packs: Shelf::new(support::shelf().to_vec()),
            fonts: support::fonts(),
            apps: Arc::new(support::dispatch().runner().clone()),
            plugins,
            catalogue,
        };
        let ctx = store.ctx.clone().with_outbound(Outbound::new(&config.outbound));
        let server = Server::bind(config, ctx, press).await.unwrap();
        let address = format!("http://{}", server.address());
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(async move {
            let told = async move { drop(stopped.await) };
            server.run(told).await;
        });
        Self { store, address, stop, server }
    }

    /// A client without a credential.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(&self.address)
    }

    /// A client with an administrator's token of a new tenant, which has every shipped pack.
    pub(crate) async fn tenant(&self, handle: &str) -> Client {
        let operator = self.store.tenant(handle).await;
        let shelf = Shelf::new(support::shelf().to_vec());
        for pack in support::shelf() {
            let request = Request::new("test", None, &[]);
            Box::pin(pack::install(&self.store.ctx, &operator, &shelf, request, Arc::clone(pack))).await.unwrap();
        }
        let (_, credential) = self.store.program(&operator, Role::Admin).await;
        self.stranger().with_token(&credential.reveal())
    }

    /// A client of a tenant that is there, with another role.
    pub(crate) async fn as_role(&self, handle: &str, role: Role) -> Client {
        let operator = roro::access::operator(&self.store.ctx, handle).await.unwrap();
        let (_, credential) = self.store.program(&operator, role).await;
        self.stranger().with_token(&credential.reveal())
    }

    /// Tells the server to end and waits for it.
    pub(crate) async fn end(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap();
    }
}
