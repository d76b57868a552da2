//! The way of a plugin: from an empty folder to a package that somebody trusts.

use std::os::unix::fs::PermissionsExt as _;

use super::{Desk, GUARD, Ran};

#[test]
fn from_an_empty_folder_to_a_package_that_is_vouched_for() {
    let desk = Desk::new("life");
    desk.run(&["plugin", "new", "first-guard", "--lang", "rust", "--hook", "order-guard"]).done().has_said(&["Next: "]);
    let built = desk.run(&["plugin", "build", "first-guard", "--json"]).done().json();
    assert_eq!((&built["plugin"], &built["hooks"]), (&"first-guard".into(), &serde_json::json!(["order-guard"])));
    assert!(built["bytes"].as_u64().unwrap() < 100_000, "{built}");
    assert!(built["imports"].as_array().unwrap().iter().any(|import| import == "roro:host/config@0.1.0"), "{built}");
    desk.run(&["plugin", "test", "first-guard"]).done().has_said(&["3 fixtures: all as expected."]);

    // What is expected is changed: the test fails, and shows both.
    desk.edit("first-guard/fixtures/one-too-dear/expected.json", "/vehicles/1/price", "/vehicles/0/price");
    let failed = desk.run(&["plugin", "test", "first-guard"]).ends(1);
    failed.has_said(&[
        "FAILED  one-too-dear",
        "- ERROR FIRST-GUARD-PRICE-01 /vehicles/0/price",
        "+ ERROR FIRST-GUARD-PRICE-01 /vehicles/1/price",
    ]);
    assert!(failed.fix().ends_with("roro plugin test --bless first-guard"), "{failed:#?}");
    desk.run(&["plugin", "test", "first-guard", "--bless"]).done().has_said(&["expected.json is written"]);
    let again = desk.run(&["plugin", "test", "first-guard", "--bless"]).done();
    assert!(!again.out.contains("is written"), "{again:#?}");

    let packed = desk.run(&["plugin", "pack", "first-guard", "--out", "a.tar", "--json"]).done().json();
    let same = desk.run(&["plugin", "pack", "first-guard", "--out", "b.tar", "--json"]).done().json();
    assert_eq!(packed["sha256"], same["sha256"]);
    assert_eq!(std::fs::read(desk.path("a.tar")).unwrap(), std::fs::read(desk.path("b.tar")).unwrap());
    let key = desk.run(&["plugin", "keygen", "--out", "private.key"]).done();
    desk.run(&["plugin", "sign", "a.tar", "--key", "private.key"]).done();
    let verified = desk.run(&["plugin", "verify", "a.tar", "--trust", key.out.trim(), "--json"]).done().json();
    assert_eq!((&verified["verified"], &verified["sha256"]), (&true.into(), &packed["sha256"]));
}

#[test]
fn a_project_for_papers_builds_and_passes_its_fixtures() {
    let desk = Desk::new("papers");
    desk.run(&["plugin", "new", "paper-check", "--hook", "documents", "--out", "here"]).done();
    desk.run(&["plugin", "build", "here"]).done().has_said(&["exports    documents"]);
    let tested = desk.run(&["plugin", "test", "here", "--json"]).done().json();
    assert_eq!(tested["fixtures"].as_array().unwrap().len(), 3);
    // What the templates expect is, byte for byte, what would be blessed.
    let blessed = desk.run(&["plugin", "test", "here", "--bless"]).done();
    assert!(!blessed.out.contains("is written"), "{blessed:#?}");
}

#[test]
fn a_project_on_the_extism_pdk_builds_and_passes_its_fixtures() {
    let desk = Desk::new("extism");
    for (name, hook, fixtures) in [("papers-by-json", "documents", 3), ("guard-by-json", "order-guard", 3)] {
        desk.run(&["plugin", "new", name, "--lang", "extism-rust", "--hook", hook]).done();
        let built = desk.run(&["plugin", "build", name, "--json"]).done().json();
        assert_eq!(built["hooks"], serde_json::json!([hook]));
        let imports = built["imports"].as_array().unwrap();
        assert!(imports.iter().any(|import| import == "extism:host/env/input_load_u64"), "{built}");
        // Nothing says on which machine it was made.
        let bytes = std::fs::read(desk.path(&format!("{name}/{name}.wasm"))).unwrap();
        for folder in [std::env::var("HOME").unwrap(), crate::support::root().display().to_string()] {
            let is_there = bytes.windows(folder.len() + 1).any(|window| window == format!("{folder}/").as_bytes());
            assert!(!is_there, "{name} names {folder}");
        }
        let tested = desk.run(&["plugin", "test", name, "--json"]).done().json();
        assert_eq!(tested["fixtures"].as_array().unwrap().len(), fixtures);
        // The fixtures are those of the project in Rust: both find the same.
        let blessed = desk.run(&["plugin", "test", name, "--bless"]).done();
        assert!(!blessed.out.contains("is written"), "{blessed:#?}");
    }
}

#[test]
fn a_source_that_does_not_compile_fails_the_build() {
    let desk = Desk::with_guard("does-not-compile");
    desk.edit("acme-guard/Cargo.toml", "name = \"acme-guard\"", "name = \"broken-guard\"");
    desk.edit("acme-guard/src/lib.rs", "struct Guard;", "struct Guard");
    let failed = desk.run(&["plugin", "build", GUARD]).ends(1);
    failed.has_said(&["error: the project does not compile"]);
    assert_eq!(failed.fix(), "Mend what cargo names above");
}

#[test]
fn a_toolchain_that_lacks_something_is_told_from_a_source_that_is_wrong() {
    let desk = Desk::with_guard("toolchain");
    let build = || Ran::of(desk.roro(&["plugin", "build", GUARD]).env("PATH", desk.path("bin")).output().unwrap());
    assert_eq!(build().ends(3).fix(), "Install Rust: https://rustup.rs");
    for (tool, script) in [("cargo", "#!/bin/sh\nexit 101\n"), ("rustc", "#!/bin/sh\necho /nowhere/wasm32-wasip2/lib\n")] {
        let path = format!("bin/{tool}");
        desk.write(&path, script);
        std::fs::set_permissions(desk.path(&path), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(build().ends(1).fix(), "rustup target add wasm32-wasip2");
    std::fs::remove_file(desk.path("acme-guard/Cargo.toml")).unwrap();
    build().ends(2).has_said(&["acme-guard holds none of Cargo.toml (Rust), "]);
}

#[test]
fn a_component_that_is_not_what_plugin_toml_says_is_refused_everywhere() {
    let desk = Desk::with_guard("unlike");
    let more = "[[hooks]]\nname = \"documents\"\ncontract = \"0.1.0\"\non_failure = \"open\"\n\n[[grants]]";
    desk.edit("acme-guard/plugin.toml", "[[grants]]", more);
    for arguments in
        [["plugin", "test", GUARD].as_slice(), &["plugin", "inspect", GUARD], &["plugin", "pack", GUARD, "--out", "a.tar"]]
    {
        let refused = desk.run(arguments).ends(1);
        refused.has_said(&["plugin.toml declares the hook `documents`, which the component does not export"]);
    }
    assert!(!desk.path("a.tar").exists());
}

#[test]
fn what_is_missing_is_named_with_the_command_that_makes_it() {
    let desk = Desk::with_guard("missing");
    std::fs::remove_file(desk.path("acme-guard/acme-guard.wasm")).unwrap();
    let unbuilt = desk.run(&["plugin", "test", GUARD]).ends(2);
    assert_eq!(unbuilt.fix(), "Build it: roro plugin build acme-guard");
    let nothing = desk.run(&["plugin", "test"]).ends(2);
    assert!(nothing.fix().contains("roro plugin new"), "{nothing:#?}");
    desk.edit("acme-guard/plugin.toml", "class = \"rule\"", "clas = \"rule\"");
    let wrong = desk.run(&["plugin", "inspect", GUARD]).ends(2);
    wrong.has_said(&[
        "error: acme-guard/plugin.toml has 2 problems",
        "acme-guard/plugin.toml:9:1: the format has no key `clas` here",
    ]);
    assert!(wrong.fix().trim().starts_with("fix: "), "{wrong:#?}");
}

#[test]
fn a_package_that_no_installation_would_take_is_not_packed() {
    let desk = Desk::with_guard("not-taken");
    std::fs::remove_file(desk.path("acme-guard/locales/en.toml")).unwrap();
    let refused = desk.run(&["plugin", "pack", GUARD, "--out", "a.tar"]).ends(1);
    assert!(refused.fix().starts_with("locales/en.toml is missing: "), "{refused:#?}");
}
