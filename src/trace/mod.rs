//! The director of a traced program: tells what it does, and looks at its sockets after
//! each call.

mod director;
mod look;

pub(crate) use director::{Director, Ending, Plan, Refused};
