//! `roro plugin publish` and `roro plugin pull`.

use std::io::Write as _;
use std::process::Stdio;

use roro::plugin::package;

use super::{Entrance, PASSWORD, Registry, USER, package};
use crate::author::{Desk, Ran};

const PLAIN: &str = "--plain-http";

/// A component of six million bytes.
fn component() -> Vec<u8> {
    (0..=249_u8).collect::<Vec<u8>>().repeat(24_000)
}

fn publish(desk: &Desk, file: &str, reference: &str) -> Ran {
    desk.run(&["plugin", "publish", file, reference, PLAIN])
}

fn pull(desk: &Desk, reference: &str, out: &str) -> Ran {
    desk.run(&["plugin", "pull", reference, PLAIN, "--out", out])
}

/// A package at a version on a desk.
fn packed(desk: &Desk, file: &str, version: &str, keys: &[u8]) -> (String, String) {
    let (archive, digest, component) = package(version, &component(), keys);
    std::fs::write(desk.path(file), archive).unwrap();
    (digest, component)
}

#[test]
fn what_is_pulled_is_what_was_published_to_the_byte() {
    let (registry, desk) = (Registry::start(), Desk::new("registry-round"));
    let (digest, _) = packed(&desk, "a.tar", "1.0.0", &[1, 2]);
    let place = registry.at("plugins/price-guard");
    let said = desk.run(&["plugin", "publish", "a.tar", &place, PLAIN, "--json"]).done().json();
    assert_eq!((&said["reference"], &said["sha256"]), (&format!("{place}:1.0.0").into(), &digest.as_str().into()));
    assert_eq!((&said["was_there"], &said["signatures_added"]), (&false.into(), &2.into()));
    assert!(said["bytes_sent"].as_u64().unwrap() > 6_000_000, "{said}");

    let said = desk.run(&["plugin", "pull", &format!("{place}:1.0.0"), PLAIN, "--out", "b.tar", "--json"]).done().json();
    assert_eq!((&said["sha256"], &said["signatures"], &said["version"]), (&digest.as_str().into(), &2.into(), &"1.0.0".into()));
    let bytes = |file: &str| std::fs::read(desk.path(file)).unwrap();
    assert!(bytes("a.tar") == bytes("b.tar"), "the archives differ");
    pull(&desk, &format!("{place}@sha256:{digest}"), "c.tar")
        .done()
        .has_said(&["pulled price-guard 1.0.0 into c.tar", "2 signatures"]);
    assert!(bytes("a.tar") == bytes("c.tar"), "the archives differ");
    desk.run(&["plugin", "pull", &format!("{place}:1.0.0"), PLAIN, "--out", "layout", "--folder"]).done();
    let stored = package::read_path(&desk.path("layout"), None).unwrap();
    assert_eq!((stored.manifest_digest, stored.envelopes.len()), (digest, 2));
    desk.run(&["plugin", "pull", &format!("{place}:1.0.0"), PLAIN, "--out", "layout", "--folder"])
        .ends(2)
        .has_said(&["is not empty"]);
}

#[test]
fn publishing_again_adds_what_is_new_and_never_changes_a_version() {
    let (registry, desk) = (Registry::start(), Desk::new("registry-again"));
    packed(&desk, "a.tar", "1.0.0", &[1]);
    let place = registry.at("a/b");
    publish(&desk, "a.tar", &place).done().has_said(&["published: ", "1 new signature,"]);
    publish(&desk, "a.tar", &place).done().has_said(&["was there already: ", "0 kB sent, 0 new signatures"]);
    // Whoever signs later adds to what is there.
    packed(&desk, "other.tar", "1.0.0", &[2]);
    publish(&desk, "other.tar", &format!("{place}:1.0.0")).done().has_said(&["was there already: ", "1 new signature,"]);
    pull(&desk, &format!("{place}:1.0.0"), "b.tar").done().has_said(&["2 signatures"]);

    let (archive, ..) = package("1.0.0", b"other content", &[1]);
    std::fs::write(desk.path("changed.tar"), archive).unwrap();
    publish(&desk, "changed.tar", &place).ends(2).has_said(&["is there already with other content", "raise the version"]);
    publish(&desk, "a.tar", &format!("{place}:1.0.1")).ends(2).has_said(&["leave the tag out"]);
    publish(&desk, "a.tar", &format!("{place}@sha256:{}", "0".repeat(64))).ends(2).has_said(&["leave out what stands from @"]);
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let (registry, desk) = (Registry::start(), Desk::new("registry-absent"));
    let place = registry.at("a/b");
    for version in ["1.0.0", "1.10.0", "1.9.0"] {
        packed(&desk, "a.tar", version, &[]);
        publish(&desk, "a.tar", &place).done();
    }
    pull(&desk, &format!("{place}:2.0.0"), "b.tar").ends(2).has_said(&["has no `2.0.0`: there are 1.10.0, 1.9.0, 1.0.0"]);
    pull(&desk, &place, "b.tar").ends(2).has_said(&["say which version, there are 1.10.0, 1.9.0, 1.0.0"]);
    pull(&desk, &format!("{place}@sha256:{}", "0".repeat(64)), "b.tar").ends(2).has_said(&["has no package with the digest"]);
    pull(&desk, &registry.at("a/c:1.0.0"), "b.tar").ends(2).has_said(&["a/c has no `1.0.0`: there is none yet"]);
    pull(&desk, "price-guard:1.0.0", "b.tar").ends(2).has_said(&["begin with the registry"]);
    assert!(!desk.path("b.tar").exists());
}

#[test]
fn what_was_changed_in_the_registry_is_refused() {
    let (registry, desk) = (Registry::start(), Desk::new("registry-tampered"));
    let (_, component) = packed(&desk, "a.tar", "1.0.0", &[1]);
    let place = registry.at("a/b:1.0.0");
    publish(&desk, "a.tar", &registry.at("a/b")).done();
    pull(&desk, &place, "b.tar").done();
    std::fs::remove_file(desk.path("b.tar")).unwrap();
    let file = registry.blob(&component);
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[1_000_000] ^= 1;
    let longer = [whole.as_slice(), b"more"].concat();
    let wrong = [
        (flipped.as_slice(), "it was changed"),
        (&whole[..whole.len() - 1], "it was changed"),
        (longer.as_slice(), "has more than 6000000 bytes"),
    ];
    for (bytes, says) in wrong {
        std::fs::write(&file, bytes).unwrap();
        pull(&desk, &place, "b.tar").ends(2).has_said(&["component.wasm from ", says]);
        assert!(!desk.path("b.tar").exists());
    }
    std::fs::remove_file(&file).unwrap();
    pull(&desk, &place, "b.tar").ends(2).has_said(&["component.wasm (", "is missing", "publish the package again"]);
    publish(&desk, "a.tar", &registry.at("a/b")).done();
    assert_eq!(std::fs::read(&file).unwrap(), whole, "what is missing is sent again");
    pull(&desk, &place, "b.tar").done();
}

#[test]
fn a_password_opens_and_is_never_shown() {
    let (registry, desk) = (Registry::start_with(&Entrance::Password), Desk::new("registry-password"));
    packed(&desk, "a.tar", "1.0.0", &[1]);
    let place = registry.at("a/b");
    publish(&desk, "a.tar", &place).ends(2).has_said(&["is not open to everyone", "--password-stdin"]);
    let with = |user: &str, password: &str| {
        let mut command = desk.roro(&["plugin", "publish", "a.tar", &place, PLAIN]);
        Ran::of(command.env("RORO_REGISTRY_USERNAME", user).env("RORO_REGISTRY_PASSWORD", password).output().unwrap())
    };
    let refused = with(USER, "hunter2-hunter2").ends(2);
    refused.has_said(&["does not take this user and password"]);
    assert!(!format!("{refused:?}").contains("hunter2"), "{refused:#?}");
    with("stranger", PASSWORD).ends(2);
    with(USER, PASSWORD).done();
    with("", PASSWORD).ends(2).has_said(&["there is a password and no user"]);
    with(USER, "").ends(2).has_said(&["there is a user and no password"]);

    let mut command = desk.roro(&["plugin", "pull", &format!("{place}:1.0.0"), PLAIN, "--out", "b.tar"]);
    let mut child = command
        .args(["--username", USER, "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    Ran::of(child.wait_with_output().unwrap()).done();
    assert!(std::fs::read(desk.path("a.tar")).unwrap() == std::fs::read(desk.path("b.tar")).unwrap());
}

#[test]
fn the_way_to_a_registry_is_named_when_it_is_closed() {
    let desk = Desk::new("registry-way");
    let closed = {
        let registry = Registry::start();
        registry.at("a/b:1.0.0")
    };
    pull(&desk, &closed, "b.tar").ends(3).has_said(&["127.0.0.1:", "cannot be reached", "speaks plain HTTP"]);
    let elsewhere = "registry.invalid:5000/a/b:1.0.0";
    pull(&desk, elsewhere, "b.tar").ends(2).has_said(&["is not on this machine", "--plain-http=anywhere"]);
    for anywhere in ["--plain-http=anywhere", "--json"] {
        let ran = desk.run(&["plugin", "pull", elsewhere, anywhere, "--out", "b.tar"]).ends(2);
        ran.has_said(&["there is no host `registry.invalid", "check the spelling"]);
    }
    // TLS to a registry that speaks none.
    let registry = Registry::start();
    desk.run(&["plugin", "pull", &registry.at("a/b:1.0.0"), "--out", "b.tar"])
        .ends(3)
        .has_said(&["cannot be reached", "speaks HTTPS"]);
}
