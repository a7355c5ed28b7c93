use std::time::Duration;

use serde::Deserialize;

use super::{Address, Call, Change, Failure, Outcome, Process, World};

/// The name of an actor in the script: `server`, `client`.
pub type ActorId = String;

/// The two ends of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Server,
    Client,
}

impl Side {
    /// The name of its actor in the script.
    pub fn word(self) -> &'static str {
        match self {
            Side::Server => "server",
            Side::Client => "client",
        }
    }

    /// The other end.
    pub fn other(self) -> Side {
        match self {
            Side::Server => Side::Client,
            Side::Client => Side::Server,
        }
    }
}

/// Which step of which chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepId {
    /// The chapter's id.
    pub chapter: String,
    /// The step's id: its heading in lower case, joined by hyphens.
    pub step: String,
    /// Its place in the chapter, from 0.
    pub index: usize,
}

/// One thing that happened, with when, where and to whom.
#[derive(Clone, Debug)]
pub struct Event {
    /// From 0, without gaps.
    pub seq: u64,
    /// Since the run began.
    pub at: Duration,
    pub actor: ActorId,
    pub pid: u32,
    /// `None` between steps.
    pub step: Option<StepId>,
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// The first event of every run.
    Run(RunInfo),
    /// A chapter begins.
    Chapter { id: String, mode: ChapterMode },
    /// A step begins. `round` counts from 1 inside a loop.
    StepBegin { round: Option<u32> },
    /// The learner is asked what will happen, and sees the facts for it.
    Question { next: Call, round: Option<u32> },
    /// What was predicted, and what the kernel shows.
    Answered(Answer),
    /// It stops before its call.
    Pause { next: Call, round: Option<u32> },
    /// The learner asked for something.
    Asked(Ask),
    /// A look at the kernel.
    View { world: Box<World>, moment: Moment },
    /// The call begins.
    Enter(Call),
    /// The call did not return: the actor sleeps in it.
    Blocked(Blocked),
    /// The call returned.
    Exit {
        call: Call,
        outcome: Outcome,
        took: Duration,
    },
    /// What differs from the look before.
    Effect(Vec<Change>),
    /// An expectation of the course, held against the kernel.
    Expect {
        line: String,
        held: bool,
        /// What the kernel says instead, when it did not hold.
        found: String,
    },
    /// A call failed: why, and what to do.
    Failed(Box<Failure>),
    /// The step is over.
    StepEnd,
    /// A chapter was played to its end.
    ChapterEnd { id: String },
    /// A file that a bind of this run made, and nobody removed, was removed.
    Tidied { path: String },
    /// The last event of every run.
    Ended(Ended),
}

/// What a run was asked to do.
#[derive(Clone, Debug)]
pub struct RunInfo {
    pub version: &'static str,
    /// The running kernel's release: uname(2).
    pub kernel: String,
    pub argv: Vec<String>,
    /// The address asked for.
    pub addr: Address,
    /// Whose life is walked.
    pub lead: Side,
    /// Whether a built-in actor plays the peer.
    pub builtin_peer: bool,
}

/// How a chapter is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChapterMode {
    /// With its prose and its pauses.
    Taught,
    /// Run for the learner, a line a call.
    DoneForYou,
}

/// A chapter of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its id.
    pub chapter: String,
    pub mode: ChapterMode,
    /// It begins with new processes.
    pub fresh: bool,
}

impl Part {
    /// The chapter of that id, taught, where the one before it left off.
    pub fn taught(chapter: &str) -> Part {
        Part {
            chapter: chapter.into(),
            mode: ChapterMode::Taught,
            fresh: false,
        }
    }
}

/// A prediction held against the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which choice was made; `None` if it was skipped.
    pub chosen: Option<usize>,
    /// Which choice was right; `None` if the kernel did not show it this time.
    pub right: Option<usize>,
    /// The beliefs the question is about.
    pub beliefs: Vec<String>,
    /// The belief that was chosen and did not come true.
    pub missed: Option<String>,
}

/// What a learner can ask at a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// `w`: why is this step there?
    Why,
    /// `i`: what does the kernel say now?
    Inspect,
}

/// When a look was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At the pause, before the call.
    Before,
    /// After the call.
    After,
    /// Because the learner asked.
    Asked,
    /// Because something changed while nothing was called, or while the actor slept.
    Changed,
}

/// An actor asleep in a call.
#[derive(Clone, Debug)]
pub struct Blocked {
    pub call: Call,
    /// What /proc says of it, where it may be read.
    pub process: Option<Process>,
    /// How long the call has lasted.
    pub waited: Duration,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
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
    pub fn word(self) -> &'static str {
        match self {
            Ended::Done => "done",
            Ended::Failed => "failed",
            Ended::Quit => "quit",
            Ended::Interrupted { .. } => "interrupted",
        }
    }
}
