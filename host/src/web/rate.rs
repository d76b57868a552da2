//! How many requests a tenant may send: one that floods the door is told to come back, the others do not notice.
//!
//! A request counts once its credential is proven, so nobody can use up the share of a firm whose id is known. Each process counts for
//! itself, in memory.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::request::Parts;
use governor::clock::{Clock as _, MonotonicClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::{Kind, Problem};
use crate::access::Actor;
use crate::config;
use crate::kernel::id::TenantId;

/// The count of every tenant. Clones share it; it rides on each request.
#[derive(Clone)]
pub struct Rates(Option<Arc<DefaultKeyedRateLimiter<TenantId>>>);

impl std::fmt::Debug for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Rates(..)" } else { "Rates(none)" })
    }
}

impl Rates {
    /// As the settings say; 0 requests a second is no limit.
    #[must_use]
    pub fn new(settings: &config::Http) -> Self {
        let per_second = NonZeroU32::new(settings.tenant_requests_per_second_max);
        let burst = NonZeroU32::new(settings.tenant_requests_burst_max).unwrap_or(NonZeroU32::MIN);
        Self(per_second.map(|rate| Arc::new(RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst)))))
    }

    /// Counts a request of somebody who has proven who it is.
    ///
    /// # Errors
    /// [`Kind::TooMany`], with the seconds to wait.
    pub fn count(parts: &Parts, actor: &Actor) -> Result<(), Problem> {
        let Some(limiter) = parts.extensions.get::<Self>().and_then(|rates| rates.0.as_ref()) else { return Ok(()) };
        limiter.check_key(&actor.tenant().id()).map_err(|until| {
            let seconds = until.wait_time_from(MonotonicClock.now()).as_secs() + 1;
            let said = format!(
                "Your firm sends more requests than http.tenant_requests_per_second_max; wait {seconds} s and go on more slowly."
            );
            Problem::new(Kind::TooMany, said).retry_after(seconds)
        })
    }
}
