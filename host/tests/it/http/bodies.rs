//! The memory that bodies may take together: charged for what has arrived, given back when a request ends however it ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use ureq::http::Method;

use super::{Client, Reply, TestApp};
use crate::storage::{Store, on_both};

const ROOM: usize = 60_000;

/// A request that has sent a part of its body and waits.
struct Half(TcpStream);

impl Half {
    fn send(client: &Client, head: &str, part: &[u8]) -> Self {
        let mut stream = TcpStream::connect(client.address().trim_start_matches("http://")).unwrap();
        write!(stream, "POST /v1/parties HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n")
            .unwrap();
        write!(stream, "Authorization: Bearer {}\r\n{head}\r\n\r\n", client.token()).unwrap();
        stream.write_all(part).unwrap();
        Self(stream)
    }

    /// Whether the answer is there already, or comes within a moment.
    fn refused_at_once(mut self) -> bool {
        self.0.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let mut start = [0; 12];
        self.0.read_exact(&mut start).is_ok() && start == *b"HTTP/1.1 503"
    }

    async fn reply(mut self, rest: Vec<u8>) -> String {
        let read = move || {
            self.0.write_all(&rest).unwrap();
            let mut reply = String::new();
            self.0.read_to_string(&mut reply).unwrap();
            reply
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }
}

/// A body of blanks: read whole, then refused as no JSON.
async fn blanks(client: &Client, bytes: usize) -> Reply {
    client.ask(&Method::POST, "/v1/parties").bytes("application/json", vec![b' '; bytes]).send().await
}

/// Waits.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(20), "not so after twenty seconds");
    }
}

/// Waits until there is no room for so many bytes. It asks with a body that announces them and sends one, so that it takes no room itself.
async fn until_full(client: &Client, bytes: usize) {
    let head = format!("Content-Length: {bytes}");
    until(async || {
        let (client, head) = (client.clone(), head.clone());
        tokio::task::spawn_blocking(move || Half::send(&client, &head, b" ").refused_at_once()).await.unwrap()
    })
    .await;
}

on_both! {
    async fn who_sends_more_than_is_left_is_told_to_come_back(store: &Store) {
        let app = TestApp::start_with(store, |config| {
            (config.http.body_bytes_max, config.http.bodies_bytes_max) = (ROOM, ROOM);
        }).await;
        let acme = app.tenant("acme").await;
        blanks(&acme, ROOM).await.problem(400, "malformed");
        let half = Half::send(&acme, "Content-Length: 50000", &[b' '; 40_000]);
        until_full(&acme, 30_000).await;
        // What is refused is read no further, so each of these sends only what is read: nothing cuts the answer short.
        let busy = Half::send(&acme, "Content-Length: 30000", b" ").reply(vec![]).await;
        assert!(busy.starts_with("HTTP/1.1 503") && busy.contains("retry-after: 1\r\n"), "{busy}");
        assert!(busy.contains("\"code\":\"busy\"") && busy.contains("\"retryable\":true"), "{busy}");
        // A length that is not announced is counted all the same; what is small still fits; reading takes no room.
        let chunk = [b"4E21\r\n".as_slice(), &[b' '; 20_001]].concat();
        let chunked = Half::send(&acme, "Transfer-Encoding: chunked", &chunk).reply(vec![]).await;
        assert!(chunked.starts_with("HTTP/1.1 503") && chunked.contains("\"code\":\"busy\""), "{chunked}");
        blanks(&acme, 5_000).await.problem(400, "malformed");
        acme.get("/v1/parties").await.expect(200);
        // Whoever has no credential is not read at all.
        blanks(&app.stranger().with_token("x"), 30_000).await.problem(401, "unauthenticated");

        let reply = half.reply(vec![b' '; 10_000]).await;
        assert!(reply.starts_with("HTTP/1.1 400"), "{reply}");
        blanks(&acme, ROOM).await.problem(400, "malformed");

        // A client that goes away gives its room back too.
        let half = Half::send(&acme, "Content-Length: 50000", &[b' '; 40_000]);
        until_full(&acme, 30_000).await;
        drop(half);
        until(async || blanks(&acme, ROOM).await.status == 400).await;
        app.end().await;
    }

    async fn who_announces_much_and_sends_nothing_holds_nothing(store: &Store) {
        let app = TestApp::start_with(store, |config| {
            (config.http.body_bytes_max, config.http.bodies_bytes_max) = (ROOM, ROOM);
        }).await;
        let acme = app.tenant("acme").await;
        let waiting: Vec<Half> = (0..8).map(|_| Half::send(&acme, "Content-Length: 60000", b" ")).collect();
        for _ in 0..20 {
            blanks(&acme, 50_000).await.problem(400, "malformed");
        }
        drop(waiting);
        app.end().await;
    }
}
