//! The port to apps: what one is asked, what it may read while it answers, and what it proposes. The guest door implements [`Apps`]; a [`Desk`] is
//! the tenant's database for the server and a fixture for an author.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::Description;
use crate::document::hook::{Answer, Cost};
use crate::finding::Finding;
use crate::kernel::id::{OrderId, RecordId};
use crate::order::Snapshot;
use crate::plugin::Active;
use crate::record::{Change, Fields, Page, Query, Refused, Stored};

/// What an app is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To take an action.
    Act {
        /// Which.
        action: String,
        /// The order or record that it is taken on.
        target: Option<String>,
        /// The inputs, checked.
        inputs: Fields,
    },
    /// To hear of an event.
    Event {
        /// Its id.
        id: String,
        /// Its kind.
        kind: String,
        /// A JSON object.
        payload: String,
    },
    /// It is time for an entry of its timetable.
    Schedule {
        /// Which.
        name: String,
    },
    /// It is time for a task.
    Task {
        /// Its name.
        name: String,
        /// What the app has put down for it.
        payload: String,
    },
}

impl Ask {
    /// The function that answers, as it stands in the record of calls.
    #[must_use]
    pub const fn hook(&self) -> &'static str {
        match self {
            Self::Act { .. } => "app.act",
            Self::Event { .. } => "app.on-event",
            Self::Schedule { .. } => "app.on-schedule",
            Self::Task { .. } => "app.on-task",
        }
    }

    /// Which action, kind of event, entry or task.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Act { action, .. } => action,
            Self::Event { kind, .. } => kind,
            Self::Schedule { name } | Self::Task { name, .. } => name,
        }
    }
}

/// Why the desk has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The question does not fit what the plugin declares, or there is no such thing.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The house failed; the app is not to blame.
    #[error("{0}")]
    Fault(String),
}

/// What an app may read.
#[async_trait]
pub trait Desk: Send + Sync {
    /// A record.
    async fn record(&self, collection: &str, id: RecordId) -> Result<Stored, DeskError>;
    /// Records by an index.
    async fn records(&self, collection: &str, query: Query) -> Result<Page, DeskError>;
    /// An order's newest version with its number.
    async fn order(&self, id: OrderId) -> Result<Option<(i64, Arc<Snapshot>)>, DeskError>;
    /// Orders, newest first: id, version, reference. One more than `rows` says that there are more.
    async fn orders(&self, after: Option<OrderId>, rows: u64) -> Result<Vec<(OrderId, i64, String)>, DeskError>;
    /// What the plugin's cache has.
    async fn cached(&self, key: &str) -> Option<Vec<u8>>;
    /// Keeps something in the plugin's cache.
    async fn cache(&self, key: &str, value: Vec<u8>, seconds: u32);
    /// Forgets something.
    async fn uncache(&self, key: &str);
    /// An id for a record that the app proposes.
    fn new_record(&self) -> RecordId;
}

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

/// A request that an app plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// How.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// Name and value.
    pub headers: Vec<(String, String)>,
    /// Sent with a post.
    pub body: Vec<u8>,
    /// How long an answer to the same get counts, seconds.
    pub reuse_seconds: u32,
}

impl FetchRequest {
    /// What makes two requests the same.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        };
        part(if self.method == Method::Get { b"GET" } else { b"POST" });
        part(self.url.as_bytes());
        for (name, value) in &self.headers {
            part(name.as_bytes());
            part(value.as_bytes());
        }
        part(&self.body);
        hex::encode(hash.finalize())
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FetchAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Some of its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// It is not one that is made.
    Invalid(String),
    /// It leads to a network that is not public.
    Refused,
    /// No connection.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The answer is too large.
    TooLarge,
    /// The host is left alone for a while.
    OpenCircuit,
}

/// Answers that the host has, by the digest of their request.
pub type Fetches = BTreeMap<String, Result<FetchAnswer, FetchError>>;

/// One call of an app.
#[derive(Clone)]
pub struct Question {
    /// The app.
    pub plugin: Arc<Active>,
    /// What it is asked.
    pub ask: Ask,
    /// The date of the call.
    pub today: Date,
    /// Where its randomness comes from: the same for each try of one call.
    pub seed: u64,
    /// What it may read.
    pub desk: Arc<dyn Desk>,
    /// What the rounds before have fetched.
    pub fetches: Arc<Fetches>,
    /// Whether more may be fetched after this round.
    pub may_plan: bool,
}

/// A task that an app puts off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// Its name.
    pub name: String,
    /// What it will be told.
    pub payload: String,
    /// After how many seconds.
    pub seconds: u32,
}

/// What a call proposes, and what it has read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// Writes of records, in their order.
    pub changes: Vec<Change>,
    /// Notes beside orders.
    pub notes: Vec<(OrderId, String)>,
    /// Tasks.
    pub tasks: Vec<Later>,
    /// Events: name and payload.
    pub events: Vec<(String, Json)>,
    /// Records that were read: collection, id, version.
    pub records_read: Vec<(String, RecordId, i64)>,
    /// Orders that were read, with their versions.
    pub orders_read: Vec<(OrderId, i64)>,
}

/// What a call has come to.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// What it found.
    pub findings: Vec<Finding>,
    /// What it proposes.
    pub effects: Effects,
    /// What it wants to be fetched before it can answer; then all else counts for nothing.
    pub plans: Vec<FetchRequest>,
}

/// Runs apps.
#[async_trait]
pub trait Apps: Send + Sync {
    /// One call.
    async fn ask(&self, question: Question) -> Answer<Reply>;

    /// What the app offers, once its component is ready.
    fn description(&self, component_digest: &str) -> Option<Arc<Description>>;
}

/// A sum of what several rounds cost.
pub(super) fn sum(costs: &[Cost]) -> Cost {
    costs.iter().fold(Cost::default(), |mut all, one| {
        all.add(one);
        all
    })
}
