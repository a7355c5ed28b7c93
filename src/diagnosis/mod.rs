//! What a reviewer would say of a program: a pure fold over what it was seen to do.

mod tables;

pub use tables::{Role, Socket, Step, Tables};
