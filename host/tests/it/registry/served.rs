//! A registry as the catalogue of a server: what it offers is installed and runs, and what is wrong with it stops nothing else.

use std::time::{Duration, Instant};

use roro::access::Role;
use roro::config;
use serde_json::{Value, json};

use super::{Entrance, PASSWORD, Registry, USER};
use crate::author::{Desk, Ran};
use crate::http::{Client, Folder, TestApp, activate, import, install, order, release, rules, trust};
use crate::parcel::{Parcel, key};
use crate::storage::{Store, on_both};

/// A server whose catalogue has a repository that is there, one that is empty, and one that nobody can read.
async fn start<'a>(store: &'a Store, folder: &Folder, registries: Vec<config::Registry>) -> TestApp<'a> {
    let data = folder.path();
    let change = move |config: &mut config::Config| {
        config.data.folder = data;
        config.plugins.registries = registries;
        config.plugins.registry_refresh_ms = 1;
    };
    TestApp::start_with(store, change).await
}

fn of(registry: &Registry, repositories: &[&str]) -> config::Registry {
    config::Registry {
        host: registry.address().to_owned(),
        repositories: repositories.iter().map(|&name| name.to_owned()).collect(),
        username: String::new(),
        password_file: std::path::PathBuf::new(),
        plain_http: true,
    }
}

/// What the catalogue shows once it shows what is waited for.
async fn shown(client: &Client, is: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let shown = client.get("/v1/plugin-offers").await.expect(200).json();
        if is(&shown) {
            return shown;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn publish(desk: &Desk, registry: &Registry, repository: &str, parcel: &Parcel, login: bool) -> String {
    let (archive, digest) = parcel.archive(&[&key(1)]);
    std::fs::write(desk.path("a.tar"), archive).unwrap();
    let mut command = desk.roro(&["plugin", "publish", "a.tar", &registry.at(repository), "--plain-http"]);
    if login {
        command.env("RORO_REGISTRY_USERNAME", USER).env("RORO_REGISTRY_PASSWORD", PASSWORD);
    }
    Ran::of(command.output().unwrap()).done();
    digest
}

on_both! {
    async fn a_package_of_a_registry_is_installed_and_runs(store: &Store) {
        let (registry, folder) = (Registry::start(), Folder::new());
        let desk = Desk::new(&format!("registry-served-{}", registry.address().replace([':', '.'], "-")));
        let older = publish(&desk, &registry, "plugins/price-guard", &Parcel::price_guard("1.0.0"), false);
        let newer = publish(&desk, &registry, "plugins/price-guard", &Parcel::price_guard("1.1.0"), false);
        let own = Parcel::price_guard("0.9.0").offer(&folder.catalogue(), &[&key(1)]);
        let app = start(store, &folder, vec![of(&registry, &["plugins/price-guard", "plugins/none"])]).await;
        let acme = app.tenant("acme").await;

        let offers = acme.get("/v1/plugin-offers").await.expect(200).json();
        let listed: Vec<(&str, &str)> = offers["items"].as_array().unwrap().iter()
            .map(|one| (one["digest"].as_str().unwrap(), one["repository"].as_str().unwrap_or("the folder")))
            .collect();
        let place = registry.at("plugins/price-guard");
        assert_eq!(listed, [(newer.as_str(), place.as_str()), (older.as_str(), place.as_str()), (own.as_str(), "the folder")]);
        assert_eq!((&offers["items"][0]["signatures"], &offers["troubles"]), (&1.into(), &json!([])));

        // It is judged like every other package.
        install(&acme, &newer).await.problem(422, "untrusted");
        trust(&acme, 1).await.expect(201);
        let clerk = app.as_role("acme", Role::Clerk).await;
        install(&clerk, &newer).await.problem(403, "forbidden");
        install(&acme, &"0".repeat(64)).await.problem(404, "not-found");
        let card = install(&acme, &newer).await.expect(201).json();
        assert_eq!((&card["version"], &card["signer"]), (&"1.1.0".into(), &"Acme".into()));
        let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
        let made = release(&acme, "price-guard", &json!({ "settings": { "price_limit": "100000" }, "grants": ["config"] })).await.expect(201).id();
        activate(&acme, "price-guard", &made).await.expect(200);
        assert!(rules(&acme, &id).await.contains(&"PRICE-GUARD-01".to_owned()));
        app.end().await;
    }

    async fn a_registry_that_is_gone_is_said_to_be_and_stops_nothing(store: &Store) {
        let (registry, folder) = (Registry::start(), Folder::new());
        let desk = Desk::new(&format!("registry-gone-{}", registry.address().replace([':', '.'], "-")));
        let there = publish(&desk, &registry, "a/b", &Parcel::price_guard("1.1.0"), false);
        let own = Parcel::price_guard("1.0.0").offer(&folder.catalogue(), &[&key(1)]);
        let app = start(store, &folder, vec![of(&registry, &["a/b"])]).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        assert_eq!(shown(&acme, |all| all["items"].as_array().unwrap().len() == 2).await["troubles"], json!([]));

        let place = registry.at("a/b");
        drop(registry);
        let all = shown(&acme, |all| all["troubles"] != json!([])).await;
        assert_eq!((&all["troubles"][0]["repository"], &all["troubles"][0]["code"]), (&place.into(), &"unreachable".into()));
        assert_eq!(all["items"].as_array().unwrap().len(), 2, "what was seen is shown on: {all}");
        let problem = install(&acme, &there).await.problem(502, "registry-unavailable");
        assert_eq!((&problem["errors"][0]["code"], &problem["retryable"]), (&"unreachable".into(), &true.into()));
        install(&acme, &own).await.expect(201);
        // A server that starts while it is gone starts, and says so.
        app.end().await;
        let address = all["troubles"][0]["repository"].as_str().unwrap().split('/').next().unwrap().to_owned();
        let gone = config::Registry { host: address, repositories: vec!["a/b".to_owned()], username: String::new(),
            password_file: std::path::PathBuf::new(), plain_http: true };
        let app = start(store, &folder, vec![gone]).await;
        let acme = app.stranger().with_token(acme.token());
        let all = acme.get("/v1/plugin-offers").await.expect(200).json();
        assert_eq!((&all["items"][0]["digest"], all["items"].as_array().unwrap().len()), (&own.as_str().into(), 1));
        assert_eq!(all["troubles"][0]["code"], "unreachable");
        app.end().await;
    }

    async fn what_was_changed_in_the_registry_is_not_installed(store: &Store) {
        let (registry, folder) = (Registry::start_with(&Entrance::Password), Folder::new());
        let desk = Desk::new(&format!("registry-changed-{}", registry.address().replace([':', '.'], "-")));
        let digest = publish(&desk, &registry, "a/b", &Parcel::price_guard("1.0.0"), true);
        desk.write("password", &format!("{PASSWORD}\n"));
        let login = |password: &str| config::Registry {
            username: USER.to_owned(),
            password_file: desk.path(password),
            ..of(&registry, &["a/b"])
        };
        // One password is right, one is wrong, one is not there.
        desk.write("wrong", "wrong");
        let app = start(store, &folder, vec![login("password"), login("wrong"), login("absent")]).await;
        let acme = app.tenant("acme").await;
        trust(&acme, 1).await.expect(201);
        let all = acme.get("/v1/plugin-offers").await.expect(200).json();
        let codes: Vec<&str> = all["troubles"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!((codes.as_slice(), all["items"].as_array().unwrap().len()), (["login-refused", "password-unreadable"].as_slice(), 1));
        assert!(!all.to_string().contains(&desk.path("absent").display().to_string()), "{all}");
        let file = registry.blob(all["items"][0]["component_sha256"].as_str().unwrap());
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[100] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        let problem = install(&acme, &digest).await.problem(502, "registry-unavailable");
        assert_eq!(problem["errors"][0]["code"], "digest-mismatch", "{problem}");
        acme.get("/v1/plugins/price-guard").await.problem(404, "not-found");
        app.end().await;
    }
}
