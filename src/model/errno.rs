//! Error numbers.

use serde::{Deserialize, Serialize};

use super::names::{Names, names};

/// An error number: errno(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Errno(pub i32);

/// The numbers of errno(3), with their names.
#[rustfmt::skip]
const NAMES: &Names = names![
    EPERM, ENOENT, ESRCH, EINTR, EIO, ENXIO, E2BIG, ENOEXEC, EBADF, ECHILD, EAGAIN,
    ENOMEM, EACCES, EFAULT, ENOTBLK, EBUSY, EEXIST, EXDEV, ENODEV, ENOTDIR, EISDIR,
    EINVAL, ENFILE, EMFILE, ENOTTY, ETXTBSY, EFBIG, ENOSPC, ESPIPE, EROFS, EMLINK, EPIPE,
    EDOM, ERANGE, EDEADLK, ENAMETOOLONG, ENOLCK, ENOSYS, ENOTEMPTY, ELOOP, ENOMSG, EIDRM,
    ENOSTR, ENODATA, ETIME, ENOSR, ENONET, EREMOTE, ENOLINK, ECOMM, EPROTO, EMULTIHOP,
    EBADMSG, EOVERFLOW, ENOTUNIQ, EBADFD, EREMCHG, ELIBACC, ELIBBAD, ELIBEXEC, EILSEQ,
    ERESTART, EUSERS, ENOTSOCK, EDESTADDRREQ, EMSGSIZE, EPROTOTYPE, ENOPROTOOPT,
    EPROTONOSUPPORT, ESOCKTNOSUPPORT, EOPNOTSUPP, EPFNOSUPPORT, EAFNOSUPPORT, EADDRINUSE,
    EADDRNOTAVAIL, ENETDOWN, ENETUNREACH, ENETRESET, ECONNABORTED, ECONNRESET, ENOBUFS,
    EISCONN, ENOTCONN, ESHUTDOWN, ETOOMANYREFS, ETIMEDOUT, ECONNREFUSED, EHOSTDOWN,
    EHOSTUNREACH, EALREADY, EINPROGRESS, ESTALE, EUCLEAN, EREMOTEIO, EDQUOT, ENOMEDIUM,
    EMEDIUMTYPE, ECANCELED, ENOKEY, EKEYEXPIRED, EKEYREVOKED, EKEYREJECTED, EOWNERDEAD,
    ENOTRECOVERABLE, ERFKILL, EHWPOISON,
];

impl Errno {
    /// The errno of that name, if socklab knows it.
    pub(crate) fn from_name(name: &str) -> Option<Errno> {
        let (code, _) = NAMES.iter().find(|(_, known)| *known == name)?;
        i32::try_from(*code).ok().map(Errno)
    }

    /// Its name, `EADDRINUSE`; a number where socklab knows none.
    pub(crate) fn name(self) -> String {
        let known = NAMES.iter().find(|(code, _)| *code == i64::from(self.0));
        known.map_or_else(|| format!("errno {}", self.0), |(_, name)| (*name).into())
    }

    /// The C library's text for it, as strerror(3) gives it.
    pub(crate) fn text(self) -> String {
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
