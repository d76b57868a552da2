//! The life of a plugin over HTTP: offered, installed, released, active, rolled back, suspended, gone; and what nobody gets past.

use std::path::PathBuf;

use serde_json::{Value, json};
use ureq::http::Method;

use super::client::Asking;
use super::orders::{click, import, order};
use super::{Client, Reply, TestApp};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};
use roro::access::Role;

/// A folder of one test, gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let name = roro::kernel::rng::Rng::system().unwrap().number();
        Self(std::env::temp_dir().join(format!("roro-catalogue-{name:016x}")))
    }

    /// The data folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.0.clone()
    }

    pub(crate) fn catalogue(&self) -> PathBuf {
        self.0.join("catalogue")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

pub(crate) async fn start<'a>(store: &'a Store, folder: &Folder) -> TestApp<'a> {
    let data = folder.0.clone();
    TestApp::start_with(store, move |config| config.data.folder = data).await
}

fn act(client: &Client, path: &str, body: Option<&Value>) -> Asking {
    let asking = client.ask(&Method::POST, path);
    match body {
        Some(body) => asking.json(body),
        None => asking,
    }
}

pub(crate) async fn trust(client: &Client, number: u8) -> Reply {
    client.post("/v1/plugin-keys", &json!({ "name": "Acme", "public_key": key(number).public().to_string() })).await
}

pub(crate) async fn install(client: &Client, digest: &str) -> Reply {
    client.post("/v1/plugins", &json!({ "digest": digest })).await
}

pub(crate) async fn release(client: &Client, plugin: &str, body: &Value) -> Reply {
    client.post(&format!("/v1/plugins/{plugin}/releases"), body).await
}

pub(crate) async fn activate(client: &Client, plugin: &str, release: &str) -> Reply {
    client.post(&format!("/v1/plugins/{plugin}/activate"), &json!({ "release": release })).await
}

async fn turn(client: &Client, plugin: &str, what: &str) -> Reply {
    let body = (what == "suspend").then(|| json!({ "reason": "looking into it" }));
    act(client, &format!("/v1/plugins/{plugin}/{what}"), body.as_ref()).send().await
}

/// The rules that stop an order, as the report has them.
async fn stops(client: &Client, order: &str) -> Vec<String> {
    let report = client.get(&format!("/v1/orders/{order}/findings")).await.expect(200).json();
    let stopping = |one: &&Value| ["BLOCK", "ERROR"].contains(&one["severity"].as_str().unwrap());
    report["findings"].as_array().unwrap().iter().filter(stopping).map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

/// Every rule of the report.
pub(crate) async fn rules(client: &Client, order: &str) -> Vec<String> {
    let report = client.get(&format!("/v1/orders/{order}/findings")).await.expect(200).json();
    report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

const LOW: &str = "100000";
const HIGH: &str = "99000000";

fn limit(limit: &str) -> Value {
    json!({ "settings": { "price_limit": limit }, "grants": ["config"] })
}

on_both! {
    async fn a_plugin_lives_from_its_offer_to_its_end(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let (acme, bolt) = (app.tenant("acme").await, app.tenant("bolt").await);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let other = import(&bolt, "k-1", &order(1)).await.expect(201).id();
        assert_eq!(stops(&acme, &id).await, Vec::<String>::new());
        let digest = Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
        let offers = acme.get("/v1/plugin-offers").await.expect(200).json();
        assert_eq!((&offers["items"][0]["digest"], &offers["items"][0]["manifest"]["id"]), (&digest.as_str().into(), &"price-guard".into()));

        // Nobody vouches for it whom the firm trusts.
        let problem = install(&acme, &digest).await.problem(422, "untrusted");
        assert_eq!(problem["errors"][0]["code"], "untrusted-key", "{problem}");
        trust(&acme, 1).await.expect(201);
        trust(&acme, 1).await.expect(200);
        let package = install(&acme, &digest).await.expect(201).json();
        assert_eq!((&package["signer"], &package["version"], &package["digest"]), (&"Acme".into(), &"1.0.0".into(), &digest.as_str().into()));
        install(&acme, &digest).await.expect(200);
        assert_eq!(stops(&acme, &id).await, Vec::<String>::new(), "it takes part without a release");
        turn(&acme, "price-guard", "suspend").await.problem(409, "conflict");
        turn(&acme, "price-guard", "roll-back").await.problem(409, "conflict");

        // Settings and grants are checked as a whole.
        let wrong = json!({ "settings": { "mode": "maybe", "colour": "red" }, "grants": ["config", "tables"] });
        let problem = release(&acme, "price-guard", &wrong).await.problem(422, "invalid");
        let places: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
        assert_eq!(places, ["/grants", "/settings/colour", "/settings/mode", "/settings/price_limit"], "{problem}");

        let low = release(&acme, "price-guard", &limit(LOW)).await.expect(201).json();
        assert_eq!((&low["number"], &low["settings"]["mode"]), (&1.into(), &"refuse".into()), "a default is part of the release");
        let high = release(&acme, "price-guard", &limit(HIGH)).await.expect(201).id();
        let low = low["id"].as_str().unwrap().to_owned();
        let card = activate(&acme, "price-guard", &low).await.expect(200).json();
        assert_eq!((&card["state"], &card["active"]["id"]), (&"active".into(), &low.as_str().into()));
        let found = stops(&acme, &id).await;
        assert!(!found.is_empty() && found.iter().all(|rule| rule == "PRICE-GUARD-01"), "{found:?}");
        assert_eq!(stops(&bolt, &other).await, Vec::<String>::new(), "it takes part for another firm");

        // A click is refused by it, in its words, and the run is kept with release and cost.
        let report = click(&acme, &id).await.expect(422).json();
        let finding = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "PRICE-GUARD-01").unwrap();
        assert!(finding["says"]["en"].as_str().unwrap().contains("costs more than 100000 JPY"), "{finding}");
        assert!(finding["says"]["zh"].as_str().unwrap().contains("100000 JPY"), "{finding}");
        assert_eq!((&finding["plugin"], &finding["place"]), (&"price-guard 1.0.0".into(), &"/vehicles/0/price".into()));
        assert_eq!((&report["plugins"][0]["release"], &report["plugins"][0]["outcome"]), (&low.as_str().into(), &"done".into()));

        activate(&acme, "price-guard", &high).await.expect(200);
        assert_eq!(stops(&acme, &id).await, Vec::<String>::new());
        let back = turn(&acme, "price-guard", "roll-back").await.expect(200).json();
        assert_eq!(back["active"]["id"], low.as_str());
        assert!(!stops(&acme, &id).await.is_empty());
        assert_eq!(turn(&acme, "price-guard", "suspend").await.expect(200).json()["state"], "suspended");
        assert_eq!(stops(&acme, &id).await, Vec::<String>::new());
        turn(&acme, "price-guard", "suspend").await.problem(409, "conflict");
        turn(&acme, "price-guard", "resume").await.expect(200);
        assert!(!stops(&acme, &id).await.is_empty());
        turn(&acme, "price-guard", "uninstall").await.expect(200);
        acme.get("/v1/plugins/price-guard").await.problem(404, "not-found");
        assert_eq!(acme.get("/v1/plugins").await.expect(200).json()["items"], json!([]));
        click(&acme, &id).await.expect(201);

        // The trail knows it all.
        let scope = store.ctx.db.read(&roro::access::operator(&store.ctx, "acme").await.unwrap()).await.unwrap();
        let trail = roro::command::of_subject(&scope, "plugin:price-guard", 20).await.unwrap();
        let mut verbs: Vec<&str> = trail.iter().map(|row| row.verb.as_str()).collect();
        verbs.sort_unstable();
        assert_eq!(verbs, [
            "plugin.activate", "plugin.activate", "plugin.install", "plugin.install", "plugin.release", "plugin.release",
            "plugin.resume", "plugin.roll_back", "plugin.suspend", "plugin.uninstall",
        ]);
        drop(scope);
        app.end().await;
    }

    async fn what_nobody_vouches_for_is_refused_each_with_its_own_reason(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        let good = || Parcel::price_guard("1.0.0");
        for (parcel, keys, code) in [
            (good().edit("Roro", "Unsigned"), vec![], "unsigned"),
            (good().edit("Roro", "Stranger"), vec![key(2)], "untrusted-key"),
            (good().edit("Roro", "Late").until("2026-02-28T00:00:00Z"), vec![key(1)], "expired"),
            (good().edit("Roro", "Others").only_for("tenant:bolt"), vec![key(1)], "wrong-audience"),
        ] {
            let digest = parcel.offer(&folder.catalogue(), &keys.iter().collect::<Vec<_>>());
            let problem = install(&acme, &digest).await.problem(422, "untrusted");
            assert_eq!(problem["errors"][0]["code"], code, "{problem}");
        }
        // A signature that names this firm, beside one of a stranger.
        let named = good().edit("Roro", "Named").only_for("tenant:acme").offer(&folder.catalogue(), &[&key(2), &key(1)]);
        install(&acme, &named).await.expect(201);
        // Signed for one package, put on another.
        let (signed, _) = good().edit("Roro", "Signed").archive(&[&key(1)]);
        let forged = good().edit("Roro", "Forged");
        let stored = roro::plugin::package::read_archive(&signed, None).unwrap();
        let mut archive = Vec::new();
        let (bare, digest) = forged.archive(&[]);
        roro::plugin::package::read_archive(&bare, None).unwrap().image.write_archive(&stored.envelopes, &mut archive).unwrap();
        std::fs::write(folder.catalogue().join("forged.tar"), archive).unwrap();
        let problem = install(&acme, &digest).await.problem(422, "untrusted");
        assert_eq!(problem["errors"][0]["code"], "tampered", "{problem}");
        // An older version than the active one.
        store.clock.advance(std::time::Duration::from_secs(1));
        let new = Parcel::price_guard("2.0.0").offer(&folder.catalogue(), &[&key(1)]);
        install(&acme, &new).await.expect(201);
        let made = release(&acme, "price-guard", &limit(HIGH)).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        let old = Parcel::price_guard("1.9.0").offer(&folder.catalogue(), &[&key(1)]);
        let problem = install(&acme, &old).await.problem(422, "untrusted");
        assert_eq!(problem["errors"][0]["code"], "downgraded", "{problem}");
        app.end().await;
    }

    async fn a_package_that_does_not_fit_is_told_everything_at_once(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        let parcel = Parcel::price_guard("1.0.0").edit("order-guard", "documents").edit("[[grants]]\nname = \"config\"", "[[grants]]\nname = \"random\"");
        let digest = parcel.offer(&folder.catalogue(), &[&key(1)]);
        // The manifest is wrong already: it has settings and does not ask to read them. Such a file is not on offer.
        install(&acme, &digest).await.problem(404, "not-found");
        let digest = Parcel::price_guard("1.0.0").edit("order-guard", "documents").offer(&folder.catalogue(), &[&key(1)]);
        let problem = install(&acme, &digest).await.problem(422, "invalid");
        let messages: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|one| one["message"].as_str().unwrap()).collect();
        assert!(matches!(messages.as_slice(), [first, second] if first.contains("`documents`") && second.contains("`order-guard`")), "{problem}");
        let silent = Parcel::price_guard("1.0.0").without("locales/en.toml").offer(&folder.catalogue(), &[&key(1)]);
        install(&acme, &silent).await.problem(404, "not-found");
        assert_eq!(acme.get("/v1/plugins").await.expect(200).json()["items"], json!([]));
        app.end().await;
    }

    async fn a_plugin_that_fails_does_what_its_policy_says(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        for (policy, rule, status) in [("closed", "HOST-PLUGIN-01", 422), ("open", "HOST-PLUGIN-02", 201), ("park", "HOST-PLUGIN-03", 422)] {
            let acme = app.tenant(&format!("acme-{policy}")).await;
            trust(&acme, 1).await.expect(201);
            let digest = Parcel::attackers(policy).offer(&folder.catalogue(), &[&key(1)]);
            install(&acme, &digest).await.expect(201);
            let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
            for (attack, code) in [("loop", "out-of-fuel"), ("memory", "out-of-memory"), ("trap", "trapped"), ("honest", "bad-output")] {
                let body = json!({ "settings": { "attack": attack }, "grants": ["config", "tables"] });
                let made = release(&acme, "attackers", &body).await.expect(201).id();
                activate(&acme, "attackers", &made).await.expect(200);
                let report = acme.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
                let found = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("{attack}: {report}"));
                assert!(found["says"]["en"].as_str().unwrap().contains(code), "{attack}: {found}");
                assert_eq!(report["plugins"][0]["outcome"], code, "{attack}");
            }
            let clicked = click(&acme, &id).await;
            assert!(clicked.status == status, "{policy}: {}", clicked.text());
        }
        app.end().await;
    }

    async fn a_plugin_that_fails_again_and_again_is_called_no_more_and_lets_nothing_slip_through(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        install(&acme, &Parcel::attackers("closed").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let body = json!({ "settings": { "attack": "trap" }, "grants": ["config", "tables"] });
        let made = release(&acme, "attackers", &body).await.expect(201).id();
        activate(&acme, "attackers", &made).await.expect(200);
        let state = async || acme.get("/v1/plugins/attackers").await.expect(200).json();
        for round in 1..=5 {
            assert_eq!(state().await["state"], "active", "round {round}");
            click(&acme, &id).await.expect(422);
        }
        let page = state().await;
        assert_eq!((&page["state"], &page["history"][0]["event"], &page["history"][0]["who"]), (&"quarantined".into(), &"quarantine".into(), &"worker".into()));
        assert!(page["history"][0]["reason"].as_str().unwrap().contains("trapped"), "{page}");
        // It counts as failing and is not called: the order is refused still, for nothing.
        let report = click(&acme, &id).await.expect(422).json();
        assert_eq!((&report["plugins"][0]["outcome"], &report["findings"][0]["rule"]), (&"quarantined".into(), &"HOST-PLUGIN-01".into()));
        // One click brings it back, half open: what failed before counts, so that one more failure takes it out again.
        assert_eq!(turn(&acme, "attackers", "resume").await.expect(200).json()["state"], "active");
        click(&acme, &id).await.expect(422);
        assert_eq!(state().await["state"], "quarantined");
        turn(&acme, "attackers", "suspend").await.expect(200);
        click(&acme, &id).await.expect(201);
        app.end().await;
    }

    async fn a_grant_that_is_taken_back_is_denied_on_the_next_call(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        install(&acme, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let made = release(&acme, "price-guard", &limit(LOW)).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        let found = stops(&acme, &id).await;
        assert!(!found.is_empty() && found.iter().all(|rule| rule == "PRICE-GUARD-01"), "{found:?}");
        let without = json!({ "settings": { "price_limit": LOW }, "grants": [] });
        let made = release(&acme, "price-guard", &without).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        assert_eq!(stops(&acme, &id).await, ["HOST-PLUGIN-01"]);
        let report = acme.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
        assert_eq!(report["plugins"][0]["outcome"], "denied");
        app.end().await;
    }

    async fn a_component_that_two_firms_have_fails_in_the_name_that_each_gave_it(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let firms = [(app.tenant("acme").await, "attackers"), (app.tenant("bolt").await, "bolt-own")];
        for (firm, name) in &firms {
            trust(firm, 1).await.expect(201);
            install(firm, &Parcel::attackers("closed").named(name).offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
            let body = json!({ "settings": { "attack": "trap" }, "grants": ["config", "tables"] });
            activate(firm, name, &release(firm, name, &body).await.expect(201).id()).await.expect(200);
            let id = import(firm, "k-1", &order(1)).await.expect(201).id();
            let report = click(firm, &id).await.expect(422).text();
            assert!(report.contains(&format!("{name}@1.0.0")), "{report}");
            assert!(*name == "attackers" || !report.contains("attackers"), "another firm's name: {report}");
        }
        app.end().await;
    }

    async fn a_plugin_does_not_speak_for_another(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        // Its component says PRICE-GUARD-01, which may be its own as long as no price-guard takes part.
        for (name, others) in [("price", "done"), ("price-guard", "bad-output")] {
            install(&acme, &Parcel::price_guard("1.0.0").named(name).offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
            activate(&acme, name, &release(&acme, name, &limit(LOW)).await.expect(201).id()).await.expect(200);
            let report = acme.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
            assert_eq!((&report["plugins"][0]["id"], &report["plugins"][0]["outcome"]), (&"price".into(), &others.into()), "{report}");
            let finding = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "PRICE-GUARD-01").unwrap();
            assert_eq!(finding["plugin"], format!("{name} 1.0.0"));
        }
        let page = acme.get("/v1/plugins/price-guard").await.expect(200).json();
        assert_eq!(page["state"], "active");
        // A name of the host's own is no manifest, so it is not even on offer.
        let reserved = Parcel::price_guard("1.0.0").named("host-price").offer(&folder.catalogue(), &[&key(1)]);
        install(&acme, &reserved).await.problem(404, "not-found");
        app.end().await;
    }

    async fn a_firm_trusts_so_many_keys_and_no_more(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let cards: Vec<Value> = {
            let mut cards = Vec::new();
            for number in 1..=100 {
                cards.push(trust(&acme, number).await.expect(201).json());
            }
            cards
        };
        trust(&acme, 101).await.problem(409, "conflict");
        trust(&acme, 100).await.expect(200);
        act(&acme, &format!("/v1/plugin-keys/{}/revoke", cards[7]["id"].as_str().unwrap()), None).send().await.expect(200);
        trust(&acme, 101).await.expect(201);
        app.end().await;
    }

    async fn a_key_that_is_revoked_stops_what_it_has_signed_in_every_process(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let neighbour = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        let there = neighbour.stranger().with_token(acme.token());
        let card = trust(&acme, 1).await.expect(201).json();
        install(&acme, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let made = release(&acme, "price-guard", &limit(HIGH)).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        for client in [&acme, &there] {
            assert_eq!(stops(client, &id).await, Vec::<String>::new());
        }
        act(&acme, &format!("/v1/plugin-keys/{}/revoke", card["id"].as_str().unwrap()), None).send().await.expect(200);
        for client in [&there, &acme] {
            assert_eq!(stops(client, &id).await, ["HOST-PLUGIN-01"]);
            let report = client.get(&format!("/v1/orders/{id}/findings")).await.expect(200).json();
            assert_eq!(report["plugins"][0]["outcome"], "untrusted-key");
        }
        // A release that is activated here counts there with the next call.
        trust(&acme, 1).await.expect(201);
        let made = release(&acme, "price-guard", &limit(LOW)).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        assert!(rules(&there, &id).await.contains(&"PRICE-GUARD-01".to_owned()));
        // And the signature ends by itself.
        store.clock.advance(std::time::Duration::from_secs(400 * 86_400));
        assert_eq!(stops(&there, &id).await, ["HOST-PLUGIN-01"]);
        neighbour.end().await;
        app.end().await;
    }

    async fn a_signature_that_has_ended_is_renewed_without_a_new_version(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        let digest = Parcel::price_guard("1.0.0").until("2026-03-02T00:00:00Z").offer(&folder.catalogue(), &[&key(1)]);
        install(&acme, &digest).await.expect(201);
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let made = release(&acme, "price-guard", &limit(HIGH)).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        assert_eq!(stops(&acme, &id).await, Vec::<String>::new());
        store.clock.advance(std::time::Duration::from_secs(2 * 86_400));
        assert_eq!(stops(&acme, &id).await, ["HOST-PLUGIN-01"]);
        std::fs::remove_dir_all(folder.catalogue()).unwrap();
        let again = Parcel::price_guard("1.0.0").until("2026-06-01T00:00:00Z").offer(&folder.catalogue(), &[&key(1)]);
        assert_eq!(again, digest, "a signature is no part of the package");
        let card = install(&acme, &digest).await.expect(200).json();
        assert_eq!(card["not_after"], "2026-06-01T00:00:00Z");
        assert_eq!(acme.get("/v1/plugins/price-guard").await.expect(200).json()["packages"][0]["not_after"], "2026-06-01T00:00:00Z");
        assert_eq!(stops(&acme, &id).await, Vec::<String>::new());
        app.end().await;
    }

    async fn secrets_are_sealed_kept_and_never_shown(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        let asks = "[[grants]]\nname = \"secrets\"\nreason = { en = \"To sign in.\", zh = \"登录。\" }\n";
        let setting = "[[config]]\nkey = \"key\"\nkind = \"secret\"\ntitle = { en = \"Key\", zh = \"密钥\" }\n";
        let parcel = |asks: &str| Parcel::attackers("open").edit("[[config]]\nkey", &format!("{asks}{setting}[[config]]\nkey"));
        // A secret that nobody may read is a mistake of the manifest.
        install(&acme, &parcel("").offer(&folder.catalogue(), &[&key(1)])).await.problem(404, "not-found");
        install(&acme, &parcel(asks).offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        let body = json!({ "settings": { "attack": "honest", "key": "hunter2-hunter2" }, "grants": ["config"] });
        let made = release(&acme, "attackers", &body).await.expect(201);
        assert_eq!((&made.json()["secrets"], made.json()["settings"].get("key")), (&json!(["key"]), None));
        activate(&acme, "attackers", &made.id()).await.expect(200);
        let again = json!({ "settings": { "attack": "loop" }, "grants": ["config"] });
        let kept = release(&acme, "attackers", &again).await.expect(201).json();
        assert_eq!(kept["secrets"], json!(["key"]), "a secret that was left open is gone");
        let page = acme.get("/v1/plugins/attackers").await.expect(200).text();
        assert!(!page.contains("hunter2") && !page.contains("sealed-1"), "{page}");
        let scope = store.ctx.db.read(&roro::access::operator(&store.ctx, "acme").await.unwrap()).await.unwrap();
        let trail = format!("{:?}", roro::command::of_subject(&scope, "plugin:attackers", 20).await.unwrap());
        assert!(!trail.contains("hunter2"), "{trail}");
        drop(scope);
        app.end().await;
    }

    async fn what_no_name_can_be_is_not_found(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        install(&acme, &Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)])).await.expect(201);
        for name in ["%00", "a%00b", "..", "%F0%9F%9A%97", "PRICE-GUARD"] {
            acme.get(&format!("/v1/plugins/{name}")).await.problem(404, "not-found");
            release(&acme, name, &limit(HIGH)).await.problem(404, "not-found");
            act(&acme, &format!("/v1/plugin-keys/{name}/revoke"), None).send().await.problem(404, "not-found");
        }
        let odd = json!({ "package": "a\u{0}b", "settings": { "price_limit": "1" } });
        release(&acme, "price-guard", &odd).await.problem(404, "not-found");
        let made = release(&acme, "price-guard", &limit(HIGH)).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        let long = act(&acme, "/v1/plugins/price-guard/suspend", Some(&json!({ "reason": "x".repeat(501) })));
        assert_eq!(long.send().await.problem(422, "invalid")["errors"][0]["pointer"], "/reason");
        turn(&acme, "price-guard", "uninstall").await.expect(200);
        release(&acme, "price-guard", &limit(HIGH)).await.problem(404, "not-found");
        app.end().await;
    }

    async fn only_administrators_change_plugins(store: &Store) {
        let folder = Folder::new();
        let app = start(store, &folder).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        let digest = Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
        install(&acme, &digest).await.expect(201);
        let made = release(&acme, "price-guard", &limit(HIGH)).await.expect(201).id();
        let clerk = app.as_role("acme", Role::Clerk).await;
        clerk.get("/v1/plugins/price-guard").await.expect(200);
        trust(&clerk, 2).await.problem(403, "forbidden");
        install(&clerk, &digest).await.problem(403, "forbidden");
        release(&clerk, "price-guard", &limit(HIGH)).await.problem(403, "forbidden");
        activate(&clerk, "price-guard", &made).await.problem(403, "forbidden");
        for what in ["roll-back", "suspend", "resume", "uninstall"] {
            turn(&clerk, "price-guard", what).await.problem(403, "forbidden");
        }
        app.end().await;
    }
}
