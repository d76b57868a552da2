//! `roro plugin inspect`: a project, a package, a component, and what is none of them.

use super::{Desk, GUARD};

#[test]
fn a_plugin_is_shown_wherever_it_lies() {
    let desk = Desk::with_guard("inspect");
    let project = desk.run(&["plugin", "inspect", GUARD, "--json"]).done().json();
    assert_eq!((&project["kind"], &project["manifest"]["id"]), (&"project".into(), &GUARD.into()));
    assert_eq!(project["component"]["hooks"], serde_json::json!(["order-guard"]));
    desk.run(&["plugin", "inspect", GUARD]).done().has_said(&[
        "hook       order-guard of contract 0.1.0, when it fails: closed, effects: finding",
        "grant      config: To know your price limit.",
        "setting    currency (text, default JPY): Currency of the limit",
        "limits     of class rule; 20 000 000 fuel, 8 MiB",
        "imports    13 interfaces of the closed WASI shim",
    ]);

    desk.run(&["plugin", "pack", GUARD, "--out", "a.tar"]).done();
    desk.run(&["plugin", "keygen", "--out", "private.key"]).done();
    desk.run(&["plugin", "sign", "a.tar", "--key", "private.key", "--audience", "tenant:acme"]).done();
    let package = desk.run(&["plugin", "inspect", "a.tar", "--json"]).done().json();
    let signature = &package["package"]["signatures"][0];
    assert_eq!((&signature["about"], &signature["verified"]), (&"acme-guard@0.1.0".into(), &false.into()));
    assert_eq!(signature["audience"], serde_json::json!(["tenant:acme"]));
    assert_eq!(package["component"], project["component"]);
    desk.run(&["plugin", "inspect", "a.tar"]).done().has_said(&["for tenant:acme (not verified here)"]);

    let component = desk.run(&["plugin", "inspect", "acme-guard/acme-guard.wasm", "--json"]).done().json();
    assert_eq!((&component["kind"], &component["component"]), (&"component".into(), &project["component"]));
}

#[test]
fn what_is_no_plugin_is_refused() {
    let desk = Desk::new("inspect-nothing");
    desk.write("text", "no archive");
    desk.write("module.wasm", "\0asm and no more");
    for (path, code) in [("text", 2), ("nowhere", 2), (".", 2), ("module.wasm", 1)] {
        desk.run(&["plugin", "inspect", path]).ends(code);
    }
}
