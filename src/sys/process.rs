//! The life of this process, its children, and what it is called.

use std::ffi::CStr;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::check::check;

/// Makes a copy of this process: fork(2). `None` in the child, the child's
/// process id in the parent.
///
/// Must be called while this process has one thread: the copy has only the
/// calling one, and whatever lock another holds stays held in it for ever.
pub fn fork() -> io::Result<Option<u32>> {
    // SAFETY: no process of socklab has a second thread, so the child is a whole
    // copy in which everything may be called that may be called here. The handlers
    // of pthread_atfork(3) are the C library's own.
    match check(unsafe { libc::fork() })? {
        0 => Ok(None),
        pid => Ok(Some(pid.cast_unsigned())),
    }
}

/// Ends this process at once: _exit(2), which is the call exit_group(2). No
/// destructor runs, which would close its descriptors one by one before.
pub fn exit_now(code: i32) -> ! {
    // SAFETY: takes an integer and does not return.
    unsafe { libc::_exit(code) }
}

/// Waits until the child `pid` has ended and takes its status: wait4(2) without
/// options. Gives the process id it returned and the status as wait(2) encodes it.
pub fn wait_for(pid: i32) -> io::Result<(i32, i32)> {
    let mut status = 0;
    // SAFETY: `status` is a live int, and no resource usage is asked for.
    let ended = check(unsafe { libc::wait4(pid, &mut status, 0, std::ptr::null_mut()) })?;
    Ok((ended, status))
}

/// Asks the kernel to kill this process when its parent ends: prctl(2),
/// PR_SET_PDEATHSIG. Says whether `parent` is still the parent: one that ended
/// before this call sends no signal.
pub fn die_with_parent(parent: u32) -> io::Result<bool> {
    // SAFETY: PR_SET_PDEATHSIG takes one integer and touches no memory of ours.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) })?;
    Ok(std::os::unix::process::parent_id() == parent)
}

/// Gives this process the name that ps(1) and /proc/PID/comm show: at most 15
/// bytes of it. prctl(2), PR_SET_NAME.
pub fn set_name(name: &CStr) -> io::Result<()> {
    // SAFETY: `name` is a live string that ends with a null byte.
    check(unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) })?;
    Ok(())
}

/// Puts this process into a process group of its own, so that the terminal's keys
/// send it no signal: setpgid(2).
pub fn own_group() -> io::Result<()> {
    // SAFETY: two integers, no memory.
    check(unsafe { libc::setpgid(0, 0) })?;
    Ok(())
}

/// The user this process acts as: geteuid(2).
pub fn user_id() -> u32 {
    // SAFETY: it takes nothing, touches no memory and cannot fail.
    unsafe { libc::geteuid() }
}

/// The local time of day: localtime_r(3).
pub fn time_of_day() -> Duration {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let since_epoch = since_epoch.unwrap_or_default();
    let seconds = since_epoch.as_secs() as libc::time_t;
    // SAFETY: tm is numbers and a pointer that nobody follows: zero is valid.
    let mut local: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both are live; the library reads the one and fills in the other.
    unsafe { libc::localtime_r(&seconds, &mut local) };
    let seconds = (local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec;
    Duration::new(seconds.unsigned_abs().into(), since_epoch.subsec_nanos())
}

/// The release of the running kernel: uname(2).
pub fn kernel_release() -> String {
    // SAFETY: utsname is plain bytes, for which zero is a valid value.
    let mut name: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: `name` is a live utsname that the kernel fills in.
    if unsafe { libc::uname(&mut name) } != 0 {
        return "unknown".into();
    }
    // SAFETY: the kernel ends each of the strings with a null byte.
    let release = unsafe { CStr::from_ptr(name.release.as_ptr()) };
    release.to_string_lossy().into_owned()
}
