//! Long work in another thread, while the caller's looks for Ctrl-C and tells how far it is.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use pyo3::prelude::*;

use super::SIGNALS;
use crate::watch::Watch;

/// Does the work; every now and then `on_step` hears how many steps are done. What it raises ends the work, as Ctrl-C does.
pub fn watched<R: Send>(
    py: Python<'_>,
    on_step: Option<&Py<PyAny>>,
    work: impl FnOnce(&Watch) -> R + Send,
) -> PyResult<R> {
    let watch = &Watch::default();
    let look = || {
        Python::attach(|py| {
            py.check_signals()?;
            on_step.map_or(Ok(()), |tell| tell.call1(py, (watch.done(),)).map(drop))
        })
    };
    py.detach(|| {
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let worker = scope.spawn(move || sender.send(work(watch)));
            let mut raised = None;
            loop {
                match receiver.recv_timeout(SIGNALS) {
                    Ok(result) => return raised.map_or(Ok(result), Err),
                    Err(RecvTimeoutError::Timeout) if raised.is_none() => {
                        raised = look().err();
                        if raised.is_some() {
                            watch.end();
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => match worker.join() {
                        Ok(_) => unreachable!("work that ends says so"),
                        Err(panic) => std::panic::resume_unwind(panic),
                    },
                }
            }
        })
    })
}
