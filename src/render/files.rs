//! The files of unix sockets.

use super::doc::{Block, code, fact, field, muted};
use crate::model::{Fact, PathFact};

/// A field for each path that a unix socket of the actor is or was bound to:
/// `/tmp/x.sock: a socket, srwxr-xr-x`, `/tmp/x.sock: gone`.
pub(super) fn files(paths: &[PathFact]) -> Vec<Block> {
    paths.iter().map(file).collect()
}

fn file(it: &PathFact) -> Block {
    let stands = match &it.file {
        Fact::None => "gone".into(),
        file => file.to_string(),
    };
    let note = match &it.bound {
        Fact::Seen(false, _) => " · no socket of this process is bound to it".into(),
        Fact::Unknown(why) => {
            format!(" · whether a socket is bound to it is not available ({why})")
        }
        _ => String::new(),
    };
    let path = code(it.path.to_string());
    field("file", vec![path, muted(": "), fact(stands), muted(note)])
}
