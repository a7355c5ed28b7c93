//! The calls by which a program serves more than one client: fork(2), _exit(2),
//! wait4(2), fcntl(2) for O_NONBLOCK, poll(2).

use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use super::op::{Done, Op, constant};
use super::perform::Gave;
use crate::model::{Arg, Outcome, Status, poll_note};
use crate::sys;

/// The call that the C library's fork(2) makes, and its number: clone(2), but for
/// musl where the kernel still has a call of that name.
pub(super) const FORK: (&str, i64) = if cfg!(target_env = "musl") && cfg!(target_arch = "x86_64") {
    // The number of fork(2) there: `SYS_fork` is not defined elsewhere.
    ("fork", 57)
} else {
    ("clone", libc::SYS_clone)
};

/// What poll(2) of the C library is: ppoll(2) on the architectures that came
/// after it. strace and `Op::call` then differ in the name.
#[cfg(any(
    target_arch = "x86_64",
    target_arch = "s390x",
    target_arch = "powerpc64"
))]
pub(super) const POLL: i64 = libc::SYS_poll;
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "s390x",
    target_arch = "powerpc64"
)))]
pub(super) const POLL: i64 = libc::SYS_ppoll;

/// The arguments of wait4.
pub(super) fn wait_args(pid: i32, done: Option<&Done>) -> Vec<Arg> {
    let status = match done {
        None => Arg::Pending,
        Some(done) => done.status.map_or(Arg::Untouched, Arg::Status),
    };
    vec![Arg::Int(pid.into()), status, Arg::Int(0), Arg::Null]
}

/// The arguments of fcntl.
pub(super) fn nonblock_args(fd: i32, on: bool) -> Vec<Arg> {
    let (raw, name) = match on {
        true => (libc::O_RDWR | libc::O_NONBLOCK, "O_RDWR|O_NONBLOCK"),
        false => (libc::O_RDWR, "O_RDWR"),
    };
    let command = constant(libc::F_SETFL, "F_SETFL");
    vec![Arg::Fd(fd), command, constant(raw, name)]
}

/// The arguments of poll.
pub(super) fn poll_args(fds: &[i32], timeout_ms: i32) -> Vec<Arg> {
    vec![
        Arg::PollFds(fds.to_vec()),
        Arg::Int(fds.len() as i64),
        Arg::Int(timeout_ms.into()),
    ]
}

/// What stands in brackets behind the value of a poll.
pub(super) fn note(op: &Op, done: Option<&Done>) -> Option<String> {
    match (op, done?.outcome) {
        (Op::Poll { .. }, Outcome::Value(_)) => Some(poll_note(&done?.reported)),
        _ => None,
    }
}

/// The arguments of the call that fork(2) makes.
pub(super) fn fork_args() -> Vec<Arg> {
    let named = |name, arg| Arg::Named {
        name,
        arg: Box::new(arg),
    };
    let flags = |raw: i32, text| named("flags", constant(raw, text));
    if FORK.0 == "fork" {
        return Vec::new();
    }
    if cfg!(target_env = "musl") {
        return vec![
            named("child_stack", Arg::Null),
            flags(libc::SIGCHLD, "SIGCHLD"),
        ];
    }
    vec![
        named("child_stack", Arg::Null),
        flags(
            libc::CLONE_CHILD_CLEARTID | libc::CLONE_CHILD_SETTID | libc::SIGCHLD,
            "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD",
        ),
        // Where the child's thread id is written: an address of no meaning.
        named("child_tidptr", Arg::Untouched),
    ]
}

/// fork(2). Both processes return from here, each to go on as an actor: the
/// parent on the channel it has, the child on `channel`, which the controller
/// has passed along. In both it has no number of its own any more, so that the
/// descriptors are those of a program that did nothing but fork.
pub(super) fn fork(channel: Option<OwnedFd>) -> io::Result<Gave> {
    // The kernel drops a passed descriptor when the table is full.
    let channel = channel.ok_or_else(|| io::Error::from_raw_os_error(libc::EMFILE))?;
    let parent = std::process::id();
    let began = Instant::now();
    let forked = sys::fork();
    let took = Some(began.elapsed());
    let child = match forked {
        Err(error) => {
            sys::put_away(channel);
            return Err(error);
        }
        Ok(Some(child)) => {
            sys::put_away(channel);
            child
        }
        Ok(None) => {
            if !become_actor(channel, parent).unwrap_or(false) {
                // There is nobody to tell, or only the parent's channel to tell it on.
                sys::exit_now(1);
            }
            0
        }
    };
    Ok(Gave {
        value: child.into(),
        took,
        ..Gave::default()
    })
}

/// What a child has to do that its parent did when it was started: fork(2)
/// clears the wish to die with the parent. Says whether the parent still lives.
fn become_actor(channel: OwnedFd, parent: u32) -> io::Result<bool> {
    sys::as_stdio(channel)?;
    sys::own_group()?;
    sys::die_with_parent(parent)
}

/// wait4(2) for that child.
pub(super) fn wait(pid: i32) -> io::Result<Gave> {
    let (ended, status) = sys::wait_for(pid)?;
    Ok(Gave {
        value: ended.into(),
        status: Some(Status(status)),
        ..Gave::default()
    })
}

/// poll(2) for POLLIN.
pub(super) fn poll(fds: &[i32], timeout_ms: i32) -> io::Result<Gave> {
    let (ready, revents) = sys::poll_readable(fds, timeout_ms)?;
    Ok(Gave {
        value: ready.into(),
        reported: fds.iter().copied().zip(revents).collect(),
        ..Gave::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(outcome: Outcome) -> Done {
        Done {
            outcome,
            ..Done::never(0)
        }
    }

    /// As strace prints it and as a textbook does, with the result.
    fn printed(op: &Op, done: &Done) -> [String; 2] {
        let call = op.call(Some(done), None);
        let result = call.strace_result(done.outcome);
        [call.strace(), call.textbook()].map(|call| format!("{call} = {result}"))
    }

    /// Witness: strace 6.1 of a C program, glibc 2.36 on x86-64.
    #[test]
    #[cfg(not(target_env = "musl"))]
    fn a_fork_is_a_clone_to_strace_and_fork_to_people() {
        let [strace, book] = printed(&Op::Fork, &done(Outcome::Value(1078)));
        assert_eq!(
            strace,
            "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, \
             child_tidptr=...) = 1078"
        );
        assert_eq!(book, "fork() = 1078");
        let refused = done(Outcome::Failed(crate::model::Errno(libc::EAGAIN)));
        let [_, book] = printed(&Op::Fork, &refused);
        assert_eq!(
            book,
            "fork() = -1 EAGAIN (Resource temporarily unavailable)"
        );
        assert_eq!(Op::Fork.call(None, None).book_name(), "fork");
    }

    #[test]
    fn an_exit_returns_nothing() {
        let printed = printed(&Op::Exit { code: 3 }, &Done::never(0));
        assert_eq!(printed, ["exit_group(3) = ?", "exit(3) = ?"]);
    }

    #[test]
    fn a_wait_shows_the_status_it_got() {
        let wait = Op::Wait { pid: 1078 };
        assert_eq!(
            wait.call(None, None).strace(),
            "wait4(1078, {...}, 0, NULL)"
        );
        let mut got = done(Outcome::Value(1078));
        got.status = Some(Status(0));
        assert_eq!(
            printed(&wait, &got)[0],
            "wait4(1078, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 1078"
        );
        let none = done(Outcome::Failed(crate::model::Errno(libc::ECHILD)));
        assert_eq!(
            printed(&wait, &none)[0],
            "wait4(1078, ..., 0, NULL) = -1 ECHILD (No child processes)"
        );
    }

    #[test]
    fn flags_and_polls_are_printed_as_strace_prints_them() {
        for (on, wanted) in [
            (true, "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0"),
            (false, "fcntl(3, F_SETFL, O_RDWR) = 0"),
        ] {
            let [strace, book] = printed(&Op::Nonblock { fd: 3, on }, &done(Outcome::Value(0)));
            assert_eq!((strace.as_str(), book.as_str()), (wanted, wanted));
        }
        let poll = Op::Poll {
            fds: vec![3, 5],
            timeout_ms: -1,
        };
        let asked = "poll([{fd=3, events=POLLIN}, {fd=5, events=POLLIN}], 2, -1)";
        assert_eq!(poll.call(None, None).strace(), asked);
        let mut got = done(Outcome::Value(1));
        got.reported = vec![(3, 0), (5, libc::POLLIN)];
        let wanted = format!("{asked} = 1 ([{{fd=5, revents=POLLIN}}])");
        assert_eq!(printed(&poll, &got)[0], wanted);
        got.outcome = Outcome::Value(0);
        got.reported = vec![(3, 0), (5, 0)];
        assert_eq!(printed(&poll, &got)[0], format!("{asked} = 0 (Timeout)"));
    }
}
