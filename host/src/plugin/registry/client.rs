//! One repository of one registry: manifests, blobs, tags and referrers.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ipnet::IpNet;
use oci_spec::image::Descriptor;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LINK, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Method, Response, StatusCode, Url};
use serde::Deserialize;

use super::challenge::Challenge;
use super::error::Error;
use super::http::{Ask, Door, is_absent};
use super::reference::{Repository, Target};
use crate::plugin::package::limits::{INDEX_BYTES_MAX, INDEX_MANIFESTS_MAX, MANIFEST_BYTES_MAX};
use crate::plugin::package::{self, Blob, digest, shown};
use crate::plugin::signature;

pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
/// What a blob is sent as.
const BLOB_TYPE: &str = "application/octet-stream";
/// How many tags are read of a repository.
const TAGS_MAX: usize = 5_000;
/// How many tags are asked for at once.
const TAGS_PAGE: usize = 1_000;
/// Pages of a list that are followed.
const PAGES_MAX: usize = 16;
/// A page of a list, or the answer of a sign-in service, in bytes.
const LIST_BYTES_MAX: u64 = 1024 * 1024;

/// A user of a registry. The password is never shown.
#[derive(Clone)]
pub struct Login {
    /// The user.
    pub username: String,
    /// The password, or the token that the registry gives out as one.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.username)
    }
}

/// How a registry is spoken to.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether plain HTTP is spoken, with everything to be read on the way, the password too.
    pub plain_http: bool,
    /// Who asks; nobody in particular without it.
    pub login: Option<Login>,
    /// The networks beside the public internet into which the registry may lead on; anywhere without it. Where the registry itself lies is
    /// the choice of whoever named it.
    pub networks: Option<Vec<IpNet>>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Pull,
    /// Reading and writing.
    Push,
}

/// A repository, for one push or pull.
pub struct Client {
    door: Door,
    repository: Repository,
    login: Option<Login>,
    access: Access,
    /// What proves who asks, once the registry has said what it wants.
    proof: tokio::sync::Mutex<Option<HeaderValue>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "registry::Client({})", self.repository)
    }
}

impl Client {
    /// A client of a repository. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn open(repository: &Repository, options: &Options, access: Access) -> Result<Self, Error> {
        Ok(Self {
            door: Door::open(repository, options)?,
            repository: repository.clone(),
            login: options.login.clone(),
            access,
            proof: tokio::sync::Mutex::new(None),
        })
    }

    /// The repository.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The tags of the repository, as the registry orders them; none when it is not there.
    ///
    /// # Errors
    /// All of [`Error`] that speak of the way and of rights.
    pub async fn tags(&self) -> Result<Vec<String>, Error> {
        #[derive(Deserialize)]
        struct Page {
            tags: Option<Vec<String>>,
        }
        let (mut tags, what) = (Vec::new(), "the list of tags");
        let mut next = Some(self.at(&format!("tags/list?n={TAGS_PAGE}"))?);
        for _ in 0..PAGES_MAX {
            let Some(url) = next else { break };
            let Some(response) = self.get(url.clone(), "application/json", what).await? else { break };
            next = self.next_page(&url, &response);
            let bytes = self.door.body(response, what, LIST_BYTES_MAX).await?;
            let page: Page = serde_json::from_slice(&bytes).map_err(|_| self.odd(200, what))?;
            tags.extend(page.tags.unwrap_or_default());
            if tags.len() >= TAGS_MAX {
                break;
            }
        }
        tags.truncate(TAGS_MAX);
        Ok(tags)
    }

    /// The manifest of a target, as it is, and whether it was found under its digest; none when it is not there.
    ///
    /// # Errors
    /// All of [`Error`] that speak of the way and of rights; [`Error::Digest`], [`Error::TooLarge`].
    pub async fn manifest(&self, target: &Target) -> Result<Option<Bytes>, Error> {
        let url = self.at(&format!("manifests/{}", target.in_address()))?;
        let accepted = format!("{MANIFEST_TYPE}, {INDEX_TYPE}");
        let Some(response) = self.get(url, &accepted, "the manifest").await? else { return Ok(None) };
        let bytes = self.door.body(response, "the manifest", MANIFEST_BYTES_MAX).await?;
        if let Target::Digest(expected) = target {
            self.check("the manifest", expected, &bytes)?;
        }
        Ok(Some(bytes))
    }

    /// A blob, counted and hashed.
    ///
    /// # Errors
    /// As [`Client::manifest`], and [`Error::BlobMissing`].
    pub async fn blob(&self, blob: &Blob) -> Result<Bytes, Error> {
        let missing = || Error::BlobMissing {
            what: blob.what.to_owned(),
            digest: blob.digest.clone(),
            repository: self.repository.to_string(),
        };
        let url = self.at(&format!("blobs/sha256:{}", blob.digest))?;
        let response = self.get(url, "*/*", blob.what).await?.ok_or_else(missing)?;
        let bytes = self.door.body(response, blob.what, blob.bytes).await?;
        self.check(blob.what, &blob.digest, &bytes)?;
        Ok(bytes)
    }

    /// Whether a blob is there.
    pub(super) async fn has_blob(&self, digest: &str) -> Result<bool, Error> {
        let url = self.at(&format!("blobs/sha256:{digest}"))?;
        let response = self.send(Ask::new(Method::HEAD, url)).await?;
        match response.status() {
            StatusCode::OK => Ok(true),
            status if is_absent(status) => Ok(false),
            _ => Err(self.refusal(response, "a blob").await),
        }
    }

    /// Sends a blob.
    pub(super) async fn put_blob(&self, what: &str, digest: &str, bytes: &Bytes) -> Result<(), Error> {
        let mut ask = Ask::new(Method::POST, self.at("blobs/uploads/")?);
        // Empty, and said to be: some registries want a length.
        ask.body = Some(Bytes::new());
        let begin = self.send(ask).await?;
        if begin.status() != StatusCode::ACCEPTED {
            return Err(self.refusal(begin, what).await);
        }
        let place = begin.headers().get(LOCATION).and_then(|place| place.to_str().ok());
        let mut place = place.and_then(|place| begin.url().join(place).ok()).ok_or_else(|| self.odd(202, what))?;
        place.query_pairs_mut().append_pair("digest", &format!("sha256:{digest}"));
        let mut ask = Ask::new(Method::PUT, place);
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static(BLOB_TYPE));
        ask.body = Some(bytes.clone());
        let response = self.send(ask).await?;
        match response.status() {
            StatusCode::CREATED => Ok(()),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Error::Refuses { host: self.repository.host().to_owned(), what: what.to_owned(), bytes: bytes.len() as u64 })
            }
            _ => Err(self.refusal(response, what).await),
        }
    }

    /// Sends a manifest. Answers whether the registry itself keeps what it refers to (`OCI-Subject`).
    pub(super) async fn put_manifest(&self, target: &Target, media_type: &'static str, bytes: &Bytes) -> Result<bool, Error> {
        let mut ask = Ask::new(Method::PUT, self.at(&format!("manifests/{}", target.in_address()))?);
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        ask.body = Some(bytes.clone());
        let response = self.send(ask).await?;
        if response.status() != StatusCode::CREATED {
            return Err(self.refusal(response, "the manifest").await);
        }
        Ok(response.headers().contains_key("oci-subject"))
    }

    /// The signatures that refer to a manifest: from the registry's own list, or from the tag that stands for it.
    pub(super) async fn signatures(&self, digest: &str) -> Result<Vec<Descriptor>, Error> {
        let what = "the list of signatures";
        let mut next = Some(self.at(&format!("referrers/sha256:{digest}"))?);
        let (mut found, mut has_list) = (Vec::new(), false);
        for _ in 0..PAGES_MAX {
            let Some(url) = next else { break };
            let Some(response) = self.get(url.clone(), INDEX_TYPE, what).await? else { break };
            (next, has_list) = (self.next_page(&url, &response), true);
            let bytes = self.door.body(response, what, INDEX_BYTES_MAX).await?;
            found.extend(self.listed(&bytes)?);
            if found.len() > INDEX_MANIFESTS_MAX {
                return Err(self.unfit(package::Error::TooManyManifests));
            }
        }
        if !has_list {
            found = self.tagged(digest).await?;
        }
        let is_ours = |one: &Descriptor| one.artifact_type().as_ref().is_none_or(|kind| kind.as_ref() == signature::MEDIA_TYPE);
        found.retain(is_ours);
        Ok(found)
    }

    /// What the tag lists that stands for the registry's own list, of whatever kind.
    pub(super) async fn tagged(&self, digest: &str) -> Result<Vec<Descriptor>, Error> {
        match self.manifest(&referrers_tag(digest)).await? {
            Some(bytes) => self.listed(&bytes),
            None => Ok(Vec::new()),
        }
    }

    fn listed(&self, bytes: &[u8]) -> Result<Vec<Descriptor>, Error> {
        package::referrers(bytes).map_err(|source| self.unfit(source))
    }

    pub(super) fn unfit(&self, source: package::Error) -> Error {
        Error::Package { place: self.repository.to_string(), source }
    }

    fn at(&self, rest: &str) -> Result<Url, Error> {
        let path = format!("v2/{}/{rest}", self.repository.name());
        self.door.root.join(&path).map_err(|_| self.odd(0, rest))
    }

    /// The next page of a list, which is on the same registry.
    fn next_page(&self, url: &Url, response: &Response) -> Option<Url> {
        let link = response.headers().get(LINK)?.to_str().ok()?;
        let (target, rest) = link.strip_prefix('<')?.split_once('>')?;
        let next = url.join(target).ok()?;
        (rest.contains("next") && self.door.is_own(&next)).then_some(next)
    }

    fn check(&self, what: &str, expected: &str, bytes: &[u8]) -> Result<(), Error> {
        let found = digest(bytes);
        if found == expected {
            return Ok(());
        }
        let (what, repository, expected) = (what.to_owned(), self.repository.to_string(), expected.to_owned());
        Err(Error::Digest { what, repository, expected, found })
    }

    /// Asks for something; none when it is not there.
    async fn get(&self, url: Url, accept: &str, what: &str) -> Result<Option<Response>, Error> {
        let mut ask = Ask::new(Method::GET, url);
        ask.headers.insert(ACCEPT, HeaderValue::from_str(accept).map_err(|_| self.odd(0, what))?);
        let response = self.send(ask).await?;
        match response.status() {
            StatusCode::OK => Ok(Some(response)),
            status if is_absent(status) => Ok(None),
            _ => Err(self.refusal(response, what).await),
        }
    }

    /// Sends a request, and once more when the registry first wants to know who asks.
    async fn send(&self, ask: Ask) -> Result<Response, Error> {
        let proof = self.proof.lock().await.clone();
        let had_proof = proof.is_some();
        let response = self.door.send(ask.clone(), proof).await?;
        if response.status() != StatusCode::UNAUTHORIZED || !self.door.is_own(response.url()) {
            return Ok(response);
        }
        let headers = response.headers().get_all(WWW_AUTHENTICATE);
        let challenge = Challenge::of(headers.iter().filter_map(|value| value.to_str().ok()));
        let (proof, is_token) = match challenge {
            // It was asked with the password already.
            Some(Challenge::Basic) if had_proof => return Err(self.no_login()),
            Some(Challenge::Basic) => (self.basic()?.ok_or_else(|| self.no_login())?, false),
            // Also when there was a token: it may have ended.
            Some(Challenge::Bearer { realm, service }) => (self.token(&realm, service.as_deref()).await?, true),
            None => return Err(self.no_login()),
        };
        *self.proof.lock().await = Some(proof.clone());
        let response = self.door.send(ask, Some(proof)).await?;
        match response.status() {
            // A fresh token that does not reach is a matter of rights; a password, of the password.
            StatusCode::UNAUTHORIZED if is_token && self.login.is_some() => Err(self.denied()),
            StatusCode::UNAUTHORIZED => Err(self.no_login()),
            _ => Ok(response),
        }
    }

    fn denied(&self) -> Error {
        let what = if self.access == Access::Push { "write to" } else { "read" };
        Error::Denied { what, repository: self.repository.to_string() }
    }

    fn no_login(&self) -> Error {
        match self.login {
            Some(_) => Error::LoginRefused { host: self.repository.host().to_owned() },
            None => Error::LoginNeeded { repository: self.repository.to_string() },
        }
    }

    fn basic(&self) -> Result<Option<HeaderValue>, Error> {
        let Some(Login { username, password }) = &self.login else { return Ok(None) };
        secret(&format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))).map(Some).ok_or_else(|| self.no_login())
    }

    /// A token for this repository from the service that the registry names.
    async fn token(&self, realm: &str, service: Option<&str>) -> Result<HeaderValue, Error> {
        #[derive(Deserialize)]
        struct Answer {
            token: Option<String>,
            access_token: Option<String>,
        }
        let what = "the sign-in";
        let mut url = Url::parse(realm).map_err(|_| self.odd(401, what))?;
        let actions = if self.access == Access::Push { "pull,push" } else { "pull" };
        {
            let mut query = url.query_pairs_mut();
            if let Some(service) = service {
                query.append_pair("service", service);
            }
            query.append_pair("scope", &format!("repository:{}:{actions}", self.repository.name()));
        }
        let mut ask = Ask::new(Method::GET, url.clone());
        if let Some(proof) = self.basic()? {
            ask.headers.insert(reqwest::header::AUTHORIZATION, proof);
        }
        let response = self.door.send_once(ask).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(self.no_login()),
            _ => return Err(self.refusal(response, what).await),
        }
        let bytes = self.door.body(response, what, LIST_BYTES_MAX).await?;
        let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| self.odd(200, what))?;
        let token = answer.token.or(answer.access_token).ok_or_else(|| self.odd(200, what))?;
        secret(&format!("Bearer {token}")).ok_or_else(|| self.odd(200, what))
    }

    fn odd(&self, status: u16, what: &str) -> Error {
        let said = " with something that is not of the specification".to_owned();
        Error::Answer { host: self.repository.host().to_owned(), what: what.to_owned(), status, said }
    }

    /// What an answer that is no success means.
    async fn refusal(&self, response: Response, what: &str) -> Error {
        let host = self.repository.host().to_owned();
        match response.status() {
            StatusCode::UNAUTHORIZED => self.no_login(),
            StatusCode::FORBIDDEN => self.denied(),
            StatusCode::TOO_MANY_REQUESTS => Error::Busy { host },
            status => {
                let said = self.door.said(response).await;
                Error::Answer { host, what: shown(what), status: status.as_u16(), said }
            }
        }
    }
}

/// A header that no log shows.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The tag under which a registry without a list of its own keeps what refers to a manifest.
pub(super) fn referrers_tag(digest: &str) -> Target {
    Target::Tag(format!("sha256-{digest}"))
}
