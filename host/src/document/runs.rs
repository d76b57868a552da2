//! What is kept of hook calls about an order: enough to do each again and to know what it cost; and what repeated failures come to.

use sha2::{Digest as _, Sha256};

use super::assemble::Asked;
use super::hook::{self, Cost};
use super::issue::IssueError;
use crate::hook_run;
use crate::hook_run::table::Row as Run;
use crate::kernel::Ctx;
use crate::kernel::db::Write;
use crate::kernel::id::OrderId;
use crate::kernel::time::{Day, Instant};
use crate::plugin::{self, QUARANTINE_AFTER};

/// What calls were about.
pub(crate) struct Judged {
    /// The order.
    pub(crate) order: OrderId,
    /// Which version of it.
    pub(crate) version: i64,
    /// The date whose rules applied.
    pub(crate) as_of: Day,
    /// SHA-256 of the snapshot, which is kept already.
    pub(crate) snapshot: String,
}

impl Judged {
    /// Keeps a row for each call of a tenant's plugin, and puts into quarantine those whose last calls all failed.
    pub(crate) async fn store_asked(&self, tx: &Write, kernel: &Ctx, now: Instant, asked: &[Asked]) -> Result<(), IssueError> {
        let mut rows = Vec::new();
        for one in asked {
            let plugin = &one.plugin;
            let findings = serde_json::to_string(&one.findings)?;
            // A price is a part of the answer; other hooks have none.
            let lines = if one.lines.is_empty() { String::new() } else { serde_json::to_string(&one.lines)? };
            let release = serde_json::json!({
                "component": plugin.component_digest, "release": plugin.release, "version": plugin.version.to_string(),
            });
            let row = self.run(tx, kernel, now, (&plugin.id, one.hook.to_string()), release, &one.cost);
            let outcome_digest = hex::encode(Sha256::digest(format!("{findings}{lines}").as_bytes()));
            rows.push(Run { outcome: one.outcome.to_owned(), outcome_digest, findings, ..row });
        }
        hook_run::table::insert(tx, rows).await?;
        quarantine(tx, kernel, now, asked).await
    }

    /// The row of a call without its answer.
    pub(super) fn run(
        &self,
        tx: &Write,
        kernel: &Ctx,
        now: Instant,
        (plugin, hook): (&str, String),
        release: serde_json::Value,
        cost: &Cost,
    ) -> Run {
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Run {
            tenant: tx.tenant_id(),
            id: kernel.id(),
            order_id: self.order,
            order_version: self.version,
            hook,
            plugin: plugin.to_owned(),
            release: release.to_string(),
            snapshot: self.snapshot.clone(),
            as_of: self.as_of,
            outcome: "done".to_owned(),
            outcome_digest: String::new(),
            findings: "[]".to_owned(),
            fuel: count(cost.fuel),
            memory_bytes: count(cost.peak_memory_bytes),
            host_calls: count(cost.host_calls),
            duration_us: count(cost.duration_us),
            created_at: now,
        }
    }
}

/// Puts plugins into quarantine whose last calls for an order all failed.
async fn quarantine(tx: &Write, kernel: &Ctx, now: Instant, asked: &[Asked]) -> Result<(), IssueError> {
    let is_own = |code: &str| code != "done" && !hook::is_hosts_fault(code);
    for one in asked.iter().filter(|one| is_own(one.outcome) && one.plugin.refused.is_none()) {
        let Some(release) = one.plugin.release else { continue };
        let newest = hook_run::table::newest_of(tx, &one.plugin.id, one.hook.as_str(), QUARANTINE_AFTER).await?;
        // Calls of an older release say nothing about this one.
        let failed = |row: &&Run| is_own(&row.outcome) && row.release.contains(&release.to_string());
        if newest.iter().filter(failed).count() as u64 == QUARANTINE_AFTER {
            plugin::quarantine(tx, &kernel.mint, now, &one.plugin.id, release, one.outcome).await?;
        }
    }
    Ok(())
}
