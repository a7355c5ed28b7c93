//! Any program as a source of events: its threads, and the calls they make with sockets,
//! by ptrace(2).

mod command;
mod decode;
mod placement;
mod sockets;
mod stops;
mod threads;
mod tracer;

pub(crate) use decode::{Memory, Raw, shown_event};

pub(crate) use command::{Command, Refusal};
pub(crate) use tracer::{Next, Told, Tracer};
