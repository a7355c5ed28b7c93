//! What stands at the paths of unix sockets.

use std::os::unix::fs::MetadataExt;

use super::diag::{Diag, refused};
use super::unix::Rows;
use crate::model::{
    Address, Fact, PathFact, PathFile, SocketView, Source, TcpState, UnixAddr, Why, World,
};

/// What stands at the paths that sockets of the process are or were bound to.
pub(super) fn paths(
    mut diag: Result<&mut Diag, Why>,
    rows: &mut Rows,
    last: &World,
    views: &[SocketView],
) -> Vec<PathFact> {
    let mut facts = last.paths.clone();
    for view in views {
        remember(&mut facts, view);
    }
    for fact in &mut facts {
        (fact.file, fact.bound) = file_at(fact.path, |inode, device| {
            for &(socket, cookie) in &fact.sockets {
                let diag = diag.as_mut().map_err(|why| why.clone())?;
                let row = rows.of(diag, socket, cookie).map_err(refused)?;
                let file = row.and_then(|row| row.file);
                if file.is_some_and(|file| file.is(inode, device, true)) {
                    return Ok(true);
                }
            }
            Ok(false)
        });
    }
    facts
}

/// Notes the path that a socket is bound to.
fn remember(facts: &mut Vec<PathFact>, view: &SocketView) {
    let path = view.local.value().copied().and_then(Address::path);
    let socket = (view.inode.value(), view.cookie.value());
    let (Some(path), (Some(&inode), Some(&cookie))) = (path, socket) else {
        return;
    };
    let socket = (inode, cookie);
    let Some(fact) = facts.iter_mut().find(|fact| fact.path == path) else {
        facts.push(PathFact {
            path,
            file: Fact::None,
            bound: Fact::None,
            sockets: vec![socket],
        });
        return;
    };
    // An accepted connection has the listener's name, and is not bound.
    let connected = view.state.value() == Some(&TcpState::Connected);
    if !connected && !fact.sockets.contains(&socket) {
        fact.sockets.push(socket);
    }
}

/// What stands at `path`, and whether it is the file that a watched socket was bound
/// to: `is_bound` says it of an inode and a device.
pub(super) fn file_at(
    path: UnixAddr,
    mut is_bound: impl FnMut(u64, u64) -> Result<bool, Why>,
) -> (Fact<PathFile>, Fact<bool>) {
    let status = match std::fs::symlink_metadata(path.as_path()) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTDIR)) => {
            Fact::None
        }
        answer => Fact::from_io(Source::Lstat, answer),
    };
    let bound = status
        .as_ref()
        .and_then(|status, _| match is_bound(status.ino(), status.dev()) {
            Ok(bound) => Fact::Seen(bound, Source::SockDiag),
            Err(why) => Fact::Unknown(why),
        });
    let file = status.map(|status| PathFile {
        mode: status.mode(),
        uid: status.uid(),
        inode: status.ino(),
    });
    (file, bound)
}
