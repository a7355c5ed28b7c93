//! socklab walks the life of a socket, one real system call at a time.
//!
//! Everything is a script of actions, performed by actor processes, observed
//! through the kernel, told as events, rendered purely.
//!
//! Imports only point down, in this table and inside each folder: a test holds the
//! code to it.
//!
//! | module | holds | may import |
//! |---|---|---|
//! | `app` | the commands, each wired from the rest | check, cli, course, doctor, error, inspect, lesson, model, page, progress, record, render, run, script, shell, source, sys, trace, tty, words |
//! | `fuzz` | inputs for the unit tests of parsers | |
//! | `bench` | what benches/ and tests/ look at from inside | model, observe, sys |
//! | `cli` | the command line as types | course, model, tty |
//! | `tty` | the terminal: keys, menus, the live line | model, render, run, sys, words |
//! | `page` | the page for the class: a process that serves a run as it goes on | record, render, sys |
//! | `render` | events into text and JSON: pure | course, model, picture, progress, script, words |
//! | `picture` | a run as pictures: what its sockets went through, and who did what | model |
//! | `record` | a saved run: its lines read back into events | model |
//! | `lesson` | the lesson: what happens in what order | course, error, model, run, script, source, words |
//! | `shell` | free play: lines of calls and expectations, typed or read | course, error, model, observe, run, script, source, words |
//! | `check` | a program held against the goals of the course | course, error, model, observe, review, run, script, source, sys, words |
//! | `doctor` | what this machine lets a lesson see, by trying it | model, observe, source, sys, words |
//! | `inspect` | a running program: what its sockets are doing, what looks wrong | course, error, model, observe, sys |
//! | `trace` | a traced program: what it does, and what that changes | course, error, model, observe, review, run, source, sys |
//! | `run` | the loop: sources, sinks, pace | error, model, observe, script, source, sys, words |
//! | `source` | where events come from: the processes that make the calls, or any program | model, observe, script, sys |
//! | `review` | what a reviewer would say of a program: a pure fold over what it did | model, words |
//! | `observe` | what the kernel says of sockets and processes | model, sys |
//! | `course` | chapters, tracks and languages: read and checked | model, script, words |
//! | `script` | the language of a line: actions and expectations | model, words |
//! | `words` | what the screen says of itself | |
//! | `progress` | what a learner has done | model |
//! | `error` | what ends a run, and its exit status | model |
//! | `sys` | system calls that no library has a safe method for: the only unsafe code | |
//! | `model` | everyone's nouns: pure data | |

#![cfg(target_os = "linux")]
// What is public, and used by nobody, the compiler does not tell of.
#![deny(unreachable_pub)]

mod app;
#[doc(hidden)]
pub mod bench;
mod check;
mod cli;
mod course;
mod doctor;
mod error;
#[cfg(test)]
mod fuzz;
mod inspect;
mod lesson;
mod model;
mod observe;
mod page;
mod picture;
mod progress;
mod record;
mod render;
mod review;
mod run;
mod script;
mod shell;
mod source;
mod sys;
mod trace;
mod tty;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

/// The whole program, from its arguments to its exit status. What ended it is said on
/// stderr.
pub fn run(argv: &[OsString]) -> ExitCode {
    app::run(argv).unwrap_or_else(|error| {
        app::say_error(&error);
        error.exit_code()
    })
}
