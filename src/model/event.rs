//! What happens, told as events: of the machine, of the lesson, of the run.

use std::time::Duration;

use super::words::words;
use super::{
    Address, Advised, Call, Change, Failure, Judged, Outcome, Packet, Process, Remark, RunInfo,
    Seeing, ShellEvent, Side, Status, Task, Traced, World,
};

/// Which step of which chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepId {
    /// The chapter's id.
    pub chapter: String,
    /// The step's id: its heading in lower case, joined by hyphens.
    pub step: String,
    /// Its place in the chapter, from 0.
    pub index: usize,
}

/// Where in a lesson something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// `None` between steps.
    pub step: Option<StepId>,
    pub mode: ChapterMode,
    /// Whose life is walked.
    pub lead: Side,
    /// A built-in actor plays the peer.
    pub builtin_peer: bool,
    /// It is told for the first time: no later round, no chapter that was played before.
    pub first_time: bool,
    /// The step's own part: its call comes next or is under way. What the peer does
    /// around it is not.
    pub own: bool,
    /// It is no part of the lesson: a client that nobody here has started is let go.
    pub aside: bool,
    /// The server's address, as asked for, and as bound once it is.
    pub addr: Address,
    /// The server's process.
    pub server: Option<u32>,
}

impl Scope {
    /// That of a program that is traced: there is no lesson.
    pub(crate) fn of_program() -> Scope {
        Scope {
            step: None,
            mode: ChapterMode::DoneForYou,
            lead: Side::Server,
            builtin_peer: false,
            first_time: true,
            own: true,
            aside: false,
            addr: Address::Other { family: 0 },
            server: None,
        }
    }
}

/// One thing that happened, with when, where and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// From 0, without gaps.
    pub seq: u64,
    /// Since the run began.
    pub at: Duration,
    pub who: Task,
    pub scope: Scope,
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Machine(MachineEvent),
    Lesson(LessonEvent),
    Shell(ShellEvent),
    Run(RunEvent),
}

/// What happened on the machine, whoever asked for it.
#[derive(Clone, Debug)]
pub(crate) enum MachineEvent {
    /// A process began, made by another one or started for the run.
    Born { by: Option<u32> },
    /// It runs another program now, and what that means for watching it.
    Exec { program: String, notes: Vec<String> },
    /// A signal reaches it.
    Signal(i32),
    /// A call begins.
    Enter(Call),
    /// The call did not return: the task sleeps in it.
    Blocked(Blocked),
    /// The call returned.
    Exit {
        call: Call,
        outcome: Outcome,
        took: Duration,
    },
    /// A look at the kernel, and what differs from the look before.
    Look(Box<Look>),
    /// A packet crossed the wire, at the moment that the event has.
    Packet(Box<Packet>),
    /// The process has ended, or a thread of it: how, where it was seen.
    Gone(Option<Status>),
}

/// A look at a process and its sockets.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub seen: World,
    pub moment: Moment,
    pub changes: Vec<Change>,
}

/// What happened in the lesson.
#[derive(Clone, Debug)]
pub(crate) enum LessonEvent {
    /// A chapter begins.
    Chapter { id: String },
    /// A chapter was played to its end.
    ChapterEnd { id: String },
    /// The walk was played to its end.
    Recap(Recap),
    /// A step begins. `round` counts from 1 inside a loop.
    Step { round: Option<u32> },
    /// The step is over.
    StepEnd { failed: bool },
    /// The learner is asked what will happen, and sees the facts for it.
    Question {
        next: Call,
        round: Option<u32>,
        text: String,
        choices: Vec<String>,
    },
    /// What was predicted, and what the kernel shows.
    Answered(Answer),
    /// The claim of a chapter, and what the kernel shows.
    Claimed(Claimed),
    /// It is about to make its call.
    Pause {
        next: Call,
        round: Option<u32>,
        /// A question has told the facts.
        asked: bool,
        /// It stops here.
        rests: bool,
    },
    /// The learner asked for something.
    Asked(Ask),
    /// An expectation of the course, held against the kernel.
    Expect {
        line: String,
        held: bool,
        /// What the kernel says instead, when it did not hold.
        found: String,
    },
    /// A call failed: why, and what to do.
    Failed(Box<Failure>),
}

/// What a walk was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recap {
    /// Its own calls, in order.
    pub calls: Vec<(Call, Outcome)>,
    /// What was predicted.
    pub answers: Vec<Answer>,
    /// Chapters that stand by themselves: id and title.
    pub more: Vec<(String, String)>,
}

impl Recap {
    /// How many questions were answered, and could be judged.
    pub(crate) fn predicted(&self) -> usize {
        self.judged().count()
    }

    /// How many of those came true.
    pub(crate) fn right(&self) -> usize {
        self.judged().filter(|it| it.chosen == it.right).count()
    }

    fn judged(&self) -> impl Iterator<Item = &Answer> {
        let answers = self.answers.iter();
        answers.filter(|it| it.chosen.is_some() && it.right.is_some())
    }
}

/// What happened to the run.
#[derive(Clone, Debug)]
pub(crate) enum RunEvent {
    /// The first event of every run.
    Begin(RunInfo),
    /// Packets are asked for: whether they are seen.
    Packets(Seeing),
    /// The run has a network of its own: what a client in another terminal is begun with.
    Private { enter: String },
    /// A file that a bind of this run made, and nobody removed, was removed.
    Tidied { path: String },
    /// Clients that are no actors of the run have connected where its own play them, and
    /// their connections were closed: the first one's address, and how many.
    Strangers { first: Address, count: u32 },
    /// A program meets a goal, or misses it.
    Judged(Box<Judged>),
    /// What a reviewer would say of it.
    Fault(Box<Remark>),
    /// What this machine was asked, and how it answered.
    Examined(Box<Advised>),
    /// The program that was traced has ended, or is traced no longer.
    Traced(Traced),
    /// The last event of every run.
    End(Ended),
}

impl From<MachineEvent> for What {
    fn from(machine: MachineEvent) -> What {
        What::Machine(machine)
    }
}

impl From<LessonEvent> for What {
    fn from(lesson: LessonEvent) -> What {
        What::Lesson(lesson)
    }
}

impl From<ShellEvent> for What {
    fn from(shell: ShellEvent) -> What {
        What::Shell(shell)
    }
}

impl From<RunEvent> for What {
    fn from(run: RunEvent) -> What {
        What::Run(run)
    }
}

/// How a chapter is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChapterMode {
    /// With its prose and its pauses.
    Taught,
    /// Run for the learner, a line a call.
    DoneForYou,
}

/// A chapter of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its id.
    pub chapter: String,
    pub mode: ChapterMode,
    /// It begins with new processes.
    pub fresh: bool,
}

impl Part {
    /// The chapter of that id, taught, where the one before it left off.
    pub(crate) fn taught(chapter: &str) -> Part {
        Part {
            chapter: chapter.into(),
            mode: ChapterMode::Taught,
            fresh: false,
        }
    }
}

/// A prediction held against the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Which choice was made; `None` if it was skipped.
    pub chosen: Option<usize>,
    /// Which choice was right; `None` if the kernel did not show it this time.
    pub right: Option<usize>,
    /// The beliefs the question is about.
    pub beliefs: Vec<String>,
    /// The belief that was chosen, where something else was shown.
    pub missed: Option<String>,
    /// What has shown it, where packets have, or their counters.
    pub evidence: Vec<String>,
}

/// A claim of a textbook held against the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub claim: String,
    /// Whether it holds; `None` if the kernel did not show it this time.
    pub holds: Option<bool>,
    /// What was seen, in the course's words.
    pub text: String,
    /// The conditions that held.
    pub evidence: Vec<String>,
}

/// What a learner can ask at a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// `w`: why is this step there?
    Why,
    /// `l`: how do languages write it?
    Languages,
    /// `i`: what does the kernel say now?
    Inspect,
    /// `h`: what can be seen elsewhere, and what to try?
    Hints,
    /// `m`: in which states are both ends, and which come next?
    States,
    /// `t`: who did what, and when?
    Ladder,
    /// `b`: what stood at the pause before?
    Back,
    /// What comes next, once more: the learner was elsewhere.
    Next,
}

words! { Ask, word:
    Why = "why",
    Languages = "languages",
    Inspect = "inspect",
    Hints = "hints",
    States = "states",
    Ladder = "ladder",
    Back = "back",
    Next = "next",
}

/// When a look was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At the pause, before the call.
    Before,
    /// After the call.
    After,
    /// Because the learner asked.
    Asked,
    /// Because something changed while nothing was called, or while the actor slept.
    Changed,
    /// Because the course expects something of it.
    Checked,
}

words! { Moment, word:
    Before = "before",
    After = "after",
    Asked = "asked",
    Changed = "changed",
    Checked = "checked",
}

/// An actor asleep in a call.
#[derive(Clone, Debug)]
pub(crate) struct Blocked {
    pub call: Call,
    /// What /proc says of it, where it may be read.
    pub process: Option<Process>,
    /// How long the call has lasted.
    pub waited: Duration,
    /// It was not told before that the call sleeps.
    pub first: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything that was asked for was played.
    Done,
    /// A call or an expectation failed.
    Failed,
    /// The learner left.
    Quit,
    /// By a signal.
    Interrupted { signal: i32 },
}

impl Ended {
    /// The word of the JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Ended::Done => "done",
            Ended::Failed => "failed",
            Ended::Quit => "quit",
            Ended::Interrupted { .. } => "interrupted",
        }
    }
}
