//! Requests to a registry: bounded in time and bytes, led on a few times at most, never from TLS to plain HTTP.
//!
//! A registry chooses where its blobs and its sign-in are: the host that somebody named is trusted to be there, every other one is judged
//! when the caller says which networks it may lie in. A login goes to the registry itself and to the sign-in service, to nobody else.

use std::error::Error as StdError;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Response, StatusCode, Url};

use super::client::Options;
use super::error::Error;
use super::reference::Repository;
use crate::kernel::outbound::may_reach;
use crate::plugin::package::shown;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the head of an answer, or the next piece of its body, may take.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// The slowest upload that is waited for, bytes a second: the answer comes when all is sent.
const UPLOAD_BYTES_PER_SECOND_MIN: u64 = 64 * 1024;
/// How often a request is led on.
const REDIRECTS_MAX: usize = 5;
/// How much of an error is read.
const SAID_BYTES_MAX: usize = 8 * 1024;

/// The way to one registry.
pub(super) struct Door {
    http: reqwest::Client,
    host: String,
    /// Where requests begin: the registry's root.
    pub(super) root: Url,
    plain_http: bool,
    networks: Option<Arc<[IpNet]>>,
}

/// A request.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
}

impl Ask {
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None }
    }
}

/// The address was judged and refused, found again in the causes of what reqwest says.
#[derive(Debug, thiserror::Error)]
enum Judgement {
    #[error("the address is not public")]
    Private,
    #[error("the name has no address")]
    Unresolved,
}

impl Door {
    pub(super) fn open(repository: &Repository, options: &Options) -> Result<Self, Error> {
        // Fails when another part of the process has chosen one: then there is one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let scheme = if options.plain_http { "http" } else { "https" };
        // What people call docker.io answers to requests elsewhere.
        let host = if repository.host() == "docker.io" { "registry-1.docker.io" } else { repository.host() };
        let root = Url::parse(&format!("{scheme}://{host}/")).map_err(|_| Error::Unresolved { host: host.to_owned() })?;
        let own = root.host_str().unwrap_or_default().to_owned();
        let networks: Option<Arc<[IpNet]>> = options.networks.clone().map(Into::into);
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("Roro/", env!("CARGO_PKG_VERSION")));
        if let Some(networks) = &networks {
            builder = builder.no_proxy().dns_resolver(Judged { own, networks: Arc::clone(networks) });
        } else if repository.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| {
            tracing::warn!(error = &error as &dyn StdError, "no request can be made to a registry");
            Error::Unavailable
        })?;
        Ok(Self { http, host: repository.host().to_owned(), root, plain_http: options.plain_http, networks })
    }

    /// Whether an address is the registry itself: what is secret goes nowhere else.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.root.origin()
    }

    /// Whether somewhere the registry leads to may be asked, as far as its text says.
    pub(super) fn judge(&self, url: &Url) -> Result<(), Error> {
        if url.scheme() != "https" && !(url.scheme() == "http" && self.plain_http) {
            return Err(Error::Insecure { host: self.host.clone(), to: shown(url.host_str().unwrap_or_default()) });
        }
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
            Some(url::Host::Ipv6(address)) => IpAddr::V6(address),
            _ => return Ok(()),
        };
        let is_own = url.host_str() == self.root.host_str();
        match &self.networks {
            Some(networks) if !is_own && !may_reach(networks, address) => Err(Error::Private { host: self.host.clone() }),
            _ => Ok(()),
        }
    }

    /// Sends a request and answers with the head of what comes back, wherever it was led to. What proves who asks goes to the registry
    /// itself alone.
    pub(super) async fn send(&self, mut ask: Ask, proof: Option<HeaderValue>) -> Result<Response, Error> {
        let mut led = 0;
        loop {
            let mut once = ask.clone();
            if let Some(value) = proof.as_ref().filter(|_| self.is_own(&ask.url)) {
                once.headers.insert(AUTHORIZATION, value.clone());
            }
            let response = self.send_once(once).await?;
            let leads_on = response.status().is_redirection() && matches!(ask.method, Method::GET | Method::HEAD);
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| ask.url.join(to).ok());
            match to {
                Some(to) if leads_on && led < REDIRECTS_MAX => (ask.url, led) = (to, led + 1),
                _ => return Ok(response),
            }
        }
    }

    /// Sends a request as it is, and is led nowhere.
    pub(super) async fn send_once(&self, ask: Ask) -> Result<Response, Error> {
        self.judge(&ask.url)?;
        let mut request = self.http.request(ask.method, ask.url.clone()).headers(ask.headers);
        let mut time = PAUSE_MAX;
        if let Some(body) = ask.body {
            time += Duration::from_secs(body.len() as u64 / UPLOAD_BYTES_PER_SECOND_MIN);
            request = request.body(body);
        }
        let sent = tokio::time::timeout(time, request.send()).await;
        sent.map_err(|_| timed_out(&ask.url))?.map_err(|error| self.why(&ask.url, &error))
    }

    /// The whole body of an answer, of so many bytes at most.
    pub(super) async fn body(&self, mut response: Response, what: &str, bytes_max: u64) -> Result<Bytes, Error> {
        let too_large = || Error::TooLarge { what: what.to_owned(), host: self.host.clone(), bytes_max };
        let says = response.content_length().unwrap_or(0);
        if says > bytes_max {
            return Err(too_large());
        }
        let mut bytes = BytesMut::with_capacity(usize::try_from(says).unwrap_or(0));
        loop {
            let url = response.url().clone();
            let piece = tokio::time::timeout(PAUSE_MAX, response.chunk()).await.map_err(|_| timed_out(&url))?;
            let Some(piece) = piece.map_err(|error| self.why(&url, &error))? else { return Ok(bytes.freeze()) };
            if (bytes.len() + piece.len()) as u64 > bytes_max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&piece);
        }
    }

    /// What an error says of itself: its codes and texts, on one line, cut.
    pub(super) async fn said(&self, mut response: Response) -> String {
        let mut bytes = Vec::new();
        while let Ok(Ok(Some(piece))) = tokio::time::timeout(PAUSE_MAX, response.chunk()).await {
            bytes.extend_from_slice(&piece);
            if bytes.len() > SAID_BYTES_MAX {
                return String::new();
            }
        }
        let said: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let errors = said.get("errors").and_then(serde_json::Value::as_array).into_iter().flatten();
        let text =
            |one: &serde_json::Value, key: &str| one.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let lines: Vec<String> = errors.map(|one| format!("{} {}", text(one, "code"), text(one, "message"))).collect();
        if lines.is_empty() { String::new() } else { format!(" ({})", shown(lines.join("; ").trim())) }
    }

    /// What reqwest says, in our words.
    fn why(&self, url: &Url, error: &reqwest::Error) -> Error {
        let host = shown(&place(url));
        let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
        let mut unresolved = false;
        while let Some(one) = cause {
            match one.downcast_ref::<Judgement>() {
                Some(Judgement::Private) => return Error::Private { host: self.host.clone() },
                Some(Judgement::Unresolved) => return Error::Unresolved { host },
                None => {}
            }
            // The resolver of the system has no error of its own kind.
            unresolved |= one.to_string().contains("failed to lookup address information");
            cause = one.source();
        }
        let speaks = if url.scheme() == "http" { "plain HTTP" } else { "HTTPS" };
        match () {
            () if unresolved => Error::Unresolved { host },
            () if error.is_timeout() => Error::TimedOut { host },
            () => Error::Unreachable { host, speaks },
        }
    }
}

fn timed_out(url: &Url) -> Error {
    Error::TimedOut { host: shown(&place(url)) }
}

/// Host and port of an address.
fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether a status says that there is nothing.
pub(super) fn is_absent(status: StatusCode) -> bool {
    status == StatusCode::NOT_FOUND
}

/// A resolver that hands out judged addresses, except for the registry that somebody named.
struct Judged {
    own: String,
    networks: Arc<[IpNet]>,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, is_own) = (Arc::clone(&self.networks), name.as_str() == self.own);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Judgement::Unresolved)?;
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                return Err(Judgement::Unresolved.into());
            }
            if !is_own && !found.iter().all(|address| may_reach(&networks, address.ip())) {
                return Err(Judgement::Private.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
