//! Threads are kept from waking on one core.
//!
//! A virtual machine's idle core looks to its system as if it were taken by another machine. Threads that wake are then put
//! on the core of the one that woke them, and take turns there for tens of milliseconds while the other core has nothing
//! to do: short tasks took twice their time. Where this can't be told to the system, nothing happens.

#[cfg(target_os = "linux")]
pub use linux::Workers;

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use rustix::thread::{CpuSet, Pid, gettid, sched_getaffinity, sched_setaffinity};

    /// The threads that work together.
    #[derive(Default)]
    pub struct Workers(Mutex<Vec<Pid>>);

    /// Threads held apart until this is dropped, and on which cores they ran.
    pub struct Apart<'a> {
        workers: &'a Workers,
        before: Vec<(Pid, CpuSet)>,
    }

    impl Workers {
        /// Makes the thread that calls this one of them.
        pub fn join(&self) {
            self.threads().push(gettid());
        }

        /// Deals the cores out to the threads, as many to each, if there is at least one for each.
        pub fn apart(&self) -> Apart<'_> {
            let threads = self.threads();
            let mut before = Vec::new();
            for (i, &thread) in threads.iter().enumerate() {
                let Ok(allowed) = sched_getaffinity(Some(thread)) else { continue };
                if (allowed.count() as usize) < threads.len() {
                    continue;
                }
                let cores = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core));
                let mut own = CpuSet::new();
                cores.skip(i).step_by(threads.len()).for_each(|core| own.set(core));
                if sched_setaffinity(Some(thread), &own).is_ok() {
                    before.push((thread, allowed));
                }
            }
            Apart { workers: self, before }
        }

        fn threads(&self) -> MutexGuard<'_, Vec<Pid>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Drop for Apart<'_> {
        fn drop(&mut self) {
            let _threads = self.workers.threads();
            for (thread, allowed) in &self.before {
                // A thread that is gone needs no cores.
                let _ = sched_setaffinity(Some(*thread), allowed);
            }
        }
    }
}
