//! A network of this process's own: namespaces(7).

use std::fs;
use std::io;

use rustix::process::{getegid, geteuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};
use socket2::{Domain, Socket, Type};

use super::helper::in_copy;
use super::sockets::raise_loopback;

/// Puts this process into a user and a network namespace of its own, with the loopback
/// interface up and nothing else: in there it may see packets, and nobody else can
/// connect. On an error nothing has changed. Must be called while it has one thread.
pub(crate) fn leave_network() -> io::Result<()> {
    // A copy tries first: half of it cannot be taken back.
    in_copy(leave)?;
    leave()
}

fn leave() -> io::Result<()> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    let new = UnshareFlags::NEWUSER | UnshareFlags::NEWNET;
    // SAFETY: no descriptors are unshared: nobody's stops being what it was.
    unsafe { unshare_unsafe(new) }?;
    // Without it the kernel takes no map of groups: user_namespaces(7).
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    raise_loopback(&Socket::new(Domain::IPV4, Type::DGRAM, None)?)
}
