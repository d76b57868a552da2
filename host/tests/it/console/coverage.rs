//! Every page and form: without a session it leads to the sign-in page, and a firm never sees what is another firm's. A route that has no
//! case here fails the first test.

use std::collections::BTreeSet;

use serde_json::json;
use ureq::http::Method;

use super::{Visitor, click, encode, example, hidden, import};
use crate::http::{Folder, Reply, TestApp, follow_ups, start_in};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};
use roro::access::Role;
use roro::console::operations;

/// Who may see a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Everybody: it shows nothing of a firm.
    All,
    /// Whoever is signed in; of another firm there is nothing on it.
    Firm,
    /// Whoever is of the firm that has it; for others it is not there.
    Owner,
}

fn cases() -> Vec<(Method, &'static str, Open)> {
    use Open::{All, Firm, Owner};
    let (get, post) = (|| Method::GET, || Method::POST);
    vec![
        (get(), "/", Firm),
        (get(), "/sign-in", All),
        (post(), "/sign-in", All),
        (post(), "/sign-out", Firm),
        (post(), "/language", All),
        (get(), "/orders", Firm),
        (get(), "/orders/{id}", Owner),
        (post(), "/orders/{id}/documents", Owner),
        (post(), "/orders/{id}/notes", Owner),
        (get(), "/orders/{id}/price", Owner),
        (post(), "/orders/{id}/price", Owner),
        (get(), "/documents/{id}", Owner),
        (get(), "/documents/{id}/file", Owner),
        (post(), "/documents/{id}/void", Owner),
        (get(), "/search", Firm),
        (get(), "/packs", Firm),
        (get(), "/packs/{id}", Firm),
        (get(), "/plugins", Firm),
        (get(), "/plugins/install", Firm),
        (post(), "/plugins/install", Firm),
        (get(), "/plugins/keys", Firm),
        (post(), "/plugins/keys", Firm),
        (post(), "/plugins/keys/{id}/revoke", Owner),
        (get(), "/plugins/{name}", Owner),
        (post(), "/plugins/{name}/releases", Owner),
        (get(), "/plugins/{name}/releases/{id}/trial", Owner),
        (post(), "/plugins/{name}/activate", Owner),
        (post(), "/plugins/{name}/roll-back", Owner),
        (post(), "/plugins/{name}/suspend", Owner),
        (post(), "/plugins/{name}/resume", Owner),
        (post(), "/plugins/{name}/uninstall", Owner),
        (get(), "/apps", Firm),
        (get(), "/apps/{id}", Owner),
        (get(), "/apps/{id}/actions/{action}", Owner),
        (post(), "/apps/{id}/actions/{action}", Owner),
        (get(), "/webhooks", Firm),
        (post(), "/webhooks", Firm),
        (get(), "/webhooks/{id}", Owner),
        (post(), "/webhooks/{id}/suspend", Owner),
        (post(), "/webhooks/{id}/resume", Owner),
        (post(), "/webhooks/{id}/rotate", Owner),
        (post(), "/webhooks/{id}/test", Owner),
        (post(), "/webhooks/{id}/end", Owner),
        (post(), "/webhook-deliveries/{id}/resend", Owner),
        (get(), "/docs", All),
        (get(), "/docs/{noun}", All),
        (get(), "/assets/{file}", All),
    ]
}

struct Things {
    order: String,
    document: String,
    vehicle: String,
    webhook: String,
    delivery: String,
    /// The id of a key, and of a release that it has signed.
    key: String,
    release: String,
}

impl Things {
    fn path(&self, path: &str) -> String {
        let id = match path.split('/').nth(1).unwrap() {
            "documents" => &self.document,
            "packs" => "ke",
            "apps" => "follow-ups",
            "webhooks" => &self.webhook,
            "webhook-deliveries" => &self.delivery,
            "plugins" if path.ends_with("/trial") => &self.release,
            "plugins" => &self.key,
            _ => &self.order,
        };
        let query = if path == "/search" { format!("?q={}", self.vehicle) } else { String::new() };
        let named = [("{action}", "add"), ("{name}", "price-guard"), ("{noun}", "orders"), ("{file}", "console.css")];
        named.iter().fold(path.replace("{id}", id), |path, (name, value)| path.replace(name, value)) + &query
    }

    /// Fails when a reply names anything of the firm that was not in the question.
    fn are_not_in(&self, reply: &Reply, what: &str) {
        let path = what.split_once(' ').unwrap().1;
        let text = reply.text().replace(path, "");
        for thing in
            [&self.document, &self.webhook, &self.delivery, &self.key, &self.release, &"HM-T-1".to_owned(), &"Savanna".to_owned()]
        {
            assert!(!text.contains(thing.as_str()), "{what} tells {thing}: {text}");
        }
    }
}

async fn send(visitor: &Visitor, method: &Method, path: &str, csrf: &str) -> Reply {
    if method == Method::GET {
        return visitor.get(path).await;
    }
    let of_plugins = [("seen", "x"), ("digest", "00"), ("package", "00"), ("webhook", "whk_00000000000000000000000000")];
    let form = [
        ("csrf", csrf),
        ("key", "k"),
        ("text", "not theirs"),
        ("version", "1"),
        ("revision", "1"),
        ("reason", "not theirs to say"),
        ("sha256", "00"),
    ];
    let form: Vec<(&str, &str)> = form.into_iter().chain(of_plugins).collect();
    visitor.post(path, &form).await
}

#[test]
fn every_page_has_a_case() {
    let named = |method: &Method, path: &str| format!("{method} {path}");
    let served: BTreeSet<String> = operations().iter().map(|(method, path)| named(method, path)).collect();
    let tried: BTreeSet<String> = cases().iter().map(|(method, path, _)| named(method, path)).collect();
    assert_eq!(served, tried);
}

on_both! {
    async fn without_a_session_there_is_only_the_way_to_sign_in(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let things = things(&app, store, &folder).await;
        let forged = Visitor::new(&app);
        let value = "roro_ten_00000000000000000000000000.".to_owned() + &"0".repeat(64);
        forged.cookies.lock().unwrap().insert("__Host-roro".to_owned(), value);
        let odd = Visitor::new(&app);
        odd.cookies.lock().unwrap().insert("__Host-roro".to_owned(), "x".to_owned());
        for (method, path, open) in cases() {
            for stranger in [&Visitor::new(&app), &forged, &odd] {
                let path = things.path(path);
                let what = format!("{method} {path}");
                let reply = send(stranger, &method, &path, "x").await;
                things.are_not_in(&reply, &what);
                let location = reply.header("location").to_owned();
                match (open, path.as_str()) {
                    (Open::All, _) => assert!(!location.starts_with("/sign-in"), "{what}"),
                    (_, "/") => assert_eq!(location, "/orders", "{what}"),
                    _ => {
                        assert_eq!(reply.status, 303, "{what}");
                        let back = if method == Method::GET && path != "/orders" { format!("?next={}", encode(&path)) } else { String::new() };
                        assert_eq!(location, format!("/sign-in{back}"), "{what}");
                    }
                }
            }
        }
        app.end().await;
    }

    async fn a_firm_never_sees_what_is_another_firms(store: &Store) {
        let folder = Folder::new();
        let app = start_in(store, &folder).await;
        let things = things(&app, store, &folder).await;
        let program = app.tenant("bolt").await;
        let bolt = Visitor::signed_in(&app, store, "bolt", Role::Admin).await;
        let csrf = hidden(&bolt.get("/orders").await.expect(200).text(), "csrf");
        // Signing out comes last.
        let mut cases = cases();
        cases.sort_by_key(|(_, path, _)| *path == "/sign-out");
        for (method, path, open) in cases {
            let path = things.path(path);
                let what = format!("{method} {path}");
            let reply = send(&bolt, &method, &path, &csrf).await;
            things.are_not_in(&reply, &what);
            match open {
                Open::Owner => assert_eq!(reply.status, 404, "{what}"),
                Open::All | Open::Firm => assert!(reply.status < 500, "{what}: {}", reply.status),
            }
        }
        drop(program);
        app.end().await;
    }
}

/// What the first firm has: an order with its documents, and a plugin with a release.
async fn things(app: &TestApp<'_>, store: &Store, folder: &Folder) -> Things {
    let program = app.tenant("acme").await;
    let clerk = Visitor::signed_in(app, store, "acme", Role::Clerk).await;
    let file = example("yokohama-mombasa", 1);
    let order = import(&program, &file).await;
    click(&clerk, &order).await.expect(303);
    let listed = program.get(&format!("/v1/orders/{order}/documents")).await.expect(200).json();
    let document = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let vehicle = file["vehicles"][0]["identity"]["number"].as_str().unwrap().to_owned();
    let trusted = json!({ "name": "Price signer", "public_key": key(1).public().to_string() });
    let trusted = program.post("/v1/plugin-keys", &trusted).await.expect(201).id();
    let digest = Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
    program.post("/v1/plugins", &json!({ "digest": digest })).await.expect(201);
    follow_ups(&program, folder, &["config", "records", "orders", "events"]).await;
    let release = json!({ "settings": { "price_limit": "1" }, "grants": ["config"] });
    let release = program.post("/v1/plugins/price-guard/releases", &release).await.expect(201).id();
    let webhook = json!({ "url": "https://roro.invalid/hook" });
    let webhook = program.post("/v1/webhooks", &webhook).await.expect(201).id();
    let delivery = program.ask(&Method::POST, &format!("/v1/webhooks/{webhook}/test")).send().await.expect(202).id();
    Things { order, document, vehicle, webhook, delivery, key: trusted, release }
}
