//! A file at the path of a unix socket.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// What lstat(2) says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathFile {
    /// st_mode: type and permissions.
    pub mode: u32,
    /// st_uid
    pub uid: u32,
    /// st_ino
    pub inode: u64,
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

/// The permissions of the owner, the group and others: where they stand, the bit that is
/// written in the place of the third, and how, with it and without.
const TRIPLES: [(u32, u32, char, char); 3] = [
    (6, 0o4000, 's', 'S'),
    (3, 0o2000, 's', 'S'),
    (0, 0o1000, 't', 'T'),
];

impl PathFile {
    fn kind(&self) -> (char, &'static str) {
        TYPES
            .iter()
            .find(|(bits, ..)| self.mode & 0o170_000 == *bits)
            .map_or(('?', "thing of unknown type"), |(_, c, words)| (*c, words))
    }

    /// Is it a socket?
    pub(crate) fn is_socket(&self) -> bool {
        self.kind().0 == 's'
    }

    /// What it is, in a word: `socket`.
    pub(crate) fn what(&self) -> &'static str {
        self.kind().1
    }

    /// The mode that [`PathFile::mode_letters`] writes so.
    pub(crate) fn mode_of(letters: &str) -> Option<u32> {
        let mut letters = letters.chars();
        let kind = letters.next()?;
        let (mut mode, ..) = TYPES.into_iter().find(|(_, c, _)| *c == kind)?;
        for (shift, special, on, bare) in TRIPLES {
            let [read, write, run] = [letters.next()?, letters.next()?, letters.next()?];
            let bits = [read == 'r', write == 'w', run == 'x' || run == on];
            let bits = bits.iter().fold(0, |all, bit| all << 1 | u32::from(*bit));
            mode |= bits << shift;
            mode |= if [on, bare].contains(&run) {
                special
            } else {
                0
            };
        }
        Some(mode)
    }

    /// As `ls -l` writes it: `srwxr-xr-x`.
    pub(crate) fn mode_letters(&self) -> String {
        let mut letters = String::from(self.kind().0);
        for (shift, special, on, bare) in TRIPLES {
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

impl Serialize for PathFile {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut file = to.serialize_struct("PathFile", 4)?;
        file.serialize_field("type", self.what())?;
        file.serialize_field("mode", &self.mode_letters())?;
        file.serialize_field("uid", &self.uid)?;
        file.serialize_field("inode", &self.inode)?;
        file.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_written_as_ls_writes_it() {
        let of = |mode| PathFile {
            mode,
            uid: 0,
            inode: 1,
        };
        assert_eq!(of(0o140_755).to_string(), "a socket, srwxr-xr-x");
        assert_eq!(of(0o100_640).to_string(), "a file, -rw-r-----");
        assert_eq!(of(0o041_777).mode_letters(), "drwxrwxrwt");
        assert_eq!(of(0o046_644).mode_letters(), "drwSr-Sr--");
        for mode in [0o140_755, 0o100_640, 0o041_777, 0o046_644] {
            assert_eq!(PathFile::mode_of(&of(mode).mode_letters()), Some(mode));
        }
        assert!(of(0o140_000).is_socket() && !of(0o100_000).is_socket());
    }
}
