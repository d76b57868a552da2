//! Prices: plugins say what an order costs, lines add up, somebody takes it over, and nobody gets another price than they saw.

use serde_json::{Value, json};
use ureq::http::Method;

use super::orders::{click, import, order};
use super::plugin_life::{Folder, activate, install, release, start, trust};
use super::{Client, Reply};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};
use crate::support;
use roro::access::Role;

/// A price plugin that takes part with these settings.
pub(crate) async fn tariff(client: &Client, folder: &Folder, parcel: Parcel, name: &str, settings: &Value) -> String {
    let digest = parcel.offer(&folder.catalogue(), &[&key(1)]);
    trust(client, 1).await;
    install(client, &digest).await;
    let made = release(client, name, &json!({ "settings": settings, "grants": ["config"] })).await.expect(201).id();
    activate(client, name, &made).await.expect(200);
    made
}

async fn price(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/orders/{id}/price")).await.expect(200).json()
}

async fn take(client: &Client, id: &str, price: &Value) -> Reply {
    client.post(&format!("/v1/orders/{id}/price"), &json!({ "version": price["version"], "sha256": price["sha256"] })).await
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|one| one[field].as_str().unwrap()).collect()
}

on_both! {
    async fn a_price_is_seen_taken_over_and_then_changes_nothing(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        // Three cars on CFR in yen: freight 432 000, other charges 54 000, an agreed total that a new price would not have.
        let mut file = order(1);
        file["order"].as_object_mut().unwrap().remove("agreed_total");
        let id = import(&acme, "k-1", &file).await.expect(201).id();
        let nobody = price(&acme, &id).await;
        assert_eq!((&nobody["lines"], &nobody["plugins"], &nobody["can_be_taken"]), (&json!([]), &json!([]), &json!(false)));
        take(&acme, &id, &nobody).await.problem(409, "conflict");

        let settings = json!({ "currency": "JPY", "freight_per_m3": "12000", "handling": "20000.4" });
        let wide = tariff(&acme, &folder, Parcel::freight_tariff("1.0.0"), "freight-tariff", &settings).await;
        let seen = price(&acme, &id).await;
        assert_eq!(texts(&seen["lines"], "rule"), ["FREIGHT-TARIFF-01", "FREIGHT-TARIFF-03"], "{seen}");
        // 20 000.4 yen a vehicle are rounded once, at the end of the line.
        assert_eq!(seen["lines"][1]["amount"], json!({ "amount": "60001", "currency": "JPY" }));
        assert_eq!(seen["lines"][1]["says"]["en"], "Handling: 3 vehicles at 20000.4 JPY.");
        assert_eq!(seen["lines"][0]["plugin"], "freight-tariff 1.0.0");
        let charges = &seen["charges"];
        assert_eq!(texts(charges, "charge"), ["freight", "other"]);
        assert_eq!((&charges[0]["was"]["amount"], &charges[1]["was"]["amount"]), (&json!("432000"), &json!("54000")));
        assert_eq!((&seen["plugins"][0]["release"], &seen["plugins"][0]["hook"]), (&json!(wide), &json!("pricing")));
        let number = |money: &Value| money["amount"].as_str().unwrap().parse::<i64>().unwrap();
        let moved = number(&charges[0]["becomes"]) - 432_000 + number(&charges[1]["becomes"]) - 54_000;
        assert_eq!(number(&seen["becomes"]), number(&seen["total"]) + moved);
        // Looking changes nothing, and gives the same.
        assert_eq!(price(&acme, &id).await, seen);
        assert_eq!(acme.get(&format!("/v1/orders/{id}")).await.expect(200).json()["version"], 1);

        // Not what was seen, not by whoever may only look, not by another firm.
        take(&acme, &id, &json!({ "version": 1, "sha256": "0".repeat(64) })).await.problem(409, "moved");
        let viewer = app.as_role("acme", Role::Viewer).await;
        take(&viewer, &id, &seen).await.problem(403, "forbidden");
        bolt.get(&format!("/v1/orders/{id}/price")).await.problem(404, "not-found");
        take(&bolt, &id, &seen).await.problem(404, "not-found");

        let body = json!({ "version": 1, "sha256": seen["sha256"] });
        let keyed = || acme.ask(&Method::POST, &format!("/v1/orders/{id}/price")).key("t-1").json(&body);
        let taken = keyed().send().await.expect(200).json();
        assert_eq!((&taken["version"], &taken["total"]), (&json!(2), &seen["becomes"]));
        assert_eq!(taken["file"]["order"]["freight"], charges[0]["becomes"]["amount"]);
        assert_eq!(taken["file"]["order"]["other_charges"], "60001");
        assert_eq!(keyed().send().await.expect(200).json(), taken, "twice under one key");

        let again = price(&acme, &id).await;
        assert_eq!((&again["can_be_taken"], &again["total"]), (&json!(false), &again["becomes"]));
        take(&acme, &id, &again).await.problem(409, "conflict");
        take(&acme, &id, &seen).await.problem(409, "moved");

        // One query from the order to the call that priced it.
        let runs = acme.get(&format!("/v1/orders/{id}/hook-runs")).await.expect(200).json();
        let run = runs["items"].as_array().unwrap().iter().find(|run| run["hook"] == "pricing").unwrap_or_else(|| panic!("{runs}"));
        assert_eq!((&run["plugin"], &run["outcome"], &run["order_version"]), (&json!("freight-tariff"), &json!("done"), &json!(1)));
    }
}

on_both! {
    async fn lines_of_several_plugins_add_up_and_a_stop_stops(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let mut file = order(1);
        file["order"].as_object_mut().unwrap().remove("agreed_total");
        let id = import(&acme, "k-1", &file).await.expect(201).id();
        tariff(&acme, &folder, Parcel::freight_tariff("1.0.0"), "freight-tariff", &json!({ "currency": "JPY", "handling": "20000" })).await;
        let first = price(&acme, &id).await;

        // Another plugin comes: what was seen before is not what would be taken.
        let other = Parcel::freight_tariff_as("freight");
        let dollars = json!({ "currency": "USD", "handling": "1" });
        tariff(&acme, &folder, other, "freight", &dollars).await;
        take(&acme, &id, &first).await.problem(409, "moved");
        // Its rules begin with its own name, and with the other's too, whose they are: that is refused, not believed.
        let seen = price(&acme, &id).await;
        assert_eq!(texts(&seen["findings"], "rule"), ["HOST-PLUGIN-01"], "{seen}");
        assert_eq!(seen["findings"][0]["parameters"].as_array().unwrap().iter().find(|one| one["name"] == "code").unwrap()["value"], "bad-output");
        assert_eq!((texts(&seen["lines"], "plugin"), &seen["can_be_taken"]), (vec!["freight-tariff 1.0.0"], &json!(false)));
        take(&acme, &id, &seen).await.problem(409, "conflict");

        // An order in another currency: the plugin's own finding stops the price, and says what to do.
        acme.post("/v1/plugins/freight/suspend", &json!({ "reason": "wrong" })).await.expect(200);
        let other = support::example_json("tianjin-mombasa");
        let dollars = import(&acme, "k-2", &other).await.expect(201).id();
        let seen = price(&acme, &dollars).await;
        assert_eq!(texts(&seen["findings"], "rule"), ["FREIGHT-TARIFF-04"], "{seen}");
        assert_eq!((&seen["can_be_taken"], &seen["lines"]), (&json!(false), &json!([])));
    }
}

on_both! {
    async fn a_trial_tells_what_another_tariff_would_bring(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let settings = |handling: &str| json!({ "currency": "JPY", "handling": handling });
        tariff(&acme, &folder, Parcel::freight_tariff("1.0.0"), "freight-tariff", &settings("20000")).await;
        for number in 1..=2 {
            let id = import(&acme, &format!("k-{number}"), &order(number)).await.expect(201).id();
            click(&acme, &id).await;
        }
        let dearer = release(&acme, "freight-tariff", &json!({ "settings": settings("25000"), "grants": ["config"] })).await;
        let trial = acme.post("/v1/plugins/freight-tariff/trials", &json!({ "release": dearer.expect(201).id() })).await.expect(200).json();
        assert_eq!((&trial["orders"], &trial["changed"], &trial["stopped"]), (&json!(2), &json!(2), &json!(0)), "{trial}");
        let money = &trial["money"][0];
        assert_eq!((&money["priced_today"]["amount"], &money["priced_then"]["amount"]), (&json!("120000"), &json!("150000")));
        let change = &trial["changes"][0];
        assert_eq!(change["lines_added"][0]["amount"]["amount"], "75000");
        assert_eq!(change["lines_removed"][0]["amount"]["amount"], "60000");
        assert_eq!((&change["added"], &change["removed"]), (&json!([]), &json!([])));
    }
}

/// What the plugin's page says of those who are asked beside it.
async fn beside(client: &Client, plugin: &str) -> Value {
    client.get(&format!("/v1/plugins/{plugin}")).await.expect(200).json()["beside"].clone()
}

on_both! {
    async fn who_else_is_asked_is_told_before_a_second_tariff_takes_part(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        let told = |order: &[&str], others: &[&str]| {
            let shared = if others.is_empty() { json!([]) } else { json!([{ "effect": "charge", "plugins": others }]) };
            json!([{ "hook": "pricing", "merge": "sum", "order": order, "shared": shared }])
        };
        let settings = json!({ "currency": "JPY", "handling": "20000" });
        tariff(&acme, &folder, Parcel::freight_tariff("1.0.0"), "freight-tariff", &settings).await;
        assert_eq!(beside(&acme, "freight-tariff").await, told(&["freight-tariff"], &[]));

        // Brought in, and told before there is so much as a release of it; whoever takes part already is not told of it yet.
        let digest = Parcel::freight_tariff_as("freight").offer(&folder.catalogue(), &[&key(1)]);
        install(&acme, &digest).await.expect(201);
        assert_eq!(beside(&acme, "freight").await, told(&["freight", "freight-tariff"], &["freight-tariff"]));
        assert_eq!(beside(&acme, "freight-tariff").await, told(&["freight-tariff"], &[]));
        // Another firm has its own.
        trust(&bolt, 1).await;
        install(&bolt, &digest).await.expect(201);
        assert_eq!(beside(&bolt, "freight").await, told(&["freight"], &[]));

        let made = release(&acme, "freight", &json!({ "settings": settings, "grants": ["config"] })).await.expect(201).id();
        activate(&acme, "freight", &made).await.expect(200);
        assert_eq!(beside(&acme, "freight").await, told(&["freight", "freight-tariff"], &["freight-tariff"]));
        assert_eq!(beside(&acme, "freight-tariff").await, told(&["freight", "freight-tariff"], &["freight"]));
        // That is the order in which they are asked.
        let mut file = order(1);
        file["order"].as_object_mut().unwrap().remove("agreed_total");
        let id = import(&acme, "k-1", &file).await.expect(201).id();
        assert_eq!(texts(&price(&acme, &id).await["plugins"], "id"), ["freight", "freight-tariff"]);
        // Who is stopped is not asked.
        acme.post("/v1/plugins/freight-tariff/suspend", &json!({ "reason": "wrong" })).await.expect(200);
        assert_eq!(beside(&acme, "freight").await, told(&["freight"], &[]));
        app.end().await;
    }
}
