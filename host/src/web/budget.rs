//! How much memory the bodies of all requests may take together.
//!
//! A body is charged for what has arrived, and the charge lasts until its request is answered, because what is made of a body lives as
//! long. Who sends nothing holds nothing; who sends more than is left is told to come back. It says nothing about one body alone: that
//! is the limit of a body.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use futures::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes that are left. Clones share them.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Semaphore>);

/// There is no room for more bytes of bodies.
#[derive(Debug, thiserror::Error)]
#[error("the bodies of all requests together have reached http.bodies_bytes_max")]
pub struct OverBudget;

/// What a request has taken, until it is dropped.
#[derive(Debug, Clone)]
pub struct Charge {
    budget: Budget,
    taken: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Budget {
    /// So many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// The request with a body that is charged while it is read. Keep the charge until the request is answered.
    #[must_use]
    pub fn charge(&self, request: Request) -> (Request, Charge) {
        let charge = Charge { budget: self.clone(), taken: Arc::default() };
        let length = request.body().size_hint().exact();
        if length == Some(0) {
            return (request, charge);
        }
        let (head, body) = request.into_parts();
        let (meter, mut announced) = (charge.clone(), length);
        let chunks = body.into_data_stream().map(move |chunk| -> Result<Bytes, Box<dyn StdError + Send + Sync>> {
            let chunk = chunk?;
            // A length that will not fit is refused at the first bytes, not at the last.
            if announced.take().is_some_and(|length| length > meter.budget.0.available_permits() as u64) {
                return Err(OverBudget.into());
            }
            meter.take(chunk.len())?;
            Ok(chunk)
        });
        (Request::from_parts(head, Body::from_stream(chunks)), charge)
    }
}

impl Charge {
    fn take(&self, bytes: usize) -> Result<(), OverBudget> {
        let bytes = u32::try_from(bytes).map_err(|_| OverBudget)?;
        let more = Arc::clone(&self.budget.0).try_acquire_many_owned(bytes).map_err(|_| OverBudget)?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.as_mut() {
            Some(taken) => taken.merge(more),
            None => *taken = Some(more),
        }
        Ok(())
    }
}

impl OverBudget {
    /// Whether this is why a body could not be read.
    #[must_use]
    pub fn caused(error: &(dyn StdError + 'static)) -> bool {
        error.is::<Self>() || error.source().is_some_and(Self::caused)
    }
}
