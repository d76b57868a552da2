//! An app that does what it is told: every import has its limit, every address its judge, and no firm another's data.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use super::orders::{import, order};
use super::plugin_life::{Folder, activate, install, release, start, trust};
use super::{Client, TestApp};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};

const ALL: [&str; 7] = ["records", "cache", "fetch", "random", "orders", "tasks", "events"];

async fn bring(client: &Client, folder: &Folder, hosts: &str) {
    let digest = Parcel::attacking_app(hosts).offer(&folder.catalogue(), &[&key(1)]);
    trust(client, 1).await;
    install(client, &digest).await;
    give(client, &ALL).await;
}

async fn give(client: &Client, grants: &[&str]) {
    let made = release(client, "attacking-app", &json!({ "grants": grants })).await.expect(201).id();
    activate(client, "attacking-app", &made).await.expect(200);
}

async fn act(client: &Client, action: &str, with: &str) -> super::Reply {
    let body = json!({ "inputs": { "with": with } });
    client.post(&format!("/v1/apps/attacking-app/actions/{action}"), &body).await
}

/// What the app says that the host has answered.
async fn said(client: &Client, action: &str, with: &str) -> String {
    let done = act(client, action, with).await.expect(200).json();
    done["findings"][0]["says"].as_str().unwrap_or_default().to_owned()
}

async fn things(client: &Client) -> Vec<Value> {
    client.get("/v1/apps/attacking-app/records/things").await.expect(200).json()["items"].as_array().unwrap().clone()
}

/// A server on loopback that answers every request in the same way, and counts them.
struct Peer(std::net::SocketAddr, std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl Peer {
    fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, count) = (listener.local_addr().unwrap(), std::sync::Arc::<std::sync::atomic::AtomicUsize>::default());
        let counted = std::sync::Arc::clone(&count);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let mut read = [0; 4_096];
                let _ = stream.read(&mut read);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self(address, count)
    }

    fn asked(&self) -> usize {
        self.1.load(std::sync::atomic::Ordering::SeqCst)
    }
}

on_both! {
    async fn every_import_of_an_app_has_its_limit(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        bring(&acme, &folder, "\"api.example.com\"").await;
        // Everything of a call, or nothing: 1 000 proposals are more than the 100 records that the manifest asks for.
        let before = things(&acme).await.len();
        let full = act(&acme, "flood-records", "").await.problem(409, "conflict");
        assert!(full["detail"].as_str().unwrap().contains("as many records as it may"), "{full}");
        assert_eq!(things(&acme).await.len(), before);
        for (action, with, answer) in [
            ("flood-tasks", "", "100 Error::TooMany"),
            ("flood-events", "", "20 Error::TooMany"),
            ("flood-notes", id.as_str(), "50 Error::BadNote"),
            ("flood-orders", id.as_str(), "out of"),
            ("flood-cache", "", "1001 no end"),
        ] {
            let reply = act(&acme, action, with).await;
            if answer == "out of" {
                // The same order has one place, so only the host's own bounds end this.
                reply.problem(500, "plugin-failed");
                continue;
            }
            let text = reply.expect(200).json()["findings"][0]["says"].as_str().unwrap().to_owned();
            assert_eq!(text, answer, "{action}");
        }
        act(&acme, "spin", "").await.expect(500);
        let trapped = act(&acme, "trap", "").await.problem(500, "plugin-failed");
        assert_eq!(trapped["errors"][0]["outcome"], "trapped", "{trapped}");
        // A refusal drops what was proposed.
        act(&acme, "add-refused", "never").await.problem(422, "refused");
        assert!(things(&acme).await.iter().all(|one| one["fields"]["name"] != "never"));
        // The seed is the call's own: another call draws other bytes.
        assert_ne!(said(&acme, "random", "").await, said(&acme, "random", "").await);
        app.end().await;
    }

    async fn an_app_reaches_no_other_firms_data_and_no_grant_outlives_its_end(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        bring(&acme, &folder, "\"api.example.com\"").await;
        bring(&bolt, &folder, "\"api.example.com\"").await;
        act(&acme, "add", "secret").await.expect(200);
        act(&acme, "keep", "secret").await.expect(200);
        let record = things(&acme).await[0]["id"].as_str().unwrap().to_owned();
        assert_eq!((said(&acme, "kept", "").await, said(&bolt, "kept", "").await), ("secret".to_owned(), "nothing".to_owned()));
        assert_eq!(said(&acme, "read", &record).await, "Ok(1) read");
        assert_eq!(said(&bolt, "read", &record).await, "Ok(0) not there");
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        assert_eq!(said(&bolt, "flood-orders", &id).await, "0 Error::Unknown");
        assert_eq!(said(&bolt, "flood-notes", &id).await, "0 Error::Unknown");
        for (grant, action) in [
            ("records", "add"), ("cache", "kept"), ("fetch", "fetch"), ("random", "random"), ("orders", "flood-orders"), ("tasks", "later"),
            ("events", "flood-events"),
        ] {
            let others: Vec<&str> = ALL.iter().copied().filter(|one| *one != grant).collect();
            give(&acme, &others).await;
            let denied = act(&acme, action, "https://api.example.com/").await.problem(500, "plugin-failed");
            assert_eq!(denied["errors"][0]["outcome"], "denied", "{grant}: {denied}");
            // A success ends the row of failures, which would end in quarantine.
            give(&acme, &ALL).await;
            act(&acme, "read", &record).await.expect(200);
        }
        app.end().await;
    }

    async fn a_task_is_done_later_and_once(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        bring(&acme, &folder, "\"api.example.com\"").await;
        act(&acme, "later", "put off").await.expect(200);
        assert!(things(&acme).await.is_empty());
        store.clock.advance(Duration::from_secs(5));
        for _ in 0..200 {
            if !things(&acme).await.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let names: Vec<Value> = things(&acme).await.iter().map(|one| one["fields"]["name"].clone()).collect();
        assert_eq!(names, ["put off"]);
        app.end().await;
    }

    async fn no_request_leaves_for_where_it_must_not(store: &Store) {
        let folder = Folder::new();
        let home = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
        let port = home.0.port();
        let data = folder.catalogue().parent().unwrap().to_path_buf();
        let app = TestApp::start_with(store, move |config| {
            config.data.folder = data;
            // As a name does whose owner points it home after it was looked at.
            config.outbound.names.insert("home.example.com".to_owned(), "127.0.0.1".parse().unwrap());
            config.outbound.names.insert("mapped.example.com".to_owned(), "::ffff:10.0.0.8".parse().unwrap());
            config.outbound.names.insert("link.example.com".to_owned(), "169.254.169.254".parse().unwrap());
        })
        .await;
        let acme = app.tenant("acme").await;
        bring(&acme, &folder, &format!("\"api.example.com\", \"*.example.com\", \"home.example.com:{port}\"")).await;
        for url in [
            format!("https://127.0.0.1:{port}/"), "https://10.0.0.8/".to_owned(), "https://169.254.169.254/latest".to_owned(),
            "https://[::1]/".to_owned(), "https://[::ffff:127.0.0.1]/".to_owned(), format!("https://localhost:{port}/"),
            "https://example.com/".to_owned(), "https://api.example.com:8443/".to_owned(), "https://api.example.com.evil.test/".to_owned(),
        ] {
            let denied = act(&acme, "fetch", &url).await.problem(500, "plugin-failed");
            assert_eq!(denied["errors"][0]["outcome"], "denied", "{url}");
            act(&acme, "kept", "").await.expect(200);
        }
        for (url, answer) in [
            ("http://api.example.com/", "Error::Invalid(\"the address must begin with https://\")"),
            ("https://user:word@api.example.com/", "Error::Invalid(\"the address must not hold a user name or a password\")"),
            ("api.example.com", "Error::Invalid(\"the url is no address; write one that begins with https://\")"),
            ("https://home.example.com/", "Error::Refused"),
            (&format!("https://home.example.com:{port}/"), "Error::Refused"),
            ("https://mapped.example.com/", "Error::Refused"),
            ("https://link.example.com/", "Error::Refused"),
        ] {
            assert_eq!(said(&acme, "fetch", url).await, answer, "{url}");
        }
        assert_eq!(home.asked(), 0);
        app.end().await;
    }

    async fn what_may_be_fetched_comes_back_within_bounds(store: &Store) {
        let folder = Folder::new();
        let data = folder.catalogue().parent().unwrap().to_path_buf();
        let app = TestApp::start_with(store, move |config| {
            config.data.folder = data;
            config.outbound.names.insert("peer.test".to_owned(), "127.0.0.1".parse().unwrap());
            config.outbound.networks_allowed = vec!["127.0.0.0/8".parse().unwrap()];
            config.outbound.plain_http_allowed = true;
        })
        .await;
        let acme = app.tenant("acme").await;
        let good = Peer::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
        let away = Peer::start("HTTP/1.1 302 Found\r\nlocation: http://peer.test:9/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let broken = Peer::start("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let large = Peer::start(LARGE.as_str());
        let peers = [&good, &away, &broken, &large];
        let hosts: Vec<String> = peers.iter().map(|peer| format!("\"peer.test:{}\"", peer.0.port())).collect();
        bring(&acme, &folder, &hosts.join(", ")).await;
        let url = |peer: &Peer| format!("http://peer.test:{}/", peer.0.port());
        assert_eq!(said(&acme, "fetch", &url(&good)).await, "200 hi");
        assert_eq!(said(&acme, "fetch", &format!("POST {}", url(&good))).await, "200 hi");
        assert_eq!(good.asked(), 2);
        assert_eq!(said(&acme, "fetch", &url(&away)).await, "302 ", "a redirect is an answer and leads nowhere");
        assert_eq!(said(&acme, "fetch", &url(&large)).await, "Error::TooLarge");
        let many = said(&acme, "fetch-many", &url(&good)).await;
        assert_eq!((many.matches("200 hi").count(), many.matches("Error::TooMany").count()), (8, 12), "{many}");
        // Five failures in a row, and the host is left alone for a minute.
        for _ in 0..5 {
            assert_eq!(said(&acme, "fetch", &url(&broken)).await, "503 ");
        }
        assert_eq!(said(&acme, "fetch", &url(&broken)).await, "Error::OpenCircuit");
        assert_eq!(broken.asked(), 5);
        store.clock.advance(Duration::from_secs(61));
        assert_eq!(said(&acme, "fetch", &url(&broken)).await, "503 ");
        assert_eq!(said(&acme, "fetch", &url(&broken)).await, "Error::OpenCircuit", "one try, and it failed");
        app.end().await;
    }
}

/// An answer of two megabytes.
static LARGE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    format!("HTTP/1.1 200 OK\r\ncontent-length: 2097152\r\nconnection: close\r\n\r\n{}", "x".repeat(2_097_152))
});
