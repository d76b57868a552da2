//! A price in a real browser, without a script: looked at, taken over, and what a second plugin on the hook means before it takes part.

use serde_json::json;

use super::browser::{Driver, LAPTOP, NARROW, Page};
use super::{PASSWORD, example, import};
use crate::http::{Folder, start_in, tariff};
use crate::parcel::Parcel;
use crate::storage::{On, Store, run};
use roro::access::Role;

async fn from_order_to_price_and_back(page: &Page, address: &str, order: &str) {
    page.open(&format!("{address}/orders/{order}")).await;
    page.link("Price by the firm's plugins").await;
    page.has("Handling: 3 vehicles at 20000 JPY.").await;
    page.has("The total would go from").await;
    page.picture("80-price", true).await;
    page.size(NARROW, true).await;
    page.fits(NARROW.0).await;
    page.picture("81-price-narrow", true).await;
    page.size(LAPTOP, false).await;
    page.dark(true).await;
    page.picture("81-price-dark", true).await;
    page.dark(false).await;
    page.click("form.settings button").await;
    page.has("The price stands in the order").await;
    page.picture("82-price-taken", true).await;
    page.link("Price by the firm's plugins").await;
    page.has("Every charge is in the order already.").await;
}

async fn walk(store: &Store) {
    let folder = Folder::new();
    let app = start_in(store, &folder).await;
    let program = app.tenant("acme").await;
    let operator = roro::access::operator(&store.ctx, "acme").await.unwrap();
    store.user(&operator, "ada@acme.example", Role::Admin).await;
    let settings = json!({ "currency": "JPY", "freight_per_m3": "12000", "handling": "20000" });
    tariff(&program, &folder, Parcel::freight_tariff("1.0.0"), "freight-tariff", &settings).await;
    let mut file = example("yokohama-mombasa", 417);
    file["order"].as_object_mut().unwrap().remove("agreed_total");
    let order = import(&program, &file).await;
    let driver = Driver::start();
    let page = driver.browser().await;
    page.size(LAPTOP, false).await;
    page.dark(false).await;
    let address = program.address().to_owned();
    page.open(&format!("{address}/orders")).await;
    for (field, text) in [("#firm", "acme"), ("#email", "ada@acme.example"), ("#password", PASSWORD)] {
        page.fill(field, text).await;
    }
    page.click("main button[type=submit]").await;
    page.leads_to("/orders").await;
    from_order_to_price_and_back(&page, &address, &order).await;
    // A second plugin that prices: how its lines and the other's come together is said before it takes part.
    let second = Parcel::freight_tariff_as("freight").offer(&folder.catalogue(), &[&crate::parcel::key(1)]);
    program.post("/v1/plugins", &json!({ "digest": second })).await.expect(201);
    let body = json!({ "settings": { "currency": "JPY", "handling": "1" }, "grants": ["config"] });
    program.post("/v1/plugins/freight/releases", &body).await.expect(201);
    page.open(&format!("{address}/plugins/freight")).await;
    page.has("freight-tariff").await;
    page.picture("83-plugin-beside", true).await;
    drop(page);
    drop(driver);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_is_looked_at_and_taken_over_without_a_script() {
    fn test(store: &Store) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(walk(store))
    }
    run(On::Sqlite, test).await;
}
