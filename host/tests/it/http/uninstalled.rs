//! What uninstalling leaves: the firm's `/v1`, who is asked about its orders and what its papers say are, byte for byte, those of a firm that
//! never installed anything. What was done, by whom and at which cost stays in the trail.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use roro::access;
use roro::command::of_subject;
use roro::outbox::{self, Event};
use serde_json::{Value, json};
use ureq::http::Method;

use super::firm::{company, party};
use super::orders::{click, import, order};
use super::plugin_life::{Folder, activate, install, release, start, trust};
use super::{Client, Reply};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};

/// An app, a price and a guard: one of each that a firm can have.
const PLUGINS: [&str; 3] = ["follow-ups", "freight-tariff", "price-guard"];

/// Not read again, because they are the trail itself: what an app was called for and what became of it is told also when it is gone. The
/// runs of hooks are a trail too, but they are written with a click, and nobody clicks while the plugins are there. The history of a plugin
/// stands on its page, which is gone with it; the log of commands has no address.
const TRAIL: [&str; 2] = ["/v1/apps/{id}/jobs", "/v1/apps/{id}/runs"];

/// What was answered, by address: the status and the bytes.
type Seen = BTreeMap<String, (u16, Vec<u8>)>;

/// What a firm has that never heard of plugins, and the ids by which it is read.
struct Things {
    company: String,
    party: String,
    order: String,
    document: String,
    vehicle: String,
    webhook: String,
}

impl Things {
    async fn of(client: &Client) -> Self {
        let company = client.post("/v1/companies", &company("C-1")).await.expect(201).id();
        let party = client.post("/v1/parties", &party("A Buyer")).await.expect(201).id();
        // One that hears of nothing that happens here: what is sent to a webhook is told of plugins too, as is right.
        let webhook = json!({ "url": "https://roro.invalid/hook", "kinds": ["webhook.suspended"] });
        let webhook = client.post("/v1/webhooks", &webhook).await.expect(201).id();
        let file = order(1);
        let order = issued(client, 1).await.0;
        client.post(&format!("/v1/orders/{order}/notes"), &json!({ "text": "The buyer called." })).await.expect(201);
        let listed = client.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
        let document = listed["items"][0]["id"].as_str().unwrap().to_owned();
        let vehicle = file["vehicles"][0]["identity"]["number"].as_str().unwrap().to_owned();
        Self { company, party, order, document, vehicle, webhook }
    }

    /// Every address that can be read, but those of the trail: an operation that is new is read as well.
    fn addresses(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (method, path) in roro::http::operations() {
            if method != Method::GET || TRAIL.contains(&path) {
                continue;
            }
            let ids = match path.split('/').nth(2).unwrap() {
                "apps" | "plugins" => PLUGINS.to_vec(),
                "companies" => vec![self.company.as_str()],
                "documents" => vec![self.document.as_str()],
                "packs" => vec!["ke"],
                "parties" => vec![self.party.as_str()],
                "webhooks" => vec![self.webhook.as_str()],
                _ => vec![self.order.as_str()],
            };
            let query = if path == "/v1/vehicles" { format!("?q={}", self.vehicle) } else { String::new() };
            let named = path.replace("{collection}", "follow-ups").replace("{record}", "rec_00000000000000000000000000");
            found.extend(ids.iter().map(|id| format!("{}{query}", named.replace("{id}", id))));
        }
        found
    }

    async fn read(&self, client: &Client) -> Seen {
        let mut seen = Seen::new();
        for address in self.addresses() {
            let Reply { status, body, .. } = client.get(&address).await;
            seen.insert(address, (status, body));
        }
        seen
    }
}

/// An order that is imported and has its papers: its id, and what the click answered.
async fn issued(client: &Client, number: usize) -> (String, Vec<u8>) {
    let id = import(client, &format!("k-{number}"), &order(number)).await.expect(201).id();
    let report = click(client, &id).await.expect(201).body;
    (id, report)
}

/// Brings a plugin in and lets it take part.
async fn takes_part(client: &Client, plugin: &str, digest: &str, body: &Value) {
    install(client, digest).await.expect(201);
    let made = release(client, plugin, body).await.expect(201).id();
    activate(client, plugin, &made).await.expect(200);
}

/// The house tells once more that an order was imported, as it may: nothing of the order changes by it.
async fn tell(store: &Store, firm: &str, order: &str) {
    let operator = access::operator(&store.ctx, firm).await.unwrap();
    let (line, mint, now) = (order.to_owned(), store.ctx.mint.clone(), store.ctx.now());
    let told = store.ctx.db.write(&operator, move |tx| {
        let (line, mint) = (line.clone(), mint.clone());
        async move {
            let payload = json!({ "order": line, "version": 1 });
            outbox::write(&tx, &mint, now, Event { line, kind: "order.imported", payload }).await.map(|_| ())
        }
    });
    told.await.unwrap();
}

/// Waits until the app has heard of the event.
async fn heard(client: &Client) {
    for _ in 0..400 {
        let jobs = client.get("/v1/apps/follow-ups/jobs").await.expect(200).json();
        if jobs["items"].as_array().unwrap().iter().any(|job| job["kind"] == "event" && job["state"] == "done") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the app never heard of the order");
}

/// Everything that a plugin does for a firm: findings, a price, actions, an event.
async fn work(store: &Store, client: &Client, order: &str) {
    let act = async |name: &str, target: &str, inputs: Value| {
        let body = json!({ "target": target, "inputs": inputs });
        client.post(&format!("/v1/apps/follow-ups/actions/{name}"), &body).await.expect(200).json()
    };
    let added = act("add", order, json!({ "what": "Book the ship", "due": "2099-02-01" })).await;
    // Closing one would put a note beside the order, which is the firm's own from then on and stays.
    act("postpone", added["records"][0].as_str().unwrap(), json!({ "due": "2099-03-01" })).await;
    tell(store, "acme", order).await;
    heard(client).await;
    let report = client.get(&format!("/v1/orders/{order}/findings")).await.expect(200).text();
    assert!(report.contains("PRICE-GUARD-01"), "{report}");
    let price = client.get(&format!("/v1/orders/{order}/price")).await.expect(200).json();
    assert!(!price["lines"].as_array().unwrap().is_empty(), "{price}");
}

/// The papers of an order, each as the list has it without its id, and its file.
async fn papers(client: &Client, order: &str) -> Vec<(String, Vec<u8>)> {
    let listed = client.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
    let mut papers = Vec::new();
    for paper in listed["items"].as_array().unwrap() {
        let file = client.get(&format!("/v1/documents/{}/file", paper["id"].as_str().unwrap())).await.expect(200);
        let mut paper = paper.clone();
        paper.as_object_mut().unwrap().remove("id");
        papers.push((paper.to_string(), file.body));
    }
    papers.sort();
    papers
}

/// Who was asked about an order, of which release, and what was answered; without the cost, which is another each time.
async fn asked(client: &Client, order: &str) -> Vec<String> {
    let runs = client.get(&format!("/v1/orders/{order}/hook-runs")).await.expect(200).json();
    let mut asked: Vec<String> = Vec::new();
    for run in runs["items"].as_array().unwrap() {
        let mut run = run.clone();
        for own in ["id", "at", "fuel", "memory_bytes", "host_calls", "duration_us"] {
            run.as_object_mut().unwrap().remove(own).unwrap();
        }
        asked.push(run.to_string());
    }
    asked.sort();
    asked
}

/// The verbs of the log of commands about something, by alphabet.
async fn verbs(store: &Store, subject: &str) -> Vec<String> {
    let operator = access::operator(&store.ctx, "acme").await.unwrap();
    let scope = store.ctx.db.read(&operator).await.unwrap();
    let mut verbs: Vec<String> = of_subject(&scope, subject, 20).await.unwrap().into_iter().map(|row| row.verb).collect();
    verbs.sort_unstable();
    verbs
}

on_both! {
    async fn what_it_leaves_is_what_a_firm_has_that_never_had_it(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        // What is on offer, and whose signatures count, is no plugin's and stays as it is.
        let parcels = [Parcel::follow_ups("1.0.0"), Parcel::freight_tariff("1.0.0"), Parcel::price_guard("1.0.0")];
        let digests = parcels.map(|parcel| parcel.offer(&folder.catalogue(), &[&key(1)]));
        trust(&acme, 1).await.expect(201);
        let things = Things::of(&acme).await;
        let before = things.read(&acme).await;
        let found = before.values().filter(|(status, _)| *status == 200).count();
        assert!(found >= 20 && before.values().all(|(status, _)| [200, 404].contains(status)), "{:?}", before.keys());

        let bodies = [
            json!({ "settings": { "days": "2" }, "grants": ["config", "records", "orders", "events"] }),
            json!({ "settings": { "currency": "JPY", "handling": "20000" }, "grants": ["config"] }),
            json!({ "settings": { "price_limit": "100000" }, "grants": ["config"] }),
        ];
        for ((plugin, digest), body) in PLUGINS.iter().zip(&digests).zip(&bodies) {
            takes_part(&acme, plugin, digest, body).await;
        }
        work(store, &acme, &things.order).await;
        // They are to be seen wherever a plugin can be: a comparison of what nothing changes would say nothing.
        let during = things.read(&acme).await;
        let order = &things.order;
        let touched = [
            "/v1/apps".to_owned(), "/v1/plugins".to_owned(), "/v1/apps/follow-ups/records/follow-ups".to_owned(),
            "/v1/plugins/price-guard/usage".to_owned(), format!("/v1/orders/{order}/findings"), format!("/v1/orders/{order}/price"),
        ];
        assert!(touched.iter().all(|address| during[address] != before[address]));

        for plugin in PLUGINS {
            acme.ask(&Method::POST, &format!("/v1/plugins/{plugin}/uninstall")).send().await.expect(200);
        }
        for (address, (status, body)) in things.read(&acme).await {
            let (was, had) = &before[&address];
            let text = String::from_utf8_lossy;
            assert!(status == *was && body == *had, "{address}: {was} {} became {status} {}", text(had), text(&body));
        }

        // Both firms have issued as many papers, so the next ones have the same numbers. No id of a firm is part of what a paper says.
        issued(&bolt, 1).await;
        let ((mine, report), (theirs, their_report)) = (issued(&acme, 2).await, issued(&bolt, 2).await);
        assert_eq!(String::from_utf8(report).unwrap(), String::from_utf8(their_report).unwrap());
        let (left, never) = (papers(&acme, &mine).await, papers(&bolt, &theirs).await);
        let cards: Vec<&String> = left.iter().map(|(card, _)| card).collect();
        assert!(cards.len() >= 3 && cards.iter().all(|card| card.contains("-00002\"")), "{cards:?}");
        for (one, other) in left.iter().zip(&never) {
            assert_eq!(one.0, other.0);
            assert!(one.1 == other.1, "the files differ: {}", one.0);
        }
        assert_eq!(left.len(), never.len());
        assert_eq!(asked(&acme, &mine).await, asked(&bolt, &theirs).await);

        // The trail stays: who did what, what the app was called for, and, when the plugin is there again, its history from the first day on.
        for plugin in PLUGINS {
            let expected = ["plugin.activate", "plugin.install", "plugin.release", "plugin.uninstall"];
            assert_eq!(verbs(store, &format!("plugin:{plugin}")).await, expected, "{plugin}");
        }
        assert!(verbs(store, order).await.contains(&"app.act".to_owned()));
        let runs = acme.get("/v1/apps/follow-ups/runs").await.expect(200).json();
        let is_done = |hook: &str| runs["items"].as_array().unwrap().iter().any(|run| run["hook"] == hook && run["outcome"] == "done");
        assert!(is_done("app.act") && is_done("app.on-event"), "{runs}");
        heard(&acme).await;
        install(&acme, &digests[2]).await;
        let page = acme.get("/v1/plugins/price-guard").await.expect(200).json();
        let mut history: Vec<&str> = page["history"].as_array().unwrap().iter().map(|turn| turn["event"].as_str().unwrap()).collect();
        history.sort_unstable();
        assert_eq!(history, ["activate", "install", "install", "uninstall"]);
        app.end().await;
    }
}
