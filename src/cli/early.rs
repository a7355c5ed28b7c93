//! Options that are looked for before the rest is read: they decide what the rest may be.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::address::{PAGE, page};

/// The values of an option such as `--lang`, each a word of its own or behind `=`.
pub(super) fn values<'a>(
    argv: &'a [OsString],
    option: &'a str,
) -> impl Iterator<Item = &'a OsStr> + 'a {
    let mut words = argv.iter().skip(1);
    std::iter::from_fn(move || {
        while let Some(word) = words.next() {
            if word == option {
                return words.next().map(OsString::as_os_str);
            }
            let value = word.as_bytes().strip_prefix(option.as_bytes());
            if let Some(value) = value.and_then(|value| value.strip_prefix(b"=")) {
                return Some(OsStr::from_bytes(value));
            }
        }
        None
    })
}

/// The folder of `--chapters`: which chapters there are decides which subcommands there
/// are.
pub(crate) fn chapters_dir(argv: &[OsString]) -> Option<PathBuf> {
    values(argv, "--chapters").next().map(PathBuf::from)
}

/// The address of `--page`, which is opened before the network is left. What is none is told
/// with the rest.
pub(crate) fn page_address(argv: &[OsString]) -> Option<SocketAddr> {
    // Its value is never a word of its own.
    let mut words = argv.iter().map(|word| word.as_bytes());
    let given = words.find_map(|word| word.strip_prefix(b"--page"))?;
    let given = match given {
        b"" => PAGE,
        given => str::from_utf8(given.strip_prefix(b"=")?).ok()?,
    };
    page(given).ok()
}
