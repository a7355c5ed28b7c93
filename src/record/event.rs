//! What happened to the run.

use std::time::Duration;

use super::address::shown;
use super::fields::Fields;
use super::machine::status;
use super::packet::seeing;
use super::socket::row;
use crate::model::{
    Detail, Ended, Judged, Remark, RunEvent, RunInfo, RunKind, Side, Task, Traced, WalkInfo,
};

/// The version of the format that is read.
const VERSION: u32 = 2;

/// An event of the run, if it is one.
pub(super) fn run(kind: &str, of: Fields<'_>) -> Result<Option<RunEvent>, String> {
    Ok(Some(match kind {
        "run" => RunEvent::Begin(begin(of)?),
        "tidied" => RunEvent::Tidied {
            path: of.get("path")?,
        },
        "packets" => RunEvent::Packets(seeing(of)?),
        "private" => RunEvent::Private {
            enter: of.get("enter")?,
        },
        "strangers" => RunEvent::Strangers {
            first: of.read("first", shown)?,
            count: of.get("count")?,
        },
        "goal" => RunEvent::Judged(Box::new(goal(of)?)),
        "fault" => RunEvent::Fault(Box::new(Remark {
            id: of.get("id")?,
            title: of.get("title")?,
            means: of.get("means")?,
            advice: of.get("advice")?,
            read: of.get("read")?,
            evidence: of.get("evidence")?,
        })),
        "traced" => RunEvent::Traced(traced(of)?),
        "end" => RunEvent::End(of.read("status", ended)?),
        _ => return Ok(None),
    }))
}

fn begin(of: Fields<'_>) -> Result<RunInfo, String> {
    let version: u32 = of.get("version")?;
    if version != VERSION {
        return Err(format!(
            "the format's version is {version}: this socklab reads version {VERSION}"
        ));
    }
    let track = || of.get::<String>("track");
    let kind: &str = of.get("kind")?;
    let kind = match kind {
        "lesson" => RunKind::Lesson { track: track()? },
        "shell" => RunKind::Shell { track: track()? },
        "trace" => RunKind::Trace(of.read("detail", Detail::of_word)?),
        "check" => RunKind::Check,
        other => return Err(format!("a run of the kind '{other}' is not known here")),
    };
    let walk = match kind {
        RunKind::Lesson { .. } | RunKind::Shell { .. } => Some(WalkInfo {
            addr: of.read("addr", shown)?,
            lead: of.read("role", Side::of_word)?,
            builtin_peer: is_builtin(of)?,
        }),
        RunKind::Trace(_) | RunKind::Check => None,
    };
    Ok(RunInfo {
        version: of.get("socklab")?,
        kernel: of.get("kernel")?,
        argv: of.get("argv")?,
        // A day has no more microseconds than fit.
        began: Duration::from_micros(of.get::<u64>("began_us")? % 86_400_000_000),
        kind,
        walk,
    })
}

/// Does a built-in actor play the peer?
pub(super) fn is_builtin(of: Fields<'_>) -> Result<bool, String> {
    let peer: &str = of.get("peer")?;
    Ok(peer == "builtin")
}

fn goal(of: Fields<'_>) -> Result<Judged, String> {
    Ok(Judged {
        id: of.get("id")?,
        side: of.read("side", Side::of_word)?,
        title: of.get("title")?,
        points: of.get("max_score")?,
        met: of.get("met")?,
        evidence: of.get("evidence")?,
        instead: of.get("instead")?,
        about: of.get("about")?,
        hint: of.get("hint")?,
        read: of.get("read")?,
        took_ms: of.get("took_ms")?,
    })
}

fn traced(of: Fields<'_>) -> Result<Traced, String> {
    let process = |of: Fields<'_>| {
        let name: String = of.get("task")?;
        Ok((Task::process(of.get("pid")?, &name), status(of)?))
    };
    Ok(Traced {
        processes: of.all("processes", process)?,
        sockets: of.get("sockets")?,
        calls: of.get("calls")?,
        left: of.all("left", row)?,
        paths: of.get("paths")?,
    })
}

fn ended(word: &str) -> Option<Ended> {
    let all = [
        Ended::Done,
        Ended::Failed,
        Ended::Quit,
        // Which signal it was is not saved.
        Ended::Interrupted { signal: 0 },
    ];
    all.into_iter().find(|it| it.word() == word)
}
