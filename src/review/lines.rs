//! The calls that are evidence, as strace prints them.

use super::tables::Step;
use crate::model::{Call, MachineEvent, Outcome, What};

/// A call that begins.
pub(super) fn begins<'e>(step: &Step<'e>) -> Option<&'e Call> {
    match &step.event.what {
        What::Machine(MachineEvent::Enter(call)) => Some(call),
        _ => None,
    }
}

/// A call that has returned, with what it returned.
pub(super) fn ends<'e>(step: &Step<'e>) -> Option<(&'e Call, Outcome)> {
    match &step.event.what {
        What::Machine(MachineEvent::Exit { call, outcome, .. }) => Some((call, *outcome)),
        _ => None,
    }
}

/// The same in a process of several: `[pid 17] close(3) = 0`.
pub(super) fn by(pid: u32, line: &str) -> String {
    format!("[pid {pid}] {line}")
}

/// How many bytes a call asks for or offers.
pub(super) fn asked(call: &Call) -> Option<u64> {
    let whole = call.bytes().map(|bytes| bytes.len as u64);
    match call.syscall.does() {
        "send" => call.offered().or(whole),
        _ => call.offered(),
    }
}
