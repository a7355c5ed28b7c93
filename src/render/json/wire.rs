//! The lines of the JSON format, version 2, as types: their schema is derived from them.

use schemars::JsonSchema;
use serde::Serialize;

use super::packet::{PacketLine, PacketsLine};
use super::seen::{HolderLine, OfRow, ProgramLine, View};
use crate::model::{Labelled, Shown};

/// The version of the format. Within one, fields are added, never changed.
pub(super) const VERSION: u32 = 2;

/// One line: one event.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line<'a> {
    #[serde(flatten)]
    pub body: Body<'a>,
    /// From 0, without gaps.
    pub seq: u64,
    /// Microseconds since the run began.
    pub t_us: u64,
    /// The name of who it is about.
    pub task: &'a str,
    pub pid: u32,
    pub tid: u32,
    /// Null outside of chapters.
    pub chapter: Option<&'a str>,
    /// Null between steps.
    pub step: Option<&'a str>,
    /// It is the step's own: its call comes next or is under way.
    #[serde(default, skip_serializing_if = "is_not")]
    pub own: bool,
    /// It is no part of the lesson: a client that nobody here has started is let go.
    #[serde(default, skip_serializing_if = "is_not")]
    pub aside: bool,
    /// A later round of the step, or a chapter that was played before.
    #[serde(default, skip_serializing_if = "is_not")]
    pub again: bool,
    /// In a lesson: the server's address as it is known, and its process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerLine>,
}

fn is_not(flag: &bool) -> bool {
    !flag
}

/// Where the server of a lesson is.
#[derive(Serialize, JsonSchema)]
pub(super) struct ServerLine {
    pub addr: String,
    pub pid: Option<u32>,
}

/// What happened.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Body<'a> {
    /// The first line of a run.
    Run {
        /// Of the format.
        version: u32,
        /// The program's own version.
        socklab: String,
        /// The running kernel's release.
        kernel: String,
        argv: Vec<String>,
        /// lesson, shell, trace or check
        kind: String,
        /// The track of a lesson, or the one that a shell is beside.
        track: Option<String>,
        /// How much is told of a traced program: first-time, brief or full.
        detail: Option<String>,
        /// The local time of day when it began, in microseconds.
        began_us: u64,
        /// server or client: whose life is walked; null where a program is traced.
        role: Option<String>,
        /// The address asked for; null where a program is traced.
        addr: Option<String>,
        /// builtin, or nc: whoever connects; null where a program is traced.
        peer: Option<String>,
    },
    /// A chapter begins: taught, or run for the learner; the peer is builtin or nc.
    Chapter { taught: bool, peer: String },
    /// A chapter was played to its end.
    ChapterEnd {},
    /// The walk was played to its end: its calls, how many predictions came true, and
    /// which chapters there are besides.
    Recap {
        calls: Vec<String>,
        predicted: usize,
        right: usize,
        more: Vec<String>,
    },
    /// A step begins: its place in the chapter, from 0. Rounds count from 1 inside a loop.
    Step { round: Option<u32>, index: usize },
    /// A step is over.
    StepEnd { failed: bool },
    /// The learner is asked what will happen.
    Question(Asking<'a>),
    /// What was predicted and what the kernel shows: choices from 0.
    Answer {
        chosen: Option<usize>,
        right: Option<usize>,
        beliefs: Vec<String>,
        missed: Option<String>,
        /// Where packets have shown it, or their counters: what was seen.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    /// The claim of a chapter, and what the kernel shows: whether it `holds`, null where
    /// that could not be observed; what was seen, and the conditions that show it.
    Verdict {
        claim: String,
        holds: Option<bool>,
        text: String,
        evidence: Vec<String>,
    },
    /// The call comes next.
    Pause(Pausing<'a>),
    /// The learner asked for something.
    Asked { what: String },
    /// A process began, made by another one or started for the run.
    Born { by: Option<u32> },
    /// It runs another program now; the notes say what of it cannot be seen.
    Exec { program: String, notes: Vec<String> },
    /// A signal reaches it.
    Signal { signal: String },
    /// A call begins.
    Enter(Made<'a>),
    /// It sleeps.
    Blocked {
        #[serde(flatten)]
        made: Made<'a>,
        /// The state letter of proc(5).
        state: Option<String>,
        /// The kernel function it sleeps in.
        wchan: Option<String>,
        cpu_ms: Option<u64>,
        waited_us: u64,
        /// It was not told before that the call sleeps.
        first: bool,
    },
    /// A call has returned; `ret` is null where it never does, or is made again after a
    /// signal.
    Exit {
        #[serde(flatten)]
        made: Made<'a>,
        ret: Option<i64>,
        errno: Option<String>,
        /// What strace prints in brackets behind the value.
        note: Option<&'a str>,
        took_us: u64,
        /// The bytes that crossed, at most 200 of them, where strace prints fewer.
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<String>,
        /// How the kernel makes it again after a signal: its own number.
        #[serde(skip_serializing_if = "Option::is_none")]
        restart: Option<i32>,
    },
    /// A packet crossed the wire, at `t_us`.
    Packet(Box<PacketLine>),
    /// Packets are asked for.
    Packets(PacketsLine),
    /// The run has a network of its own: a command that connects to it from elsewhere.
    Private { enter: String },
    /// What was seen; what is not known is null, with its reason under `unknown`.
    View(Box<View<'a>>),
    /// The process has ended: by which code or signal, where that was seen.
    Gone {
        code: Option<i32>,
        signal: Option<String>,
    },
    /// A line of the course, held against the kernel.
    Expect {
        line: String,
        held: bool,
        found: Option<String>,
    },
    /// A line of a shell or a script, numbered from 1.
    Line { number: usize, text: String },
    /// A line that nothing can be done with: why.
    Wrong { line: String, why: String },
    /// What a line has asked for: entries, each with its label.
    Told {
        what: String,
        entries: Vec<(String, String)>,
    },
    /// A call failed that should not.
    Failure {
        call: Option<String>,
        args: Option<Vec<String>>,
        errno: Option<String>,
        meaning: String,
        found: Vec<String>,
        holders: Vec<HolderLine<'a>>,
        advice: Vec<String>,
    },
    /// A file that this run had made was removed.
    Tidied { path: String },
    /// What was seen of a running program: `socklab inspect`.
    Program(Box<ProgramLine<'a>>),
    /// What is at a port that no process holds that can be seen.
    Port {
        port: u16,
        others: Vec<HolderLine<'a>>,
    },
    /// Others than the built-in client connected, and were left aside: the first one's
    /// address, and how many.
    Strangers { first: String, count: u64 },
    /// A goal of the course, held against a program.
    Goal {
        id: String,
        /// server or client: what the program is
        side: String,
        title: String,
        met: bool,
        score: u32,
        max_score: u32,
        /// Calls as strace prints them, and what the kernel shows.
        evidence: Vec<String>,
        /// Where it is missed: what was waited for, and what came instead.
        instead: Vec<String>,
        /// What the goal is about; Markdown.
        about: String,
        hint: String,
        /// The chapter to read.
        read: String,
        took_ms: u64,
    },
    /// A fault of a program, with the calls that show it.
    Fault {
        id: String,
        title: String,
        evidence: Vec<String>,
        means: String,
        advice: String,
        read: String,
    },
    /// Something that this machine was asked before a lesson, by trying it: whether it
    /// works, is limited or missing, what was seen, what that means, what to change.
    Examined {
        id: &'a str,
        standing: &'a str,
        answer: &'a str,
        seen: &'a str,
        title: &'a str,
        means: &'a str,
        advice: Option<&'a str>,
    },
    /// A traced program has ended, or is traced no longer: its processes, how many
    /// sockets it has made and calls were told, what the kernel still has of its
    /// connections, and which paths of its unix sockets still stand.
    Traced {
        processes: Vec<EndedLine>,
        sockets: usize,
        calls: usize,
        left: Vec<OfRow<'a>>,
        paths: Vec<String>,
    },
    /// The last line: done, failed, quit or interrupted.
    End { status: String },
}

/// A process, and by which code or signal it has ended, if it has.
#[derive(Serialize, JsonSchema)]
pub(super) struct EndedLine {
    pub pid: u32,
    pub task: String,
    pub code: Option<i32>,
    pub signal: Option<String>,
}

/// A call as strace prints it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Made<'a> {
    pub call: &'static str,
    pub args: Vec<Shown<Labelled<'a>>>,
}

/// A question about the call that comes next.
#[derive(Serialize, JsonSchema)]
pub(super) struct Asking<'a> {
    #[serde(flatten)]
    pub made: Made<'a>,
    pub round: Option<u32>,
    pub text: String,
    pub choices: Vec<String>,
}

/// The call that comes next.
#[derive(Serialize, JsonSchema)]
pub(super) struct Pausing<'a> {
    #[serde(flatten)]
    pub made: Made<'a>,
    pub round: Option<u32>,
    /// A question has told the facts.
    pub asked: bool,
    /// It stops here.
    pub rests: bool,
}

/// The JSON Schema of a line.
pub(crate) fn json_schema() -> String {
    let schema = schemars::schema_for!(Line<'_>);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
