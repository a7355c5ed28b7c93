//! The lines of the JSON format, version 2, as types: their schema is derived from them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::model::{
    End, Field, KernelRow, Labelled, PATH_FIELDS, PROCESS_FIELDS, PathFact, Process, ROW_FIELDS,
    Record, SOCKET_FIELDS, Shown, SocketView, Value, Why,
};

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
}

/// Why things are not known, by their names.
pub(super) type Unknown<'a> = BTreeMap<&'static str, Shown<&'a Why>>;

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
        /// The address asked for; null where a program is traced.
        addr: Option<String>,
        /// builtin, or nc: whoever connects; null where a program is traced.
        peer: Option<String>,
    },
    /// A chapter begins: taught, or run for the learner.
    Chapter { taught: bool },
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
    /// A step begins. Rounds count from 1 inside a loop.
    Step { round: Option<u32> },
    /// A step is over.
    StepEnd { failed: bool },
    /// The learner is asked what will happen.
    Question(Coming<'a>),
    /// What was predicted and what the kernel shows: choices from 0.
    Answer {
        chosen: Option<usize>,
        right: Option<usize>,
        beliefs: Vec<String>,
        missed: Option<String>,
    },
    /// The call comes next.
    Pause(Coming<'a>),
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
    },
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
        holders: Vec<HolderLine>,
        advice: Vec<String>,
    },
    /// A file that this run had made was removed.
    Tidied { path: String },
    /// What was seen of a running program: `socklab inspect`.
    Program(Box<ProgramLine<'a>>),
    /// What is at a port that no process holds that can be seen.
    Port { port: u16, others: Vec<HolderLine> },
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

/// The call that comes next.
#[derive(Serialize, JsonSchema)]
pub(super) struct Coming<'a> {
    #[serde(flatten)]
    pub made: Made<'a>,
    pub round: Option<u32>,
}

/// A look at a process and its sockets.
#[derive(Serialize, JsonSchema)]
pub(super) struct View<'a> {
    /// before, after, asked, changed or checked
    pub moment: &'static str,
    /// all; or focus: of what was known only what may have changed, and nothing new
    pub scope: &'static str,
    pub process: Option<OfProcess<'a>>,
    pub fds: Option<Vec<Descriptor<'a>>>,
    pub sockets: Vec<OfSocket<'a>>,
    /// Both ends of each TCP connection.
    pub ends: Vec<EndsLine>,
    /// Rows that no fd of the task holds.
    pub others: Option<Vec<OfRow<'a>>>,
    pub paths: Vec<OfPath<'a>>,
    /// Since the view before.
    pub changes: Vec<ChangeLine<'a>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown<'a>,
}

/// A running program.
#[derive(Serialize, JsonSchema)]
pub(super) struct ProgramLine<'a> {
    pub command: Vec<String>,
    /// The user that it acts as.
    pub uid: Option<u32>,
    pub threads: Option<Vec<ThreadLine<'a>>>,
    /// The sockets of its user that no process holds that can be seen, where its own
    /// descriptors can not.
    pub hidden: Vec<HolderLine>,
    pub faults: Vec<FaultLine>,
    #[serde(flatten)]
    pub view: View<'a>,
}

/// A thread of a program.
#[derive(Serialize, JsonSchema)]
pub(super) struct ThreadLine<'a> {
    pub tid: u32,
    pub name: String,
    /// The state letter of proc(5).
    pub state: String,
    /// The kernel function it sleeps in.
    pub wchan: Option<String>,
    /// The call that it sleeps in: its name, or its number where that is not known.
    pub call: Option<String>,
    /// The descriptor that the call works on.
    pub fd: Option<i32>,
    /// Those that it waits for, of a call that waits for several.
    pub watching: Option<Vec<i32>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown<'a>,
}

/// Something that looks wrong.
#[derive(Serialize, JsonSchema)]
pub(super) struct FaultLine {
    /// Its word in explain.toml.
    pub fault: String,
    pub meaning: String,
    /// The sockets that show it.
    pub fds: Vec<i32>,
    pub advice: Vec<String>,
    /// The chapter that tells more.
    pub chapter: Option<String>,
}

/// An entry of the fd table.
#[derive(Serialize, JsonSchema)]
pub(super) struct Descriptor<'a> {
    pub fd: i32,
    pub target: &'a str,
}

/// Both ends of a connection.
#[derive(Serialize, JsonSchema)]
pub(super) struct EndsLine {
    pub local: Shown<SocketAddr>,
    pub peer: Shown<SocketAddr>,
    pub ours: Shown<End>,
    pub theirs: Shown<End>,
}

/// One difference. A side that is not known is null, with its reason under `unknown`.
#[derive(Serialize, JsonSchema)]
pub(super) struct ChangeLine<'a> {
    /// The descriptor of a socket.
    pub socket: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<&'a str>,
    pub field: &'static str,
    pub from: Option<Shown<&'a Value>>,
    pub to: Option<Shown<&'a Value>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown<'a>,
}

/// A socket that holds the address somebody wants.
#[derive(Serialize, JsonSchema)]
pub(super) struct HolderLine {
    pub state: String,
    pub local: String,
    pub uid: u32,
    /// pid and name
    pub owner: Option<Json>,
    pub expires_ms: Option<u32>,
    pub text: String,
}

/// A thing that a table of fields describes.
macro_rules! of_fields {
    ($name:ident, $of:ty, $what:literal, $fields:ident, $own:literal) => {
        #[doc = concat!("The fields of ", $what, ".")]
        #[derive(Serialize)]
        pub(super) struct $name<'a>(pub Record<'a, $of>);

        impl JsonSchema for $name<'_> {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema_of($what, $own, $fields)
            }
        }
    };
}

of_fields!(OfSocket, SocketView, "a socket", SOCKET_FIELDS, "fd");
of_fields!(
    OfRow,
    KernelRow,
    "a row of the kernel's tables",
    ROW_FIELDS,
    "relation"
);
of_fields!(
    OfPath,
    PathFact,
    "a path that a socket was bound to",
    PATH_FIELDS,
    "path"
);
of_fields!(OfProcess, Process, "a process", PROCESS_FIELDS, "");

/// The schema that a table of fields makes; `own` is what the thing is known by.
fn schema_of<T>(what: &str, own: &str, fields: &[Field<T>]) -> Schema {
    let property = |field: &Field<T>| {
        let tells = serde_json::json!({ "description": field.tells });
        (field.name.to_string(), tells)
    };
    let mut properties: Map<String, Json> = fields.iter().map(property).collect();
    if !own.is_empty() {
        properties.insert(own.into(), Json::Bool(true));
    }
    let required: Vec<&String> = properties.keys().collect();
    json_schema!({
        "type": "object",
        "description": what,
        "properties": properties,
        "required": required,
    })
}

/// The JSON Schema of a line.
pub(crate) fn json_schema() -> String {
    let schema = schemars::schema_for!(Line<'_>);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
