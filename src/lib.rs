//! socklab walks the life of a socket, one real system call at a time.
//!
//! Everything is a script of actions, performed by actor processes, observed
//! through the kernel, told as events, rendered purely. Imports point down:
//!
//! ```text
//!             main → app ← cli, tty, progress
//!           ┌────────┴────────┐
//!        lesson            render
//!       ┌───┴────┐            │
//!      run       └────────► course
//!       │                     │
//!    source ─► observe        │
//!       └────────┼────────────┤
//!               sys         script
//!              model ← everyone
//! ```

#[cfg(not(target_os = "linux"))]
compile_error!("socklab shows what the Linux kernel does and runs on Linux only (WSL2 is Linux)");

#[cfg(target_os = "linux")]
pub mod app;
#[cfg(target_os = "linux")]
pub mod cli;
#[cfg(target_os = "linux")]
pub mod course;
#[cfg(target_os = "linux")]
pub mod error;
#[cfg(target_os = "linux")]
pub mod lesson;
#[cfg(target_os = "linux")]
pub mod model;
#[cfg(target_os = "linux")]
pub mod observe;
#[cfg(target_os = "linux")]
pub mod progress;
#[cfg(target_os = "linux")]
pub mod render;
#[cfg(target_os = "linux")]
pub mod run;
#[cfg(target_os = "linux")]
pub mod script;
#[cfg(target_os = "linux")]
pub mod source;
#[cfg(target_os = "linux")]
pub mod sys;
#[cfg(target_os = "linux")]
pub mod tty;
