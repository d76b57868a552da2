//! What was found, for people.

use super::{Component, Found, Kind, Package};
use crate::cli::plugin::say;
use crate::plugin::manifest::{Manifest, Setting};

pub(super) fn show(found: &Found) {
    match &found.manifest {
        Some(manifest) => about(manifest, found.kind),
        None => println!("a component without a manifest"),
    }
    match &found.component {
        Some(component) => show_component(component),
        None if found.manifest.as_ref().is_some_and(|manifest| manifest.component.is_some()) => {
            println!("component  not built yet: roro plugin build");
        }
        None => {}
    }
    if let Some(manifest) = &found.manifest {
        asks(manifest);
    }
    if let Some(package) = &found.package {
        show_package(package);
    }
    for line in &found.unlike {
        eprintln!("error: {}", say::plain(line));
    }
}

fn about(manifest: &Manifest, kind: Kind) {
    let english = |titles: &std::collections::BTreeMap<String, String>| say::plain(titles.get("en").map_or("", String::as_str));
    let kind = if kind == Kind::Package { "package" } else { "project" };
    println!("{} {}  {} ({kind})", manifest.id, manifest.version, english(&manifest.title));
    println!("summary    {}", english(&manifest.summary));
    println!("publisher  {}, licence {}", say::plain(&manifest.publisher), manifest.licence.as_deref().unwrap_or("not named"));
    if let Some(pack) = &manifest.pack {
        println!("pack       {pack}");
    }
}

fn show_component(component: &Component) {
    println!("component  {}, sha256 {}", say::size(component.bytes), component.sha256);
    println!("exports    {}", component.hooks.join(", "));
    say::imports(&component.imports);
}

/// What the manifest asks for, and what it limits.
fn asks(manifest: &Manifest) {
    for hook in &manifest.hooks {
        let effects: Vec<&str> = hook.effects.iter().map(|effect| effect.as_str()).collect();
        let effects = if effects.is_empty() { "none".to_owned() } else { effects.join(", ") };
        println!(
            "hook       {} of contract {}, when it fails: {}, effects: {effects}",
            hook.name, hook.contract, hook.on_failure
        );
    }
    for grant in &manifest.grants {
        let hosts = if grant.hosts.is_empty() { String::new() } else { format!(" ({})", grant.hosts.join(", ")) };
        println!("grant      {}{hosts}: {}", grant.name, say::plain(grant.reason.get("en").map_or("", String::as_str)));
    }
    if manifest.grants.is_empty() && manifest.component.is_some() {
        println!("grant      none");
    }
    for setting in &manifest.config {
        println!("setting    {}", describe(setting));
    }
    for collection in &manifest.collections {
        println!("keeps      {}, {}", collection.name, say::counted(collection.fields.len(), "field"));
    }
    if let Some(class) = manifest.class {
        let fuel = manifest.limits.fuel.map(|fuel| format!("{} fuel", say::grouped(fuel)));
        let memory = manifest.limits.memory_mib.map(|memory| format!("{memory} MiB"));
        let own: Vec<String> = fuel.into_iter().chain(memory).collect();
        let own = if own.is_empty() { "none of its own".to_owned() } else { own.join(", ") };
        println!("limits     of class {class}; {own}");
    }
}

fn describe(setting: &Setting) -> String {
    let title = say::plain(setting.title.get("en").map_or("", String::as_str));
    let default = setting.default.as_ref().map(|default| format!(", default {}", say::plain(default)));
    let needed = if setting.required && default.is_none() { ", must be filled in" } else { "" };
    format!("{} ({}{}{needed}): {title}", setting.key, setting.kind, default.unwrap_or_default())
}

fn show_package(package: &Package) {
    println!("package    {}, sha256 {}", say::size(package.bytes), package.sha256);
    println!(
        "contents   plugin.toml, {} assets, {} fixture files, {} pack files",
        package.assets, package.fixtures, package.pack
    );
    println!("manifest   plugin.toml, sha256 {}", package.plugin_toml_sha256);
    if package.signatures.is_empty() {
        println!("signature  none");
    }
    for signed in &package.signatures {
        let keys = if signed.key_ids.is_empty() { "no key".to_owned() } else { format!("key {}", signed.key_ids.join(", ")) };
        let until = signed.not_after.as_deref().unwrap_or("no day");
        let about = signed.about.as_deref().unwrap_or("no package");
        println!("signature  {keys} says: {about}, until {until}, for {} (not verified here)", signed.audience.join(", "));
    }
}
