//! The paths that unix sockets are or were bound to.

use super::{Fact, Field, PathFile, UnixAddr, Value};

/// What stands at a path that a watched unix socket was bound to. The file
/// outlives the socket: unix(7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathFact {
    /// The path as it was bound.
    pub path: UnixAddr,
    /// What lstat(2) finds there.
    pub file: Fact<PathFile>,
    /// Is it the very file that a living socket of the actor was bound to? If not,
    /// it was left behind, or is somebody else's by now. By UNIX_DIAG_VFS.
    pub bound: Fact<bool>,
    /// The sockets that are or were bound to it, by inode and cookie.
    pub sockets: Vec<(u64, u64)>,
}

/// What can be seen of a path.
#[rustfmt::skip]
pub(crate) const PATH_FIELDS: &[Field<PathFact>] = &[
    Field::told("file", "file", |it| it.file.show(Value::File), "what stands there"),
    Field::told("bound", "bound", |it| it.bound.show(Value::Is),
        "whether a living socket was bound to it"),
];
