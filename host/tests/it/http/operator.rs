//! Plugins of a tenant from the command line, beside a server that runs.

use std::process::Output;

use serde_json::Value;

use super::orders::{click, import, order};
use super::program::{Folder, Process};
use crate::parcel::{Parcel, key};

fn roro(folder: &Folder, arguments: &[&str]) -> Output {
    folder.roro(arguments).output().unwrap()
}

/// What it printed, when it ended with this code.
fn said(output: &Output, code: i32) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    if code == 0 { out.into_owned() } else { err.into_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_brought_in_released_and_taken_back_while_the_server_runs() {
    let folder = Folder::new();
    let made: Value = serde_json::from_str(&said(&roro(&folder, &["tenant", "create", "acme", "--json"]), 0)).unwrap();
    said(&roro(&folder, &["pack", "install", "--all", "--tenant", "acme"]), 0);
    let file = folder.path().join("price-guard.tar");
    std::fs::write(&file, Parcel::price_guard("1.0.0").archive(&[&key(1)]).0).unwrap();
    let file = file.to_str().unwrap();
    let server = Process::start(&folder, &[]);
    let acme = server.client(made["token"].as_str().unwrap());
    let id = import(&acme, "k-1", &order(1)).await.expect(201).id();

    let refused = said(&roro(&folder, &["plugin", "import", file, "--tenant", "acme"]), 2);
    assert!(refused.contains("trust that key"), "{refused}");
    let wrong = said(&roro(&folder, &["plugin", "trust", "nonsense", "--name", "Acme", "--tenant", "acme"]), 2);
    assert!(wrong.starts_with("error: "), "{wrong}");
    said(&roro(&folder, &["plugin", "trust", &key(1).public().to_string(), "--name", "Acme", "--tenant", "acme"]), 0);
    let brought = said(&roro(&folder, &["plugin", "import", file, "--tenant", "acme"]), 0);
    assert!(brought.contains("price-guard 1.0.0 is there, signed by Acme"), "{brought}");
    let wrong = said(
        &roro(&folder, &["plugin", "release", "price-guard", "--set", "mode=maybe", "--grant", "tables", "--tenant", "acme"]),
        2,
    );
    assert_eq!(wrong.lines().count(), 3, "{wrong}");
    let release = |limit: &str| {
        let set = format!("price_limit={limit}");
        let arguments =
            ["plugin", "release", "price-guard", "--set", &set, "--grant", "config", "--activate", "--tenant", "acme"];
        said(&roro(&folder, &arguments), 0)
    };
    assert_eq!(release("99000000").trim(), "price-guard 1.0.0 is active, release 1");
    release("1");

    // What release 1 would have changed: tried beside the running server, and nothing is changed.
    click(&acme, &id).await.expect(422);
    let keys: Value = serde_json::from_str(&said(&roro(&folder, &["plugin", "list", "--tenant", "acme", "--json"]), 0)).unwrap();
    let active = keys[0]["active"]["id"].as_str().unwrap();
    let first = acme.get("/v1/plugins/price-guard").await.expect(200).json();
    let first =
        first["releases"].as_array().unwrap().iter().find(|one| one["number"] == 1).unwrap()["id"].as_str().unwrap().to_owned();
    let tried = said(&roro(&folder, &["plugin", "trial", "price-guard", &first, "--tenant", "acme", "--json"]), 0);
    let tried: Value = serde_json::from_str(&tried).unwrap();
    assert_eq!((&tried["orders"], &tried["freed"], &tried["baseline"]), (&1.into(), &1.into(), &active.into()), "{tried}");
    let told = said(&roro(&folder, &["plugin", "trial", "price-guard", &first, "--tenant", "acme"]), 0);
    assert!(told.contains("1 set free") && told.contains("- PRICE-GUARD-01"), "{told}");
    said(&roro(&folder, &["plugin", "trial", "price-guard", "rel_00000000000000000000000000", "--tenant", "acme"]), 2);
    said(&roro(&folder, &["plugin", "trial", "price-guard", &first, "--tenant", "acme", "--orders-max", "0"]), 2);

    // The server reads with its next call what was done beside it.
    let report = click(&acme, &id).await.expect(422).json();
    assert!(report["findings"].as_array().unwrap().iter().any(|one| one["rule"] == "PRICE-GUARD-01"), "{report}");
    assert_eq!(
        said(&roro(&folder, &["plugin", "rollback", "price-guard", "--tenant", "acme"]), 0).trim(),
        "price-guard 1.0.0 is active, release 1"
    );
    click(&acme, &id).await.expect(201);
    let listed: Value =
        serde_json::from_str(&said(&roro(&folder, &["plugin", "list", "--tenant", "acme", "--json"]), 0)).unwrap();
    assert_eq!((&listed[0]["name"], &listed[0]["active"]["number"]), (&"price-guard".into(), &1.into()));
    let keys: Value =
        serde_json::from_str(&said(&roro(&folder, &["plugin", "key", "list", "--tenant", "acme", "--json"]), 0)).unwrap();
    let trusted = keys[0]["id"].as_str().unwrap();
    said(&roro(&folder, &["plugin", "key", "revoke", "nothing", "--tenant", "acme"]), 2);
    let ended = said(&roro(&folder, &["plugin", "key", "revoke", trusted, "--tenant", "acme"]), 0);
    assert!(ended.contains(trusted) && ended.contains("counts no more"), "{ended}");
    assert!(!said(&roro(&folder, &["plugin", "key", "list", "--tenant", "acme"]), 0).contains(trusted));
    said(&roro(&folder, &["plugin", "suspend", "price-guard", "--tenant", "acme"]), 0);
    said(&roro(&folder, &["plugin", "suspend", "price-guard", "--tenant", "acme"]), 2);
    said(&roro(&folder, &["plugin", "uninstall", "price-guard", "--tenant", "acme"]), 0);
    assert!(said(&roro(&folder, &["plugin", "list", "--tenant", "acme"]), 0).contains("has no plugins"));
}

#[test]
fn whoever_activates_a_plugin_is_told_who_else_is_asked() {
    let folder = Folder::new();
    said(&roro(&folder, &["tenant", "create", "acme"]), 0);
    said(&roro(&folder, &["plugin", "trust", &key(1).public().to_string(), "--name", "Acme", "--tenant", "acme"]), 0);
    let tariffs = [("freight-tariff", Parcel::freight_tariff("1.0.0")), ("freight", Parcel::freight_tariff_as("freight"))];
    let told = tariffs.map(|(name, parcel)| {
        let file = folder.path().join(format!("{name}.tar"));
        std::fs::write(&file, parcel.archive(&[&key(1)]).0).unwrap();
        said(&roro(&folder, &["plugin", "import", file.to_str().unwrap(), "--tenant", "acme"]), 0);
        let set = ["--set", "currency=JPY", "--set", "handling=20000", "--grant", "config", "--activate", "--tenant", "acme"];
        said(&roro(&folder, &[["plugin", "release", name].as_slice(), set.as_slice()].concat()), 0)
    });
    assert_eq!(told[0].trim(), "freight-tariff 1.0.0 is active, release 1");
    let lines: Vec<&str> = told[1].lines().collect();
    assert_eq!(
        lines,
        [
            "pricing: the lines of all are added up, charge by charge; asked in this order: freight (this one) → freight-tariff",
            "  warning: freight-tariff also brings charges",
            "freight 1.0.0 is active, release 1",
        ]
    );
    // A program reads the card and nothing beside it.
    let listed: Value =
        serde_json::from_str(&said(&roro(&folder, &["plugin", "list", "--tenant", "acme", "--json"]), 0)).unwrap();
    let (name, active) = (&listed[0]["name"], listed[0]["active"]["id"].as_str().unwrap());
    let again = said(&roro(&folder, &["plugin", "activate", "freight", active, "--tenant", "acme", "--json"]), 0);
    assert_eq!((name, &serde_json::from_str::<Value>(&again).unwrap()["name"]), (&"freight".into(), name));
}
