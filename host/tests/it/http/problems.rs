//! Whatever goes wrong leaves as a problem.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use ureq::http::Method;

use super::orders::order;
use super::{TestApp, firm};
use crate::storage::{Store, on_both};

on_both! {
    async fn an_address_a_method_a_body_and_a_type_that_do_not_fit(store: &Store) {
        let app = TestApp::start_with(store, |config| config.http.body_bytes_max = 100_000).await;
        let acme = app.tenant("acme").await;
        acme.get("/v1/ordres").await.problem(404, "not-found");
        acme.get("/").await.problem(404, "not-found");
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
