//! The names of unix sockets.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name of a unix socket as `sun_path` of struct sockaddr_un holds it: unix(7).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UnixAddr {
    /// The rest is zero, so that equal names compare equal.
    bytes: [u8; UnixAddr::ROOM],
    /// How many of them count: of a pathname without the null byte behind it, of
    /// an abstract name with the null byte before it, 0 of no name at all.
    len: u8,
}

/// The three forms of a unix socket's name: unix(7), "Address format".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnixName<'a> {
    /// Not bound: a client as a rule.
    Unnamed,
    /// A file of that path.
    Path(&'a [u8]),
    /// A name that is no file, without its leading null byte. Linux only.
    Abstract(&'a [u8]),
}

impl UnixAddr {
    /// The size of sun_path.
    const ROOM: usize = 108;
    /// The longest pathname: a null byte has to fit behind it.
    pub(crate) const MAX_PATH: usize = UnixAddr::ROOM - 1;
    /// A socket that has no name.
    pub(crate) const UNNAMED: UnixAddr = UnixAddr {
        bytes: [0; UnixAddr::ROOM],
        len: 0,
    };

    /// The pathname `path`. The error says why it can be no socket's.
    pub(crate) fn path(path: &str) -> Result<UnixAddr, String> {
        if path.is_empty() || path.contains('\0') {
            return Err("a path is not empty and has no null byte".into());
        }
        if path.len() > UnixAddr::MAX_PATH {
            return Err(format!(
                "the path of a socket has at most {} bytes; this one has {}",
                UnixAddr::MAX_PATH,
                path.len()
            ));
        }
        Ok(UnixAddr::of(path.as_bytes()).unwrap_or(UnixAddr::UNNAMED))
    }

    /// From the bytes that a kernel interface gives, without sun_family: the null
    /// byte behind a pathname may be there or not. `None` if they are too many.
    pub(crate) fn of(sun_path: &[u8]) -> Option<UnixAddr> {
        let name = match sun_path.first() {
            None => sun_path,
            Some(0) => sun_path,
            Some(_) => sun_path.split(|&byte| byte == 0).next()?,
        };
        let mut bytes = [0; UnixAddr::ROOM];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        Some(UnixAddr {
            bytes,
            len: name.len() as u8,
        })
    }

    /// Which form of name it is.
    pub(crate) fn name(&self) -> UnixName<'_> {
        match self.sun_path() {
            [] => UnixName::Unnamed,
            [0, rest @ ..] => UnixName::Abstract(rest),
            path => UnixName::Path(path),
        }
    }

    /// The bytes that count, an abstract name with its leading null byte.
    pub(crate) fn sun_path(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The same as a path: what it is if it is a file's name.
    pub(crate) fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(self.sun_path()))
    }

    /// Is it a file's name?
    pub(crate) fn is_path(&self) -> bool {
        matches!(self.name(), UnixName::Path(_))
    }

    /// The length that bind(2) is given and getsockname(2) gives: sun_family, the
    /// name, and behind a pathname its null byte.
    pub(crate) fn socklen(&self) -> u32 {
        const SUN_FAMILY: u32 = 2;
        SUN_FAMILY + u32::from(self.len) + u32::from(self.is_path())
    }
}

impl std::fmt::Display for UnixAddr {
    /// The path; `@name` for an abstract one; `unnamed`. Nothing that a terminal
    /// would obey gets through.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.name() {
            UnixName::Unnamed => return f.write_str("unnamed"),
            UnixName::Path(path) => path,
            UnixName::Abstract(name) => {
                f.write_char('@')?;
                name
            }
        };
        for chunk in name.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\\' => f.write_str("\\\\")?,
                    ' '..='~' => f.write_char(c)?,
                    c if c.is_ascii() => write!(f, "\\x{:02x}", u32::from(c))?,
                    // Letters of any script stay; controls and what turns the
                    // direction of writing round do not.
                    c => write!(f, "{}", c.escape_debug())?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for UnixAddr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnixAddr({self})")
    }
}

impl Serialize for UnixAddr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sun_path().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UnixAddr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<UnixAddr, D::Error> {
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        UnixAddr::of(&bytes).ok_or_else(|| serde::de::Error::custom("a name of over 108 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_are_told_apart() {
        let path = UnixAddr::of(b"/tmp/x\0").unwrap();
        assert_eq!(path, UnixAddr::path("/tmp/x").unwrap());
        assert_eq!(path.name(), UnixName::Path(b"/tmp/x"));
        assert_eq!(path.to_string(), "/tmp/x");
        let name = UnixAddr::of(b"\0a\0b").unwrap();
        assert_eq!(name.name(), UnixName::Abstract(b"a\0b"));
        assert_eq!(name.to_string(), "@a\\x00b");
        assert_eq!(UnixAddr::of(b"").unwrap(), UnixAddr::UNNAMED);
        assert_eq!(UnixAddr::UNNAMED.to_string(), "unnamed");
        // Witness: the lengths that strace 6.1 shows of python3's bind.
        assert_eq!((path.socklen(), name.socklen()), (9, 6));
        assert_eq!(UnixAddr::UNNAMED.socklen(), 2);
    }

    #[test]
    fn a_path_has_room_for_its_null_byte() {
        let longest = format!("/{}", "x".repeat(106));
        assert_eq!(UnixAddr::path(&longest).unwrap().socklen(), 110);
        let error = UnixAddr::path(&format!("{longest}x")).unwrap_err();
        assert!(error.contains("at most 107 bytes; this one has 108"));
        assert!(UnixAddr::path("").is_err() && UnixAddr::path("/a\0b").is_err());
        assert_eq!(UnixAddr::of(&[b'x'; 109]), None);
    }

    #[test]
    fn no_byte_of_a_name_reaches_a_terminal_unescaped() {
        let shown = |bytes: &[u8]| UnixAddr::of(bytes).unwrap().to_string();
        assert_eq!(shown(b"/\x1b[2J\n\\"), "/\\x1b[2J\\x0a\\\\");
        assert_eq!(shown("/é\u{202e}\u{9b}".as_bytes()), "/é\\u{202e}\\u{9b}");
        assert_eq!(shown(b"/\xff\xc3"), "/\\xff\\xc3");
    }

    #[test]
    fn it_survives_the_control_channel() {
        for bytes in [&b"/tmp/\xff"[..], b"\0name", b""] {
            let addr = UnixAddr::of(bytes).unwrap();
            let line = serde_json::to_string(&addr).unwrap();
            assert_eq!(serde_json::from_str::<UnixAddr>(&line).unwrap(), addr);
        }
        let long = serde_json::to_string(&vec![1; 109]).unwrap();
        assert!(serde_json::from_str::<UnixAddr>(&long).is_err());
    }
}
