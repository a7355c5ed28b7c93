//! One event as a line of JSON.

mod packet;
mod seen;
mod sight;
mod view;
mod wire;

use std::io;

use self::seen::{HolderLine, Unknown};
use self::wire::{Asking, Body, EndedLine, Line, Made, Pausing, ServerLine, VERSION};
use super::trouble::holder;
use crate::model::{
    Advised, Arg, Blocked, Call, ChapterMode, Event, Failure, Holder, Judged, LessonEvent,
    MachineEvent, Outcome, Recap, Remark, RunEvent, RunInfo, RunKind, STRACE_STRING, Scope,
    ShellEvent, Shown, Status, Task, Traced, What, quoted, signal_name,
};

pub(crate) use self::sight::sight_line;
pub(crate) use self::wire::json_schema;

/// One event as a line of JSON, without the newline.
pub(crate) fn json_line(event: &Event, out: &mut Vec<u8>) {
    let scope = &event.scope;
    let step = scope.step.as_ref();
    let is_lesson = matches!(event.what, What::Lesson(_) | What::Run(_)) && scope.server.is_some();
    let line = Line {
        body: body(event),
        seq: event.seq,
        t_us: event.at.as_micros() as u64,
        task: &event.who.name,
        pid: event.who.pid,
        tid: event.who.tid,
        chapter: match &event.what {
            What::Lesson(LessonEvent::Chapter { id } | LessonEvent::ChapterEnd { id }) => Some(id),
            _ => step.map(|step| step.chapter.as_str()),
        },
        step: step.map(|step| step.step.as_str()),
        // All that a traced program does is its own.
        own: scope.own && scope.server.is_some(),
        aside: scope.aside,
        again: !scope.first_time,
        server: is_lesson.then(|| ServerLine {
            addr: scope.addr.to_string(),
            pid: scope.server,
        }),
    };
    // Every key is a string and every value finite: this cannot fail.
    let _ = serde_json::to_writer(Pieces(out), &line);
}

/// A line that is written in very small pieces, most of them of one character: these do not
/// go through a copy of memory.
struct Pieces<'a>(&'a mut Vec<u8>);

impl io::Write for Pieces<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        match piece {
            [one] => self.0.push(*one),
            _ => self.0.extend_from_slice(piece),
        }
        Ok(piece.len())
    }

    fn write_all(&mut self, piece: &[u8]) -> io::Result<()> {
        self.write(piece).map(|_| ())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn body(event: &Event) -> Body<'_> {
    match &event.what {
        What::Machine(machine) => of_machine(machine),
        What::Lesson(lesson) => of_lesson(lesson, &event.scope),
        What::Shell(shell) => of_shell(shell),
        What::Run(RunEvent::Begin(info)) => of_begin(info),
        What::Run(RunEvent::Private { enter }) => Body::Private {
            enter: enter.clone(),
        },
        What::Run(RunEvent::Packets(seeing)) => Body::Packets(packet::packets(seeing)),
        What::Run(RunEvent::Tidied { path }) => Body::Tidied { path: path.clone() },
        What::Run(RunEvent::Strangers { first, count }) => Body::Strangers {
            first: first.to_string(),
            count: *count as u64,
        },
        What::Run(RunEvent::Judged(judged)) => of_goal(judged),
        What::Run(RunEvent::Fault(fault)) => of_fault(fault),
        What::Run(RunEvent::Examined(advised)) => of_advised(advised),
        What::Run(RunEvent::Traced(traced)) => of_traced(traced),
        What::Run(RunEvent::End(ended)) => Body::End {
            status: ended.word().into(),
        },
    }
}

fn of_begin(info: &RunInfo) -> Body<'_> {
    let (kind, track, detail) = match &info.kind {
        RunKind::Lesson { track } => ("lesson", Some(track), None),
        RunKind::Shell { track } => ("shell", Some(track), None),
        RunKind::Trace(detail) => ("trace", None, Some(detail.word())),
        RunKind::Check => ("check", None, None),
    };
    Body::Run {
        version: VERSION,
        socklab: info.version.clone(),
        kernel: info.kernel.clone(),
        argv: info.argv.clone(),
        kind: kind.into(),
        track: track.cloned(),
        detail: detail.map(str::to_string),
        began_us: info.began.as_micros() as u64,
        role: info.walk.map(|walk| walk.lead.word().into()),
        addr: info.walk.map(|walk| walk.addr.to_string()),
        peer: info.walk.map(|walk| peer(walk.builtin_peer)),
    }
}

/// Who connects.
fn peer(is_builtin: bool) -> String {
    if is_builtin { "builtin" } else { "nc" }.into()
}

fn of_goal(judged: &Judged) -> Body<'_> {
    Body::Goal {
        id: judged.id.clone(),
        side: judged.side.word().into(),
        title: judged.title.clone(),
        met: judged.met,
        score: if judged.met { judged.points } else { 0 },
        max_score: judged.points,
        evidence: judged.evidence.clone(),
        instead: judged.instead.clone(),
        about: judged.about.clone(),
        hint: judged.hint.clone(),
        read: judged.read.clone(),
        took_ms: judged.took_ms,
    }
}

fn of_fault(fault: &Remark) -> Body<'_> {
    Body::Fault {
        id: fault.id.clone(),
        title: fault.title.clone(),
        evidence: fault.evidence.clone(),
        means: fault.means.clone(),
        advice: fault.advice.clone(),
        read: fault.read.clone(),
    }
}

fn of_advised(advised: &Advised) -> Body<'_> {
    Body::Examined {
        id: advised.examined.id,
        standing: advised.examined.standing().word(),
        answer: advised.examined.answer,
        seen: &advised.examined.seen,
        title: &advised.title,
        means: &advised.means,
        advice: advised.advice.as_deref(),
    }
}

fn of_machine(machine: &MachineEvent) -> Body<'_> {
    match machine {
        MachineEvent::Born { by } => Body::Born { by: *by },
        MachineEvent::Exec { program, notes } => Body::Exec {
            program: program.clone(),
            notes: notes.clone(),
        },
        MachineEvent::Signal(number) => Body::Signal {
            signal: signal_name(*number),
        },
        MachineEvent::Enter(call) => Body::Enter(made(call)),
        MachineEvent::Blocked(blocked) => of_blocked(blocked),
        MachineEvent::Exit {
            call,
            outcome,
            took,
        } => Body::Exit {
            made: made(call),
            ret: match outcome {
                Outcome::Value(value) => Some(*value),
                Outcome::Failed(_) => Some(-1),
                Outcome::Never | Outcome::Again(_) => None,
            },
            errno: outcome.errno().map(|errno| errno.name()),
            note: call.note.as_deref(),
            took_us: took.as_micros() as u64,
            data: data(call),
            restart: match outcome {
                Outcome::Again(how) => Some(*how),
                _ => None,
            },
        },
        MachineEvent::Packet(packet) => Body::Packet(Box::new(packet::packet(packet))),
        MachineEvent::Look(look) => Body::View(Box::new(view::view(look))),
        MachineEvent::Gone(status) => Body::Gone {
            code: status.and_then(Status::code),
            signal: status.and_then(Status::signal).map(signal_name),
        },
    }
}

fn of_traced(traced: &Traced) -> Body<'_> {
    let process = |(task, status): &(Task, Option<Status>)| EndedLine {
        pid: task.pid,
        task: task.name.to_string(),
        code: status.and_then(Status::code),
        signal: status.and_then(Status::signal).map(signal_name),
    };
    Body::Traced {
        processes: traced.processes.iter().map(process).collect(),
        sockets: traced.sockets,
        calls: traced.calls,
        left: traced.left.iter().map(view::row).collect(),
        paths: traced.paths.clone(),
    }
}

fn of_lesson<'a>(lesson: &'a LessonEvent, scope: &Scope) -> Body<'a> {
    match lesson {
        LessonEvent::Chapter { .. } => Body::Chapter {
            taught: scope.mode == ChapterMode::Taught,
            peer: peer(scope.builtin_peer),
        },
        LessonEvent::ChapterEnd { .. } => Body::ChapterEnd {},
        LessonEvent::Recap(recap) => of_recap(recap),
        LessonEvent::Step { round } => Body::Step {
            round: *round,
            index: scope.step.as_ref().map_or(0, |step| step.index),
        },
        LessonEvent::StepEnd { failed } => Body::StepEnd { failed: *failed },
        LessonEvent::Question {
            next,
            round,
            text,
            choices,
        } => Body::Question(Asking {
            made: made(next),
            round: *round,
            text: text.clone(),
            choices: choices.clone(),
        }),
        LessonEvent::Pause {
            next,
            round,
            asked,
            rests,
        } => Body::Pause(Pausing {
            made: made(next),
            round: *round,
            asked: *asked,
            rests: *rests,
        }),
        LessonEvent::Answered(answer) => Body::Answer {
            chosen: answer.chosen,
            right: answer.right,
            beliefs: answer.beliefs.clone(),
            missed: answer.missed.clone(),
            evidence: answer.evidence.clone(),
        },
        LessonEvent::Claimed(it) => Body::Verdict {
            claim: it.claim.clone(),
            holds: it.holds,
            text: it.text.clone(),
            evidence: it.evidence.clone(),
        },
        LessonEvent::Asked(ask) => Body::Asked {
            what: ask.word().into(),
        },
        LessonEvent::Expect { line, held, found } => {
            let (line, held) = (line.clone(), *held);
            let found = (!held).then(|| found.clone());
            Body::Expect { line, held, found }
        }
        LessonEvent::Failed(what) => of_failure(what),
    }
}

fn of_shell(shell: &ShellEvent) -> Body<'_> {
    match shell.clone() {
        ShellEvent::Line { number, text, .. } => Body::Line { number, text },
        ShellEvent::Wrong { line, why } => Body::Wrong { line, why },
        ShellEvent::Told { what, entries } => Body::Told { what, entries },
    }
}

fn made(call: &Call) -> Made<'_> {
    Made {
        call: call.name(),
        args: call.labelled_args().map(Shown).collect(),
    }
}

fn of_recap(recap: &Recap) -> Body<'_> {
    let calls = recap.calls.iter();
    let more = recap.more.iter();
    Body::Recap {
        calls: calls
            .map(|(call, outcome)| call.returned(*outcome))
            .collect(),
        predicted: recap.predicted(),
        right: recap.right(),
        more: more.map(|(id, _)| id.clone()).collect(),
    }
}

/// The bytes that a call has moved, where its arguments show only the first.
fn data(call: &Call) -> Option<String> {
    let bytes = call.bytes()?;
    let is_plain = call.args.iter().any(|arg| matches!(arg, Arg::Bytes(_)));
    let is_all = is_plain && bytes.head.len() <= STRACE_STRING;
    (!is_all).then(|| quoted(&bytes.head))
}

fn of_blocked(blocked: &Blocked) -> Body<'_> {
    let process = blocked.process.as_ref();
    Body::Blocked {
        made: made(&blocked.call),
        state: process.map(|process| process.state.to_string()),
        wchan: process.and_then(|process| process.wchan.clone()),
        cpu_ms: process.map(|process| process.cpu_ms),
        waited_us: blocked.waited.as_micros() as u64,
        first: blocked.first,
    }
}

fn of_failure(failure: &Failure) -> Body<'_> {
    let call = failure.call.as_ref();
    Body::Failure {
        call: call.map(|call| call.name().into()),
        args: call.map(Call::strace_args),
        errno: failure.errno.map(|errno| errno.name()),
        meaning: failure.meaning.clone(),
        found: failure.found.clone(),
        holders: failure.holders.iter().map(of_holder).collect(),
        advice: failure.advice.clone(),
    }
}

fn of_holder(who: &Holder) -> HolderLine<'_> {
    let text = holder(who);
    let mut unknown = Unknown::new();
    let owner = view::known("owner", &who.owner, &mut unknown);
    HolderLine {
        state: who.state.to_string(),
        local: who.local.to_string(),
        uid: who.uid,
        owner: owner.and_then(|it| serde_json::to_value(it).ok()),
        expires_ms: who.timer.map(|timer| timer.expires_ms),
        timer: who.timer.map(|timer| timer.kind.into()),
        text: text.iter().map(|piece| piece.text.as_str()).collect(),
        unknown,
    }
}
