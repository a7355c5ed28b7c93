//! Any program as a source of events: its threads, and the calls they make with sockets,
//! by ptrace(2).

mod command;
mod decode;
mod placement;
mod sockets;
mod stops;
mod threads;
mod tracer;

pub(super) use decode::shown_event;

pub use command::{Command, Refusal};
pub use tracer::{Next, Told, Tracer};
