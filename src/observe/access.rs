//! How a socket can be looked at: through a descriptor, or by its number alone.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::process::{inode_at, is_nonblocking};
use super::socket::{look, look_again};
use crate::model::{Fact, SocketView, Source, Why, World};
use crate::sys::Process;

/// How a socket can be looked at.
pub(crate) enum Access<'a> {
    /// By a descriptor of this process.
    Own(BorrowedFd<'a>),
    /// By a duplicate, here, of the descriptor `fd` of another process. It goes with
    /// the look: as long as it is there, a close of the other's sends no FIN.
    /// `last` is what was known of what is there.
    Duplicate {
        fd: i32,
        dup: OwnedFd,
        last: Option<&'a SocketView>,
    },
    /// By sock_diag alone: the other process allows no duplicate. `last` is what was
    /// known of the socket.
    Inode {
        fd: i32,
        inode: u64,
        why: Why,
        nonblocking: Fact<bool>,
        last: Option<Box<SocketView>>,
    },
}

impl<'a> Access<'a> {
    /// How the socket at the descriptor `fd` of another process can be looked at, of
    /// which `last` is known. `None` when that is not open.
    pub(crate) fn to(process: &Process, fd: i32, last: &'a World) -> Option<Access<'a>> {
        let last = last.socket(fd);
        let error = match process.duplicate(fd) {
            Ok(dup) => return Some(Access::Duplicate { fd, dup, last }),
            Err(error) => error,
        };
        if matches!(error.raw_os_error(), Some(libc::EBADF | libc::ESRCH)) {
            return None;
        }
        let now = inode_at(process.pid(), fd).ok();
        let inode = now.or(last.and_then(|view| view.inode.value().copied()))?;
        let is_same = |view: &&SocketView| view.inode.value() == Some(&inode);
        Some(Access::Inode {
            fd,
            inode,
            why: Why::error(Source::Duplicate, &error),
            nonblocking: is_nonblocking(process.pid(), fd),
            last: last.filter(is_same).cloned().map(Box::new),
        })
    }
}

impl Access<'_> {
    /// What can be seen this way without sock_diag. By its number alone that is
    /// nothing: what was known may be so no longer.
    pub(crate) fn view(self) -> SocketView {
        match self {
            Access::Own(fd) => look(fd),
            Access::Duplicate { fd, dup, last } => SocketView {
                fd,
                ..look_again(dup.as_fd(), last)
            },
            Access::Inode {
                fd,
                inode,
                why,
                nonblocking,
                last,
            } => {
                let mut view = last.map_or_else(|| SocketView::unseen(&why), |last| *last);
                (view.fd, view.inode) = (fd, Fact::Seen(inode, Source::Proc));
                view.nonblocking = nonblocking;
                for counter in [
                    &mut view.rcvbuf,
                    &mut view.sndbuf,
                    &mut view.quiet_ms,
                    &mut view.rtt_us,
                    &mut view.segs_out,
                    &mut view.segs_in,
                    &mut view.drops,
                ] {
                    counter.doubt(&why);
                }
                view
            }
        }
    }
}
