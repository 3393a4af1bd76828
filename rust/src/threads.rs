//! Pools of threads, one for each number of threads asked for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::cores::Workers;

/// Pools by process and number of threads: a forked child inherits the map but not the threads in it.
type Pools = HashMap<(u32, usize), Arc<Pool>>;

static POOLS: LazyLock<Mutex<Pools>> = LazyLock::new(Mutex::default);

/// How long threads are held apart: until the system has seen that all cores are busy, and before it matters that other
/// programs may be busy, too.
const HELD: Duration = Duration::from_millis(30);

/// Threads, and how many calls they are at work for.
struct Pool {
    threads: ThreadPool,
    workers: Arc<Workers>,
    calls: AtomicUsize,
}

/// Runs `work` on `threads` threads, 0 for as many as there are cores.
pub fn with_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    let pool = pool(threads);
    let call = Call::begin(&pool.calls);
    if call.is_nested || pool.threads.current_num_threads() == 1 {
        return pool.threads.install(work);
    }
    let mut result = None;
    pool.threads.in_place_scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        let result = &mut result;
        let held = pool.workers.apart();
        scope.spawn(move |_| {
            let _ended = ended;
            *result = Some(work());
        });
        // An error either way: what is sent is that nothing more can be.
        let _ = end.recv_timeout(HELD);
        drop(held);
    });
    result.expect("the scope has ended, and a panic would have gone on")
}

fn pool(threads: usize) -> Arc<Pool> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let pool = pools.entry((std::process::id(), threads)).or_insert_with(|| {
        let workers = Arc::new(Workers::default());
        let started = Arc::clone(&workers);
        let pool = ThreadPoolBuilder::new().num_threads(threads).start_handler(move |_| started.join());
        Arc::new(Pool {
            threads: pool.build().expect("the system starts threads"),
            workers,
            calls: AtomicUsize::new(0),
        })
    });
    Arc::clone(pool)
}

/// A call at work, until it is dropped.
struct Call<'a> {
    calls: &'a AtomicUsize,
    is_nested: bool,
}

impl<'a> Call<'a> {
    fn begin(calls: &'a AtomicUsize) -> Self {
        Self { calls, is_nested: calls.fetch_add(1, Ordering::Relaxed) > 0 || rayon::current_thread_index().is_some() }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn calls_within_calls_and_after_panics_are_answered() {
        for threads in [0, 1, 2, 3] {
            assert!(catch_unwind(|| with_threads(threads, || panic!("of the work"))).is_err());
            let nested = with_threads(threads, || {
                let same = with_threads(threads, rayon::current_num_threads);
                let other = with_threads(2, || rayon::join(|| 1, || 2));
                (same, other)
            });
            assert_eq!(nested, (with_threads(threads, rayon::current_num_threads), (1, 2)));
        }
    }

    #[test]
    fn calls_from_many_sides_are_answered() {
        let answers: Vec<usize> = std::thread::scope(|scope| {
            let call = |i: usize| scope.spawn(move || with_threads(2, || rayon::join(|| i, || 100).0));
            let calls: Vec<_> = (0..8).map(call).collect();
            calls.into_iter().map(|call| call.join().expect("no panic")).collect()
        });
        assert_eq!(answers, (0..8).collect::<Vec<_>>());
    }
}
