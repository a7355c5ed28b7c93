//! What an errno means for a call that names the path of a unix socket.

use super::diagnose::explain;
use crate::model::{Call, Errno, Failure, UnixAddr};
use crate::observe::{Observer, PathUse};

/// What an errno means for a call that names the path of a unix socket: unix(7).
pub(super) fn explain_path(call: Call, errno: Errno, path: UnixAddr) -> Failure {
    let file = path.to_string();
    let (meaning, advice): (&str, &[&str]) = match (call.name(), errno.0) {
        ("bind", libc::EADDRINUSE) => (
            "something stands at that path already: bind makes the file and takes none that is there",
            &[],
        ),
        ("bind", libc::ENOENT) => (
            "the folder that the path names does not exist",
            &["make the folder, or take another path"],
        ),
        ("bind", libc::EACCES | libc::EPERM | libc::EROFS) => (
            "you may not make a file in that folder",
            &["take a path in a folder of your own, or in /tmp"],
        ),
        ("connect" | "sendto", libc::ENOENT) => (
            "nothing stands at that path, so no socket was ever bound there, or its file was removed",
            &["start the server first"],
        ),
        ("connect" | "sendto", libc::ECONNREFUSED) => (
            "there is a file at that path, but no socket listens behind it: the file outlives the socket",
            &["start the server again; it has to remove the file before it can bind"],
        ),
        ("connect" | "sendto", libc::EACCES | libc::EPERM) => (
            "to connect, one needs write permission for the socket's file",
            &["look at it with ls -l"],
        ),
        ("connect" | "sendto", libc::EPROTOTYPE) => (
            "the socket bound there is of the other type: stream and datagram do not meet",
            &["use the type that the server has"],
        ),
        ("connect", libc::EAGAIN) => (
            "the listener's queue is full, and this socket is not to wait",
            &["try again when the server has accepted somebody"],
        ),
        _ => return explain(call, errno),
    };
    let advice = advice.iter().map(|line| (*line).into()).collect();
    Failure::new(call, errno, format!("{meaning} ({file})"), advice)
}

/// Finds who is bound to the path, or that nobody is any more.
pub(super) fn path_taken(observer: &mut Observer, failure: &mut Failure, path: UnixAddr) {
    let (found, advice) = match observer.path_use(path) {
        Err(why) => (
            format!("who is bound to {path} is not available: {why}"),
            "end the program that uses the path, or take another".to_string(),
        ),
        Ok(PathUse::Free) => (
            format!("nothing stands at {path} any more"),
            "try again".into(),
        ),
        Ok(PathUse::NoSocket(file)) => (
            format!("at {path} stands {file}: it is nobody's socket, and stays where it is"),
            "take another path".into(),
        ),
        Ok(PathUse::Held(holders)) => {
            failure.holders = holders;
            failure.advice =
                vec!["end the program that holds it and retry, or take another path".into()];
            return;
        }
        Ok(PathUse::Left(file)) => (
            format!(
                "at {path} stands {file}, of user id {}, and no socket is bound to it: \
                 an earlier run has left it",
                file.uid
            ),
            format!("remove the file (rm {path}) and bind again; --force does it"),
        ),
    };
    failure.found.push(found);
    failure.advice = vec![advice];
}
