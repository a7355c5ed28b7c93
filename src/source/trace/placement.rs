//! Where a thread goes on after a stop.
//!
//! A stop costs some 75 µs where tracer and thread sit on different CPUs, and 14 on the
//! same one: waking another CPU is what costs. So a thread that stops often is woken on
//! the tracer's CPU. It never runs while its own CPUs are taken from it.

use std::io;
use std::time::{Duration, Instant};

use crate::sys::ptrace::Cpus;

/// Two stops within this time are close to each other.
const CLOSE: Duration = Duration::from_millis(1);
/// So many stops close to each other make it worth while to place a thread.
const OFTEN: u32 = 4;

/// How often a thread stops.
#[derive(Clone, Copy, Default)]
pub(super) struct Rhythm {
    last: Option<Instant>,
    close: u32,
}

impl Rhythm {
    /// It has stopped now. Does it do so often?
    pub(super) fn beat(&mut self, now: Instant) -> bool {
        let is_close = self.last.is_some_and(|last| now - last < CLOSE);
        self.close = if is_close { self.close + 1 } else { 0 };
        self.last = Some(now);
        self.close >= OFTEN
    }
}

/// The CPU that the tracer stays on, once threads are placed.
#[derive(Default)]
pub(super) struct Placement {
    here: Option<Cpus>,
}

impl Placement {
    /// Resumes a stopped thread on the tracer's CPU; its own CPUs are what they were.
    pub(super) fn resume(
        &mut self,
        tid: u32,
        resume: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        match (self.own_cpu(), Cpus::of(tid)) {
            (Some(here), Ok(own)) if here.allow(tid).is_ok() => {
                let resumed = resume();
                // A thread that is gone by now needs none.
                let _ = own.allow(tid);
                resumed
            }
            _ => resume(),
        }
    }

    fn own_cpu(&mut self) -> Option<&Cpus> {
        if self.here.is_none() {
            let here = Cpus::here().ok()?;
            here.allow(0).ok()?;
            self.here = Some(here);
        }
        self.here.as_ref()
    }
}
