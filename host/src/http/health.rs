//! `/livez`: the process turns. `/readyz`: it can work, and is not ending.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tokio::sync::watch;

use crate::kernel::Ctx;
use crate::web::{Kind, Problem};

/// How long the database may take to say that it is there.
const PING_MAX: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Health {
    ctx: Ctx,
    draining: watch::Receiver<bool>,
}

pub(super) fn router(ctx: Ctx, draining: watch::Receiver<bool>) -> Router {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready)).with_state(Health { ctx, draining })
}

async fn live() -> &'static str {
    "ok\n"
}

async fn ready(State(health): State<Health>) -> Result<&'static str, Problem> {
    if *health.draining.borrow() {
        return Err(Problem::new(Kind::Busy, "This process is ending; ask another one."));
    }
    match tokio::time::timeout(PING_MAX, health.ctx.db.ping()).await {
        Ok(Ok(())) => Ok("ok\n"),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready: the database does not answer");
            Err(Problem::new(Kind::Busy, "The database does not answer."))
        }
        Err(_) => Err(Problem::new(Kind::Busy, "The database does not answer in time.")),
    }
}
