//! What an operator sees: metrics of a process, and every run that judged an order.

use serde_json::{Value, json};

use super::Client;
use super::orders::{click, import, order};
use super::plugin_life::{Folder, activate, install, release, start, trust};
use super::program::{Folder as Data, Process};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};

on_both! {
    async fn from_an_order_one_query_leads_to_every_run(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        install(&acme, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let body = json!({ "settings": { "price_limit": "99000000" }, "grants": ["config"] });
        let made = release(&acme, "price-guard", &body).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        click(&acme, &id).await.expect(201);
        let page = acme.get(&format!("/v1/orders/{id}/hook-runs?limit=2")).await.expect(200).json();
        let next = page["next"].as_str().unwrap();
        let rest = acme.get(&format!("/v1/orders/{id}/hook-runs?after={next}")).await.expect(200).json();
        let runs: Vec<&Value> = page["items"].as_array().unwrap().iter().chain(rest["items"].as_array().unwrap()).collect();
        let mut hooks: Vec<&str> = runs.iter().map(|run| run["hook"].as_str().unwrap()).collect();
        hooks.sort_unstable();
        assert_eq!(hooks, ["documents.check", "documents.prepare", "documents.render", "documents.requirements", "order-guard"]);
        let guard = runs.iter().find(|run| run["hook"] == "order-guard").unwrap();
        assert_eq!((&guard["plugin"], &guard["release"]["release"], &guard["outcome"]), (&"price-guard".into(), &made.as_str().into(), &"done".into()));
        assert!(runs.iter().all(|run| run["fuel"].as_i64().unwrap() > 0 && run["release"]["component"].as_str().unwrap().len() == 64));
        let metrics = store.ctx.metrics.text();
        let counted = |line: &str| metrics.lines().any(|one| one.starts_with("roro_plugin_calls_total") && one.contains(line));
        assert!(counted("plugin=\"price-guard\",hook=\"order-guard\",outcome=\"done\"") && counted("plugin=\"renderer\""), "{metrics}");
        assert!(metrics.contains("route=\"/v1/orders/{id}/documents\",status=\"201\"} 1"), "{metrics}");
        let usage = acme.get("/v1/plugins/price-guard/usage").await.expect(200).json();
        let used = &usage["day"][0];
        assert_eq!((&used["hook"], &used["calls"], &used["failures"]), (&"order-guard".into(), &1.into(), &json!({})), "{usage}");
        assert_eq!((&used["fuel"], &used["fuel"], &used["duration_us_most"]), (&guard["fuel"], &used["fuel_most"], &guard["duration_us"]), "{usage}");
        assert_eq!((&used["memory_bytes_most"], &usage["month"]), (&guard["memory_bytes"], &usage["day"]), "{usage}");
        let labels = "plugin=\"price-guard\",hook=\"order-guard\"} ";
        for name in ["roro_plugin_fuel_total", "roro_plugin_call_time_seconds_total", "roro_plugin_memory_peak_bytes"] {
            let line = metrics.lines().find(|one| one.starts_with(name) && one.contains(labels));
            let value: f64 = line.unwrap_or_else(|| panic!("{name} is not in {metrics}")).rsplit(' ').next().unwrap().parse().unwrap();
            assert!(value > 0.0, "{name}");
        }
        // A firm of its own counts its own calls, of the same bytes too.
        let bolt = app.tenant("bolt").await;
        trust(&bolt, 1).await.expect(201);
        install(&bolt, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let none = bolt.get("/v1/plugins/price-guard/usage").await.expect(200).json();
        assert_eq!((&none["day"], &none["month"]), (&json!([]), &json!([])));
        app.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_a_listener_of_their_own() {
    let data = Data::new();
    // A port that is free now; nobody else takes it in the moment between.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = data.path().join("roro.toml");
    std::fs::write(&settings, format!("[metrics]\nlisten = \"127.0.0.1:{port}\"\n")).unwrap();
    let server = Process::start(&data, &["--config", settings.to_str().unwrap()]);
    server.client("x").get("/v1/orders").await.problem(401, "unauthenticated");
    let metrics = Client::new(&format!("http://127.0.0.1:{port}")).get("/metrics").await.expect(200);
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    let text = metrics.text();
    assert!(text.contains("roro_http_requests_total{method=\"GET\",route=\"/v1/orders\",status=\"401\"} 1"), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
    // The door for users does not know them.
    server.client("x").get("/metrics").await.expect(404);
}
