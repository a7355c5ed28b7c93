use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

/// The signals that end or stop a run.
const WATCHED: [i32; 6] = [
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGTSTP,
    libc::SIGCONT,
];

/// The watched signals as something to wait for: they are blocked, and read
/// from a descriptor instead (signalfd(2)), so that no code runs in a handler.
pub struct Signals {
    fd: OwnedFd,
}

impl Signals {
    /// Blocks the watched signals in this thread and opens the descriptor.
    /// Programs started by std get an empty mask, so children are not affected.
    pub fn watch() -> io::Result<Signals> {
        let set = set_of(&WATCHED);
        // SAFETY: `set` is an initialised sigset_t; the old mask is not asked for.
        super::check(unsafe {
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut())
        })?;
        // SAFETY: `set` is initialised; -1 asks for a new descriptor.
        let fd = super::check(unsafe {
            libc::signalfd(-1, &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
        })?;
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

/// The first signal that arrived while [`Noting`] was in force.
static NOTED: AtomicI32 = AtomicI32::new(0);

/// How often a wait is cut short once a signal has arrived.
const AGAIN: libc::suseconds_t = 20_000;

/// Notes the signal, and has SIGALRM come again and again from then on: the
/// signal may arrive just before the library begins to wait, which it would then
/// do undisturbed.
extern "C" fn note(signal: libc::c_int) {
    if signal == libc::SIGALRM {
        return;
    }
    // The first counts: the library raises SIGINT after any interruption.
    let first = NOTED.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
    if first.is_ok() {
        repeat(AGAIN);
    }
}

/// Has SIGALRM come every so many microseconds, or with 0 no more.
fn repeat(micros: libc::suseconds_t) {
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

/// Lets the ending signals interrupt a library that waits by itself (dialoguer):
/// a handler that only notes the number makes its poll(2) return EINTR. Ctrl-C
/// is a key while the library waits for one, after which it raises SIGINT, and a
/// signal otherwise. The mask is restored on drop.
pub struct Noting {
    set: libc::sigset_t,
}

impl Noting {
    /// Starts noting SIGINT, SIGTERM, SIGHUP and SIGQUIT.
    pub fn start() -> io::Result<Noting> {
        let signals = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
        NOTED.store(0, Ordering::Relaxed);
        for signal in signals.into_iter().chain([libc::SIGALRM]) {
            // SAFETY: sigaction is plain data, for which zero is a valid value.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = note as *const () as libc::sighandler_t;
            // SAFETY: `action` is initialised, without SA_RESTART so that waits
            // are cut short; `note` only stores to an atomic and sets a timer.
            // The old action is not asked for.
            super::check(unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) })?;
        }
        let set = set_of(&signals);
        // SAFETY: `set` is an initialised sigset_t.
        super::check(unsafe {
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, std::ptr::null_mut())
        })?;
        Ok(Noting { set })
    }

    /// The signal that cut the wait short, if one did.
    pub fn noted(&self) -> Option<i32> {
        match NOTED.swap(0, Ordering::Relaxed) {
            0 => None,
            signal => Some(signal),
        }
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        // SAFETY: `set` was initialised in `start`.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &self.set, std::ptr::null_mut()) };
        repeat(0);
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
