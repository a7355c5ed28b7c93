//! socklab walks the life of a socket, one real system call at a time.
//!
//! Everything is a script of actions, played by actor processes, observed
//! through the kernel, told as events, rendered purely. Imports point down:
//!
//! ```text
//!             main → app ← cli, tty
//!           ┌────────┴────────┐
//!        session            render
//!      ┌────┼──────┐           │
//!    stage ─► observe        course
//!      └──────┼────────────────┤
//!            sys             script
//!           model ← everyone
//! ```

#[cfg(not(target_os = "linux"))]
compile_error!("socklab shows what the Linux kernel does and runs on Linux only (WSL2 is Linux)");

pub mod app;
pub mod cli;
pub mod course;
pub mod error;
pub mod model;
pub mod observe;
pub mod render;
pub mod script;
pub mod session;
pub mod stage;
pub mod sys;
pub mod tty;
