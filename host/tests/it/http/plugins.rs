//! A plugin that fails: a client learns which one and whether to try again, and nothing of what it said.

use std::sync::Arc;

use async_trait::async_trait;
use roro::document::Case;
use roro::document::hook::{Answer, Cost, Failure, Hooks, Job, Missing, Prepared, Rendered, Reply, Requirement};
use roro::finding::Finding;
use roro::plugin::Active;
use roro::plugin::manifest::HookName;
use ureq::http::Method;

use super::TestApp;
use super::orders::{click, import, order};
use crate::storage::{Store, on_both};

/// A rulebook whose every call ends like this.
struct Failing {
    code: &'static str,
    is_transient: bool,
}

impl Failing {
    fn failed<T>(&self, hook: &'static str) -> Answer<T> {
        Err(Failure {
            plugin: "rulebook@0.1.0".to_owned(),
            hook,
            code: self.code,
            message: "panicked at `Salama Motors Ltd`".to_owned(),
            is_transient: self.is_transient,
            cost: Cost::default(),
        })
    }
}

#[async_trait]
impl Hooks for Failing {
    async fn requirements(&self, _: &Case) -> Answer<Vec<Requirement>> {
        self.failed("documents.requirements")
    }

    async fn check(&self, _: &Case) -> Answer<Vec<Finding>> {
        self.failed("documents.check")
    }

    async fn prepare(&self, _: &Case, _: &[String]) -> Answer<Result<Vec<Prepared>, Vec<Missing>>> {
        self.failed("documents.prepare")
    }

    async fn render(&self, _: &Case, _: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>> {
        self.failed("render.render")
    }

    async fn ask(&self, _: &Case, _: &Arc<Active>, _: HookName) -> Answer<Reply> {
        self.failed("order-guard")
    }

    fn components(&self) -> Vec<(String, String)> {
        vec![("rulebook".to_owned(), "0".repeat(64))]
    }
}

on_both! {
    async fn a_plugin_that_fails_is_named_and_not_quoted(store: &Store) {
        for (code, is_transient, status, kind) in
            [("out-of-memory", false, 500, "plugin-failed"), ("out-of-time", true, 503, "plugin-unavailable")]
        {
            let app = TestApp::start_on(store, |_| (), Arc::new(Failing { code, is_transient })).await;
            let acme = app.tenant(&format!("acme-{code}")).await;
            let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
            let path = format!("/v1/orders/{id}/documents");
            let keyed = acme.ask(&Method::POST, &path).key("c-1").send().await;
            for reply in [keyed, click(&acme, &id).await, acme.get(&format!("/v1/orders/{id}/findings")).await] {
                assert_eq!(reply.header("retry-after"), if is_transient { "1" } else { "" });
                assert!(!reply.text().contains("Salama"), "{}", reply.text());
                let problem = reply.problem(status, kind);
                assert_eq!(problem["retryable"], is_transient);
                let told = &problem["errors"][0];
                assert_eq!((&told["plugin"], &told["hook"], &told["outcome"]), (&"rulebook@0.1.0".into(), &"documents.check".into(), &code.into()));
            }
            let listed = acme.get(&path).await.expect(200).json();
            assert_eq!(listed["items"].as_array().unwrap().len(), 0);
            app.end().await;

            // Nothing was done under the key, so a server with a sound plugin does it.
            let app = TestApp::start(store).await;
            let client = app.stranger().with_token(acme.token());
            client.ask(&Method::POST, &path).key("c-1").send().await.expect(201);
            app.end().await;
        }
    }
}
