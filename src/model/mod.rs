//! Pure data that every other part speaks: calls, addresses, sockets as seen, events.
//!
//! Nothing here talks to the kernel, to a file or to a terminal.

mod address;
mod arg;
mod call;
mod connections;
mod cred;
mod crossed;
mod diagnosis;
mod does;
mod effect;
mod errno;
mod event;
mod examined;
mod fact;
mod failure;
mod family;
mod field;
mod file;
mod judged;
mod kept;
mod message;
mod names;
mod owner;
mod packet;
mod path;
mod program;
mod queue;
#[cfg(test)]
pub(crate) mod recorded;
mod run_info;
mod scene;
mod shell;
mod side;
mod socket;
mod state;
mod status;
mod syscall;
mod task;
mod timer;
mod traced;
mod unix_address;
mod words;
mod world;

pub(crate) use address::Address;
pub(crate) use arg::{Arg, Bytes, STRACE_STRING, quoted, strace_string};
pub(crate) use call::{Call, Labelled, Outcome};
pub(crate) use connections::{Connections, End, Ends};
pub(crate) use cred::Cred;
pub(crate) use crossed::{CROSSED_FIELDS, Crossed};
pub(crate) use diagnosis::{Diagnosis, Fault, Inspected, Sight};
pub(crate) use effect::{Change, Subject, changes};
pub(crate) use errno::Errno;
pub(crate) use event::{
    Answer, Ask, Blocked, ChapterMode, Claimed, Ended, Event, LessonEvent, Look, MachineEvent,
    Moment, Part, Recap, RunEvent, Scope, StepId, What,
};
pub(crate) use examined::{Advised, EXAMINED, Examined, Standing, standing};
pub(crate) use fact::{Fact, Source, Why};
pub(crate) use failure::{Failure, Finding, Holder};
pub(crate) use family::{Domain, Kind, Protocol};
pub(crate) use field::{Field, Record, Shown, Value};
pub(crate) use file::PathFile;
pub(crate) use judged::{FAULTS, Found, Judged, Remark};
pub(crate) use kept::place;
pub(crate) use message::{
    Control, Header, LEVELS, control_bytes, controls, controls_shown, part_shown,
};
pub(crate) use names::names;
pub(crate) use names::{Names, flags, named};
pub(crate) use owner::Owner;
pub(crate) use packet::{Flags, Frame, Packet, Seeing, Segment, Transport};
pub(crate) use path::{PATH_FIELDS, PathFact};
pub(crate) use program::{Asleep, EPHEMERAL, Program, Target, Thread};
pub(crate) use queue::AcceptQueue;
pub(crate) use run_info::{RunInfo, RunKind, WalkInfo};
pub(crate) use scene::Scene;
pub(crate) use shell::ShellEvent;
pub(crate) use side::Side;
pub(crate) use socket::{Listing, SOCKET_FIELDS, SocketView, bound_address};
pub(crate) use state::TcpState;
pub(crate) use status::{Status, poll_events, poll_note, signal_name, signal_number};
pub(crate) use syscall::{CALLS, Makes, Param, Syscall};
pub(crate) use task::Task;
pub(crate) use timer::Timer;
pub(crate) use traced::{Detail, Traced};
pub(crate) use unix_address::{UnixAddr, UnixName};
pub(crate) use world::{
    FdEntry, Focus, KernelRow, PROCESS_FIELDS, Process, ROW_FIELDS, Relation, World, plain, takes,
};
