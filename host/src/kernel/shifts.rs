//! Shifts: what the workers of this process are at, counted by tenant, so that no tenant has all of them.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};

use super::id::TenantId;

/// The shifts of one kind of worker.
#[derive(Debug)]
pub struct Shifts {
    tasks: JoinSet<()>,
    tenants: HashMap<Id, TenantId>,
    all_max: usize,
    tenant_max: usize,
}

impl Shifts {
    /// None yet; so many at the same time, and so many of one tenant.
    #[must_use]
    pub fn new(all_max: usize, tenant_max: usize) -> Self {
        Self { tasks: JoinSet::new(), tenants: HashMap::new(), all_max, tenant_max }
    }

    /// Whether one more may begin.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.tasks.len() < self.all_max
    }

    /// The tenants that have as many as they may.
    #[must_use]
    pub fn full(&self) -> Vec<TenantId> {
        let mut counts: HashMap<TenantId, usize> = HashMap::new();
        for tenant in self.tenants.values() {
            *counts.entry(*tenant).or_default() += 1;
        }
        counts.into_iter().filter(|(_, count)| *count >= self.tenant_max).map(|(tenant, _)| tenant).collect()
    }

    /// Begins one.
    pub fn start(&mut self, tenant: TenantId, work: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(work).id();
        self.tenants.insert(task, tenant);
    }

    /// Waits until one ends; none when there is none. One that ended by a fault is logged and counts no more.
    pub async fn ended(&mut self) -> Option<()> {
        let task = match self.tasks.join_next_with_id().await? {
            Ok((task, ())) => task,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a worker ended by a fault of this program");
                error.id()
            }
        };
        self.tenants.remove(&task);
        Some(())
    }

    /// Waits until all have ended.
    pub async fn end(mut self) {
        while self.ended().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::Id as _;

    #[tokio::test]
    async fn a_tenant_is_full_until_one_of_its_shifts_ends_be_it_by_a_fault() {
        let (one, other) = (TenantId::from_bits(1), TenantId::from_bits(2));
        let mut shifts = Shifts::new(3, 2);
        shifts.start(one, std::future::pending());
        shifts.start(one, async { panic!("a fault") });
        shifts.start(other, std::future::pending());
        assert!(!shifts.has_room());
        assert_eq!(shifts.full(), [one]);
        assert_eq!(shifts.ended().await, Some(()));
        assert!(shifts.has_room() && shifts.full().is_empty());
    }
}
