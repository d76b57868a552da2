//! Sandboxes that a firm keeps warm: only of an interpreter, for one release of one firm, and never with more than the call brings.

use serde_json::{Value, json};

use super::Client;
use super::orders::import;
use super::plugin_life::{Folder, activate, install, release, rules, start, trust};
use super::trials::priced;
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};

/// A release of the guard with these settings and grants, active.
async fn guards(client: &Client, limit: &str, grants: &[&str], warm: bool) -> String {
    let body = json!({ "settings": { "price_limit": limit }, "grants": grants, "warm": warm });
    let made = release(client, "price-guard", &body).await.expect(201);
    let id = made.id();
    assert_eq!(made.json()["warm"], warm);
    activate(client, "price-guard", &id).await.expect(200);
    id
}

on_both! {
    async fn a_warm_release_answers_as_a_fresh_one_and_a_revoked_grant_counts_at_once(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        let digest = Parcel::price_guard("1.0.0").interpreted().offer(&folder.catalogue(), &[&key(1)]);
        let mut orders = Vec::new();
        for firm in [&acme, &bolt] {
            trust(firm, 1).await;
            install(firm, &digest).await.expect(201);
            orders.push(import(firm, "k-1", &priced(1, 2_000_000)).await.expect(201).id());
        }
        let [mine, theirs] = [&orders[0], &orders[1]];
        guards(&acme, "1000000", &["config"], true).await;
        guards(&bolt, "3000000", &["config"], true).await;
        for _ in 0..5 {
            // Each firm is judged by its own limit, whoever was asked before it.
            assert!(rules(&acme, mine).await.contains(&"PRICE-GUARD-01".to_owned()));
            assert!(!rules(&bolt, theirs).await.iter().any(|rule| rule.starts_with("PRICE-GUARD")));
        }
        let stored: Value = acme.get("/v1/plugins/price-guard").await.expect(200).json();
        assert_eq!(stored["active"]["warm"], true, "{stored}");

        // The grant is taken back: the next call is stopped, though a sandbox of the release before is still warm.
        guards(&acme, "1000000", &[], true).await;
        assert!(rules(&acme, mine).await.contains(&"HOST-PLUGIN-01".to_owned()));
        guards(&acme, "9000000", &["config"], true).await;
        assert!(!rules(&acme, mine).await.iter().any(|rule| rule.contains("PLUGIN") || rule.starts_with("PRICE-GUARD")));
    }
}

on_both! {
    async fn a_compiled_rule_is_not_kept_warm(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await;
        install(&acme, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let body = json!({ "settings": { "price_limit": "1" }, "grants": ["config"], "warm": true });
        let problem = release(&acme, "price-guard", &body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/warm", "{problem}");
    }
}
