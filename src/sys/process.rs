use std::io;
use std::os::fd::{IntoRawFd, OwnedFd};

/// Asks the kernel to kill this process when its parent ends (prctl(2),
/// PR_SET_PDEATHSIG), and reports whether `parent` is still the parent, so that
/// one that ended before this call is noticed too.
pub fn die_with_parent(parent: u32) -> io::Result<bool> {
    // SAFETY: PR_SET_PDEATHSIG takes one integer and touches no memory of ours.
    super::check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) })?;
    Ok(std::os::unix::process::parent_id() == parent)
}

/// Gives this process the name that ps(1) and /proc/PID/comm show: at most 15
/// bytes of it. prctl(2), PR_SET_NAME.
pub fn set_name(name: &std::ffi::CStr) -> io::Result<()> {
    // SAFETY: `name` is a live string that ends with a null byte.
    super::check(unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) })?;
    Ok(())
}

/// Closes every descriptor from `first` to `last`: close_range(2), Linux 5.9. Only
/// for descriptors that were inherited, or whose owner gives them up.
pub fn close_range(first: u32, last: u32) -> io::Result<()> {
    // SAFETY: integers only. No owner of these descriptors uses them afterwards.
    super::check(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) } as _)?;
    Ok(())
}

/// Closes a descriptor and says what close(2) said, which dropping it would not.
pub fn close(fd: OwnedFd) -> io::Result<()> {
    // SAFETY: `into_raw_fd` gives up ownership, so nobody closes it a second time.
    super::check(unsafe { libc::close(fd.into_raw_fd()) })?;
    Ok(())
}

/// Puts this process into a process group of its own, away from the terminal's
/// keys: setpgid(2).
pub fn own_group() -> io::Result<()> {
    // SAFETY: two integers, no memory.
    super::check(unsafe { libc::setpgid(0, 0) })?;
    Ok(())
}

/// The user this process acts as: geteuid(2).
pub fn user_id() -> u32 {
    // SAFETY: it takes nothing, touches no memory and cannot fail.
    unsafe { libc::geteuid() }
}

/// The running kernel's release, as uname(2) gives it.
pub fn kernel_release() -> String {
    // SAFETY: utsname is plain bytes, for which zero is a valid value.
    let mut name: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: `name` is a live utsname that the kernel fills in.
    if unsafe { libc::uname(&mut name) } != 0 {
        return "unknown".into();
    }
    let bytes: Vec<u8> = name
        .release
        .iter()
        .take_while(|&&byte| byte != 0)
        .map(|&byte| byte as u8)
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
