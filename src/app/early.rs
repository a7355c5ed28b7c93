//! What is started before the course is read: there is little to copy by then, and it
//! starts meanwhile.

use std::ffi::OsString;
use std::io;

use super::page::{self, Page};
use super::private;
use crate::cli;
use crate::error::Error;
use crate::model::Side;
use crate::source::Actor;

/// What is started before the course is read.
#[derive(Default)]
pub(super) struct Early {
    /// The server's process.
    pub server: Option<Actor>,
    pub page: Option<Page>,
    /// Why there is no network of the run's own.
    pub refused: Option<String>,
}

impl Early {
    /// Starts what is asked for. `speak` has the page say what it says in the learner's
    /// language.
    pub(super) fn start(
        argv: &[OsString],
        speak: impl FnOnce() -> io::Result<()>,
    ) -> Result<Early, Error> {
        // In a network of the run's own no browser would find it.
        let page = page::start(cli::page_address(argv), speak)?;
        let refused = private::leave(argv).err();
        Ok(Early {
            page,
            refused: refused.map(|error| private::refused(&error)),
            server: server(argv),
        })
    }
}

/// The server's process, where a run is asked for. A word in vain (`socklab --help walk`)
/// costs a process that ends at once.
fn server(argv: &[OsString]) -> Option<Actor> {
    let is_run = argv.iter().any(|word| word == "walk" || word == "step");
    let server = is_run.then(|| Actor::spawn(Side::Server.word()));
    // What went wrong is said when it is started once more.
    server.and_then(Result::ok)
}
