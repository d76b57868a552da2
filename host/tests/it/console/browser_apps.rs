//! An app in a real browser, without a script: from an order to the board and back, and how its pages look to other eyes.

use serde_json::json;

use super::browser::{Driver, LAPTOP, NARROW, PHONE, Page};
use super::{PASSWORD, example, import};
use crate::http::{Folder, follow_ups, start_in};
use crate::storage::{On, Store, run};
use roro::access::Role;

async fn from_order_to_board(page: &Page, address: &str, order: &str) {
    page.open(&format!("{address}/orders/{order}")).await;
    page.has("Do with an app").await;
    page.link("Add a follow-up").await;
    page.has("What is to be done").await;
    page.picture("70-app-form", true).await;
    page.fill("#input-what", "Book the ship").await;
    page.fill("#input-due", "01012001").await;
    page.click(".settings > button").await;
    page.has("The app refuses this").await;
    page.picture("71-app-refused", true).await;
    page.fill("#input-due", "02012099").await;
    page.click(".settings > button").await;
    page.has("Done.").await;
    page.open(&format!("{address}/apps")).await;
    page.picture("72-apps", true).await;
    page.link("Follow-ups").await;
    page.has("Book the ship").await;
    page.picture("73-app-board", true).await;
    page.click(".lane .doings li:last-child a").await;
    page.click(".settings > button").await;
    page.has("Done.").await;
    page.open(&format!("{address}/apps/follow-ups?view=list")).await;
    page.picture("74-app-table", true).await;
    page.open(&format!("{address}/orders/{order}")).await;
    page.has("Done: ").await;
    page.fill("#note-text", "The buyer pays on Monday.").await;
    page.click("#notes form button").await;
    page.has("The note is kept.").await;
    page.has("The buyer pays on Monday.").await;
    page.picture("75-order-notes", true).await;
}

/// The same pages in the dark, on a phone, in Chinese. None scrolls sideways.
async fn other_eyes(page: &Page, address: &str, order: &str) {
    let form = format!("/apps/follow-ups/actions/add?target={order}");
    let paths = [("board", "/apps/follow-ups"), ("table", "/apps/follow-ups?view=list"), ("form", form.as_str())];
    page.dark(true).await;
    page.open(&format!("{address}/apps/follow-ups")).await;
    page.picture("76-app-dark", true).await;
    page.dark(false).await;
    for (name, path) in paths {
        page.size(NARROW, true).await;
        page.open(&format!("{address}{path}")).await;
        page.fits(NARROW.0).await;
        page.picture(&format!("77-app-narrow-{name}"), true).await;
        page.size(PHONE, true).await;
        page.fits(PHONE.0).await;
    }
    page.size(LAPTOP, false).await;
    page.click("button[name=language][value=zh]").await;
    for (name, path) in paths {
        page.open(&format!("{address}{path}")).await;
        page.picture(&format!("78-app-chinese-{name}"), true).await;
    }
}

async fn walk(store: &Store) {
    let folder = Folder::new();
    let app = start_in(store, &folder).await;
    let program = app.tenant("acme").await;
    let operator = roro::access::operator(&store.ctx, "acme").await.unwrap();
    store.user(&operator, "cleo@acme.example", Role::Clerk).await;
    follow_ups(&program, &folder, &["config", "records", "orders", "events"]).await;
    let order = import(&program, &example("yokohama-mombasa", 417)).await;
    for what in ["Ask for the original of the export certificate", "Send the proforma invoice"] {
        let body = json!({ "target": order, "inputs": { "what": what, "due": "2099-01-15" } });
        program.post("/v1/apps/follow-ups/actions/add", &body).await.expect(200);
    }
    let driver = Driver::start();
    let page = driver.browser().await;
    page.size(LAPTOP, false).await;
    page.dark(false).await;
    let address = program.address().to_owned();
    page.open(&format!("{address}/apps")).await;
    for (field, text) in [("#firm", "acme"), ("#email", "cleo@acme.example"), ("#password", PASSWORD)] {
        page.fill(field, text).await;
    }
    page.click("main button[type=submit]").await;
    page.leads_to("/apps").await;
    from_order_to_board(&page, &address, &order).await;
    other_eyes(&page, &address, &order).await;
    drop(page);
    drop(driver);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_works_with_an_app_without_a_script() {
    fn test(store: &Store) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(walk(store))
    }
    run(On::Sqlite, test).await;
}
