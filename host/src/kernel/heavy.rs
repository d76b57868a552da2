//! Long computations: while one runs on a thread of the async runtime, what else waits there moves to another thread.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task;

/// Input of so many bytes is worked on in place: to check an order file takes 80 µs a KiB (a release build on the two cores of the
/// figures), so this is a millisecond and a bit, as long as a guest keeps its thread. Moving the others costs tens of microseconds.
const IN_PLACE_BYTES_MAX: usize = 16 * 1024;

/// Does `work`, whose time grows with `bytes` of input. The caller waits for it; others do not.
pub fn heavy<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    // A runtime of one thread has nowhere to move them: tests and small tools.
    let has_others = Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if bytes > IN_PLACE_BYTES_MAX && has_others { task::block_in_place(work) } else { work() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_while_a_long_computation_runs() {
        let (tell, told) = mpsc::channel();
        // The only thread works until another task has run.
        let long = tokio::spawn(async move { heavy(usize::MAX, || told.recv_timeout(Duration::from_secs(10))) });
        tokio::spawn(async move { tell.send(()).unwrap() });
        assert_eq!(long.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_works_in_place() {
        assert_eq!(heavy(usize::MAX, || 1), 1);
    }
}
