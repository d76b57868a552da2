//! Trying a release on past orders: the difference is exact, and nothing is written.

use roro::access;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, Statement};
use serde_json::{Value, json};

use super::orders::{click, import, order};
use super::plugin_life::{Folder, activate, install, release, start, trust};
use super::{Client, Reply};
use crate::parcel::{Parcel, key};
use crate::storage::{On, Store, on_both};
use crate::support;
use roro::access::Role;

async fn attempt(client: &Client, body: &Value) -> Reply {
    client.post("/v1/plugins/price-guard/trials", body).await
}

/// An order whose three vehicles cost so much each, in yen.
pub(crate) fn priced(number: usize, price: u64) -> Value {
    let mut file = order(number);
    for row in 0..3 {
        support::set(&mut file, &format!("/vehicles/{row}/price"), price.to_string().into());
    }
    // Freight and other charges of the example stay: 432 000 and 54 000.
    support::set(&mut file, "/order/agreed_total", (3 * price + 486_000).to_string().into());
    file
}

/// A firm with a plugin in four releases, of which the first takes part, and four past orders.
pub(crate) struct Past {
    /// Stops vehicles above 3 000 000; it takes part.
    pub(crate) wide: String,
    /// Stops them above 1 500 000.
    pub(crate) tight: String,
    /// Only warns above 1 500 000.
    pub(crate) warns: String,
    /// May not read its limit.
    pub(crate) blind: String,
    /// The orders, oldest first: 1 000 000, 2 000 000, 2 500 000 and 4 000 000 a vehicle. The wide limit stops the last of them, the tight
    /// one two more.
    pub(crate) orders: Vec<String>,
}

impl Past {
    pub(crate) async fn of(store: &Store, folder: &Folder, firm: &Client) -> Self {
        trust(firm, 1).await.expect(201);
        install(firm, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let warns = json!({ "settings": { "price_limit": "1500000", "mode": "warn" }, "grants": ["config"] });
        let blind = json!({ "settings": { "price_limit": "1500000" } });
        let mut releases = Vec::new();
        for body in [&limit("3000000"), &limit("1500000"), &warns, &blind] {
            releases.push(release(firm, "price-guard", body).await.expect(201).id());
        }
        let [wide, tight, warns, blind] = releases.try_into().unwrap();
        activate(firm, "price-guard", &wide).await.expect(200);
        let mut orders = Vec::new();
        for (number, price) in [(1, 1_000_000_u64), (2, 2_000_000), (3, 2_500_000), (4, 4_000_000)] {
            let id = import(firm, &format!("k-{number}"), &priced(number, price)).await.expect(201).id();
            // Clicked twice: only the newest time counts.
            click(firm, &id).await;
            click(firm, &id).await;
            orders.push(id);
        }
        // The relay of events writes beside us until it has told them all.
        while roro::outbox::waiting(&store.ctx).await.unwrap() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Self { wide, tight, warns, blind, orders }
    }
}

/// How many rows every table has that the work of the firm `acme` is written to.
pub(crate) async fn rows(store: &Store) -> Vec<(String, i64)> {
    let mut options = ConnectOptions::new(store.settings.url.clone());
    options.max_connections(1);
    let database = Database::connect(options).await.unwrap();
    let listed = match store.on {
        On::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        On::Postgres => "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    };
    let backend = database.get_database_backend();
    // The door of the system sees the shared tables of all, the tenant's own are counted under its name.
    let tenant = access::operator(&store.ctx, "acme").await.unwrap().tenant().id();
    if store.on == On::Postgres {
        database.execute_unprepared(&format!("SET roro.tenant = '{tenant}'")).await.unwrap();
    }
    let mut counts = Vec::new();
    for row in database.query_all_raw(Statement::from_string(backend, listed)).await.unwrap() {
        let name: String = row.try_get_by_index(0).unwrap();
        let count =
            database.query_one_raw(Statement::from_string(backend, format!("SELECT COUNT(*) FROM {name}"))).await.unwrap();
        counts.push((name, count.unwrap().try_get_by_index::<i64>(0).unwrap()));
    }
    database.close().await.unwrap();
    counts
}

fn limit(limit: &str) -> Value {
    json!({ "settings": { "price_limit": limit }, "grants": ["config"] })
}

on_both! {
    async fn a_trial_tells_exactly_what_would_change_and_writes_nothing(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        let foreign = import(&bolt, "k-1", &priced(9, 4_000_000)).await.expect(201).id();
        click(&bolt, &foreign).await;
        let Past { wide, tight, warns, blind, orders: ids } = Past::of(store, &folder, &acme).await;
        let before = rows(store).await;
        assert!(before.iter().any(|(name, count)| name == "hook_runs" && *count > 8), "{before:?}");

        let trial = attempt(&acme, &json!({ "release": tight })).await.expect(200).json();
        let number = |field: &str| trial[field].as_u64().unwrap();
        assert_eq!([number("orders"), number("left_out"), number("changed"), number("stopped"), number("freed")], [4, 0, 3, 2, 0], "{trial}");
        assert_eq!((&trial["baseline"], &trial["candidate"]), (&wide.as_str().into(), &tight.as_str().into()));
        let changes = trial["changes"].as_array().unwrap();
        let orders: Vec<&str> = changes.iter().map(|one| one["order"].as_str().unwrap()).collect();
        assert_eq!(orders, [ids[3].as_str(), ids[2].as_str(), ids[1].as_str()], "newest first");
        // The dearest is stopped by both, and told another limit.
        let [dearest, changes @ ..] = changes.as_slice() else { panic!("{trial}") };
        assert_eq!((&dearest["stops_today"], &dearest["stops_then"]), (&true.into(), &true.into()));
        assert_eq!((dearest["added"].as_array().unwrap().len(), dearest["removed"].as_array().unwrap().len()), (3, 3));
        for change in changes {
            assert_eq!((&change["stops_today"], &change["stops_then"]), (&false.into(), &true.into()));
            assert_eq!((change["added"].as_array().unwrap().len(), change["removed"].as_array().unwrap().len()), (3, 0), "{change}");
            assert!(change["added"][0]["says"]["en"].as_str().unwrap().contains("1500000 JPY"), "{change}");
        }
        // 3 × 2 500 000 and 3 × 2 000 000, each with 486 000 of charges.
        let nothing = json!({ "amount": "0", "currency": "JPY" });
        assert_eq!(trial["money"], json!([{
            "stopped": { "amount": "14472000", "currency": "JPY" }, "freed": nothing, "priced_today": nothing, "priced_then": nothing,
        }]));
        assert_eq!((&trial["cost"]["calls"], &trial["failures"]), (&4.into(), &json!({})));
        assert!(trial["cost"]["fuel_median"].as_u64().unwrap() > 1_000, "{trial}");
        assert_eq!(rows(store).await, before, "a trial wrote something");

        // The release that is active changes nothing; one that only warns sets the dearest order free.
        let same = attempt(&acme, &json!({ "release": wide })).await.expect(200).json();
        assert_eq!((&same["orders"], &same["changed"]), (&4.into(), &0.into()));
        let warned = attempt(&acme, &json!({ "release": warns })).await.expect(200).json();
        assert_eq!((&warned["changed"], &warned["stopped"], &warned["freed"]), (&3.into(), &0.into(), &1.into()), "{warned}");
        // One that fails tells how often and why.
        let failed = attempt(&acme, &json!({ "release": blind, "orders_max": 2 })).await.expect(200).json();
        assert_eq!((&failed["orders"], &failed["failures"]), (&2.into(), &json!({ "denied": 2 })), "{failed}");
        assert_eq!(rows(store).await, before);
        app.end().await;
    }

    async fn an_order_that_another_plugin_has_stopped_is_not_stopped_by_the_candidate(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let Past { tight, orders, .. } = Past::of(store, &folder, &acme).await;
        install(&acme, &Parcel::attackers("closed").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let trap = json!({ "settings": { "attack": "trap" }, "grants": ["config", "tables"] });
        let made = release(&acme, "attackers", &trap).await.expect(201).id();
        activate(&acme, "attackers", &made).await.expect(200);
        // 2 000 000 a vehicle: the tight limit stops it, and since this click the other plugin, which fails, does.
        click(&acme, &orders[1]).await.expect(422);
        let trial = attempt(&acme, &json!({ "release": tight })).await.expect(200).json();
        assert_eq!([&trial["changed"], &trial["stopped"]], [&json!(3), &json!(1)], "{trial}");
        app.end().await;
    }

    async fn a_trial_is_for_administrators_and_for_releases_of_their_firm(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        trust(&acme, 1).await.expect(201);
        install(&acme, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let made = release(&acme, "price-guard", &limit("1")).await.expect(201).id();
        let body = json!({ "release": made });
        assert_eq!(attempt(&acme, &body).await.expect(200).json()["orders"], 0);
        attempt(&bolt, &body).await.problem(404, "not-found");
        attempt(&app.as_role("acme", Role::Clerk).await, &body).await.problem(403, "forbidden");
        for wrong in [json!({ "release": made, "orders_max": 0 }), json!({ "release": made, "orders_max": 10_001 }), json!({})] {
            attempt(&acme, &wrong).await.problem(422, "invalid");
        }
        app.end().await;
    }
}
