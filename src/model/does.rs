//! What calls do: several of the kernel's do the same.

use super::Syscall;

impl Syscall {
    /// What it does, by one word for several calls that do the same: `recv` is
    /// recvfrom(2), recvmsg(2), read(2) and their like.
    pub(crate) fn does(&self) -> &'static str {
        match self.name {
            "recvfrom" | "recvmsg" | "recvmmsg" | "read" | "readv" => "recv",
            "sendto" | "sendmsg" | "sendmmsg" | "write" | "writev" | "sendfile" => "send",
            "accept4" => "accept",
            "poll" | "ppoll" | "select" | "pselect6" | "epoll_wait" | "epoll_pwait"
            | "epoll_pwait2" => "poll",
            "fcntl64" => "fcntl",
            "clone" | "clone3" | "fork" | "vfork" => "fork",
            _ => self.book_name,
        }
    }
}
