//! The files of unix sockets.

use super::doc::{Block, code, fact, field, muted};
use super::fact::reason;
use crate::model::{Fact, PathFact};
use crate::words::say;

/// A field for each path that a unix socket of the actor is or was bound to:
/// `/tmp/x.sock: a socket, srwxr-xr-x`, `/tmp/x.sock: gone`.
pub(super) fn files(paths: &[PathFact]) -> Vec<Block> {
    paths.iter().map(file).collect()
}

fn file(it: &PathFact) -> Block {
    let stands = match &it.file {
        Fact::None => say!("file-gone"),
        file => file.to_string(),
    };
    let note = match &it.bound {
        Fact::Seen(false, _) => say!("file-unbound"),
        Fact::Unknown(why) => {
            say!("file-bound-unknown", why = reason(why))
        }
        _ => String::new(),
    };
    let path = code(it.path.to_string());
    field(
        say!("label-file"),
        vec![path, muted(": "), fact(stands), muted(note)],
    )
}
