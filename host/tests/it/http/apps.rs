//! Apps over HTTP: the example app from its offer to its end, with actions, an event, records, notes, and what nobody gets past.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Method;

use super::orders::{import, order};
use super::plugin_life::{Folder, activate, install, release, start, trust};
use super::{Client, Reply};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};
use roro::access::Role;

const ALL: [&str; 4] = ["config", "records", "orders", "events"];

/// The example app, active with these grants.
pub(crate) async fn follow_ups(client: &Client, folder: &Folder, grants: &[&str]) -> String {
    let digest = Parcel::follow_ups("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
    trust(client, 1).await;
    install(client, &digest).await;
    let made = release(client, "follow-ups", &json!({ "settings": { "days": "2" }, "grants": grants })).await.expect(201).id();
    activate(client, "follow-ups", &made).await.expect(200);
    made
}

async fn act(client: &Client, action: &str, target: &str, inputs: &Value) -> Reply {
    let body = json!({ "target": target, "inputs": inputs });
    client.post(&format!("/v1/apps/follow-ups/actions/{action}"), &body).await
}

async fn records(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/v1/apps/follow-ups/records/follow-ups{query}")).await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

/// Waits until a list has so many rows: events reach apps a moment later.
async fn until(client: &Client, path: &str, rows: usize) -> Vec<Value> {
    for _ in 0..200 {
        let page = client.get(path).await.expect(200).json();
        let items = page["items"].as_array().unwrap().clone();
        if items.len() >= rows {
            return items;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never had {rows} rows");
}

on_both! {
    async fn an_app_acts_hears_and_keeps(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        assert_eq!(acme.get("/v1/apps").await.expect(200).json()["items"], json!([]));
        follow_ups(&acme, &folder, &ALL).await;
        let offered = acme.get("/v1/apps/follow-ups").await.expect(200).json();
        assert_eq!((&offered["actions"][0]["name"], &offered["actions"][0]["target"]["on"]), (&"add".into(), &"order".into()), "{offered}");
        assert_eq!((&offered["views"][0]["layout"], &offered["collections"][0]["name"]), (&"board".into(), &"follow-ups".into()));
        bolt.get("/v1/apps/follow-ups").await.problem(404, "not-found");

        // A new order makes the first follow-up, once.
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let first = until(&acme, "/v1/apps/follow-ups/records/follow-ups", 1).await;
        assert_eq!((&first[0]["fields"]["what"], &first[0]["fields"]["order"]), (&"Ask for the deposit".into(), &id.as_str().into()));
        let jobs = until(&acme, "/v1/apps/follow-ups/jobs", 2).await;
        let states: Vec<(&Value, &Value)> = jobs.iter().map(|one| (&one["kind"], &one["state"])).collect();
        assert!(states.contains(&(&"event".into(), &"done".into())) && states.contains(&(&"schedule".into(), &"waiting".into())), "{jobs:?}");

        // An app judges no order: it has nothing to say about papers, active or not.
        let report = acme.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
        let rules: Vec<&str> = report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
        assert!(rules.iter().all(|rule| !rule.starts_with("HOST-") && !rule.starts_with("FOLLOW-UPS-")), "{rules:?}");
        acme.ask(&Method::POST, &format!("/v1/orders/{id}/documents")).send().await.expect(201);

        // An action: checked, answered again under its key, refused in the app's words.
        let inputs = json!({ "what": "Book the ship", "due": "2099-02-01" });
        let keyed = || acme.ask(&Method::POST, "/v1/apps/follow-ups/actions/add").key("a-1").json(&json!({ "target": id, "inputs": inputs }));
        let done = keyed().send().await.expect(200).json();
        let again = keyed().send().await.expect(200);
        assert_eq!((again.header("idempotent-replayed"), &again.json()), ("true", &done));
        let record = done["records"][0].as_str().unwrap().to_owned();
        assert_eq!(records(&acme, "").await.len(), 2);
        let refused = act(&acme, "add", &id, &inputs).await.problem(422, "refused");
        assert_eq!((&refused["errors"][0]["rule"], &refused["errors"][0]["place"]), (&"FOLLOW-UPS-03".into(), &"/inputs/what".into()));
        assert!(refused["errors"][0]["says"].as_str().unwrap().contains("already"), "{refused}");
        let wrong = act(&acme, "add", "veh_1", &json!({ "due": "soon", "colour": "red" })).await.problem(422, "invalid");
        let places: Vec<&str> = wrong["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
        assert_eq!(places, ["/target", "/inputs/colour", "/inputs/what", "/inputs/due"], "{wrong}");
        act(&acme, "fly", &id, &json!({})).await.problem(404, "not-found");
        let past = act(&acme, "postpone", &record, &json!({ "due": "2001-01-01" })).await.problem(422, "refused");
        assert_eq!(past["errors"][0]["rule"], "FOLLOW-UPS-02");

        // Closing writes the record and the note together.
        act(&acme, "close", &record, &json!({})).await.expect(200);
        let one = acme.get(&format!("/v1/apps/follow-ups/records/follow-ups/{record}")).await.expect(200).json();
        assert_eq!((&one["fields"]["state"], &one["version"]), (&"done".into(), &2.into()));
        let notes = acme.get(&format!("/v1/orders/{id}/notes")).await.expect(200).json();
        assert_eq!((&notes["items"][0]["text"], &notes["items"][0]["who"]), (&"Done: Book the ship".into(), &"plugin:follow-ups".into()));
        act(&acme, "close", &record, &json!({})).await.problem(422, "refused");

        // Found by index, seen by nobody else.
        let open = records(&acme, "?index=0&equals=open").await;
        assert!(open.len() == 1 && open[0]["fields"]["state"] == "open", "{open:?}");
        acme.get("/v1/apps/follow-ups/records/follow-ups?index=7").await.problem(409, "conflict");
        follow_ups(&bolt, &folder, &ALL).await;
        assert_eq!(records(&bolt, "").await.len(), 0);
        bolt.get(&format!("/v1/apps/follow-ups/records/follow-ups/{record}")).await.problem(404, "not-found");
        act(&bolt, "close", &record, &json!({})).await.problem(422, "refused");
        act(&bolt, "add", &id, &inputs).await.problem(422, "refused");

        // Clerks act, viewers look; only administrators export.
        let (clerk, viewer) = (app.as_role("acme", Role::Clerk).await, app.as_role("acme", Role::Viewer).await);
        act(&viewer, "close", &record, &json!({})).await.problem(403, "forbidden");
        clerk.get("/v1/apps/follow-ups/export").await.problem(403, "forbidden");
        let export = acme.get("/v1/apps/follow-ups/export").await.expect(200);
        let lines: Vec<Value> = export.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[1]["id"]), (2, &record.as_str().into()));

        // Each call with its cost; the successes too.
        let runs = acme.get("/v1/apps/follow-ups/runs").await.expect(200).json();
        let outcomes: Vec<&str> = runs["items"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
        assert!(outcomes.contains(&"done") && outcomes.contains(&"refused"), "{runs}");
        assert!(runs["items"][0]["fuel"].as_i64().unwrap() > 0);
        app.end().await;
    }

    async fn a_grant_that_is_taken_back_is_denied_with_the_next_call(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let whole = follow_ups(&acme, &folder, &ALL).await;
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        act(&acme, "add", &id, &json!({ "what": "One", "due": "2099-02-01" })).await.expect(200);
        for lacks in ["records", "orders"] {
            let grants: Vec<&str> = ALL.iter().copied().filter(|grant| *grant != lacks).collect();
            follow_ups(&acme, &folder, &grants).await;
            let what = format!("Without {lacks}");
            let problem = act(&acme, "add", &id, &json!({ "what": what, "due": "2099-02-01" })).await.problem(500, "plugin-failed");
            assert_eq!(problem["errors"][0]["outcome"], "denied", "{problem}");
            activate(&acme, "follow-ups", &whole).await.expect(200);
            act(&acme, "add", &id, &json!({ "what": what, "due": "2099-02-01" })).await.expect(200);
        }
        app.end().await;
    }

    async fn an_uninstalled_app_leaves_nothing_but_the_trail(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let other = import(&bolt, "k-1", &order(1)).await.expect(201).id();
        follow_ups(&acme, &folder, &ALL).await;
        act(&acme, "add", &id, &json!({ "what": "One", "due": "2099-02-01" })).await.expect(200);
        acme.ask(&Method::POST, "/v1/plugins/follow-ups/uninstall").send().await.expect(200);
        // What the firm sees is what a firm sees that never had it.
        for path in ["/v1/apps", "/v1/plugins", "/v1/orders?limit=5"] {
            let strip = |client: Value| {
                let mut value = client;
                for item in value["items"].as_array_mut().unwrap() {
                    for key in ["id", "created_at", "changed_at"] {
                        item.as_object_mut().unwrap().remove(key);
                    }
                }
                value.to_string()
            };
            assert_eq!(strip(acme.get(path).await.expect(200).json()), strip(bolt.get(path).await.expect(200).json()), "{path}");
        }
        acme.get("/v1/apps/follow-ups/records/follow-ups").await.problem(404, "not-found");
        let report = |client: Value| client["findings"].to_string();
        let (mine, theirs) = (format!("/v1/orders/{id}/findings"), format!("/v1/orders/{other}/findings"));
        assert_eq!(report(acme.get(&mine).await.expect(200).json()), report(bolt.get(&theirs).await.expect(200).json()));
        assert!(!acme.get("/v1/apps/follow-ups/runs").await.expect(200).json()["items"].as_array().unwrap().is_empty(), "the trail stays");
        // Brought in anew it begins with nothing.
        follow_ups(&acme, &folder, &ALL).await;
        assert_eq!(records(&acme, "").await.len(), 0);
        app.end().await;
    }
}
