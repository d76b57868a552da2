//! Webhooks over HTTP: from an import to the receiver, and what administrators can do.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Method;

use super::TestApp;
use super::orders::{import, order};
use crate::storage::webhook::{Receiver, open};
use crate::storage::{Store, on_both};
use roro::access::Role;

/// One that never reaches anybody: the name is kept for that (RFC 2606).
pub(super) fn webhook() -> Value {
    json!({ "url": "https://roro.invalid/hook", "description": "the books", "kinds": ["order.imported"] })
}

on_both! {
    async fn an_import_reaches_the_receiver(store: &Store) {
        let app = TestApp::start_with(store, |config| open(&mut config.outbound)).await;
        let acme = app.tenant("acme").await;
        let receiver = Receiver::start().await;
        let made = acme.post("/v1/webhooks", &json!({ "url": receiver.url() })).await.expect(201);
        let secret = acme.get(&format!("/v1/webhooks/{}/secret", made.id())).await.expect(200).json();
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let seen = loop {
            let imported = |one: &crate::storage::webhook::Seen| one.json()["type"] == "order.imported";
            if let Some(seen) = receiver.seen().into_iter().find(imported) {
                break seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert!(seen.is_signed_with(secret["secret"].as_str().unwrap()));
        assert_eq!(seen.json()["data"]["order"], id.as_str(), "{}", seen.body);
        app.end().await;
    }

    async fn a_webhook_is_made_tried_replaced_and_archived(store: &Store) {
        let app = TestApp::start_with(store, |config| open(&mut config.outbound)).await;
        let acme = app.tenant("acme").await;
        let receiver = Receiver::start().await;
        let body = json!({ "url": receiver.url(), "kinds": ["document.issued"] });
        let make = || acme.ask(&Method::POST, "/v1/webhooks").key("w-1").json(&body);
        let made = make().send().await.expect(201);
        assert_eq!(make().send().await.expect(201).json(), made.json(), "the same request made another one");
        let path = format!("/v1/webhooks/{}", made.id());
        let read = acme.get(&path).await.expect(200);
        assert_eq!((read.json(), read.header("etag")), (made.json(), "\"1\""));
        assert!(!read.text().contains("whsec_"));

        let test = acme.ask(&Method::POST, &format!("{path}/test")).send().await.expect(202).json();
        assert_eq!((&test["state"], &test["kind"]), (&"waiting".into(), &"webhook.test".into()));
        let deliveries = format!("{path}/deliveries");
        let ended = async |count: usize| loop {
            let listed = acme.get(&deliveries).await.expect(200).json();
            let items = listed["items"].as_array().unwrap().clone();
            if items.len() == count && items.iter().all(|one| one["state"] == "delivered") {
                break items;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let first = ended(1).await.remove(0);
        let resend = format!("/v1/webhook-deliveries/{}/resend", first["id"].as_str().unwrap());
        acme.ask(&Method::POST, &resend).send().await.expect(202);
        let both = ended(2).await;
        assert_eq!((&both[0]["event"], both[0]["id"] == both[1]["id"]), (&first["event"], false));
        let seen = receiver.seen();
        assert_eq!((seen.len(), &seen[0].headers["webhook-id"]), (2, &seen[1].headers["webhook-id"]));

        let changed = json!({ "url": receiver.url(), "enabled": false });
        let next = acme.ask(&Method::PUT, &path).json(&changed).if_match(1).send().await.expect(200).json();
        assert_eq!((&next["version"], &next["enabled"], &next["kinds"]), (&2.into(), &false.into(), &json!([])));
        acme.ask(&Method::PUT, &path).json(&changed).if_match(1).send().await.problem(412, "outdated");
        acme.ask(&Method::POST, &format!("{path}/archive")).send().await.expect(200);
        acme.get(&path).await.problem(404, "not-found");
        acme.ask(&Method::POST, &format!("{path}/test")).send().await.problem(404, "not-found");
        acme.ask(&Method::PUT, &path).json(&changed).if_match(2).send().await.problem(404, "not-found");
        assert_eq!(acme.get("/v1/webhooks").await.expect(200).json()["items"], json!([]));
        app.end().await;
    }

    async fn all_that_is_wrong_is_said_at_once(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let wrong = json!({ "url": "https://127.0.0.1/x", "description": "a\u{7}b", "kinds": ["order.imported", "ordr.changed", "order.imported"] });
        let problem = acme.post("/v1/webhooks", &wrong).await.problem(422, "invalid");
        let places: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
        assert_eq!(places, ["/url", "/description", "/kinds/1", "/kinds/2"], "{problem}");
        assert!(problem["errors"][0]["fix"].as_str().unwrap().contains("outbound.networks_allowed"), "{problem}");
        for url in ["http://example.com/", "https://[::1]/", "https://169.254.169.254/latest", "https://user:pass@example.com/", "nonsense"] {
            acme.post("/v1/webhooks", &json!({ "url": url })).await.problem(422, "invalid");
        }
        assert_eq!(acme.get("/v1/webhooks").await.expect(200).json()["items"], json!([]));
        for _ in 0..roro::webhook::WEBHOOKS_MAX {
            acme.post("/v1/webhooks", &webhook()).await.expect(201);
        }
        acme.post("/v1/webhooks", &webhook()).await.problem(409, "conflict");
        app.end().await;
    }

    async fn only_administrators_see_and_change_webhooks(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let path = format!("/v1/webhooks/{}", acme.post("/v1/webhooks", &webhook()).await.expect(201).id());
        let clerk = app.as_role("acme", Role::Clerk).await;
        for reading in ["/v1/webhooks", &path, &format!("{path}/secret"), &format!("{path}/deliveries")] {
            clerk.get(reading).await.problem(403, "forbidden");
        }
        clerk.post("/v1/webhooks", &webhook()).await.problem(403, "forbidden");
        clerk.ask(&Method::PUT, &path).json(&webhook()).if_match(1).send().await.problem(403, "forbidden");
        for doing in ["archive", "secret", "test"] {
            clerk.ask(&Method::POST, &format!("{path}/{doing}")).send().await.problem(403, "forbidden");
        }
        app.end().await;
    }
}
