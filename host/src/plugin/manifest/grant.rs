//! What a plugin asks for. An administrator gives it, or does not.

use roro_pack::compile::Titles;
use roro_pack::reader::{Entry, Report};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

use super::read::Seen;
use super::text::{SENTENCE_CHARS_MAX, entries, list, must_name, pairs, titles};
use super::word::GrantName;

/// The most hosts that a plugin may ask for.
const HOSTS_MAX: usize = 20;

/// Something that a plugin asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PluginGrant")]
pub struct Grant {
    /// What.
    pub name: GrantName,
    /// Why, by language, for whoever decides.
    pub reason: Titles,
    /// For `fetch`, the hosts: a name, perhaps with `*.` in front for every name below it, perhaps with `:` and a port.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

pub(super) fn load(root: &Entry<'_, '_>, seen: &mut Seen, report: &mut Report) -> Vec<Grant> {
    entries(root, "grants", GrantName::ALL.len(), report).into_iter().filter_map(|entry| grant(entry, seen, report)).collect()
}

fn grant(mut entry: Entry<'_, '_>, seen: &mut Seen, report: &mut Report) -> Option<Grant> {
    "grant".clone_into(&mut entry.item);
    let name = entry.word(report, "name", &pairs(GrantName::ALL, GrantName::as_str));
    if let Some(name) = name {
        entry.item = format!("grant {name}");
        if !seen.grants.insert(name) {
            report.add(&entry.place_of("name"), &entry.item, format!("`{name}` is there twice"), "remove one of them");
        }
    }
    let reason = titles(&entry, "reason", SENTENCE_CHARS_MAX, report);
    let hosts = hosts(&entry, name, report);
    entry.finish(report);
    Some(Grant { name: name?, reason: reason?, hosts })
}

fn hosts(entry: &Entry<'_, '_>, name: Option<GrantName>, report: &mut Report) -> Vec<String> {
    let hosts = list(entry, "hosts", HOSTS_MAX, report);
    let fetches = name.map(|name| name == GrantName::Fetch);
    if fetches == Some(true) {
        must_name(entry, "hosts", "[\"api.example.com\"]", hosts.as_deref(), report);
    }
    if fetches == Some(false) && entry.has("hosts") {
        report.add(&entry.place_of("hosts"), &entry.item, "only the grant `fetch` has hosts", "remove `hosts`");
    }
    let hosts = hosts.unwrap_or_default();
    for host in &hosts {
        if let Err((message, fix)) = check_host(&host.value) {
            report.add(&host.place, &entry.item, message, fix);
        }
    }
    hosts.into_iter().map(|host| host.value).collect()
}

/// An address or this machine would reach what stands beside the host, so only public names pass. Where a name leads is looked at again
/// when it is called.
fn check_host(host: &str) -> Result<(), (String, &'static str)> {
    let (pattern, port) = match host.rsplit_once(':') {
        Some((pattern, port)) => (pattern, Some(port)),
        None => (host, None),
    };
    let bare = pattern.trim_start_matches('[').trim_end_matches(']');
    if [host, pattern, bare].iter().any(|text| text.parse::<IpAddr>().is_ok()) {
        return Err((format!("`{host}` is an address"), "write the name of the host"));
    }
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    if name == "localhost" || name.ends_with(".localhost") {
        return Err((format!("`{host}` is this machine"), "write the name of a host elsewhere"));
    }
    if !is_host_name(name) || !port.is_none_or(is_port) {
        let fix = "write it in lower case, like api.example.com, *.example.com or api.example.com:8443";
        return Err((format!("`{host}` is no host name"), fix));
    }
    Ok(())
}

/// At least two labels: a single one is a machine of the local network, or with `*.` a whole country. The last one begins with a letter,
/// for a number there would make it an address in another notation.
fn is_host_name(name: &str) -> bool {
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(is_label)
        && name.rsplit('.').next().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_lowercase()))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0') && port.parse::<u16>().is_ok()
}
