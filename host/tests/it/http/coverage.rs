//! Every operation of `/v1`: without a credential it answers 401, and a firm never sees what is another firm's. A route that has no case
//! here fails the first test.

use std::collections::BTreeSet;
use std::sync::Arc;

use roro::access;
use roro::command::Request;
use roro::config::Config;
use roro::http::operations;
use roro::plugin;
use serde_json::{Value, json};
use ureq::http::Method;

use super::firm::{company, party};
use super::orders::order;
use super::webhooks::webhook;
use super::{Client, Reply, TestApp};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};
use crate::support::dispatch;

/// What another firm gets.
#[derive(Clone, Copy)]
enum Foreign {
    /// 404: that it is there is secret.
    NotFound,
    /// 200 with nothing in it.
    Nothing,
    /// Its own thing is made, beside the one of the same name of the first firm.
    Own,
    /// 200 with what is its own and was there before.
    Standing,
    /// What belongs to the installation and is the same for all.
    Shared,
    /// Nothing: it wants an archive first.
    Archive,
}

/// How an operation is tried.
struct Case {
    method: Method,
    path: &'static str,
    query: &'static str,
    body: fn() -> Option<Value>,
    foreign: Foreign,
}

fn nothing() -> Option<Value> {
    None
}

fn cases() -> Vec<Case> {
    use Foreign::{Archive, NotFound, Nothing, Own, Shared, Standing};
    let case = |method: Method, path, query, body, foreign| Case { method, path, query, body, foreign };
    let (get, post, put) = (|| Method::GET, || Method::POST, || Method::PUT);
    vec![
        case(get(), "/v1/apps", "", nothing, Nothing),
        case(get(), "/v1/apps/{id}", "", nothing, NotFound),
        case(get(), "/v1/apps/{id}/openapi", "", nothing, NotFound),
        case(post(), "/v1/apps/{id}/actions/{action}", "", || Some(json!({ "inputs": {} })), NotFound),
        case(get(), "/v1/apps/{id}/records/{collection}", "", nothing, NotFound),
        case(get(), "/v1/apps/{id}/records/{collection}/{record}", "", nothing, NotFound),
        case(get(), "/v1/apps/{id}/export", "", nothing, NotFound),
        case(get(), "/v1/apps/{id}/jobs", "", nothing, Nothing),
        case(get(), "/v1/apps/{id}/runs", "", nothing, Nothing),
        case(get(), "/v1/orders/{id}/price", "", nothing, NotFound),
        case(post(), "/v1/orders/{id}/price", "", || Some(json!({ "version": 1, "sha256": "0".repeat(64) })), NotFound),
        case(get(), "/v1/orders/{id}/notes", "", nothing, NotFound),
        case(post(), "/v1/orders/{id}/notes", "", || Some(json!({ "text": "not theirs" })), NotFound),
        case(post(), "/v1/companies", "", || Some(company("C-1")), Own),
        case(get(), "/v1/companies", "", nothing, Nothing),
        case(get(), "/v1/companies/{id}", "", nothing, NotFound),
        case(put(), "/v1/companies/{id}", "", || Some(company("C-1")), NotFound),
        case(get(), "/v1/documents/{id}/file", "", nothing, NotFound),
        case(post(), "/v1/documents/{id}/void", "", || Some(json!({ "reason": "not theirs to say" })), NotFound),
        case(post(), "/v1/orders/import", "", || Some(order(1)), Own),
        case(get(), "/v1/orders", "", nothing, Nothing),
        case(get(), "/v1/orders/{id}", "", nothing, NotFound),
        case(put(), "/v1/orders/{id}", "", || Some(order(1)), NotFound),
        case(post(), "/v1/orders/{id}/documents", "", nothing, NotFound),
        case(get(), "/v1/orders/{id}/documents", "", nothing, NotFound),
        case(get(), "/v1/orders/{id}/findings", "", nothing, NotFound),
        case(get(), "/v1/orders/{id}/hook-runs", "", nothing, Nothing),
        case(get(), "/v1/pack-offers", "", nothing, Shared),
        case(get(), "/v1/packs", "", nothing, Standing),
        case(get(), "/v1/packs/{id}", "", nothing, Standing),
        case(post(), "/v1/packs", "", || Some(json!({ "name": "ke" })), Standing),
        case(post(), "/v1/parties", "", || Some(party("A Buyer")), Own),
        case(get(), "/v1/parties", "", nothing, Nothing),
        case(get(), "/v1/parties/{id}", "", nothing, NotFound),
        case(put(), "/v1/parties/{id}", "", || Some(party("A Buyer")), NotFound),
        case(get(), "/v1/plugin-offers", "", nothing, Shared),
        case(get(), "/v1/plugins", "", nothing, Nothing),
        case(post(), "/v1/plugins", "", || Some(json!({ "digest": "0" })), NotFound),
        case(post(), "/v1/plugin-packages", "", nothing, Archive),
        case(get(), "/v1/plugins/{id}", "", nothing, NotFound),
        case(get(), "/v1/plugins/{id}/usage", "", nothing, NotFound),
        case(post(), "/v1/plugins/{id}/releases", "", || Some(json!({ "settings": { "price_limit": "1" } })), NotFound),
        case(post(), "/v1/plugins/{id}/activate", "", || Some(json!({ "release": RELEASE })), NotFound),
        case(post(), "/v1/plugins/{id}/trials", "", || Some(json!({ "release": RELEASE })), NotFound),
        case(post(), "/v1/plugins/{id}/roll-back", "", nothing, NotFound),
        case(post(), "/v1/plugins/{id}/suspend", "", || Some(json!({})), NotFound),
        case(post(), "/v1/plugins/{id}/resume", "", nothing, NotFound),
        case(post(), "/v1/plugins/{id}/uninstall", "", nothing, NotFound),
        case(get(), "/v1/plugin-keys", "", nothing, Nothing),
        case(post(), "/v1/plugin-keys", "", || Some(json!({ "name": "Bolt", "public_key": key(9).public().to_string() })), Own),
        case(post(), "/v1/plugin-keys/{id}/revoke", "", nothing, NotFound),
        case(get(), "/v1/vehicles", "?q={vehicle}", nothing, Nothing),
        case(post(), "/v1/webhooks", "", || Some(webhook()), Own),
        case(get(), "/v1/webhooks", "", nothing, Nothing),
        case(get(), "/v1/webhooks/{id}", "", nothing, NotFound),
        case(put(), "/v1/webhooks/{id}", "", || Some(webhook()), NotFound),
        case(post(), "/v1/webhooks/{id}/archive", "", nothing, NotFound),
        case(get(), "/v1/webhooks/{id}/secret", "", nothing, NotFound),
        case(post(), "/v1/webhooks/{id}/secret", "", nothing, NotFound),
        case(post(), "/v1/webhooks/{id}/test", "", nothing, NotFound),
        case(get(), "/v1/webhooks/{id}/deliveries", "", nothing, NotFound),
        case(post(), "/v1/webhook-deliveries/{id}/resend", "", nothing, NotFound),
    ]
}

/// Things of the first firm.
struct Things {
    company: String,
    party: String,
    order: String,
    document: String,
    vehicle: String,
    pack: String,
    webhook: String,
    delivery: String,
    key: String,
}

/// A release of nobody.
const RELEASE: &str = "rel_00000000000000000000000000";

impl Things {
    async fn of(store: &Store, client: &Client) -> Self {
        let company = client.post("/v1/companies", &company("C-1")).await.expect(201).id();
        let party = client.post("/v1/parties", &party("A Buyer")).await.expect(201).id();
        let file = order(1);
        let order = client.post("/v1/orders/import", &file).await.expect(201).id();
        client.ask(&Method::POST, &format!("/v1/orders/{order}/documents")).send().await.expect(201);
        let listed = client.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
        let document = listed["items"][0]["id"].as_str().unwrap().to_owned();
        let vehicle = file["vehicles"][0]["identity"]["number"].as_str().unwrap().to_owned();
        let packs = client.get("/v1/packs").await.expect(200).json();
        let pack = packs["items"][0]["id"].as_str().unwrap().to_owned();
        let webhook = client.post("/v1/webhooks", &webhook()).await.expect(201).id();
        let delivery = client.ask(&Method::POST, &format!("/v1/webhooks/{webhook}/test")).send().await.expect(202).id();
        let operator = access::operator(&store.ctx, "acme").await.unwrap();
        let shelf =
            plugin::Shelf::new(Arc::new(dispatch().runner().clone()), &Config::from_layers(None, []).unwrap().plugins).unwrap();
        let key = client
            .post("/v1/plugin-keys", &json!({ "name": "Acme", "public_key": key(1).public().to_string() }))
            .await
            .expect(201)
            .id();
        let (archive, _) = Parcel::price_guard("1.0.0").archive(&[&crate::parcel::key(1)]);
        Box::pin(plugin::install(&store.ctx, &operator, &shelf, Request::new("test", None, &[]), archive)).await.unwrap();
        let (archive, _) = Parcel::follow_ups("1.0.0").archive(&[&crate::parcel::key(1)]);
        Box::pin(plugin::install(&store.ctx, &operator, &shelf, Request::new("test", None, &[]), archive)).await.unwrap();
        let made = json!({ "grants": ["config", "records", "orders", "events"] });
        let made = client.post("/v1/plugins/follow-ups/releases", &made).await.expect(201).id();
        client.post("/v1/plugins/follow-ups/activate", &json!({ "release": made })).await.expect(200);
        Self { company, party, order, document, vehicle, pack, webhook, delivery, key }
    }

    fn ids(&self) -> [&str; 8] {
        [&self.company, &self.party, &self.order, &self.document, &self.pack, &self.webhook, &self.delivery, &self.key]
    }
}

impl Case {
    fn path(&self, things: &Things) -> String {
        let id = match self.path.split('/').nth(2).unwrap() {
            "companies" => &things.company,
            "parties" => &things.party,
            "documents" => &things.document,
            "packs" => "ke",
            "webhooks" => &things.webhook,
            "webhook-deliveries" => &things.delivery,
            "plugins" => "price-guard",
            "apps" => "follow-ups",
            "plugin-keys" => &things.key,
            _ => &things.order,
        };
        let named = [("{action}", "add"), ("{collection}", "follow-ups"), ("{record}", "rec_00000000000000000000000000")];
        let path = named.iter().fold(self.path.replace("{id}", id), |path, (name, value)| path.replace(name, value));
        format!("{path}{}", self.query.replace("{vehicle}", &things.vehicle))
    }

    async fn ask(&self, client: &Client, things: &Things) -> Reply {
        let asking = client.ask(&self.method, &self.path(things));
        let asking = if self.method == Method::PUT { asking.if_match(1) } else { asking };
        match (self.body)() {
            Some(body) => asking.json(&body).send().await,
            None => asking.send().await,
        }
    }
}

#[test]
fn every_operation_has_a_case() {
    let named = |method: &Method, path: &str| format!("{method} {path}");
    let served: BTreeSet<String> = operations().iter().map(|(method, path)| format!("{method} {path}")).collect();
    let tried: BTreeSet<String> = cases().iter().map(|case| named(&case.method, case.path)).collect();
    assert_eq!(served, tried);
}

on_both! {
    async fn nothing_is_answered_without_a_credential(store: &Store) {
        let app = TestApp::start(store).await;
        let things = Things::of(store, &app.tenant("acme").await).await;
        let forged = "roro_ten_00000000000000000000000000.".to_owned() + &"0".repeat(64);
        let strangers = [app.stranger(), app.stranger().with_token("x"), app.stranger().with_token(&forged)];
        for case in cases() {
            for stranger in &strangers {
                let reply = case.ask(stranger, &things).await;
                assert_eq!(reply.header("www-authenticate"), "Bearer", "{} {}", case.method, case.path);
                let text = reply.text();
                assert!(things.ids().iter().all(|id| !text.contains(id)), "{text}");
                reply.problem(401, "unauthenticated");
            }
        }
        app.end().await;
    }

    async fn a_firm_never_sees_what_is_another_firms(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let things = Things::of(store, &acme).await;
        let bolt = app.tenant("bolt").await;
        // Reading before writing: later lists of bolt hold what bolt made.
        let mut cases = cases();
        cases.sort_by_key(|case| matches!(case.foreign, Foreign::Own));
        for case in &cases {
            let what = format!("{} {}", case.method, case.path);
            let reply = case.ask(&bolt, &things).await;
            let text = reply.text();
            assert!(things.ids().iter().all(|id| !text.contains(id)), "{what}: {text}");
            match case.foreign {
                Foreign::NotFound => drop(reply.problem(404, "not-found")),
                Foreign::Nothing => assert_eq!(reply.expect(200).json()["items"], Value::Array(vec![]), "{what}"),
                Foreign::Own => drop(reply.expect(201)),
                Foreign::Standing => drop(reply.expect(200)),
                Foreign::Archive => drop(reply.problem(415, "media-type")),
                Foreign::Shared => assert_eq!(reply.expect(200).body, case.ask(&acme, &things).await.body, "{what}"),
            }
        }
        let orders = acme.get("/v1/orders").await.expect(200).json();
        assert_eq!(orders["items"].as_array().unwrap().len(), 1);
        assert_eq!((&orders["items"][0]["id"], &orders["items"][0]["version"]), (&things.order.as_str().into(), &1.into()));
        app.end().await;
    }
}
