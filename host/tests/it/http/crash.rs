//! `kill -9` while 200 clients import: what was acknowledged is there, once, and a retry with the same key gets the stored answer. This is
//! a crash of the process; a loss of power is another matter, for which the database forces every commit to the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use ureq::http::Method;

use super::orders::order;
use super::program::{Folder, Process, tenant};
use super::{Client, Reply};
use crate::storage::{Store, on_both};

const CLIENTS: usize = 200;
/// After so many acknowledged imports the process is killed.
const BEFORE: usize = 40;

async fn import(client: &Client, number: usize) -> Result<Reply, ureq::Error> {
    client.ask(&Method::POST, "/v1/orders/import").key(&format!("key-{number}")).json(&order(number)).try_send().await
}

/// The id of every order by its reference; fails when a reference comes twice.
async fn orders(client: &Client) -> BTreeMap<String, String> {
    let (mut found, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/orders?limit=150{after}")).await.expect(200).json();
        for one in page["items"].as_array().unwrap() {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            assert_eq!(found.insert(text("reference"), text("id")), None, "an order is there twice");
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

on_both! {
    async fn what_was_acknowledged_before_a_crash_is_there_once(store: &Store) {
        let folder = Folder::new();
        let database = ["--database", store.settings.url.as_str()];
        let token = tenant(&folder, &database);
        let server = Process::start(&folder, &database);
        let client = server.client(&token);
        let (answered, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let running: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (client, answered, enough) = (client.clone(), Arc::clone(&answered), Arc::clone(&enough));
                tokio::spawn(async move {
                    let reply = import(&client, number).await;
                    if reply.is_ok() && answered.fetch_add(1, Ordering::SeqCst) + 1 == BEFORE {
                        enough.notify_one();
                    }
                    reply.map(|reply| reply.expect(201))
                })
            })
            .collect();
        enough.notified().await;
        server.kill();

        let mut acknowledged: BTreeMap<usize, Reply> = BTreeMap::new();
        for (number, task) in running.into_iter().enumerate() {
            if let Ok(reply) = task.await.unwrap() {
                acknowledged.insert(number, reply);
            }
        }
        assert!((BEFORE..CLIENTS).contains(&acknowledged.len()), "{} were acknowledged: nothing was cut", acknowledged.len());

        let server = Process::start(&folder, &database);
        let client = server.client(&token);
        let kept = orders(&client).await;
        for (number, reply) in &acknowledged {
            assert_eq!(kept.get(&format!("HM-T-{number}")), Some(&reply.id()), "order {number} was acknowledged and is not there");
        }

        for number in 0..CLIENTS {
            let again = import(&client, number).await.unwrap().expect(201);
            let stored = kept.contains_key(&format!("HM-T-{number}"));
            assert_eq!(again.header("idempotent-replayed"), stored.to_string(), "order {number}");
            if let Some(first) = acknowledged.get(&number) {
                assert_eq!(again.body, first.body, "the retry of order {number} got another answer");
            }
        }
        let all = orders(&client).await;
        let ids: BTreeSet<&String> = all.values().collect();
        assert_eq!((all.len(), ids.len()), (CLIENTS, CLIENTS));
        assert_eq!(server.end(), Some(0));
    }
}
