//! Whatever goes wrong leaves as a problem.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use roro::http::operations;
use ureq::http::Method;

use super::client::Asking;
use super::orders::order;
use super::{Client, TestApp, firm};
use crate::storage::{Store, on_both};

/// Requests that no sensible client sends.
fn odd_requests(client: &Client, method: &Method, path: &str) -> Vec<Asking> {
    const QUERIES: [&str; 17] = [
        "",
        "?",
        "?limit=18446744073709551616",
        "?limit=-1",
        "?limit=1&limit=2",
        "?after=%00",
        "?after=",
        "?text=%00",
        "?text=%25_%5C'%22",
        "?q=%00%00%00%00",
        "?q=%F0%9F%9A%97%F0%9F%9A%97",
        "?name=%FF",
        "?text=%ED%A0%80",
        "?q='%20OR%201=1--",
        "?=",
        "?%",
        "?a[b]=c",
    ];
    const VERSIONS: [&str; 7] =
        ["\"9223372036854775807\"", "\"-1\"", "\"0\"", "\"1\"", "W/\"1\"", "*", "\"99999999999999999999\""];
    if method == Method::GET {
        return QUERIES.iter().map(|query| client.ask(method, &format!("{path}{query}"))).collect();
    }
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    let bodies = [
        "",
        "null",
        "0",
        "[]",
        "{}",
        "1e999",
        r#"{"a":1,"a":2}"#,
        r#""\u0000""#,
        r#"{"format":"roro.order/1","vehicles":[null]}"#,
        r#"{"country":"KE","scripts":[{"script":"Latn","name":"\u0000","address":[]}]}"#,
        r#"{"country":"KE","scripts":[{"script":"Latn","name":"A","address":[]}],"contacts":[{"name":"\u0000"}]}"#,
        &deep,
    ];
    let asking = |(at, body): (usize, &&str)| {
        let asking = client.ask(method, path).bytes("application/json", body.as_bytes().to_vec());
        asking.header("If-Match", VERSIONS[at % VERSIONS.len()])
    };
    bodies.iter().enumerate().map(asking).collect()
}

on_both! {
    async fn an_address_a_method_a_body_and_a_type_that_do_not_fit(store: &Store) {
        let app = TestApp::start_with(store, |config| config.http.body_bytes_max = 100_000).await;
        let acme = app.tenant("acme").await;
        acme.get("/v1/ordres").await.problem(404, "not-found");
        acme.get("/v1").await.problem(404, "not-found");
        acme.get("/v1/orders/ord_1").await.problem(404, "not-found");
        acme.get("/v1/orders/%ff").await.problem(404, "not-found");
        let reply = acme.ask(&Method::DELETE, "/v1/orders").send().await;
        assert_eq!(reply.header("allow"), "GET,HEAD");
        reply.problem(405, "method-not-allowed");

        let import = || acme.ask(&Method::POST, "/v1/orders/import");
        import().bytes("application/json", vec![b' '; 100_001]).send().await.problem(413, "too-large");
        import().bytes("text/plain", vec![b'{'; 10]).send().await.problem(415, "media-type");
        import().bytes("application/json", vec![b'{'; 10]).send().await.problem(422, "invalid");
        acme.ask(&Method::POST, "/v1/parties").bytes("application/json", vec![b'{'; 10]).send().await.problem(400, "malformed");
        acme.ask(&Method::POST, "/v1/parties").bytes("application/json", vec![0xff; 10]).send().await.problem(400, "malformed");
        import().bytes("application/vnd.firm+json; charset=utf-8", serde_json::to_vec(&order(1)).unwrap()).send().await.expect(201);
        app.end().await;
    }

    async fn a_request_that_takes_too_long_or_comes_too_many_is_told_to_come_back(store: &Store) {
        let app = TestApp::start_with(store, |config| config.http.requests_max = 0).await;
        let acme = app.tenant("acme").await;
        let reply = acme.get("/v1/orders").await;
        assert_eq!(reply.header("retry-after"), "1");
        reply.problem(503, "busy");
        acme.get("/livez").await.expect(200);
        app.end().await;

        let app = TestApp::start_with(store, |config| config.http.request_ms_max = 300).await;
        let bolt = app.tenant("bolt").await;
        // A body that never ends: the time limit ends the request.
        let address = bolt.address().to_owned();
        let reply = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
            let head = "POST /v1/parties HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\nConnection: close\r\n";
            write!(stream, "{head}Authorization: Bearer {}\r\n\r\n{{", bolt.token()).unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).unwrap();
            reply
        });
        let reply = reply.await.unwrap();
        assert!(reply.starts_with("HTTP/1.1 503") && reply.contains("took too long"), "{reply}");
        app.end().await;
    }

    async fn a_firm_that_floods_the_door_is_told_to_come_back_and_others_are_not(store: &Store) {
        let app = TestApp::start_with(store, |config| {
            config.http.tenant_requests_per_second_max = 1;
            config.http.tenant_requests_burst_max = 3;
        })
        .await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        for _ in 0..3 {
            acme.get("/v1/vehicles?q=ABCDEF").await.expect(200);
        }
        let refused = acme.get("/v1/vehicles?q=ABCDEF").await;
        assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=3).contains(&seconds)));
        refused.problem(429, "too-many");
        bolt.get("/v1/vehicles?q=ABCDEF").await.expect(200);
        // Who only claims to be of a firm uses up nothing of it.
        let forged = format!("{}{}", bolt.token().split('.').next().unwrap(), format_args!(".{}", "0".repeat(64)));
        for _ in 0..10 {
            app.stranger().with_token(&forged).get("/v1/orders").await.problem(401, "unauthenticated");
        }
        bolt.get("/v1/vehicles?q=ABCDEF").await.expect(200);
        app.end().await;
    }

    async fn a_connection_that_says_nothing_is_closed(store: &Store) {
        let app = TestApp::start_with(store, |config| config.http.header_ms_max = 200).await;
        let address = app.stranger().address().trim_start_matches("http://").to_owned();
        let said = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET /v1/orders HTTP/1.1\r\nHost: ").unwrap();
            let mut said = String::new();
            stream.read_to_string(&mut said).unwrap();
            said
        });
        let said = said.await.unwrap();
        assert!(!said.contains("200"), "{said}");
        app.end().await;
    }

    async fn no_request_makes_the_server_fail(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let order = acme.post("/v1/orders/import", &order(1)).await.expect(201).id();
        let ids = [order, format!("ord_{}", "7".repeat(26)), "%00".to_owned(), "%C3%28".to_owned(), "x".repeat(3_000), "..%2f..".to_owned()];
        for (method, path) in operations() {
            let ids = if path.contains("{id}") { ids.as_slice() } else { &ids[..1] };
            for path in ids.iter().map(|id| path.replace("{id}", id)) {
                for asking in odd_requests(&acme, &method, &path) {
                    let reply = asking.send().await;
                    assert!(reply.status < 500, "{method} {path}: {} {}", reply.status, reply.text());
                    let json = reply.header("content-type").ends_with("json") || reply.header("content-type") == "application/pdf";
                    assert!(json, "{method} {path}: {}", reply.text());
                }
            }
        }
        app.end().await;
    }

    async fn the_process_says_that_it_lives_and_is_ready(store: &Store) {
        let app = TestApp::start(store).await;
        let stranger = app.stranger();
        assert_eq!(stranger.get("/livez").await.expect(200).text(), "ok\n");
        assert_eq!(stranger.get("/readyz").await.expect(200).text(), "ok\n");
        app.end().await;
    }

    async fn every_answer_has_its_own_request_id_and_is_kept_by_nobody(store: &Store) {
        let app = TestApp::start(store).await;
        let acme = app.tenant("acme").await;
        let (one, two) = (acme.get("/v1/orders").await.expect(200), acme.get("/v1/orders").await.expect(200));
        assert_eq!(one.header("x-request-id").len(), 24);
        assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
        assert_eq!((one.header("cache-control"), one.header("x-content-type-options")), ("no-store", "nosniff"));
        let made = acme.post("/v1/parties", &firm::party("A")).await.expect(201);
        assert!(!made.header("x-request-id").is_empty());
        app.end().await;
    }
}
