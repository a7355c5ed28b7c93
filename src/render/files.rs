use super::doc::{Block, Role, field, span};
use super::facts::or_why;
use crate::model::{Known, PathFact};

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
            or_why(&fact.file, |file| match file {
                Some(file) => file.to_string(),
                None => "gone".into(),
            }),
        ),
    ];
    match fact.found().map(|file| &file.bound) {
        Some(Known::Seen { value: false, .. }) => line.push(span(
            Role::Muted,
            " · no socket of this process is bound to it",
        )),
        Some(Known::Unavailable(why)) => line.push(span(
            Role::Muted,
            format!(" · whether a socket is bound to it is not available ({why})"),
        )),
        _ => {}
    }
    field("file", line)
}
