//! Signing in with tokens, as large registries do: the registry names a service, the service takes user and password and signs a token.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::json;

use super::{Entrance, PASSWORD, Registry, USER, package};
use crate::author::{Desk, Ran};

pub(super) const SERVICE: &str = "tests";
/// Of this test alone: the key, its certificate, and what the registry calls the key.
const PRIVATE: &str = "6902725b710fc4bfa720a8793dc5c8e2ceaf454b752792d471b174ea99abc5e8";
const PUBLIC: &str = "04425bf6175249ef1cc6a1cad461bee5e058e082e238e102ec67543d5c3d7c686dab50555d97135942cc6cb5e1f0480ca459ac00be4c5768535a290c7abb895357";
const KEY_ID: &str = "UIFI:NI2I:7TYF:JCDP:5K42:2IQN:G2ZR:FM4D:B5WX:DBQX:3FEG:CIMO";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUJdNr9ypaKTDZ9d7zMUQkOhV0qVowCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKcm9yby10ZXN0czAgFw0yNjExMjYxMDQ1NDdaGA8yMTI2MTEw
MjEwNDU0N1owFTETMBEGA1UEAwwKcm9yby10ZXN0czBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABEJb9hdSSe8cxqHK1GG+5eBY4ILiOOEC7GdUPVw9fGhtq1BVXZcT
WULMbLXh8EgMpFmsAL5MV2hTWikMeruJU1ejUzBRMB0GA1UdDgQWBBS/i8jvQVWx
v4U9Y4pAHQPMklfr+jAfBgNVHSMEGDAWgBS/i8jvQVWxv4U9Y4pAHQPMklfr+jAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIECVl5tA01cc6xIfV8hC
hYO4Tg/utD4tiOJeTwzNsu23AiEAtpCByVqqVcz6oiR3YV8uh55Ltkgb/qHUeoUp
rilck2o=
-----END CERTIFICATE-----
";

/// A token that allows these actions on a repository for a minute.
fn token(name: &str, actions: &[&str]) -> String {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let head = part(&json!({ "typ": "JWT", "alg": "ES256", "kid": KEY_ID }));
    let claims = part(&json!({ "iss": SERVICE, "sub": USER, "aud": SERVICE, "exp": now + 60, "nbf": now - 10, "iat": now,
        "jti": now.to_string(), "access": [{ "type": "repository", "name": name, "actions": actions }] }));
    let said = format!("{head}.{claims}");
    let random = ring::rand::SystemRandom::new();
    let (private, public) = (hex::decode(PRIVATE).unwrap(), hex::decode(PUBLIC).unwrap());
    let key =
        EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &private, &public, &random).unwrap();
    let signature = key.sign(&random, said.as_bytes()).unwrap();
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A service that gives the user what is asked for, and a guest reading alone. Answers its address.
fn service() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let knows = |user: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let (user, guest) = (knows(USER, PASSWORD), knows("guest", "guest"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let lines: Vec<String> =
                BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let asked =
                lines.first().map(|line| line.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",")).unwrap_or_default();
            let scope =
                asked.split("scope=repository:").nth(1).and_then(|rest| rest.split([' ', '&']).next()).unwrap_or_default();
            let (name, actions) = scope.split_once(':').unwrap_or_default();
            assert!(asked.contains(&format!("service={SERVICE}")), "{asked}");
            let shown = lines
                .iter()
                .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("authorization")));
            let allowed: Vec<&str> = match shown {
                Some((_, shown)) if shown == user => actions.split(',').collect(),
                Some((_, shown)) if shown == guest => vec!["pull"],
                _ => Vec::new(),
            };
            let (status, body) = match allowed.as_slice() {
                [] => ("401 Unauthorized", "{}".to_owned()),
                allowed => ("200 OK", json!({ "token": token(name, allowed) }).to_string()),
            };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    format!("http://{address}/token")
}

#[test]
fn a_token_of_the_service_that_the_registry_names_opens_it() {
    let registry = Registry::start_with(&Entrance::Token { realm: service(), certificate: CERTIFICATE });
    let desk = Desk::new("registry-token");
    let (archive, ..) = package("1.0.0", b"a component", &[1]);
    std::fs::write(desk.path("a.tar"), archive).unwrap();
    let place = registry.at("plugins/price-guard");
    let run = |user: &str, password: &str, arguments: &[&str]| {
        let mut command = desk.roro(arguments);
        Ran::of(command.env("RORO_REGISTRY_USERNAME", user).env("RORO_REGISTRY_PASSWORD", password).output().unwrap())
    };
    let publish = ["plugin", "publish", "a.tar", &place, "--plain-http"];
    run("", "", &publish).ends(2).has_said(&["is not open to everyone"]);
    run(USER, "wrong", &publish).ends(2).has_said(&["does not take this user and password"]);
    run("guest", "guest", &publish).ends(2).has_said(&["does not allow to write to"]);
    run(USER, PASSWORD, &publish).done();
    let version = format!("{place}:1.0.0");
    let pull = ["plugin", "pull", &version, "--plain-http", "--out", "b.tar"];
    run("", "", &pull).ends(2).has_said(&["is not open to everyone"]);
    run("guest", "guest", &pull).done();
    assert!(std::fs::read(desk.path("a.tar")).unwrap() == std::fs::read(desk.path("b.tar")).unwrap());
}
