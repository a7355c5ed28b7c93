//! The files of unix sockets, in words.

use super::doc::{Block, Role, field, span};
use super::fact::or_why;
use crate::model::{Fact, PathFact, PathFile};

/// A field for each path that a unix socket of the actor is or was bound to.
pub fn files(paths: &[PathFact]) -> Vec<Block> {
    paths.iter().map(file).collect()
}

/// `/tmp/x.sock: a socket, srwxr-xr-x`, `/tmp/x.sock: gone`.
fn file(fact: &PathFact) -> Block {
    let mut line = vec![
        span(Role::Code, fact.path.to_string()),
        span(Role::Muted, ": "),
        span(
            Role::Fact,
            match fact.file {
                Fact::None => "gone".into(),
                _ => or_why(&fact.file, PathFile::to_string),
            },
        ),
    ];
    match &fact.bound {
        Fact::Seen(false, _) => line.push(span(
            Role::Muted,
            " · no socket of this process is bound to it",
        )),
        Fact::Unknown(why) => line.push(span(
            Role::Muted,
            format!(" · whether a socket is bound to it is not available ({why})"),
        )),
        _ => {}
    }
    field("file", line)
}
