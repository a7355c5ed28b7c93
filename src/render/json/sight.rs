//! A running program as a line of JSON.

use std::time::Duration;

use super::of_holder;
use super::seen::{FaultLine, ProgramLine, ThreadLine, Unknown};
use super::view::{known, view};
use super::wire::{Body, Line};
use crate::model::{Diagnosis, Inspected, Look, Moment, Sight, Thread};

/// What was seen where somebody looked, as a line of JSON, without the newline.
pub(crate) fn sight_line(seq: u64, at: Duration, seen: &Sight) -> String {
    let line = |task: &str, pid, body: Body| {
        let line = Line {
            body,
            seq,
            t_us: at.as_micros() as u64,
            task,
            pid,
            tid: pid,
            chapter: None,
            step: None,
            own: false,
            aside: false,
            again: false,
            server: None,
        };
        // Every key is a string and every value finite: this cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    };
    match seen {
        Sight::Program(inspected) => {
            let program = &inspected.program;
            let look = Look {
                seen: program.seen.clone(),
                moment: Moment::Asked,
                changes: inspected.changes.clone(),
            };
            let body = Body::Program(Box::new(of_program(inspected, &look)));
            line(&program.name, program.seen.pid, body)
        }
        // How it has ended only its parent is told.
        Sight::Ended { pid, name } => {
            let (code, signal) = (None, None);
            line(name, *pid, Body::Gone { code, signal })
        }
        Sight::Port { port, others } => {
            let (port, others) = (*port, others.iter().map(of_holder).collect());
            line("", 0, Body::Port { port, others })
        }
    }
}

fn of_program<'a>(inspected: &'a Inspected, look: &'a Look) -> ProgramLine<'a> {
    let program = &inspected.program;
    let mut view = view(look);
    let uid = known("uid", &program.uid, &mut view.unknown).copied();
    let threads = known("threads", &program.threads, &mut view.unknown);
    ProgramLine {
        command: program.command.clone(),
        uid,
        threads: threads.map(|all| all.iter().map(thread).collect()),
        hidden: program.hidden.iter().map(of_holder).collect(),
        faults: inspected.diagnoses.iter().map(fault).collect(),
        view,
    }
}

fn thread(thread: &Thread) -> ThreadLine<'_> {
    let mut unknown = Unknown::new();
    let call = known("call", &thread.call, &mut unknown);
    let watching = call.and_then(|call| known("watching", &call.watching, &mut unknown));
    ThreadLine {
        tid: thread.tid,
        name: thread.name.clone(),
        state: thread.doing.state.into(),
        wchan: thread.doing.wchan.clone(),
        call: call.map(|call| match call.call {
            Some(known) => known.name.into(),
            None => call.number.to_string(),
        }),
        fd: call.and_then(|call| call.fd),
        watching: watching.cloned(),
        unknown,
    }
}

fn fault(found: &Diagnosis) -> FaultLine {
    FaultLine {
        fault: found.fault.finding.word.into(),
        meaning: found.meaning.clone(),
        fds: found.fault.fds.clone(),
        advice: found.advice.clone(),
        chapter: found.chapter.clone(),
    }
}
