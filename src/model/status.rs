//! How processes end, and what a poll reports, as strace prints it.

use serde::{Deserialize, Serialize};

use super::names::{Names, flags, names};

/// How a process ended: the status that wait(2) gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status(pub i32);

impl Status {
    /// The code it gave to exit(2), of which 8 bits are kept.
    pub(crate) fn code(self) -> Option<i32> {
        libc::WIFEXITED(self.0).then(|| libc::WEXITSTATUS(self.0))
    }

    /// The signal that ended it.
    pub(crate) fn signal(self) -> Option<i32> {
        libc::WIFSIGNALED(self.0).then(|| libc::WTERMSIG(self.0))
    }
}

/// The macros of wait(2) that hold, as strace prints them between the braces.
impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.code(), self.signal()) {
            (Some(code), _) => write!(f, "WIFEXITED(s) && WEXITSTATUS(s) == {code}"),
            (None, Some(signal)) => {
                write!(f, "WIFSIGNALED(s) && WTERMSIG(s) == ")?;
                f.write_str(&signal_name(signal))?;
                let dumped = libc::WCOREDUMP(self.0);
                f.write_str(if dumped { " && WCOREDUMP(s)" } else { "" })
            }
            (None, None) if libc::WIFSTOPPED(self.0) => {
                let signal = signal_name(libc::WSTOPSIG(self.0));
                write!(f, "WIFSTOPPED(s) && WSTOPSIG(s) == {signal}")
            }
            (None, None) => f.write_str("WIFCONTINUED(s)"),
        }
    }
}

/// The signals that have a name: signal(7).
const SIGNALS: &Names = names![
    SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV,
    SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN,
    SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS,
];

/// The first of the signals that have a number only: signal(7).
const FIRST_REAL_TIME: i32 = 32;

/// What a poll can ask for and report, in strace's order: poll(2).
const POLL_FLAGS: &Names = &[
    (0x1, "POLLIN"),
    (0x2, "POLLPRI"),
    (0x4, "POLLOUT"),
    (0x8, "POLLERR"),
    (0x10, "POLLHUP"),
    (0x20, "POLLNVAL"),
    (0x40, "POLLRDNORM"),
    (0x80, "POLLRDBAND"),
    (0x100, "POLLWRNORM"),
    (0x200, "POLLWRBAND"),
    (0x400, "POLLMSG"),
    (0x1000, "POLLREMOVE"),
    (0x2000, "POLLRDHUP"),
];

/// `POLLIN|POLLOUT`
pub(crate) fn poll_events(events: i16) -> String {
    flags(POLL_FLAGS, i64::from(events.cast_unsigned()), "POLL???")
}

/// A signal as strace prints it.
pub(crate) fn signal_name(signal: i32) -> String {
    let known = SIGNALS
        .iter()
        .find(|(number, _)| *number == i64::from(signal));
    match (known, signal - FIRST_REAL_TIME) {
        (Some((_, name)), _) => (*name).into(),
        (None, nth @ 0..=32) => format!("SIGRT_{nth}"),
        (None, _) => signal.to_string(),
    }
}

/// The signal of that name.
pub(crate) fn signal_number(name: &str) -> Option<i32> {
    if let Some((number, _)) = SIGNALS.iter().find(|(_, known)| *known == name) {
        return i32::try_from(*number).ok();
    }
    match name.strip_prefix("SIGRT_") {
        Some(nth) => FIRST_REAL_TIME.checked_add(nth.parse().ok()?),
        None => name.parse().ok(),
    }
}

/// What strace prints behind the count that a poll returned: the descriptors
/// that have something, given with their `revents`, or that time is up.
pub(crate) fn poll_note(reported: &[(i32, i16)]) -> String {
    let entries: Vec<String> = reported
        .iter()
        .filter(|(_, revents)| *revents != 0)
        .map(|(fd, revents)| format!("{{fd={fd}, revents={}}}", poll_events(*revents)))
        .collect();
    if entries.is_empty() {
        return "Timeout".into();
    }
    format!("[{}]", entries.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: strace 6.1.
    #[test]
    fn a_status_is_written_as_strace_writes_it() {
        let told = |status| Status(status).to_string();
        assert_eq!(told(44 << 8), "WIFEXITED(s) && WEXITSTATUS(s) == 44");
        assert_eq!(told(34), "WIFSIGNALED(s) && WTERMSIG(s) == SIGRT_2");
        let dumped = "WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)";
        assert_eq!(told(11 | 0x80), dumped);
    }

    #[test]
    fn what_a_poll_reports_is_written_as_strace_writes_it() {
        assert_eq!(poll_note(&[(3, 0), (4, 0)]), "Timeout");
        assert_eq!(
            poll_note(&[(3, 1), (4, 0), (5, 0x19)]),
            "[{fd=3, revents=POLLIN}, {fd=5, revents=POLLIN|POLLERR|POLLHUP}]"
        );
    }
}
