//! A filter that stops a process for its tracer at some system calls: seccomp(2).

use std::io;

use super::check::check;

/// Which calls stop the process. All others, and those of another architecture, go on.
pub(crate) struct Filter(Vec<libc::sock_filter>);

/// struct seccomp_data: the number of the call and the architecture.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;

/// AUDIT_ARCH_* of linux/audit.h: what numbers are counted by.
#[cfg(target_arch = "x86_64")]
const OWN_ARCH: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const OWN_ARCH: u32 = 0xc000_00b7;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const OWN_ARCH: u32 = 0;

/// Are programs of this architecture traced?
pub(crate) const TRACES: bool = OWN_ARCH != 0;

impl Filter {
    /// The calls of these numbers stop the process.
    pub(crate) fn stopping(numbers: &[u32]) -> Filter {
        let load = |at| step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, at);
        let give = |action| step(libc::BPF_RET | libc::BPF_K, action);
        let skip_unless = |value| libc::sock_filter {
            jt: 0,
            jf: 1,
            ..step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value)
        };
        let skip_if = |value| libc::sock_filter {
            jt: 1,
            jf: 0,
            ..skip_unless(value)
        };
        let mut filter = vec![load(ARCH), skip_if(OWN_ARCH), give(libc::SECCOMP_RET_ALLOW)];
        filter.push(load(NUMBER));
        for &number in numbers {
            filter.extend([skip_unless(number), give(libc::SECCOMP_RET_TRACE)]);
        }
        filter.push(give(libc::SECCOMP_RET_ALLOW));
        Filter(filter)
    }

    /// Puts this process under the filter, and all that it makes. Who may not do so
    /// otherwise gives up what setuid files would give: PR_SET_NO_NEW_PRIVS.
    pub(crate) fn install(&self) -> io::Result<()> {
        match self.set() {
            Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
                // SAFETY: integers only.
                check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) })?;
                self.set()
            }
            set => set,
        }
    }

    fn set(&self) -> io::Result<()> {
        let program = libc::sock_fprog {
            len: self.0.len() as u16,
            filter: self.0.as_ptr().cast_mut(),
        };
        // SAFETY: `program` describes the live steps, which the kernel only reads.
        check(unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                libc::SECCOMP_SET_MODE_FILTER,
                0,
                &raw const program,
            )
        })?;
        Ok(())
    }
}

fn step(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    }
}
