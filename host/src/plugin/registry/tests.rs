//! What can be told without a registry: references and addresses. The rest is tested against a real one.

use super::http::Door;
use super::{Error, Options, Reference, Repository, Target};

fn read(text: &str) -> Reference {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_reference_names_registry_repository_and_which() {
    let digest = "a1".repeat(32);
    let cases = [
        ("registry.example.com/plugins/price-cap", "registry.example.com", "plugins/price-cap", None),
        ("localhost:5000/a:1.0.0", "localhost:5000", "a", Some(Target::Tag("1.0.0".to_owned()))),
        ("localhost/a:1.0.0_b", "localhost", "a", Some(Target::Tag("1.0.0_b".to_owned()))),
        ("[::1]:5000/a/b_c", "[::1]:5000", "a/b_c", None),
        ("EXAMPLE.com/a:x", "example.com", "a", Some(Target::Tag("x".to_owned()))),
    ];
    for (text, host, name, target) in cases {
        let read = read(text);
        assert_eq!((read.repository.host(), read.repository.name(), &read.target), (host, name, &target), "{text}");
    }
    let pinned = read(&format!("example.com/a:1.0.0@sha256:{digest}"));
    assert_eq!(pinned.target, Some(Target::Digest(digest.clone())), "what is pinned is what counts");
    assert_eq!(pinned.to_string(), format!("example.com/a@sha256:{digest}"));
}

#[test]
fn what_names_no_place_is_refused_with_its_fix() {
    let long = format!("example.com/{}", "a".repeat(256));
    let wrong = [
        "",
        "price-cap",
        "plugins/price-cap",
        "example.com",
        "example.com/",
        "example.com//a",
        "example.com/A",
        "example.com/a/../b",
        "example.com/-a",
        "example.com/a:",
        "example.com/a:%2e",
        "example.com/a@sha256:12",
        "example.com/a@md5:12",
        "https://example.com/a",
        "user:secret@example.com/a",
        "example.com:port/a",
        "example.com:70000/a",
        "example.com:/a",
        "exa mple.com/a",
        "example.com?/a",
        "[::g]/a",
        ".com/a",
        &long,
    ];
    for text in wrong {
        let refused = text.parse::<Reference>().unwrap_err();
        assert_eq!(refused.code(), "reference", "{text}");
    }
    let said = "plugins/price-cap".parse::<Reference>().unwrap_err().to_string();
    assert!(said.contains("`plugins/price-cap`") && said.contains("begin with the registry"), "{said}");
}

#[test]
fn only_this_machine_is_loopback() {
    let is = |host: &str| format!("{host}/a").parse::<Repository>().unwrap().is_loopback();
    for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.8.8.8", "[::1]:5000"] {
        assert!(is(host), "{host}");
    }
    for host in ["example.com", "localhost.example.com", "10.0.0.1:5000", "[fd00::1]:80", "127.0.0.1.example.com"] {
        assert!(!is(host), "{host}");
    }
}

#[test]
fn no_registry_leads_out_of_tls() {
    let door = Door::open(&"example.com/a".parse().unwrap(), &Options::default()).unwrap();
    for to in ["http://example.com/token", "http://127.0.0.1/x", "ftp://example.com/x"] {
        assert!(matches!(door.judge(&to.parse().unwrap()), Err(Error::Insecure { .. })), "{to}");
    }
    assert!(door.judge(&"https://elsewhere.example.com/x".parse().unwrap()).is_ok());
}
