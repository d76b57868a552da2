//! From an event to its deliveries: once an event, in one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::{WEBHOOKS_MAX, body_of, table, waiting};
use crate::access;
use crate::kernel::queue::{Message, Refused, Subscriber};
use crate::kernel::{Ctx, db};
use crate::outbox::once;

/// Puts each event in line for the webhooks that want it.
#[derive(Debug)]
pub struct Herald {
    ctx: Ctx,
    bell: Arc<Notify>,
}

impl Herald {
    /// The name under which deliveries are remembered.
    pub const NAME: &'static str = "webhooks";

    /// A herald that rings for the couriers.
    #[must_use]
    pub fn new(ctx: Ctx, bell: Arc<Notify>) -> Self {
        Self { ctx, bell }
    }
}

#[async_trait]
impl Subscriber for Herald {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self, _: &str) -> bool {
        true
    }

    async fn take(&self, message: &Message) -> Result<(), Refused> {
        let worker = access::worker(message.tenant);
        let refused = |reason: String| Refused { subscriber: Self::NAME, reason };
        let payload: serde_json::Value =
            serde_json::from_str(&message.payload).map_err(|error| refused(format!("the payload is no JSON: {error}")))?;
        let body = body_of(&message.kind, message.id, &payload).map_err(|error| refused(error.to_string()))?;
        let (mint, now, event, kind) = (self.ctx.mint.clone(), self.ctx.now(), message.id, message.kind.clone());
        let written = once(&self.ctx, &worker, Self::NAME, message, move |tx| {
            let (mint, kind, body) = (mint.clone(), kind.clone(), body.clone());
            async move {
                let webhooks = table::all(&tx, WEBHOOKS_MAX).await?;
                let wanted = webhooks.iter().filter(|one| one.suspended_at.is_none() && one.input.wants(&kind));
                let row = |id| waiting(tx.tenant_id(), mint.next(), id, event, &kind, body.clone(), now);
                let rows = wanted.map(|one| row(one.id)).collect();
                table::enqueue(&tx, rows).await
            }
        });
        Box::pin(written).await.map_err(|error: db::Error| refused(error.to_string()))?;
        self.bell.notify_one();
        Ok(())
    }
}
