//! The pages for other systems in a real browser, without a script: the description of the API, webhooks, and what a plugin used.

use std::future::Future;

use serde_json::json;

use super::browser::{Driver, LAPTOP, NARROW, PHONE, Page};
use super::{PASSWORD, example, import};
use crate::http::{Folder, start_in};
use crate::parcel::{Parcel, key};
use crate::storage::{On, Store, run};
use roro::access::Role;

/// A page for other eyes: in the dark, on a phone, in Chinese. None scrolls sideways.
async fn other_eyes(page: &Page, name: &str, address: &str) {
    page.open(address).await;
    page.picture(name, true).await;
    page.dark(true).await;
    page.picture(&format!("{name}-dark"), false).await;
    page.dark(false).await;
    for (size, of) in [(NARROW, "narrow"), (PHONE, "phone")] {
        page.size(size, true).await;
        page.open(address).await;
        page.fits(size.0).await;
        page.picture(&format!("{name}-{of}"), of == "narrow").await;
    }
    page.size(LAPTOP, false).await;
    page.open(address).await;
    page.click("button[name=language][value=zh]").await;
    page.has("规则包").await;
    page.picture(&format!("{name}-chinese"), false).await;
    page.click("button[name=language][value=en]").await;
}

async fn webhooks(page: &Page, address: &str) {
    page.open(&format!("{address}/webhooks")).await;
    page.has("No webhooks yet").await;
    page.picture("70-webhooks-none", true).await;
    page.fill("#url", "https://books.invalid/roro").await;
    page.fill("#description", "The books").await;
    page.click("#kind-4").await;
    page.click(".settings > button").await;
    page.has("The secret").await;
    page.picture("71-webhook-secret", true).await;
    page.link("Webhooks").await;
    page.has("https://books.invalid/roro").await;
    page.link("https://books.invalid/roro").await;
    page.click(".step form:nth-of-type(1) button").await;
    page.has("It is in line").await;
    page.picture("72-webhook-sent", true).await;
}

async fn walk(store: &Store) {
    let folder = Folder::new();
    let app = start_in(store, &folder).await;
    let program = app.tenant("acme").await;
    let operator = roro::access::operator(&store.ctx, "acme").await.unwrap();
    store.user(&operator, "ada@acme.example", Role::Admin).await;
    let public = key(1).public().to_string();
    program.post("/v1/plugin-keys", &json!({ "name": "Acme Tools", "public_key": public })).await.expect(201);
    let digest = Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
    program.post("/v1/plugins", &json!({ "digest": digest })).await.expect(201);
    let release = json!({ "settings": { "price_limit": "99000000" }, "grants": ["config"] });
    let release = program.post("/v1/plugins/price-guard/releases", &release).await.expect(201).id();
    program.post("/v1/plugins/price-guard/activate", &json!({ "release": release })).await.expect(200);
    let order = import(&program, &example("yokohama-mombasa", 417)).await;
    program.post(&format!("/v1/orders/{order}/documents"), &json!({})).await;

    let driver = Driver::start();
    let page = driver.browser().await;
    page.size(LAPTOP, false).await;
    page.dark(false).await;
    let address = program.address().to_owned();
    // Whoever is not signed in reads the description too.
    page.open(&format!("{address}/docs")).await;
    page.has("/v1/orders/{id}/documents").await;
    page.link("orders").await;
    page.has("Shapes").await;
    page.open(&format!("{address}/webhooks")).await;
    for (field, text) in [("#firm", "acme"), ("#email", "ada@acme.example"), ("#password", PASSWORD)] {
        page.fill(field, text).await;
    }
    page.click("main button[type=submit]").await;
    page.leads_to("/webhooks").await;
    webhooks(&page, &address).await;
    let webhook = page.path().await;
    for (name, path) in [
        ("73-webhook", webhook.as_str()),
        ("74-docs", "/docs"),
        ("75-docs-plugins", "/docs/plugins"),
        ("76-plugin-usage", "/plugins/price-guard"),
    ] {
        other_eyes(&page, name, &format!("{address}{path}")).await;
    }
    page.open(&format!("{address}/docs/orders#post-orders-id-documents")).await;
    page.picture("77-docs-operation", false).await;
    drop(page);
    drop(driver);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_connects_another_system_without_a_script() {
    fn test(store: &Store) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(walk(store))
    }
    run(On::Sqlite, test).await;
}
