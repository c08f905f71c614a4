//! Where work runs: rayon over messages and batches, on a pool of our own or the caller's.

use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, ErrorKind, Result};

/// How many threads a scorer uses, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Threads {
    /// A pool of the scorer's own, with as many threads as the machine has cores.
    #[default]
    All,
    /// A pool of the scorer's own, with this many threads, 1 to [`Self::MOST`].
    Count(usize),
    /// The rayon pool that the call is made in.
    Caller,
}

impl Threads {
    /// More than machines have cores: each thread takes memory, and tens of thousands hold up a machine for minutes.
    pub const MOST: usize = 1024;
}

/// Bytes of address space for the stack of a thread. One that waits within a call takes up the next that came in, and so on:
/// thousands of callers at once were seen to nest some hundred deep, which takes 1 MB.
const STACK: usize = 16 << 20;

/// Runs work in parallel and keeps its order.
pub(crate) struct Workers(Option<ThreadPool>);

impl Workers {
    /// # Errors
    /// [`ErrorKind::Threads`] if the threads cannot be started.
    pub(crate) fn start(threads: Threads) -> Result<Self> {
        let count = match threads {
            Threads::Caller => return Ok(Self(None)),
            Threads::All => thread::available_parallelism().map_or(1, usize::from),
            Threads::Count(count) if !(1..=Threads::MOST).contains(&count) => {
                let text = format!("{count} threads, expected 1 to {}", Threads::MOST);
                return Err(Error::new(ErrorKind::Threads, text));
            }
            Threads::Count(count) => count,
        };
        let pool = ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|n| format!("beleving-{n}"))
            .stack_size(STACK)
            .build()
            .map_err(|e| {
                Error::new(ErrorKind::Threads, format!("cannot start {count} threads")).caused_by(e)
            })?;
        Ok(Self(Some(pool)))
    }

    /// Applies `f` to every item; results in input order.
    pub(crate) fn map<T: Sync, R: Send>(&self, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
        // One item at a time: items are whole messages or batches, much dearer than taking one.
        let run = || items.par_iter().with_max_len(1).map(&f).collect();
        match &self.0 {
            Some(pool) => on(pool, run),
            None => run(),
        }
    }

    /// Runs two things, side by side if there is a thread for each.
    pub(crate) fn join<A: Send, B: Send>(
        &self,
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        match &self.0 {
            Some(pool) => on(pool, || rayon::join(a, b)),
            None => rayon::join(a, b),
        }
    }

    /// Number of threads that one piece of the work of `map` may be shared out over: those of a pool of our own. In a caller's pool a
    /// thread that waits takes up the caller's jobs, which may need a lock that the first one holds.
    pub(crate) fn sharing(&self) -> usize {
        self.0.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Number of threads that `map` runs on.
    pub(crate) fn count(&self) -> usize {
        self.0.as_ref().map_or_else(rayon::current_num_threads, ThreadPool::current_num_threads)
    }
}

/// What a lock holds, if nobody holds it now. A thread that panicked while it did left it whole.
///
/// For what can be done without: a process that was forked while another thread held the lock would wait for it for ever.
pub(crate) fn unlocked<T>(lock: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match lock.try_lock() {
        Ok(held) => Some(held),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Runs work on a pool and waits.
///
/// A worker of another pool that waits by rayon takes up jobs of its own pool meanwhile, which may be calls like this one:
/// thousands deep on one stack, or in need of a lock that the first one holds. It waits by a thread instead.
fn on<R: Send>(pool: &ThreadPool, run: impl FnOnce() -> R + Send) -> R {
    let of_another_pool =
        rayon::current_thread_index().is_some() && pool.current_thread_index().is_none();
    if !of_another_pool {
        return pool.install(run);
    }
    let done = thread::scope(|scope| scope.spawn(|| pool.install(run)).join());
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_threads_that_cannot_be_is_refused_before_any_is_started() {
        for count in [0, Threads::MOST + 1, usize::MAX] {
            let refused = Workers::start(Threads::Count(count)).err().expect("out of range");
            assert_eq!(refused.kind(), ErrorKind::Threads);
            assert!(!refused.is_retryable(), "{refused}");
        }
    }
}
