//! Threads are kept from waking on one core.
//!
//! A virtual machine's idle core looks to its system as if it were taken by another machine. Threads that wake are then put
//! on the core of the one that woke them, and take turns there for tens of milliseconds while the other core has nothing
//! to do: short tasks took twice their time. Where this can't be told to the system, nothing happens.

#[cfg(not(target_os = "linux"))]
pub use elsewhere::Workers;
#[cfg(target_os = "linux")]
pub use linux::Workers;

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    /// Threads that stay where their system puts them.
    #[derive(Default)]
    pub struct Workers;

    /// Nothing is held.
    pub struct Apart;

    impl Workers {
        /// Does nothing.
        pub fn join(&self) {}

        /// Does nothing.
        pub fn apart(&self) -> Apart {
            Apart
        }
    }
}

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

    #[cfg(test)]
    mod tests {
        use std::sync::mpsc::channel;

        use super::*;

        #[test]
        fn threads_held_apart_share_no_core_and_are_let_go() {
            let workers = Workers::default();
            let (end, ends): (Vec<_>, Vec<_>) = (0..2).map(|_| channel::<()>()).unzip();
            let cores = |thread: Pid| sched_getaffinity(Some(thread)).expect("the system tells");
            let runs = |cores: CpuSet| (0..CpuSet::MAX_CPU).filter(|&core| cores.is_set(core)).collect::<Vec<_>>();
            std::thread::scope(|scope| {
                let (joined, join) = channel();
                for end in ends {
                    let (workers, joined) = (&workers, joined.clone());
                    scope.spawn(move || {
                        workers.join();
                        joined.send(()).expect("somebody waits");
                        let _ = end.recv();
                    });
                }
                (0..2).for_each(|_| join.recv().expect("both join"));
                let threads = workers.threads().clone();
                let before = threads.iter().map(|&thread| runs(cores(thread))).collect::<Vec<_>>();
                let apart = workers.apart();
                let held = threads.iter().map(|&thread| runs(cores(thread))).collect::<Vec<_>>();
                if before[0].len() > 1 {
                    assert!(held[0].iter().all(|core| !held[1].contains(core)), "{held:?}");
                    assert_eq!(held.concat().len(), before[0].len());
                }
                drop(apart);
                assert_eq!(threads.iter().map(|&thread| runs(cores(thread))).collect::<Vec<_>>(), before);
                drop(end);
            });
        }
    }
}
