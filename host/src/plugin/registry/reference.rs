//! `registry/repository:tag` and `registry/repository@sha256:…`: where a package lies.
//!
//! The registry is always named: no name means a registry that somebody else has chosen as the default.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use super::error::Error;
use crate::plugin::package::shown;

/// The longest name of a repository.
const NAME_CHARS_MAX: usize = 255;
/// The longest tag.
const TAG_CHARS_MAX: usize = 128;
const DIGEST_DIGITS: usize = 64;
const DIGEST: &str = "sha256:";

/// A repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    host: String,
    name: String,
}

/// A package in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it lies.
    pub repository: Repository,
    /// Which it is, if that is said.
    pub target: Option<Target>,
}

/// Which package of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The one that has this tag now.
    Tag(String),
    /// The one whose manifest has this SHA-256, in hexadecimal.
    Digest(String),
}

impl Repository {
    /// The registry: a host, with a port if it has one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The name within the registry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the registry is on this very machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = match self.host.strip_prefix('[') {
            Some(rest) => rest.split(']').next(),
            None => self.host.split(':').next(),
        };
        let name = name.unwrap_or_default();
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        const REGISTRY: &str = "begin with the registry, for example registry.example.com/plugins/price-cap";
        let (host, name) = text.split_once('/').ok_or(REGISTRY)?;
        if !is_host(host) {
            return Err(REGISTRY);
        }
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = |part: &str| {
            let ends = part.bytes().next().is_some_and(is_plain) && part.bytes().last().is_some_and(is_plain);
            ends && part.bytes().all(|byte| is_plain(byte) || matches!(byte, b'.' | b'_' | b'-')) && !part.contains("..")
        };
        if name.len() > NAME_CHARS_MAX || !name.split('/').all(fits) {
            return Err("write the repository in small letters and digits, with single . _ - within and / between its parts");
        }
        Ok(Self { host: host.to_ascii_lowercase(), name: name.to_owned() })
    }
}

/// A name with a dot or a port, an address, or `localhost`: anything else could be the first part of a repository.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) if address.parse::<Ipv6Addr>().is_ok() => ("v6", Some(rest)),
        Some(_) => return false,
        None => text.find(':').map_or((text, None), |at| (text.get(..at).unwrap_or_default(), text.get(at..))),
    };
    let port_fits =
        port.is_none_or(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()));
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(fits)
    };
    let is_a_registry = port.is_some() || name.contains('.') || name == "localhost";
    port_fits && is_a_registry && name.split('.').all(is_label)
}

impl FromStr for Repository {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|fix| Error::Reference { text: shown(text), fix })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.name)
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |fix| Error::Reference { text: shown(text), fix };
        if text.contains("://") {
            return Err(wrong("leave out what stands before the registry, with ://"));
        }
        let (place, digest) = text.split_once('@').map_or((text, None), |(place, digest)| (place, Some(digest)));
        // A colon of the host stands before the first slash, one of a tag after the last.
        let slash = place.find('/').unwrap_or(place.len());
        let (place, tag) = match place.get(slash..).and_then(|rest| rest.find(':')) {
            Some(at) => (place.get(..slash + at).unwrap_or_default(), place.get(slash + at + 1..)),
            None => (place, None),
        };
        let repository = Repository::read(place).map_err(wrong)?;
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(wrong("write a tag of at most 128 letters, digits and . _ -, as the version is"));
        }
        let target = match (digest, tag) {
            (Some(digest), _) => Some(Target::Digest(
                read_digest(digest).ok_or_else(|| wrong("write the digest as sha256: and 64 hexadecimal digits"))?.to_owned(),
            )),
            (None, Some(tag)) => Some(Target::Tag(tag.to_owned())),
            (None, None) => None,
        };
        Ok(Self { repository, target })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            None => write!(f, "{}", self.repository),
            Some(Target::Tag(tag)) => write!(f, "{}:{tag}", self.repository),
            Some(Target::Digest(digest)) => write!(f, "{}@{DIGEST}{digest}", self.repository),
        }
    }
}

impl Target {
    /// As it stands in an address.
    pub(super) fn in_address(&self) -> String {
        match self {
            Self::Tag(tag) => tag.clone(),
            Self::Digest(digest) => format!("{DIGEST}{digest}"),
        }
    }
}

fn is_tag(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= TAG_CHARS_MAX
        && text.bytes().next().is_some_and(fits)
        && text.bytes().all(|byte| fits(byte) || matches!(byte, b'.' | b'-'))
}

fn read_digest(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(DIGEST)?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (digits.len() == DIGEST_DIGITS && digits.bytes().all(is_hex)).then_some(digits)
}
