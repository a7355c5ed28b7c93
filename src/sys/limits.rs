//! The limits of this process.

use std::io;

use super::check::check;

/// How large the stack may grow, in bytes: RLIMIT_STACK of getrlimit(2).
pub fn stack_limit() -> io::Result<u64> {
    // SAFETY: rlimit is two numbers, for which zero is valid.
    let mut limit: libc::rlimit = unsafe { std::mem::zeroed() };
    // SAFETY: `limit` is live and what the call fills in.
    check(unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) })?;
    #[allow(clippy::useless_conversion, reason = "rlim_t has 32 bits elsewhere")]
    Ok(limit.rlim_cur.into())
}
