//! Packages of plugins for tests: made of the example plugin or of the attackers, signed by keys of the test.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use roro::kernel::time::Instant;
use roro::plugin::package::Package;
use roro::plugin::signature::{KeyPair, Statement, sign};
use semver::Version;

use crate::support::{component, root};

/// A package that is put together.
pub(crate) struct Parcel {
    package: Package,
    id: String,
    version: Version,
    not_after: Instant,
    audience: Vec<String>,
}

/// What the attackers' component is called as a plugin.
const ATTACKERS: &str = r#"
format = 1
id = "attackers"
version = "1.0.0"
title = { en = "Attackers", zh = "攻击者" }
summary = { en = "Attacks as it is told.", zh = "按指示攻击。" }
publisher = "Roro"
component = "attackers.wasm"
class = "rule"
[[hooks]]
name = "documents"
contract = "0.1.0"
on_failure = "closed"
[[grants]]
name = "config"
reason = { en = "To be told which attack.", zh = "得知攻击方式。" }
[[grants]]
name = "tables"
reason = { en = "To read too much.", zh = "读取过多。" }
[[config]]
key = "attack"
kind = "text"
title = { en = "Attack", zh = "攻击" }
required = true
"#;

/// What the attacking app is called as a plugin.
const ATTACKING_APP: &str = r#"
format = 1
id = "attacking-app"
version = "1.0.0"
title = { en = "Attacking app", zh = "攻击应用" }
summary = { en = "Attacks as it is told.", zh = "按指示攻击。" }
publisher = "Roro"
component = "attacking_app.wasm"
class = "rule"
[[hooks]]
name = "app"
contract = "0.1.0"
on_failure = "closed"
effects = ["note"]
[[grants]]
name = "records"
reason = { en = "x", zh = "x" }
[[grants]]
name = "cache"
reason = { en = "x", zh = "x" }
[[grants]]
name = "fetch"
reason = { en = "x", zh = "x" }
hosts = [HOSTS]
[[grants]]
name = "random"
reason = { en = "x", zh = "x" }
[[grants]]
name = "orders"
reason = { en = "x", zh = "x" }
[[grants]]
name = "tasks"
reason = { en = "x", zh = "x" }
[[grants]]
name = "events"
reason = { en = "x", zh = "x" }
[[collections]]
name = "things"
title = { en = "Things", zh = "事物" }
[[collections.fields]]
key = "name"
kind = "text"
title = { en = "Name", zh = "名称" }
required = true
[[collections.indexes]]
fields = ["name"]
unique = true
[[events]]
kind = "order.imported"
[limits]
records_max = 100
"#;

impl Parcel {
    /// The example plugin `price-guard` at a version.
    pub(crate) fn price_guard(version: &str) -> Self {
        Self::example("price-guard", version)
    }

    /// The example app `follow-ups` at a version.
    pub(crate) fn follow_ups(version: &str) -> Self {
        Self::example("follow-ups", version)
    }

    /// The example plugin `freight-tariff` at a version.
    pub(crate) fn freight_tariff(version: &str) -> Self {
        Self::example("freight-tariff", version)
    }

    /// The same with the limits and the choices of an interpreter.
    pub(crate) fn interpreted(mut self) -> Self {
        self.package.manifest_text = self.package.manifest_text.replace("class = \"rule\"", "class = \"interpreted\"");
        self
    }

    /// The price plugin under another id, so that two of them take part.
    pub(crate) fn freight_tariff_as(id: &str) -> Self {
        let tariff = Self::freight_tariff("1.0.0");
        let text = tariff.package.manifest_text.replace("id = \"freight-tariff\"", &format!("id = \"{id}\""));
        let Package { component, assets, .. } = tariff.package;
        Self::new(id, "1.0.0", &text, component.unwrap_or_default().to_vec(), assets)
    }

    /// A plugin of the folder `examples`.
    fn example(name: &str, version: &str) -> Self {
        let folder = root().join("examples").join(name);
        let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
        let text = String::from_utf8(read("plugin.toml")).unwrap();
        let locales = ["locales/en.toml", "locales/zh.toml"].map(|file| (file.to_owned(), Bytes::from(read(file))));
        let component = component(&format!("roro_example_{}.wasm", name.replace('-', "_")));
        Self::new(name, version, &text.replace("1.0.0", version), component, locales.into())
    }

    /// The attackers, which fail in the way that the setting `attack` names.
    pub(crate) fn attackers(on_failure: &str) -> Self {
        let text = ATTACKERS.replace("\"closed\"", &format!("\"{on_failure}\""));
        let locale = "[ATTACKERS-X]\nsays = \"x\"\nwhy = \"x\"\nfix = \"x\"\n";
        let locales = BTreeMap::from([("locales/en.toml".to_owned(), Bytes::from_static(locale.as_bytes()))]);
        Self::new("attackers", "1.0.0", &text, component("roro_attackers.wasm"), locales)
    }

    /// The app that does what it is told, with these hosts to fetch from.
    pub(crate) fn attacking_app(hosts: &str) -> Self {
        let text = ATTACKING_APP.replace("HOSTS", hosts);
        let locale = "[ATTACKING-APP-01]\nsays = \"{what}\"\nwhy = \"x\"\nfix = \"x\"\n";
        let locales = BTreeMap::from([("locales/en.toml".to_owned(), Bytes::from_static(locale.as_bytes()))]);
        Self::new("attacking-app", "1.0.0", &text, component("roro_attacking_app.wasm"), locales)
    }

    fn new(id: &str, version: &str, text: &str, component: Vec<u8>, assets: BTreeMap<String, Bytes>) -> Self {
        let package = Package { manifest_text: text.to_owned(), component: Some(component.into()), assets, ..Package::default() };
        let not_after = "2027-01-01T00:00:00Z".parse().unwrap();
        Self { package, id: id.to_owned(), version: version.parse().unwrap(), not_after, audience: vec!["*".to_owned()] }
    }

    pub(crate) fn edit(mut self, from: &str, to: &str) -> Self {
        assert!(self.package.manifest_text.contains(from), "{from}");
        self.package.manifest_text = self.package.manifest_text.replace(from, to);
        self
    }

    /// The same component as another plugin.
    pub(crate) fn named(mut self, id: &str) -> Self {
        let line = format!("\nid = \"{}\"", self.id);
        self = self.edit(&line, &format!("\nid = \"{id}\""));
        if !format!("{}-", self.id).starts_with(&format!("{id}-")) {
            let prefix = |id: &str| format!("[{}-", id.to_uppercase());
            for text in self.package.assets.values_mut() {
                *text = String::from_utf8(text.to_vec()).unwrap().replace(&prefix(&self.id), &prefix(id)).into();
            }
        }
        id.clone_into(&mut self.id);
        self
    }

    /// The same component with a custom section more: other bytes that do the same.
    pub(crate) fn padded(self, with: [u8; 3]) -> Self {
        let mut bytes = self.package.component.as_ref().unwrap().to_vec();
        // A custom section of five bytes: its name has one letter, and three bytes follow.
        bytes.extend([0, 5, 1, b'x']);
        bytes.extend(with);
        self.with_component(&bytes)
    }

    pub(crate) fn with_component(mut self, bytes: &[u8]) -> Self {
        self.package.component = Some(Bytes::copy_from_slice(bytes));
        self
    }

    pub(crate) fn until(mut self, not_after: &str) -> Self {
        self.not_after = not_after.parse().unwrap();
        self
    }

    pub(crate) fn only_for(mut self, audience: &str) -> Self {
        self.audience = vec![audience.to_owned()];
        self
    }

    pub(crate) fn without(mut self, asset: &str) -> Self {
        self.package.assets.remove(asset).unwrap();
        self
    }

    /// The archive, signed by these keys, and the package's digest.
    pub(crate) fn archive(&self, keys: &[&KeyPair]) -> (Bytes, String) {
        let image = self.package.image(&self.id, &self.version).unwrap();
        let subject = image.subject(&self.id, &self.version);
        let statement = Statement { subject, not_after: self.not_after, audience: self.audience.clone() };
        let envelopes: Vec<Bytes> = keys.iter().map(|key| Bytes::from(sign(&statement, key))).collect();
        let mut archive = Vec::new();
        image.write_archive(&envelopes, &mut archive).unwrap();
        (archive.into(), image.manifest_digest())
    }

    /// Puts the archive on offer and answers the package's digest.
    pub(crate) fn offer(&self, catalogue: &Path, keys: &[&KeyPair]) -> String {
        let (archive, digest) = self.archive(keys);
        std::fs::create_dir_all(catalogue).unwrap();
        std::fs::write(catalogue.join(format!("{}-{}-{digest}.tar", self.id, keys.len())), archive).unwrap();
        digest
    }
}

/// A key of a number.
pub(crate) fn key(number: u8) -> KeyPair {
    KeyPair::generate([number; 32])
}
