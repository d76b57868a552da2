//! The main road over HTTP: import, look, one click, download, change.

use serde_json::Value;
use ureq::http::Method;

use super::{Client, Reply, TestApp};
use crate::storage::{Store, on_both};
use crate::support;

/// An order file with its own ids.
pub(crate) fn order(number: usize) -> Value {
    let mut order = support::example_json("yokohama-mombasa");
    support::set(&mut order, "/external_id", format!("SO-{number}").into());
    support::set(&mut order, "/order/reference", format!("HM-T-{number}").into());
    order
}

fn vehicles(order: &Value) -> Vec<String> {
    let rows = order["vehicles"].as_array().unwrap();
    rows.iter().map(|one| one["identity"]["number"].as_str().unwrap().to_owned()).collect()
}

pub(crate) async fn import(client: &Client, key: &str, order: &Value) -> Reply {
    client.ask(&Method::POST, "/v1/orders/import").key(key).json(order).send().await
}

pub(super) async fn click(client: &Client, id: &str) -> Reply {
    client.ask(&Method::POST, &format!("/v1/orders/{id}/documents")).send().await
}

on_both! {
    async fn an_order_becomes_its_documents_with_one_click(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let file = order(1);
        let imported = import(&acme, "k-1", &file).await.expect(201);
        assert_eq!(imported.header("etag"), "\"1\"");
        let id = imported.id();
        let read = acme.get(&format!("/v1/orders/{id}")).await.expect(200);
        assert_eq!(read.header("etag"), "\"1\"");
        assert_eq!((&read.json()["file"]["vehicles"], &read.json()["reference"]), (&file["vehicles"], &Value::from("HM-T-1")));

        let findings = acme.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
        let required = findings["documents"].as_array().unwrap();
        assert!(!required.is_empty() && required.iter().all(|paper| paper.get("issued").is_none_or(Value::is_null)), "{findings}");
        let none = acme.get(&format!("/v1/orders/{id}/documents")).await.expect(200).json();
        assert_eq!(none["items"], Value::Array(vec![]));

        let issued = click(&acme, &id).await.expect(201).json();
        assert_eq!(issued["issued"], true);
        let listed = acme.get(&format!("/v1/orders/{id}/documents")).await.expect(200).json();
        let papers = listed["items"].as_array().unwrap();
        assert_eq!(papers.len(), issued["documents"].as_array().unwrap().len());
        let invoice = papers.iter().find(|paper| paper["kind"] == "commercial-invoice").unwrap();
        let paper = acme.get(&format!("/v1/documents/{}/file", invoice["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(paper.header("content-type"), "application/pdf");
        assert!(paper.header("content-disposition").starts_with("attachment; filename="), "{:?}", paper.headers);
        assert_eq!(paper.header("etag"), format!("\"{}\"", invoice["file_sha256"].as_str().unwrap()));
        let text = support::pdf_text(&paper.body);
        for vehicle in vehicles(&file) {
            assert!(text.contains(&vehicle), "{vehicle} is not in the invoice");
        }

        let again = click(&acme, &id).await.expect(200).json();
        assert_eq!(again["documents"], issued["documents"], "unchanged data made other documents");
        app.end().await;
    }

    async fn a_key_gives_the_same_answer_and_takes_no_other_body(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let first = import(&acme, "k-1", &order(1)).await.expect(201);
        assert_eq!(first.header("idempotent-replayed"), "false");
        let second = import(&acme, "k-1", &order(1)).await.expect(201);
        assert_eq!((second.header("idempotent-replayed"), &second.body), ("true", &first.body));
        import(&acme, "k-1", &order(2)).await.problem(422, "key-reused");
        import(&acme, "k-2", &order(1)).await.problem(409, "conflict");
        import(&acme, "a key", &order(3)).await.problem(400, "malformed");
        let bolt = app.tenant("bolt").await;
        let theirs = import(&bolt, "k-1", &order(1)).await.expect(201);
        assert_ne!(theirs.id(), first.id());
        app.end().await;
    }

    async fn a_new_version_must_know_the_one_that_it_replaces(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let mut file = order(1);
        let id = import(&acme, "k-1", &file).await.expect(201).id();
        click(&acme, &id).await.expect(201);
        let path = format!("/v1/orders/{id}");
        support::set(&mut file, "/buyer/name", "Another Buyer Ltd".into());
        let put = |file: &Value| acme.ask(&Method::PUT, &path).json(file);
        put(&file).send().await.problem(428, "version-required");
        let next = put(&file).if_match(1).key("p-1").send().await.expect(200);
        assert_eq!((next.header("etag"), &next.json()["version"]), ("\"2\"", &Value::from(2)));
        let replayed = put(&file).if_match(1).key("p-1").send().await.expect(200);
        assert_eq!((replayed.header("idempotent-replayed"), &replayed.body), ("true", &next.body));
        let problem = put(&file).if_match(1).send().await.problem(412, "outdated");
        assert!(problem["detail"].as_str().unwrap().contains("version 2"), "{problem}");
        put(&order(9)).if_match(2).send().await.problem(422, "invalid");

        click(&acme, &id).await.expect(201);
        let listed = acme.get(&format!("{path}/documents")).await.expect(200).json();
        let states: Vec<(&str, i64)> = listed["items"].as_array().unwrap().iter()
            .filter(|paper| paper["kind"] == "commercial-invoice")
            .map(|paper| (paper["state"].as_str().unwrap(), paper["revision"].as_i64().unwrap()))
            .collect();
        assert_eq!(states, [("superseded", 1), ("issued", 2)]);
        app.end().await;
    }

    async fn a_wrong_shape_is_refused_with_every_problem(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let mut file = order(1);
        support::remove(&mut file, "/buyer");
        support::set(&mut file, "/order/currency", "yen".into());
        support::set(&mut file, "/vehicles/0/year_of_manufacture", "old".into());
        let problem = import(&acme, "k-1", &file).await.problem(422, "invalid");
        let errors = problem["errors"].as_array().unwrap();
        assert!(errors.len() >= 3, "{problem}");
        assert!(errors.iter().all(|one| one["pointer"].is_string() && one["message"].is_string() && one["fix"].is_string()), "{problem}");
        assert!(errors.iter().any(|one| one["pointer"] == "/order/currency"), "{problem}");
        // Nothing was done, so the key is free for the mended file.
        import(&acme, "k-1", &order(1)).await.expect(201);
        app.end().await;
    }

    async fn findings_that_stop_an_order_are_all_in_the_answer(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let id = import(&acme, "k-1", &support::example_json("broken/06-left-hand-drive")).await.expect(201).id();
        let refused = click(&acme, &id).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert_eq!(refused.json()["issued"], false);
        assert!(refused.json()["findings"].as_array().unwrap().iter().any(|one| one["severity"] == "ERROR" || one["severity"] == "BLOCK"));
        let listed = acme.get(&format!("/v1/orders/{id}/documents")).await.expect(200).json();
        assert_eq!(listed["items"], Value::Array(vec![]));
        app.end().await;
    }

    async fn orders_and_vehicles_are_found(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        for number in 0..3 {
            import(&acme, &format!("k-{number}"), &order(number)).await.expect(201);
        }
        let first = acme.get("/v1/orders?limit=2").await.expect(200).json();
        assert_eq!((&first["items"][0]["reference"], &first["items"][1]["reference"]), (&"HM-T-2".into(), &"HM-T-1".into()));
        let rest = acme.get(&format!("/v1/orders?limit=2&after={}", first["next"].as_str().unwrap())).await.expect(200).json();
        assert_eq!((&rest["items"][0]["reference"], &rest["next"]), (&"HM-T-0".into(), &Value::Null));
        let found = acme.get("/v1/orders?text=hm-t-1&commercial=contracted").await.expect(200).json();
        assert_eq!((&found["items"][0]["reference"], found["items"].as_array().unwrap().len()), (&"HM-T-1".into(), 1));
        acme.get("/v1/orders?commercial=sold").await.problem(422, "invalid");

        let vehicle = &vehicles(&order(0))[0];
        let tail = vehicle[vehicle.len() - 6..].to_lowercase();
        let found = acme.get(&format!("/v1/vehicles?q={tail}")).await.expect(200).json();
        assert_eq!((&found["items"][0]["identity"], found["items"].as_array().unwrap().len()), (&vehicle.as_str().into(), 3));
        acme.get("/v1/vehicles?q=123").await.problem(422, "invalid");
        acme.get("/v1/vehicles").await.problem(422, "invalid");
        let packs = acme.get("/v1/packs").await.expect(200).json();
        assert!(packs["items"].as_array().unwrap().iter().any(|pack| pack["name"] == "ke" && pack["rules"].as_u64() > Some(0)), "{packs}");
        app.end().await;
    }
}
