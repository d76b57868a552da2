//! The operations of a door as a list, so that the router, the tests and the description all speak of the same ones.
//!
//! A route says beside its handler what it takes and what it answers; `/openapi.json` is made of that and nothing else.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter, Router};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Kind;

/// The schema of a type, made where the description is assembled.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a request may have to carry beside its path.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// The JSON body.
    pub body: Option<SchemaOf>,
    /// The media type of a body that is a file.
    pub file: Option<&'static str>,
    /// The parameters of the query, as an object.
    pub query: Option<SchemaOf>,
    /// `Idempotency-Key` is understood.
    pub key: bool,
    /// `If-Match` must be there.
    pub version: bool,
}

/// The description that a door serves. It rides on each request, so that a noun can say in its words what only a firm has.
#[derive(Debug, Clone, Copy)]
pub struct Described(pub &'static serde_json::Value);

/// One kind of success.
#[derive(Debug, Clone, Copy)]
pub struct Success {
    /// The HTTP status.
    pub status: u16,
    /// What it means.
    pub says: &'static str,
    /// The body; none for a file.
    pub body: Option<SchemaOf>,
    /// Whether the answer has an `ETag`.
    pub tagged: bool,
}

/// What people and programs read about an operation.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// One line.
    pub summary: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// What it answers when it goes well.
    pub successes: Vec<Success>,
    /// What it answers when it does not, beside what every operation of its kind may answer.
    pub problems: Vec<Kind>,
}

/// One operation.
pub struct Route<S> {
    /// How it is asked for.
    pub method: Method,
    /// Where, in axum's syntax: `/v1/orders/{id}`.
    pub path: &'static str,
    /// What it is.
    pub about: About,
    handler: MethodRouter<S>,
}

impl<S> std::fmt::Debug for Route<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// Reads; answers HEAD as well.
    pub fn get<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { method: Method::GET, path, about: About::default(), handler: routing::get(handler) }
    }

    /// Adds, or acts.
    pub fn post<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { method: Method::POST, path, about: About::default(), handler: routing::post(handler) }
    }

    /// Replaces.
    pub fn put<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { method: Method::PUT, path, about: About::default(), handler: routing::put(handler) }
    }

    /// Adds it to a router.
    pub fn onto(self, router: Router<S>) -> Router<S> {
        router.route(self.path, self.handler)
    }

    /// What it does, in one line.
    #[must_use]
    pub fn does(mut self, summary: &'static str) -> Self {
        self.about.summary = summary;
        self
    }

    /// It takes a JSON body.
    #[must_use]
    pub fn takes<T: JsonSchema>(mut self) -> Self {
        self.about.needs.body = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// It takes a file of this media type.
    #[must_use]
    pub fn takes_file(mut self, media_type: &'static str) -> Self {
        self.about.needs.file = Some(media_type);
        self
    }

    /// It takes parameters in the query.
    #[must_use]
    pub fn asks<T: JsonSchema>(mut self) -> Self {
        self.about.needs.query = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// It understands `Idempotency-Key`.
    #[must_use]
    pub fn keyed(mut self) -> Self {
        self.about.needs.key = true;
        self
    }

    /// It needs `If-Match`.
    #[must_use]
    pub fn versioned(mut self) -> Self {
        self.about.needs.version = true;
        self
    }

    /// It answers JSON.
    #[must_use]
    pub fn answers<T: JsonSchema>(mut self, status: u16, says: &'static str) -> Self {
        self.about.successes.push(Success { status, says, body: Some(SchemaGenerator::subschema_for::<T>), tagged: false });
        self
    }

    /// It answers the bytes of a file.
    #[must_use]
    pub fn answers_file(mut self, says: &'static str) -> Self {
        self.about.successes.push(Success { status: 200, says, body: None, tagged: true });
        self
    }

    /// The answer that was just named has an `ETag`.
    #[must_use]
    pub fn tagged(mut self) -> Self {
        if let Some(last) = self.about.successes.last_mut() {
            last.tagged = true;
        }
        self
    }

    /// It may answer these problems too.
    #[must_use]
    pub fn fails(mut self, kinds: &[Kind]) -> Self {
        self.about.problems.extend_from_slice(kinds);
        self
    }
}

impl About {
    /// Every problem that an operation of this method and path may answer, once each.
    #[must_use]
    pub fn all_problems(&self, method: &Method, path: &str) -> Vec<Kind> {
        let mut kinds = vec![Kind::Unauthenticated];
        if path.contains('{') {
            kinds.push(Kind::NotFound);
        }
        if !method.is_safe() {
            kinds.extend([Kind::Forbidden, Kind::TooLarge, Kind::Moved]);
        }
        if self.needs.body.is_some() || self.needs.file.is_some() {
            kinds.extend([Kind::Malformed, Kind::MediaType, Kind::Invalid]);
        }
        if self.needs.query.is_some() {
            kinds.push(Kind::Invalid);
        }
        if self.needs.key {
            kinds.extend([Kind::Malformed, Kind::KeyReused]);
        }
        if self.needs.version {
            kinds.extend([Kind::Malformed, Kind::VersionRequired, Kind::Outdated]);
        }
        kinds.extend_from_slice(&self.problems);
        kinds.extend([Kind::TooMany, Kind::Internal, Kind::Busy]);
        let mut once = Vec::new();
        for kind in kinds {
            if !once.contains(&kind) {
                once.push(kind);
            }
        }
        once
    }
}
