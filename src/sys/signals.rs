//! Signals: waited for, caught by a handler, ignored, sent to ourselves.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

use super::check::check;

/// The signals that end or stop a run.
const WATCHED: [i32; 6] = [
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGTSTP,
    libc::SIGCONT,
];

/// The watched signals as a descriptor to wait for: signalfd(2). They are blocked
/// and read from it, so that no code runs in a handler.
pub struct Signals {
    fd: OwnedFd,
}

impl Signals {
    /// Blocks the watched signals in this thread and opens the descriptor.
    /// Programs started by std get an empty mask, so children are not affected.
    pub fn watch() -> io::Result<Signals> {
        let set = set_of(&WATCHED);
        // SAFETY: `set` is an initialised sigset_t; the old mask is not asked for.
        check(unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut()) })?;
        // SAFETY: `set` is initialised; -1 asks for a new descriptor.
        let fd =
            check(unsafe { libc::signalfd(-1, &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) })?;
        // SAFETY: the descriptor is new and nobody else's.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Signals { fd })
    }

    /// The next signal that has arrived, if any.
    pub fn take(&self) -> Option<i32> {
        // SAFETY: signalfd_siginfo is plain numbers, for which zero is valid.
        let mut info: libc::signalfd_siginfo = unsafe { std::mem::zeroed() };
        let size = size_of::<libc::signalfd_siginfo>();
        // SAFETY: `info` is live and of the size passed.
        let read = unsafe { libc::read(self.fd.as_raw_fd(), (&raw mut info).cast(), size) };
        (read == size as isize).then_some(info.ssi_signo as i32)
    }
}

impl AsRawFd for Signals {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

/// The first signal that arrived since [`CaughtSignals::start`].
static CAUGHT: AtomicI32 = AtomicI32::new(0);

/// How often SIGALRM interrupts a wait once a signal was caught, in microseconds.
const REPEAT: libc::suseconds_t = 20_000;

/// The handler: keeps the number of the signal, and has SIGALRM sent again and again
/// from then on. The signal may arrive just before the library begins to wait, and
/// would not interrupt that wait.
extern "C" fn catch(signal: libc::c_int) {
    if signal == libc::SIGALRM {
        return;
    }
    // Only the first is kept: the library raises SIGINT after any interruption.
    let first = CAUGHT.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
    if first.is_ok() {
        repeat_alarm(REPEAT);
    }
}

/// Has SIGALRM sent every `micros` microseconds, or with 0 no more: setitimer(2).
fn repeat_alarm(micros: libc::suseconds_t) {
    let time = libc::timeval {
        tv_sec: 0,
        tv_usec: micros,
    };
    let every = libc::itimerval {
        it_interval: time,
        it_value: time,
    };
    // SAFETY: `every` is initialised, the old value is not asked for. The C
    // libraries of Linux make the bare system call, so a handler may do it.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &every, std::ptr::null_mut()) };
}

/// Lets the signals that end a run interrupt a library that waits by itself
/// (dialoguer): a handler makes its poll(2) return EINTR. While the library waits
/// for a key Ctrl-C is one, after which it raises SIGINT; otherwise Ctrl-C is a
/// signal. The signals are blocked again on drop.
pub struct CaughtSignals {
    set: libc::sigset_t,
}

impl CaughtSignals {
    /// Starts catching SIGINT, SIGTERM, SIGHUP and SIGQUIT.
    pub fn start() -> io::Result<CaughtSignals> {
        let signals = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
        CAUGHT.store(0, Ordering::Relaxed);
        for signal in signals.into_iter().chain([libc::SIGALRM]) {
            // SAFETY: sigaction is plain data, for which zero is a valid value.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = catch as *const () as libc::sighandler_t;
            // SAFETY: `action` is initialised, without SA_RESTART so that waits are
            // interrupted; `catch` only stores to an atomic and sets a timer. The old
            // action is not asked for.
            check(unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) })?;
        }
        let set = set_of(&signals);
        // SAFETY: `set` is an initialised sigset_t.
        check(unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut()) })?;
        Ok(CaughtSignals { set })
    }

    /// The signal that was caught first, if any.
    pub fn take(&self) -> Option<i32> {
        match CAUGHT.swap(0, Ordering::Relaxed) {
            0 => None,
            signal => Some(signal),
        }
    }
}

impl Drop for CaughtSignals {
    fn drop(&mut self) {
        // SAFETY: `set` was initialised in `start`.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &self.set, std::ptr::null_mut()) };
        repeat_alarm(0);
    }
}

/// Ignores these signals from now on: signal(7), SIG_IGN.
pub fn ignore(signals: &[i32]) {
    for &signal in signals {
        // SAFETY: integers only; no handler is installed.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// Stops this process as Ctrl-Z would have, had SIGTSTP not been blocked.
/// Returns when it is continued.
pub fn stop_self() {
    // SAFETY: raise takes an integer.
    unsafe { libc::raise(libc::SIGSTOP) };
}

fn set_of(signals: &[i32]) -> libc::sigset_t {
    // SAFETY: sigset_t is plain bits; sigemptyset makes it valid whatever it was.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is live; the signal numbers are valid constants.
    unsafe {
        libc::sigemptyset(&mut set);
        for &signal in signals {
            libc::sigaddset(&mut set, signal);
        }
    }
    set
}
