//! Companies and parties over HTTP.

use serde_json::{Value, json};
use ureq::http::Method;

use super::TestApp;
use crate::storage::{Store, on_both};
use roro::access::Role;

/// A company that sells.
pub(super) fn company(external_id: &str) -> Value {
    json!({
        "source": "erp", "external_id": external_id, "country": "JP", "home_currency": "JPY", "zone": "Asia/Tokyo",
        "scripts": [{ "script": "Latn", "name": "Umi Motors K.K.", "address": ["1-2 Minato"] }],
    })
}

/// A party that buys.
pub(super) fn party(name: &str) -> Value {
    json!({ "country": "KE", "scripts": [{ "script": "Latn", "name": name, "address": ["Moi Avenue 4"] }] })
}

on_both! {
    async fn a_company_is_made_read_and_replaced(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let made = acme.post("/v1/companies", &company("C-1")).await.expect(201);
        assert_eq!(made.header("etag"), "\"1\"");
        let path = format!("/v1/companies/{}", made.id());
        let read = acme.get(&path).await.expect(200);
        assert_eq!((read.json(), read.header("etag")), (made.json(), "\"1\""));

        let mut changed = company("C-1");
        changed["scripts"][0]["name"] = "Umi Motors Holding K.K.".into();
        let put = || acme.ask(&Method::PUT, &path).json(&changed);
        put().send().await.problem(428, "version-required");
        put().header("If-Match", "*").send().await.problem(400, "malformed");
        let next = put().if_match(1).send().await.expect(200);
        assert_eq!((next.header("etag"), next.json()["version"].as_i64()), ("\"2\"", Some(2)));
        let problem = put().if_match(1).send().await.problem(412, "outdated");
        assert!(problem["detail"].as_str().unwrap().contains("version 2"), "{problem}");

        acme.post("/v1/companies", &company("C-1")).await.problem(409, "conflict");
        let mut wrong = company("C-2");
        wrong["country"] = "Japan".into();
        let problem = acme.post("/v1/companies", &wrong).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/country");
        wrong["colour"] = "red".into();
        acme.post("/v1/companies", &wrong).await.problem(422, "invalid");
        app.end().await;
    }

    async fn a_list_is_read_page_by_page_without_a_gap(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let mut made = Vec::new();
        for at in 0..5 {
            made.push(acme.post("/v1/parties", &party(&format!("Buyer {at}"))).await.expect(201).id());
        }
        made.reverse();
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = acme.get(&format!("/v1/parties?limit=2{after}")).await.expect(200).json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            seen.extend(items.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, made);
        let named = acme.get("/v1/parties?name=buyer%203").await.expect(200).json();
        assert_eq!(named["items"][0]["scripts"][0]["name"], "Buyer 3");
        assert_eq!(named["items"].as_array().unwrap().len(), 1);
        for wrong in ["limit=0", "limit=201", "limit=x", "after=ord_1", "nmae=x"] {
            acme.get(&format!("/v1/parties?{wrong}")).await.problem(422, "invalid");
        }
        app.end().await;
    }

    async fn a_role_that_is_too_low_is_told_which_one_it_needs(store: &Store) {
        let app = TestApp::start(store).await;
        app.tenant("acme").await;
        let clerk = app.as_role("acme", Role::Clerk).await;
        let problem = clerk.post("/v1/companies", &company("C-1")).await.problem(403, "forbidden");
        assert!(problem["detail"].as_str().unwrap().contains("`admin`"), "{problem}");
        clerk.post("/v1/parties", &party("B")).await.expect(201);
        let viewer = app.as_role("acme", Role::Viewer).await;
        viewer.post("/v1/parties", &party("B")).await.problem(403, "forbidden");
        viewer.get("/v1/parties").await.expect(200);
        app.end().await;
    }
}
