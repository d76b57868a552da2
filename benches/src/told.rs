//! Packages of the guest `told`, which answers through two hooks what its settings say: as many plugins as a bench needs, no two of them the
//! same component.

use roro::access::Actor;
use roro::command::Request;
use roro::kernel::Ctx;
use roro::kernel::id::ReleaseId;
use roro::plugin::manifest::GrantName;
use roro::plugin::package::Package;
use roro::plugin::signature::{KeyPair, Statement, sign};
use roro::plugin::{self, New, Shelf};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::cases::component;

/// How many hooks of the plugin judge an order.
pub const HOOKS: usize = 2;

const MANIFEST: &str = r#"
format = 1
id = "ID"
version = "1.0.0"
title = { en = "ID", zh = "ID" }
summary = { en = "Says of which release it is.", zh = "说明所属版本。" }
publisher = "Roro"
component = "told.wasm"
class = "rule"
[[hooks]]
name = "documents"
contract = "0.1.0"
on_failure = "closed"
[[hooks]]
name = "order-guard"
contract = "0.1.0"
on_failure = "closed"
[[grants]]
name = "config"
reason = { en = "To be told the release.", zh = "得知所属版本。" }
[[config]]
key = "rule"
kind = "text"
title = { en = "Rule", zh = "规则" }
required = true
[[config]]
key = "release"
kind = "text"
title = { en = "Release", zh = "版本" }
required = true
"#;

/// The key that signs them.
#[must_use]
pub fn key() -> KeyPair {
    KeyPair::generate([1; 32])
}

/// The setting under which a server trusts that key for every tenant.
#[must_use]
pub fn trust() -> (&'static str, String) {
    ("RORO__PLUGINS__TRUSTED_KEYS", format!("[\"{}\"]", key().public()))
}

/// The id of a plugin.
#[must_use]
pub fn id(number: usize) -> String {
    format!("told-{number:02}")
}

/// The rule under which it answers.
#[must_use]
pub fn rule(number: usize) -> String {
    format!("{}-RELEASE-01", id(number).to_uppercase())
}

/// The guest with a custom section more: other bytes that do the same, and so another component.
fn distinct(number: usize) -> Vec<u8> {
    let mut bytes = component("roro_bench_told.wasm");
    let text = id(number);
    let length = |count: usize| u8::try_from(count).expect("a short section");
    // Section 0: its length, then a name of one letter, then anything.
    bytes.extend([0, length(text.len() + 2), 1, b'x']);
    bytes.extend(text.as_bytes());
    bytes
}

/// The signed archive of a plugin.
fn archive(ctx: &Ctx, number: usize) -> Vec<u8> {
    let (id, version) = (id(number), "1.0.0".parse().expect("a version"));
    let words = format!("[{}]\nsays = \"It is of release {{release}}.\"\nwhy = \"x\"\nfix = \"x\"\n", rule(number));
    let package = Package {
        manifest_text: MANIFEST.replace("ID", &id),
        component: Some(distinct(number).into()),
        assets: BTreeMap::from([("locales/en.toml".to_owned(), words.into_bytes().into())]),
        ..Package::default()
    };
    let image = package.image(&id, &version).expect("a package");
    let not_after = ctx.now().after(Duration::from_secs(86_400));
    let statement = Statement { subject: image.subject(&id, &version), not_after, audience: vec!["*".to_owned()] };
    let mut archive = Vec::new();
    image.write_archive(&[sign(&statement, &key()).into()], &mut archive).expect("an archive");
    archive
}

fn request() -> Request {
    Request::new("bench", None, &[])
}

/// Brings a plugin into a tenant through the verbs of the product, makes a release for each name, and activates the first.
pub async fn install(ctx: &Ctx, actor: &Actor, shelf: &Shelf, number: usize, releases: &[&str]) -> Vec<ReleaseId> {
    Box::pin(plugin::install(ctx, actor, shelf, request(), archive(ctx, number).into())).await.expect("installed");
    let (id, mut made) = (id(number), Vec::with_capacity(releases.len()));
    for name in releases {
        let settings = [("rule", rule(number)), ("release", (*name).to_owned())];
        let settings = settings.map(|(key, value)| (key.to_owned(), value)).into();
        let new = New { settings, grants: [GrantName::Config].into(), ..New::default() };
        let answer = plugin::release(ctx, actor, request(), &id, new).await.expect("a release");
        let card: Value = serde_json::from_str(&answer.body).expect("JSON");
        made.push(card.get("id").and_then(Value::as_str).expect("an id").parse().expect("an id"));
    }
    if let Some(first) = made.first() {
        Box::pin(plugin::activate(ctx, actor, shelf, request(), &id, *first)).await.expect("active");
    }
    made
}
