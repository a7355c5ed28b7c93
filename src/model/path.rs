use super::{Fact, Field, Source, UnixAddr, Value};

/// What stands at a path that a watched unix socket was bound to. The file
/// outlives the socket: unix(7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathFact {
    /// The path as it was bound.
    pub path: UnixAddr,
    /// What lstat(2) finds there; `None` when nothing does.
    pub file: Fact<PathFile>,
}

/// A file at the path of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathFile {
    /// st_mode: type and permissions.
    pub mode: u32,
    /// st_uid
    pub uid: u32,
    /// st_ino
    pub inode: u64,
    /// Is it the very file that a living socket of the actor was bound to? If not,
    /// it was left behind, or is somebody else's by now. By UNIX_DIAG_VFS.
    pub bound: Fact<bool>,
}

/// What can be seen of a path.
#[rustfmt::skip]
pub const PATH_FIELDS: &[Field<PathFact>] = &[
    Field::told("file", "file", |it| it.file.show(Value::File), "what stands there"),
];

/// What can be seen of the file at a path.
#[rustfmt::skip]
pub const FILE_FIELDS: &[Field<PathFile>] = &[
    Field::new("type", "type", |it| stat(Value::Word(it.what().into())), "`socket`"),
    Field::new("mode", "mode", |it| stat(Value::Word(it.mode_letters())),
        "type and permissions as `ls -l` writes them"),
    Field::new("uid", "uid", |it| stat(Value::Number(it.uid.into())), "whose it is"),
    Field::new("inode", "inode", |it| stat(Value::Number(it.inode)), "its inode"),
    Field::told("bound", "bound", |it| it.bound.show(Value::Is),
        "whether a living socket was bound to it"),
];

fn stat(value: Value) -> Fact<Value> {
    Fact::Seen(value, Source::Lstat)
}

/// S_IFMT and its values: inode(7).
const TYPES: [(u32, char, &str); 7] = [
    (0o140_000, 's', "socket"),
    (0o120_000, 'l', "symbolic link"),
    (0o100_000, '-', "file"),
    (0o060_000, 'b', "block device"),
    (0o040_000, 'd', "folder"),
    (0o020_000, 'c', "character device"),
    (0o010_000, 'p', "FIFO"),
];

impl PathFile {
    fn kind(&self) -> (char, &'static str) {
        TYPES
            .iter()
            .find(|(bits, ..)| self.mode & 0o170_000 == *bits)
            .map_or(('?', "thing of unknown type"), |(_, c, words)| (*c, words))
    }

    /// Is it a socket?
    pub fn is_socket(&self) -> bool {
        self.kind().0 == 's'
    }

    /// What it is, in a word: `socket`.
    pub fn what(&self) -> &'static str {
        self.kind().1
    }

    /// As `ls -l` writes it: `srwxr-xr-x`.
    pub fn mode_letters(&self) -> String {
        let mut letters = String::from(self.kind().0);
        for (shift, special, on, bare) in [
            (6, 0o4000, 's', 'S'),
            (3, 0o2000, 's', 'S'),
            (0, 0o1000, 't', 'T'),
        ] {
            let bits = self.mode >> shift;
            letters.push(if bits & 4 != 0 { 'r' } else { '-' });
            letters.push(if bits & 2 != 0 { 'w' } else { '-' });
            letters.push(match (bits & 1 != 0, self.mode & special != 0) {
                (true, true) => on,
                (false, true) => bare,
                (true, false) => 'x',
                (false, false) => '-',
            });
        }
        letters
    }
}

impl std::fmt::Display for PathFile {
    /// `a socket, srwxr-xr-x`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a {}, {}", self.what(), self.mode_letters())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Why;

    #[test]
    fn a_mode_is_written_as_ls_writes_it() {
        let of = |mode| PathFile {
            mode,
            uid: 0,
            inode: 1,
            bound: Fact::Unknown(Why::note(Source::SockDiag, "not asked")),
        };
        assert_eq!(of(0o140_755).to_string(), "a socket, srwxr-xr-x");
        assert_eq!(of(0o100_640).to_string(), "a file, -rw-r-----");
        assert_eq!(of(0o041_777).mode_letters(), "drwxrwxrwt");
        assert_eq!(of(0o046_644).mode_letters(), "drwSr-Sr--");
        assert!(of(0o140_000).is_socket() && !of(0o100_000).is_socket());
    }
}
