//! Pure data that every other part speaks: calls, addresses, sockets as seen, events.
//!
//! Nothing here talks to the kernel, to a file or to a terminal.

mod address;
mod arg;
mod call;
mod cred;
mod diagnosis;
mod does;
mod effect;
mod errno;
mod event;
mod fact;
mod failure;
mod family;
mod field;
mod file;
mod judged;
mod names;
mod owner;
mod path;
mod program;
mod queue;
#[cfg(test)]
pub mod recorded;
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
mod world;

pub use address::Address;
pub use arg::{Arg, Bytes, quoted, strace_string};
pub use call::{Call, Outcome};
pub use cred::Cred;
pub use diagnosis::{Diagnosis, Fault, Inspected, Sight};
pub use effect::{Change, Subject, changes};
pub use errno::Errno;
pub use event::{
    Answer, Ask, Blocked, ChapterMode, Ended, Event, LessonEvent, Look, MachineEvent, Moment, Part,
    Recap, RunEvent, RunInfo, Scope, StepId, WalkInfo, What,
};
pub use fact::{Fact, Source, Why};
pub use failure::{Failure, Finding, Holder};
pub use family::{Domain, Kind, Protocol};
pub use field::{Field, Record, Value};
pub use file::PathFile;
pub use judged::{FAULTS, Found, Judged, Remark};
pub(crate) use names::names;
pub use names::{Names, flags, named};
pub use owner::Owner;
pub use path::{PATH_FIELDS, PathFact};
pub use program::{Asleep, EPHEMERAL, Program, Target, Thread};
pub use queue::AcceptQueue;
pub use scene::Scene;
pub use shell::ShellEvent;
pub use side::Side;
pub use socket::{Listing, SOCKET_FIELDS, SocketView, bound_address};
pub use state::TcpState;
pub use status::{Status, poll_events, poll_note, signal_name};
pub use syscall::{CALLS, Makes, Param, Syscall};
pub use task::Task;
pub use timer::Timer;
pub use traced::{Detail, Traced};
pub use unix_address::{UnixAddr, UnixName};
pub use world::{
    End, Ends, FdEntry, Focus, KernelRow, PROCESS_FIELDS, Process, ROW_FIELDS, Relation, World,
    plain, takes,
};
