//! What happened in the lesson and in the shell.

use super::address::shown;
use super::call::{call, in_short};
use super::fields::{Fields, errno};
use super::socket::timer_kind;
use crate::model::{
    Answer, Ask, Claimed, Failure, Holder, LessonEvent, Owner, Recap, ShellEvent, TcpState, Timer,
};

/// An event of the lesson, if it is one.
pub(super) fn lesson(kind: &str, of: Fields<'_>) -> Result<Option<LessonEvent>, String> {
    Ok(Some(match kind {
        "chapter" => LessonEvent::Chapter {
            id: of.get("chapter")?,
        },
        "chapter-end" => LessonEvent::ChapterEnd {
            id: of.get("chapter")?,
        },
        "recap" => LessonEvent::Recap(recap(of)?),
        "step" => LessonEvent::Step {
            round: of.get("round")?,
        },
        "step-end" => LessonEvent::StepEnd {
            failed: of.get("failed")?,
        },
        "question" => LessonEvent::Question {
            next: call(of)?,
            round: of.get("round")?,
            text: of.get("text")?,
            choices: of.get("choices")?,
        },
        "answer" => LessonEvent::Answered(Answer {
            chosen: of.get("chosen")?,
            right: of.get("right")?,
            beliefs: of.get("beliefs")?,
            missed: of.get("missed")?,
            evidence: of.get::<Option<_>>("evidence")?.unwrap_or_default(),
        }),
        "verdict" => LessonEvent::Claimed(Claimed {
            claim: of.get("claim")?,
            holds: of.get("holds")?,
            text: of.get("text")?,
            evidence: of.get("evidence")?,
        }),
        "pause" => LessonEvent::Pause {
            next: call(of)?,
            round: of.get("round")?,
            asked: of.get("asked")?,
            rests: of.get("rests")?,
        },
        "asked" => LessonEvent::Asked(of.read("what", Ask::of_word)?),
        "expect" => LessonEvent::Expect {
            line: of.get("line")?,
            held: of.get("held")?,
            found: of.get::<Option<String>>("found")?.unwrap_or_default(),
        },
        "failure" => LessonEvent::Failed(Box::new(failure(of)?)),
        _ => return Ok(None),
    }))
}

/// The calls of a walk, and how many predictions came true.
fn recap(of: Fields<'_>) -> Result<Recap, String> {
    let calls: Vec<String> = of.get("calls")?;
    let (predicted, right): (usize, usize) = (of.get("predicted")?, of.get("right")?);
    // So many come true are not asked in any course.
    if predicted > 10_000 {
        return Err("\"predicted\": too many".into());
    }
    let answer = |at| Answer {
        chosen: Some(0),
        right: Some(usize::from(at >= right)),
        beliefs: Vec::new(),
        missed: None,
        evidence: Vec::new(),
    };
    let more: Vec<String> = of.get("more")?;
    Ok(Recap {
        calls: calls.iter().filter_map(|text| in_short(text)).collect(),
        answers: (0..predicted).map(answer).collect(),
        more: more.into_iter().map(|id| (id, String::new())).collect(),
    })
}

fn failure(of: Fields<'_>) -> Result<Failure, String> {
    let has_call = !of.json("call").is_null();
    Ok(Failure {
        call: has_call.then(|| call(of)).transpose()?,
        errno: of.read_if("errno", errno)?,
        meaning: of.get("meaning")?,
        found: of.get("found")?,
        holders: of.all("holders", holder)?,
        advice: of.get("advice")?,
    })
}

fn holder(of: Fields<'_>) -> Result<Holder, String> {
    let kind = of.read_if("timer", timer_kind)?;
    let expires_ms: Option<u32> = of.get("expires_ms")?;
    Ok(Holder {
        state: of.read("state", TcpState::of_name)?,
        local: of.read("local", shown)?,
        owner: of.fact("owner", |it| {
            <Owner as serde::Deserialize>::deserialize(it).ok()
        })?,
        // What that explains the meaning says.
        ours: false,
        uid: of.get("uid")?,
        timer: kind.zip(expires_ms).map(|(kind, expires_ms)| Timer {
            kind,
            expires_ms,
            retries: 0,
        }),
    })
}

/// An event of a shell, if it is one.
pub(super) fn shell(kind: &str, of: Fields<'_>) -> Result<Option<ShellEvent>, String> {
    Ok(Some(match kind {
        "line" => ShellEvent::Line {
            number: of.get("number")?,
            text: of.get("text")?,
            shown: false,
        },
        "wrong" => ShellEvent::Wrong {
            line: of.get("line")?,
            why: of.get("why")?,
        },
        "told" => ShellEvent::Told {
            what: of.get("what")?,
            entries: of.get("entries")?,
        },
        _ => return Ok(None),
    }))
}
