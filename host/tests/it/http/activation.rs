//! Releases that change under load: no call fails, none sees two releases, another process follows with its next call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use ureq::http::Method;

use super::Client;
use super::orders::{import, order};
use super::plugin_life::{Folder, activate, install, release, start, trust};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};

/// Asks for the findings until it is told to stop; answers how often, and fails when an answer is not of one release.
async fn look(client: Client, order: String, limits: Arc<Vec<(String, String)>>, stop: Arc<AtomicBool>) -> usize {
    let mut calls = 0;
    while !stop.load(Ordering::Relaxed) {
        let report = client.get(&format!("/v1/orders/{order}/findings")).await.expect(200).json();
        let asked = &report["plugins"][0];
        assert_eq!(asked["outcome"], "done", "{asked}");
        let (_, limit) = limits.iter().find(|(release, _)| asked["release"] == release.as_str()).unwrap();
        let found: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "PRICE-GUARD-01").collect();
        assert!(!found.is_empty(), "{report}");
        for finding in found {
            let parameters = finding["parameters"].as_array().unwrap();
            let said = parameters.iter().find(|one| one["name"] == "limit").unwrap();
            assert_eq!(said["value"], limit.as_str(), "an answer of two releases");
        }
        calls += 1;
    }
    calls
}

on_both! {
    async fn releases_change_under_load_without_a_failed_or_a_mixed_call(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let neighbour = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let there = neighbour.stranger().with_token(acme.token());
        trust(&acme, 1).await.expect(201);
        install(&acme, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let mut limits = Vec::new();
        for limit in ["100", "200"] {
            let body = json!({ "settings": { "price_limit": limit }, "grants": ["config"] });
            limits.push((release(&acme, "price-guard", &body).await.expect(201).id(), limit.to_owned()));
        }
        activate(&acme, "price-guard", &limits[0].0).await.expect(200);
        let (limits, stop) = (Arc::new(limits), Arc::new(AtomicBool::new(false)));
        let lookers: Vec<_> = [&acme, &acme, &there, &there]
            .map(|client| tokio::spawn(look(client.clone(), id.clone(), Arc::clone(&limits), Arc::clone(&stop))))
            .into();
        for round in 1..=20 {
            let (wanted, _) = &limits[round % 2];
            let card = match round % 4 {
                // Every second time it is the way back.
                0 => acme.ask(&Method::POST, "/v1/plugins/price-guard/roll-back").send().await.expect(200).json(),
                _ => activate(&acme, "price-guard", wanted).await.expect(200).json(),
            };
            let report: Value = there.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
            assert_eq!(report["plugins"][0]["release"], card["active"]["id"], "another process was asked after the change and did not follow");
        }
        stop.store(true, Ordering::Relaxed);
        let mut calls = 0;
        for looker in lookers {
            calls += looker.await.unwrap();
        }
        assert!(calls > 40, "{calls} calls are no load");
        neighbour.end().await;
        app.end().await;
    }
}
