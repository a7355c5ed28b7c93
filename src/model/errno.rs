//! Error numbers.

use serde::{Deserialize, Serialize};

/// An error number: errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Errno(pub i32);

/// The numbers that socket calls, their observation and the progress file can meet.
const NAMES: &[(i32, &str)] = constants! {
    EPERM ENOENT ESRCH EINTR EIO EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT EBUSY EEXIST EXDEV
    ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY EFBIG ENOSPC EROFS EPIPE ENAMETOOLONG ENOLCK
    ENOSYS ELOOP ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT
    ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN
    ENETUNREACH ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETIMEDOUT
    ECONNREFUSED EHOSTUNREACH EALREADY EINPROGRESS ESTALE EDQUOT
};

impl Errno {
    /// The errno of that name, if socklab knows it.
    pub fn from_name(name: &str) -> Option<Errno> {
        let (code, _) = NAMES.iter().find(|(_, known)| *known == name)?;
        Some(Errno(*code))
    }

    /// Its name, `EADDRINUSE`; a number where socklab knows none.
    pub fn name(self) -> String {
        let known = NAMES.iter().find(|(code, _)| *code == self.0);
        known.map_or_else(|| format!("errno {}", self.0), |(_, name)| (*name).into())
    }

    /// The C library's text for it, as strerror(3) gives it.
    pub fn text(self) -> String {
        let text = std::io::Error::from_raw_os_error(self.0).to_string();
        let end = text.find(" (os error").unwrap_or(text.len());
        text[..end].to_string()
    }
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name(), self.text())
    }
}
