//! What happened, one thing after the other.

use std::collections::HashMap;

use maud::{Markup, html};

use super::blocks::{blocks, line};
use crate::model::{
    Answer, Call, Event, LessonEvent, Look, MachineEvent, RunEvent, Scene, ShellEvent, Task, What,
    signal_name,
};
use crate::render::calls::{duration, moved, returned};
use crate::render::changes::{lines, lines_after};
use crate::render::claims::verdict;
use crate::render::clean::clean;
use crate::render::doc::{Block, bad, fact, field, fields, plain};
use crate::render::trouble::failure;
use crate::words::say;

/// Of more that was told after a call the first is shown of now.
const LATELY: usize = 6;

/// One thing that happened.
pub(super) enum Entry {
    /// A chapter begins.
    Chapter {
        id: String,
        anchor: String,
    },
    /// A step of it, and which round it is.
    Step {
        id: String,
        round: Option<u32>,
        anchor: String,
    },
    /// A call has returned: what it did, and what that changed.
    Call {
        seq: u64,
        who: String,
        line: Markup,
        took: String,
        more: Vec<Block>,
    },
    Question(Question),
    /// What a chapter expects, and the kernel shows.
    Held(String),
    /// Anything else that is told.
    Note(Vec<Block>),
}

/// What was asked and said, and what the kernel showed.
pub(super) struct Question {
    /// Which one of the run, from 1.
    pub number: usize,
    pub text: String,
    pub choices: Vec<String>,
    pub answer: Option<Answer>,
}

/// A list of what happened, in the making.
#[derive(Default)]
pub(super) struct Entries {
    pub all: Vec<Entry>,
    /// The call that has returned last.
    last: Option<Call>,
    questions: usize,
    /// The anchors that are taken, and how often.
    anchors: HashMap<String, usize>,
}

impl Entries {
    /// Takes in the next event.
    pub(super) fn take(&mut self, event: &Event, scene: &Scene) {
        match &event.what {
            What::Machine(_) if event.scope.aside => {}
            What::Machine(machine) => self.machine(event, machine, scene),
            What::Lesson(lesson) => self.lesson(event, lesson),
            What::Shell(ShellEvent::Line { text, .. }) => {
                self.note(field("line", plain(text.as_str())));
            }
            What::Shell(ShellEvent::Wrong { why, .. }) => {
                self.note(field(say!("label-but"), bad(why.as_str())))
            }
            What::Run(RunEvent::Tidied { path }) => {
                self.note(field("tidied", plain(format!("socklab removed {path}"))));
            }
            What::Shell(ShellEvent::Told { .. }) | What::Run(_) => {}
        }
    }

    fn note(&mut self, block: Block) {
        self.all.push(Entry::Note(vec![block]));
    }

    fn machine(&mut self, event: &Event, machine: &MachineEvent, scene: &Scene) {
        let who = || say!("pid-of", name = event.who.name, pid = event.who.pid);
        match machine {
            MachineEvent::Exit {
                call,
                outcome,
                took,
            } => {
                let world = scene.of(&Task::process(event.who.pid, ""));
                let socket = world.and_then(|world| world.socket(call.fd()?));
                self.all.push(Entry::Call {
                    seq: event.seq,
                    who: who(),
                    line: line(&returned(call, *outcome)),
                    took: duration(*took),
                    more: moved(call, *outcome, socket).into_iter().collect(),
                });
                self.last = Some(call.clone());
            }
            MachineEvent::Look(look) => self.look(look),
            MachineEvent::Signal(signal) => {
                let text = format!("{} {}", who(), say!("gets", signal = signal_name(*signal)));
                self.note(field("signal", plain(text)));
            }
            MachineEvent::Exec { program, .. } => {
                self.note(field(
                    "exec",
                    plain(format!("{} {}", who(), say!("runs", program = program))),
                ));
            }
            _ => {}
        }
    }

    /// What a look shows to have changed belongs to the call before it.
    fn look(&mut self, look: &Look) {
        let changed = match &self.last {
            Some(call) => lines_after(call, &look.changes, &look.seen),
            None => lines(&look.changes, &look.seen),
        };
        if changed.is_empty() {
            return;
        }
        match self.all.last_mut() {
            Some(Entry::Call { more, .. }) => more.push(fields(say!("label-now"), changed)),
            _ => self.note(fields(say!("label-now"), changed)),
        }
    }

    fn lesson(&mut self, event: &Event, lesson: &LessonEvent) {
        match lesson {
            LessonEvent::Chapter { id } => {
                let anchor = self.anchor(id);
                let id = id.clone();
                self.all.push(Entry::Chapter { id, anchor });
            }
            LessonEvent::Step { round } => {
                let Some(step) = &event.scope.step else {
                    return;
                };
                let anchor = self.anchor(&format!("{}-{}", step.chapter, step.step));
                self.all.push(Entry::Step {
                    id: step.step.clone(),
                    round: *round,
                    anchor,
                });
            }
            LessonEvent::Question { text, choices, .. } => {
                self.questions += 1;
                self.all.push(Entry::Question(Question {
                    number: self.questions,
                    text: text.clone(),
                    choices: choices.clone(),
                    answer: None,
                }));
            }
            LessonEvent::Answered(given) => {
                let asked = self.all.iter_mut().rev().find_map(|entry| match entry {
                    Entry::Question(asked) => Some(asked),
                    _ => None,
                });
                if let Some(asked) = asked {
                    asked.answer = Some(given.clone());
                }
            }
            LessonEvent::Claimed(claimed) => self.note(verdict(claimed, Vec::new())),
            LessonEvent::Expect { line, held, .. } if *held => {
                self.all.push(Entry::Held(line.clone()));
            }
            LessonEvent::Expect { line, found, .. } => {
                let found = format!("expected {line}; the kernel says: {found}");
                self.note(field(say!("label-but"), bad(found)));
            }
            LessonEvent::Failed(what) => self.all.push(Entry::Note(failure(what))),
            _ => {}
        }
    }

    /// The question that was asked last, as long as its step is not over.
    pub(super) fn asked(&self) -> Option<&Question> {
        let of_step = self.all.iter().rev();
        let mut of_step = of_step.take_while(|it| !matches!(it, Entry::Step { .. }));
        of_step.find_map(|entry| match entry {
            Entry::Question(asked) => Some(asked),
            _ => None,
        })
    }

    /// A name for a place in the page that no other has.
    fn anchor(&mut self, name: &str) -> String {
        let allowed = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = name.chars().take(60).map(allowed).collect();
        let count = self.anchors.entry(name.clone()).or_default();
        *count += 1;
        match *count {
            1 => format!("step-{name}"),
            nth => format!("step-{name}-{nth}"),
        }
    }
}

/// The call that has returned last, and what was told since.
pub(super) fn lately(all: &[Entry]) -> Markup {
    let is_call = |entry: &Entry| matches!(entry, Entry::Call { .. });
    let from = all.iter().rposition(is_call).unwrap_or(0);
    let is_told = |entry: &&Entry| is_call(entry) || matches!(entry, Entry::Note(_));
    let told = all[from..].iter().filter(is_told).take(LATELY);
    html! {
        @for entry in told { (of_entry(entry)) }
    }
}

/// All of it, in order.
pub(super) fn entries(all: &[Entry]) -> Markup {
    html! {
        @for entry in all { (of_entry(entry)) }
    }
}

fn of_entry(entry: &Entry) -> Markup {
    match entry {
        Entry::Chapter { id, anchor } => html! {
            h3 id=(anchor) { (clean(id)) " " (link(anchor, id)) }
        },
        Entry::Step { id, round, anchor } => {
            let round = round.map_or(String::new(), |round| format!(", round {round}"));
            html! {
                h4 id=(anchor) { (clean(id)) (round) " " (link(anchor, id)) }
            }
        }
        Entry::Call {
            seq,
            who,
            line,
            took,
            more,
        } => html! {
            div.call id={ "e" (seq) } {
                p { span.muted { (clean(who)) ": " } (line) " " span.muted { (took) } }
                (blocks(more))
            }
        },
        Entry::Question(asked) => question(asked, &[]),
        Entry::Held(line) => of_blocks(&[field(say!("label-holds"), fact(line.as_str()))]),
        Entry::Note(told) => of_blocks(told),
    }
}

fn of_blocks(told: &[Block]) -> Markup {
    html! { div.note { (blocks(told)) } }
}

/// A link to the place where it stands.
fn link(anchor: &str, to: &str) -> Markup {
    html! {
        a.anchor href={ "#" (anchor) } aria-label=(say!("html-link-to", what = clean(to))) { (say!("html-link")) }
    }
}

/// A question that was answered; `raised` says how many have chosen what, where others
/// were asked, too.
pub(super) fn question(asked: &Question, raised: &[usize]) -> Markup {
    let text_of = |at: Option<usize>| at.and_then(|at| asked.choices.get(at)).map(|it| clean(it));
    let said = text_of(asked.answer.as_ref().and_then(|it| it.chosen));
    let right = text_of(asked.answer.as_ref().and_then(|it| it.right));
    let shown = asked.answer.as_ref().map(|it| it.evidence.join(" · "));
    let shown = shown.filter(|it| !it.is_empty());
    let shown = shown.map_or_else(String::new, |it| format!(" ({})", clean(&it)));
    let count = |at: usize| raised.get(at).filter(|_| raised.iter().any(|it| *it > 0));
    html! {
        div.question {
            p { strong { (say!("html-question")) " " } (clean(&asked.text)) }
            ul {
                @for (at, choice) in asked.choices.iter().enumerate() {
                    li {
                        (clean(choice))
                        @if let Some(count) = count(at) { " " b.raised { (count) } }
                    }
                }
            }
            dl.field {
                dt { (say!("html-said")) }
                dd { (said.clone().unwrap_or_else(|| say!("html-nothing"))) }
                dt { (say!("html-observed")) }
                dd { (right.clone().unwrap_or_else(|| say!("html-not-observed"))) (shown) }
                @if said.is_some() && right.is_some() {
                    dd {
                        @if said == right { b.changed { (say!("html-predicted")) } }
                        @else { b.bad { (say!("html-unpredicted")) } }
                    }
                }
            }
        }
    }
}
