//! The registries of the catalogue: what their repositories offer, as it was seen last, and fetching one package of it.
//!
//! A look never waits for a registry, but the very first one, and that for some seconds: it starts a new reading in the background when the
//! last one is old. A reading costs a list of tags, and for each version its manifest, its list of signatures and, once, plugin.toml.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use semver::Version;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::{Offer, Trouble};
use crate::config;
use crate::kernel::outbound;
use crate::outbox::KINDS;
use crate::plugin::manifest;
use crate::plugin::package::digest;
use crate::plugin::registry::{self, Access, Client, Error, Login, Options, Repository, Target, glance};

/// The newest versions of a repository that are on offer.
const VERSIONS_MAX: usize = 10;
/// How long the reading of one repository may take.
const READING_MAX: Duration = Duration::from_secs(60);
/// How long the first look waits for what the registries say.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// How many packages are fetched at once: each may take as much memory as a package may have bytes, twice.
const FETCHES_MAX: usize = 2;
/// Descriptions that are remembered, by digest.
const GLANCES_MAX: u64 = 1_000;
/// The most problems of a plugin.toml that are said at once.
const PROBLEMS_MAX: usize = 5;

/// A repository of the settings.
#[derive(Debug)]
struct Stand {
    repository: Repository,
    plain_http: bool,
    username: String,
    password_file: PathBuf,
}

/// What was seen of a repository.
#[derive(Debug, Clone, Default)]
struct Seen {
    offers: Vec<Arc<Offer>>,
    trouble: Option<Trouble>,
    /// Whether it was looked at at all.
    once: bool,
}

/// What all clones share.
struct Inside {
    stands: Vec<Stand>,
    networks: Vec<ipnet::IpNet>,
    refresh: Duration,
    fetch_max: Duration,
    seen: watch::Sender<Vec<Seen>>,
    /// When the last reading began.
    began: std::sync::Mutex<Option<Instant>>,
    reading: AtomicBool,
    fetches: Semaphore,
    /// What plugin.toml says, by the digest of the package: that never changes.
    glances: moka::sync::Cache<String, Arc<Offer>>,
}

/// The registries. Clones share what was seen.
#[derive(Clone)]
pub(super) struct Shop(Arc<Inside>);

/// While it lives, a reading is under way; however that ends, the next one may begin.
struct Reading(Arc<Inside>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.reading.store(false, Ordering::Release);
    }
}

impl Shop {
    pub(super) fn new(settings: &config::Plugins, outbound: &outbound::Settings) -> Result<Self, Error> {
        let mut stands = Vec::new();
        for registry in &settings.registries {
            for name in &registry.repositories {
                stands.push(Stand {
                    repository: format!("{}/{name}", registry.host).parse()?,
                    plain_http: registry.plain_http,
                    username: registry.username.clone(),
                    password_file: registry.password_file.clone(),
                });
            }
        }
        let seen = vec![Seen::default(); stands.len()];
        Ok(Self(Arc::new(Inside {
            stands,
            networks: outbound.networks_allowed.clone(),
            refresh: Duration::from_millis(settings.registry_refresh_ms),
            fetch_max: Duration::from_millis(settings.registry_fetch_ms_max),
            seen: watch::Sender::new(seen),
            began: std::sync::Mutex::default(),
            reading: AtomicBool::new(false),
            fetches: Semaphore::new(FETCHES_MAX),
            glances: moka::sync::Cache::new(GLANCES_MAX),
        })))
    }

    /// What the repositories offered when they were seen last, and those that could not be read then.
    pub(super) async fn look(&self) -> (Vec<Arc<Offer>>, Vec<Trouble>) {
        if self.0.stands.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let mut seen = self.0.seen.subscribe();
        self.read_when_due();
        // Whoever comes first waits a little for those that answer; a slow one shows later.
        drop(tokio::time::timeout(FIRST_LOOK, seen.wait_for(|all| all.iter().all(|one| one.once))).await);
        let all = seen.borrow();
        let mut troubles: Vec<Trouble> = all.iter().filter_map(|one| one.trouble.clone()).collect();
        for (stand, _) in self.0.stands.iter().zip(all.iter()).filter(|(_, one)| !one.once) {
            troubles.push(trouble(&stand.repository, &Error::TimedOut { host: stand.repository.host().to_owned() }));
        }
        (all.iter().flat_map(|one| one.offers.clone()).collect(), troubles)
    }

    /// The archive of a package on offer; none when no repository offers it.
    pub(super) async fn fetch(&self, wanted: &str) -> Result<Option<Bytes>, Error> {
        let at = self.0.seen.borrow().iter().position(|one| one.offers.iter().any(|offer| offer.digest == wanted));
        let Some(stand) = at.and_then(|at| self.0.stands.get(at)) else { return Ok(None) };
        let fetching = async {
            let _turn = self.0.fetches.acquire().await.map_err(|_| Error::Unavailable)?;
            let client = self.0.client(stand).await?;
            let stored = registry::pull(&client, Some(&Target::Digest(wanted.to_owned())), &|_| ()).await?;
            let archive = tokio::task::spawn_blocking(move || {
                let mut archive = Vec::new();
                stored.image.write_archive(&stored.envelopes, &mut archive).map(|()| Bytes::from(archive))
            });
            let archive = archive.await.map_err(|_| Error::Unavailable)?;
            archive.map_err(|source| Error::Package { place: stand.repository.to_string(), source })
        };
        let late = |_| Error::TimedOut { host: stand.repository.host().to_owned() };
        tokio::time::timeout(self.0.fetch_max, fetching).await.map_err(late)?.map(Some)
    }

    /// Starts a reading unless one is under way or the last one is fresh.
    fn read_when_due(&self) {
        {
            let mut began = self.0.began.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let fresh = began.is_some_and(|at| at.elapsed() < self.0.refresh);
            if fresh || self.0.reading.swap(true, Ordering::AcqRel) {
                return;
            }
            *began = Some(Instant::now());
        }
        let reading = Reading(Arc::clone(&self.0));
        tokio::spawn(async move {
            let inside = &reading.0;
            futures::future::join_all((0..inside.stands.len()).map(|at| inside.read(at))).await;
        });
    }
}

impl Inside {
    async fn read(&self, at: usize) {
        let Some(stand) = self.stands.get(at) else { return };
        let late = |_| Error::TimedOut { host: stand.repository.host().to_owned() };
        let read = tokio::time::timeout(READING_MAX, self.offers(stand)).await.map_err(late);
        let read = read.and_then(|offers| offers);
        if let Err(error) = &read {
            let repository = stand.repository.to_string();
            tracing::warn!(repository, code = error.code(), "a repository of the catalogue cannot be read");
        }
        self.seen.send_modify(|all| {
            let Some(seen) = all.get_mut(at) else { return };
            seen.once = true;
            match read {
                Ok(offers) => (seen.offers, seen.trouble) = (offers, None),
                // What it offered before is shown on: it may be back when somebody wants it.
                Err(error) => seen.trouble = Some(trouble(&stand.repository, &error)),
            }
        });
    }

    async fn client(&self, stand: &Stand) -> Result<Client, Error> {
        let path = &stand.password_file;
        let login = if stand.username.is_empty() {
            None
        } else {
            // Read each time: whoever changes the password need not restart the server.
            let read = tokio::fs::read_to_string(path).await.map_err(|error| {
                tracing::warn!(file = %path.display(), %error, "the password of a registry cannot be read");
                Error::Password { host: stand.repository.host().to_owned() }
            })?;
            Some(Login { username: stand.username.clone(), password: read.trim_end_matches(['\r', '\n']).to_owned() })
        };
        let options = Options { plain_http: stand.plain_http, login, networks: Some(self.networks.clone()) };
        Client::open(&stand.repository, &options, Access::Pull)
    }

    /// The newest versions of a repository. One that is no plugin is passed over with a line in the log.
    async fn offers(&self, stand: &Stand) -> Result<Vec<Arc<Offer>>, Error> {
        let client = self.client(stand).await?;
        let tags = client.tags().await?;
        let versions: BTreeMap<Version, String> = tags.into_iter().filter_map(|tag| Some((tag.parse().ok()?, tag))).collect();
        let (mut offers, mut digests) = (Vec::new(), BTreeSet::new());
        for (version, tag) in versions.into_iter().rev().take(VERSIONS_MAX) {
            match self.offer(&client, &version, tag).await {
                Ok(Some(offer)) if digests.insert(offer.digest.clone()) => offers.push(offer),
                Ok(_) => {}
                Err(error @ (Error::Package { .. } | Error::Unfit { .. } | Error::Digest { .. } | Error::TooLarge { .. })) => {
                    let repository = stand.repository.to_string();
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(repository, version = %version, error, "a version in the catalogue is no plugin");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(offers)
    }

    async fn offer(&self, client: &Client, version: &Version, tag: String) -> Result<Option<Arc<Offer>>, Error> {
        let Some(bytes) = client.manifest(&Target::Tag(tag)).await? else { return Ok(None) };
        let signatures = registry::signatures(client, &bytes).await?;
        let known = self.glances.get(&format!("{} {}", client.repository(), digest(&bytes)));
        let offer = match known {
            Some(known) => known,
            None => self.describe(client, version, &bytes).await?,
        };
        Ok(Some(if offer.signatures == signatures { offer } else { Arc::new(Offer { signatures, ..(*offer).clone() }) }))
    }

    async fn describe(&self, client: &Client, version: &Version, bytes: &Bytes) -> Result<Arc<Offer>, Error> {
        let seen = glance(client, bytes).await?;
        let place = format!("{}:{version}", client.repository());
        let unfit = |wrong: Vec<String>| Error::Unfit { place: place.clone(), wrong };
        let manifest = manifest::read("plugin.toml", &seen.manifest_text, KINDS)
            .map_err(|problems| unfit(problems.iter().take(PROBLEMS_MAX).map(ToString::to_string).collect()))?;
        if manifest.version != *version {
            return Err(unfit(vec![format!("plugin.toml has version {}: publish it under that", manifest.version)]));
        }
        let component_sha256 = seen.component_digest.ok_or_else(|| unfit(vec!["the package has no component".to_owned()]))?;
        let repository = client.repository().to_string();
        let key = format!("{repository} {}", seen.digest);
        let offer = Offer {
            digest: seen.digest,
            manifest,
            component_sha256,
            bytes: seen.bytes,
            signatures: 0,
            repository: Some(repository),
        };
        let offer = Arc::new(offer);
        self.glances.insert(key, Arc::clone(&offer));
        Ok(offer)
    }
}

fn trouble(repository: &Repository, error: &Error) -> Trouble {
    Trouble { repository: repository.to_string(), code: error.code().to_owned(), message: error.to_string() }
}
