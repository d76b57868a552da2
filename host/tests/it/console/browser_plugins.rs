//! The pages for plugins in a real browser, without a script: from the offer to going back, and how they look to other eyes.

use std::future::Future;

use serde_json::json;

use super::browser::{Driver, LAPTOP, NARROW, PHONE, Page};
use super::{PASSWORD, example, import};
use crate::http::{Folder, priced, start_in};
use crate::parcel::{Parcel, key};
use crate::storage::{On, Store, run};
use roro::access::Role;

async fn from_offer_to_release(page: &Page, address: &str) {
    page.open(&format!("{address}/plugins")).await;
    page.has("No plugins yet").await;
    page.picture("50-plugins-none", true).await;
    page.fill("#key-name", "Acme Tools").await;
    page.fill("#public-key", "roro-public-key-1:AAAA").await;
    page.click(".small-form button").await;
    page.has("The key is not whole").await;
    page.picture("51-plugins-key-wrong", true).await;
    page.click("td.acts button").await;
    page.has("Nothing was done.").await;
    page.picture("52-plugins-refused", true).await;
    page.fill("#key-name", "Acme Tools").await;
    page.fill("#public-key", &key(1).public().to_string()).await;
    page.click(".small-form button").await;
    page.has("The key is trusted").await;
    page.click("td.acts button").await;
    page.has("The package is here").await;
    page.picture("53-plugin-new", true).await;
    page.fill("#setting-price_limit", "two million").await;
    page.click(".settings > button").await;
    page.has("No release was made").await;
    page.picture("54-plugin-setting-wrong", true).await;
    page.fill("#setting-price_limit", "1800000").await;
    page.click("#grant-config").await;
    page.click(".settings > button").await;
    page.has("Release 1 is made").await;
    page.picture("55-plugin-made", true).await;
    page.click(".step button.primary").await;
    page.has("Release 1 takes part").await;
}

async fn forth_and_back(page: &Page) {
    page.fill("#setting-price_limit", "1500000").await;
    page.click("#setting-mode option[value=warn]").await;
    page.click(".settings > button").await;
    page.has("What release 2 changes:").await;
    page.picture("56-plugin-changes", true).await;
    trial(page).await;
    page.click(".step button.primary").await;
    page.has("Release 2 takes part").await;
    page.click(".fold summary").await;
    page.picture("57-plugin-back", false).await;
    page.click(".fold details[open] button").await;
    page.has("Release 1 takes part again").await;
    page.click(".fold:nth-of-type(2) summary").await;
    page.fill("#reason", "The limit is being looked at.").await;
    page.picture("58-plugin-suspending", false).await;
    page.click(".fold details[open] button").await;
    page.has("The plugin is suspended").await;
    page.picture("59-plugin-suspended-whole", true).await;
    page.click(".step button").await;
    page.has("The plugin goes on with release 1").await;
}

/// From the next step to what the release would have changed, and back; the page in other eyes too.
async fn trial(page: &Page) {
    page.click(".step form[method=get] button").await;
    page.has("Of 4 past orders, release 2 would change 3: 0 more would be stopped, 2 set free. Nothing was changed.").await;
    page.picture("63-trial", true).await;
    page.dark(true).await;
    page.picture("63-trial-dark", true).await;
    page.dark(false).await;
    page.size(NARROW, true).await;
    page.fits(NARROW.0).await;
    page.picture("63-trial-narrow", true).await;
    page.size(LAPTOP, false).await;
    page.click("button[name=language][value=zh]").await;
    page.has("未做任何更改").await;
    page.picture("63-trial-chinese", true).await;
    page.click("button[name=language][value=en]").await;
    page.has("Nothing was changed.").await;
    page.click(".after a").await;
    page.has("What release 2 changes:").await;
}

/// The same pages in the dark, on a phone, in Chinese. None scrolls sideways.
async fn other_eyes(page: &Page, address: &str) {
    let paths = [("plugins", "/plugins"), ("plugin", "/plugins/price-guard"), ("refused", "/plugins/price-guard?package=00")];
    page.dark(true).await;
    for (name, path) in paths {
        page.open(&format!("{address}{path}")).await;
        page.picture(&format!("60-dark-{name}"), true).await;
    }
    page.dark(false).await;
    for (name, path) in paths {
        page.size(NARROW, true).await;
        page.open(&format!("{address}{path}")).await;
        page.fits(NARROW.0).await;
        page.picture(&format!("61-narrow-{name}"), true).await;
        page.size(PHONE, true).await;
        page.fits(PHONE.0).await;
    }
    page.size(LAPTOP, false).await;
    page.open(&format!("{address}/plugins")).await;
    page.click("button[name=language][value=zh]").await;
    page.has("受信任的密钥").await;
    for (name, path) in paths {
        page.open(&format!("{address}{path}")).await;
        page.picture(&format!("62-chinese-{name}"), true).await;
    }
}

async fn walk(store: &Store) {
    let folder = Folder::new();
    let app = start_in(store, &folder).await;
    let program = app.tenant("acme").await;
    let operator = roro::access::operator(&store.ctx, "acme").await.unwrap();
    store.user(&operator, "ada@acme.example", Role::Admin).await;
    let mut orders = vec![import(&program, &example("yokohama-mombasa", 417)).await];
    for (number, price) in [(418, 1_000_000), (419, 1_600_000), (420, 2_500_000)] {
        orders.push(import(&program, &priced(number, price)).await);
    }
    Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
    let driver = Driver::start();
    let page = driver.browser().await;
    page.size(LAPTOP, false).await;
    page.dark(false).await;
    let address = program.address().to_owned();
    page.open(&format!("{address}/plugins")).await;
    page.leads_to("/sign-in?next=%2Fplugins").await;
    for (field, text) in [("#firm", "acme"), ("#email", "ada@acme.example"), ("#password", PASSWORD)] {
        page.fill(field, text).await;
    }
    page.click("main button[type=submit]").await;
    page.leads_to("/plugins").await;
    from_offer_to_release(&page, &address).await;
    // Past orders, of which the release that takes part stops two.
    for order in &orders {
        program.post(&format!("/v1/orders/{order}/documents"), &json!({})).await;
    }
    forth_and_back(&page).await;
    other_eyes(&page, &address).await;
    drop(page);
    drop(driver);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_goes_from_the_offer_to_going_back_without_a_script() {
    fn test(store: &Store) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(walk(store))
    }
    run(On::Sqlite, test).await;
}
