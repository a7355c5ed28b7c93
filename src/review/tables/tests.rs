//! Tables and faults of traces that are written down.

use std::time::Duration;

use super::*;
use crate::model::{Scope, Syscall, Task};
use crate::review::Review;

/// What happens to a process: a call that begins and returns.
struct Trace(Review);

impl Trace {
    fn tell(&mut self, pid: u32, what: MachineEvent) {
        self.0.take(&Event {
            seq: 0,
            at: Duration::ZERO,
            who: Task::process(pid, "it"),
            scope: Scope::of_program(),
            what: what.into(),
        });
    }

    fn call(&mut self, pid: u32, name: &str, args: &[Arg], value: i64) {
        let call = Call {
            syscall: Syscall::named(name).unwrap(),
            args: args.to_vec(),
            note: None,
        };
        self.tell(pid, MachineEvent::Enter(call.clone()));
        let (outcome, took) = (Outcome::Value(value), Duration::ZERO);
        self.tell(
            pid,
            MachineEvent::Exit {
                call,
                outcome,
                took,
            },
        );
    }
}

fn socket(kind: i32) -> [Arg; 3] {
    [libc::AF_INET, kind, 0].map(|raw| Arg::constant(raw, raw.to_string()))
}

#[test]
fn descriptors_are_copied_by_a_fork_and_closed_by_an_exec() {
    let mut trace = Trace(Review::new(None));
    trace.tell(1, MachineEvent::Born { by: None });
    trace.call(1, "socket", &socket(libc::SOCK_STREAM), 3);
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    trace.call(1, "socket", &socket(kind), 4);
    trace.call(1, "dup", &[Arg::Fd(3)], 5);
    trace.tell(2, MachineEvent::Born { by: Some(1) });
    trace.call(1, "close", &[Arg::Fd(3)], 0);
    assert_eq!(trace.0.tables.holders(0), [(1, 5), (2, 3), (2, 5)]);
    let (program, notes) = (String::new(), Vec::new());
    trace.tell(2, MachineEvent::Exec { program, notes });
    assert_eq!(trace.0.tables.holders(1), [(1, 4)]);
    trace.tell(2, MachineEvent::Gone(None));
    assert_eq!(trace.0.tables.holders(0), [(1, 5)]);
    assert_eq!(trace.0.tables.kept(2, 0), [3, 5]);
}

#[test]
fn a_backlog_of_0_is_found_in_the_calls_alone() {
    for (backlog, found) in [(0, 1), (5, 0)] {
        let mut trace = Trace(Review::new(None));
        trace.tell(1, MachineEvent::Born { by: None });
        trace.call(1, "socket", &socket(libc::SOCK_STREAM), 3);
        trace.call(1, "listen", &[Arg::Fd(3), Arg::Int(backlog)], 0);
        assert_eq!(trace.0.found(&[]).len(), found);
    }
}
