//! Signals: waited for, ignored, sent to ourselves.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

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
pub(crate) struct Signals {
    fd: OwnedFd,
    /// One that was looked at and not taken yet.
    kept: Cell<Option<i32>>,
    /// One that asks to end has arrived.
    ending: Cell<bool>,
}

impl Signals {
    /// Blocks the watched signals in this thread and opens the descriptor.
    /// Programs started by std get an empty mask, so children are not affected.
    pub(crate) fn watch() -> io::Result<Signals> {
        let fd = blocked(&WATCHED)?;
        Ok(Signals {
            fd,
            kept: Cell::new(None),
            ending: Cell::new(false),
        })
    }

    /// The next signal that has arrived, if any.
    pub(crate) fn take(&self) -> Option<i32> {
        self.kept.take().or_else(|| self.read())
    }

    /// Was a signal looked at that waits to be taken? The descriptor says nothing of it.
    pub(crate) fn has_kept(&self) -> bool {
        self.kept.get().is_some()
    }

    /// Looks whether a signal has arrived that asks to end. It stays to be taken.
    pub(crate) fn ask_to_end(&self) -> bool {
        while !self.ending.get()
            && let Some(signal) = self.read()
        {
            if signal != libc::SIGCONT {
                self.kept.set(Some(signal));
            }
        }
        self.ending.get()
    }

    fn read(&self) -> Option<i32> {
        let mut info = [0; size_of::<libc::signalfd_siginfo>()];
        let read = rustix::io::read(&self.fd, &mut info);
        // struct signalfd_siginfo begins with ssi_signo.
        let [a, b, c, d, ..] = info;
        let signal = (read == Ok(info.len())).then_some(i32::from_ne_bytes([a, b, c, d]))?;
        if !matches!(signal, libc::SIGTSTP | libc::SIGCONT) {
            self.ending.set(true);
        }
        Some(signal)
    }
}

impl AsRawFd for Signals {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

/// Says by a descriptor that a child has stopped or ended: SIGCHLD, blocked in this thread.
pub(crate) struct Arrivals(File);

impl Arrivals {
    /// From now on.
    pub(crate) fn watch() -> io::Result<Arrivals> {
        blocked(&[libc::SIGCHLD]).map(|fd| Arrivals(fd.into()))
    }

    /// What has arrived so far is known.
    pub(crate) fn take(&mut self) {
        // Nothing to read, or read: either way it was taken.
        let _ = self.0.read(&mut [0; size_of::<libc::signalfd_siginfo>()]);
    }
}

impl AsRawFd for Arrivals {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Blocks these signals in this thread, and opens a descriptor that tells them.
fn blocked(signals: &[i32]) -> io::Result<OwnedFd> {
    let set = set_of(signals);
    // SAFETY: `set` is an initialised sigset_t; the old mask is not asked for.
    check(unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut()) })?;
    // SAFETY: `set` is initialised; -1 asks for a new descriptor.
    let fd = check(unsafe { libc::signalfd(-1, &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) })?;
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The signals that a thread blocks.
#[derive(Clone, Copy)]
pub(crate) struct Mask(libc::sigset_t);

impl Mask {
    /// That of this thread now.
    pub(crate) fn now() -> io::Result<Mask> {
        let mut set = set_of(&[]);
        // SAFETY: nothing is changed, and `set` is a live sigset_t.
        check(unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &mut set) })?;
        Ok(Mask(set))
    }

    /// This thread blocks these from now on, and no others.
    pub(crate) fn set(&self) {
        // SAFETY: the set is initialised; the old mask is not asked for.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}

/// Ignores these signals from now on: signal(7), SIG_IGN.
pub(crate) fn ignore(signals: &[i32]) {
    for &signal in signals {
        // SAFETY: integers only; no handler is installed.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// Gives these signals their usual effect, whatever this process was started with:
/// signal(7), SIG_DFL.
pub(crate) fn not_ignored(signals: &[i32]) {
    for &signal in signals {
        // SAFETY: integers only; no handler is installed.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// From now on this signal interrupts a call that sleeps, which fails with EINTR, and does
/// nothing else: sigaction(2) without SA_RESTART. Whoever started us may have blocked it.
pub(crate) fn interrupts(signal: i32) -> io::Result<()> {
    on_signal(signal, None, 0)?;
    let set = set_of(&[signal]);
    // SAFETY: `set` is initialised; the old mask is not asked for.
    check(unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut()) }).map(drop)
}

/// What this signal does from now on: SIG_IGN, SIG_DFL, or a handler that does nothing.
/// sigaction(2), with these flags.
pub(crate) fn on_signal(signal: i32, handler: Option<usize>, flags: i32) -> io::Result<()> {
    extern "C" fn nothing(_: i32) {}
    // SAFETY: sigaction is plain numbers and a pointer that may be null.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler.unwrap_or(nothing as extern "C" fn(i32) as usize);
    action.sa_flags = flags;
    // SAFETY: `action` is live, its mask is empty, and its handler does nothing, which is
    // safe in whatever it interrupts.
    check(unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) }).map(drop)
}

/// Ends this process by that signal, without a core. Returns if it cannot.
pub(crate) fn end_by(signal: i32) {
    not_ignored(&[signal]);
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    let set = set_of(&[signal]);
    // SAFETY: `none` and `set` are live; the rest is integers.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &none);
        libc::raise(signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut());
    }
}

/// Stops this process as Ctrl-Z would have, had SIGTSTP not been blocked.
/// Returns when it is continued.
pub(crate) fn stop_self() {
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
