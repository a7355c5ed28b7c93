//! Kernels and networks that are less willing than this one.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use super::{Socklab, TempDir, dir_of_test};

/// A system call that is refused, as a container's seccomp profile refuses it.
#[derive(Clone, Copy, Debug)]
pub struct Refuse {
    pub number: libc::c_long,
    /// Which arguments it must have: place and value.
    pub args: [Option<(u8, u32)>; 2],
    pub errno: i32,
}

impl Refuse {
    /// sock_diag: socket(AF_NETLINK, …).
    pub fn sock_diag(errno: i32) -> Refuse {
        Refuse {
            number: libc::SYS_socket,
            args: [Some((0, libc::AF_NETLINK as u32)), None],
            errno,
        }
    }

    /// getsockopt of one option.
    pub fn sockopt(level: i32, option: i32, errno: i32) -> Refuse {
        Refuse {
            number: libc::SYS_getsockopt,
            args: [Some((1, level as u32)), Some((2, option as u32))],
            errno,
        }
    }

    /// ioctl of one request.
    pub fn ioctl(request: u32, errno: i32) -> Refuse {
        Refuse {
            number: libc::SYS_ioctl,
            args: [Some((1, request)), None],
            errno,
        }
    }

    /// A call with whatever arguments.
    pub fn call(number: libc::c_long, errno: i32) -> Refuse {
        Refuse {
            number,
            args: [None, None],
            errno,
        }
    }

    /// The filter: seccomp(2), struct seccomp_data.
    fn program(self) -> Vec<libc::sock_filter> {
        let statement = |code: u32, k: u32| libc::sock_filter {
            code: code as u16,
            jt: 0,
            jf: 0,
            k,
        };
        let load = |offset: u32| statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset);
        let mut checks = vec![(0, self.number as u32)];
        for (place, value) in self.args.into_iter().flatten() {
            // The low half of the argument, on a little-endian machine.
            checks.push((16 + 8 * u32::from(place), value));
        }
        let count = checks.len();
        let mut code = Vec::new();
        for (at, (offset, value)) in checks.into_iter().enumerate() {
            code.push(load(offset));
            code.push(libc::sock_filter {
                code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
                jt: 0,
                // Over the other checks and the refusal.
                jf: (2 * (count - at - 1) + 1) as u8,
                k: value,
            });
        }
        let refused = libc::SECCOMP_RET_ERRNO | self.errno as u32;
        code.push(statement(libc::BPF_RET | libc::BPF_K, refused));
        code.push(statement(
            libc::BPF_RET | libc::BPF_K,
            libc::SECCOMP_RET_ALLOW,
        ));
        code
    }
}

/// Has the kernel refuse these to the command and all its children.
pub fn refuse(command: &mut Command, what: &[Refuse]) {
    let programs: Vec<Vec<libc::sock_filter>> = what.iter().map(|one| one.program()).collect();
    let install = move || {
        for program in &programs {
            let filter = libc::sock_fprog {
                len: program.len() as u16,
                filter: program.as_ptr().cast_mut(),
            };
            // SAFETY: integers, and a filter that lives through the call; both
            // calls are async-signal-safe.
            let result = unsafe {
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                libc::prctl(
                    libc::PR_SET_SECCOMP,
                    libc::SECCOMP_MODE_FILTER,
                    &raw const filter,
                )
            };
            if result != 0 {
                return Err(std::io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: `install` only makes system calls and reads memory that was
    // allocated before the fork.
    unsafe { command.pre_exec(install) };
}

/// Runs it in a network of its own, after the shell commands `setup` in there.
/// Needs an unprivileged user namespace or root.
pub fn in_own_network(socklab: Socklab, setup: &str) -> Socklab {
    let script = format!("{setup}\nexec \"$@\"");
    socklab.under(["unshare", "-Urn", "sh", "-ec", &script, "sh"])
}

/// A copy that everybody may run: the build's folder may be closed to others.
pub fn copy_for_everybody() -> (TempDir, PathBuf) {
    let dir = dir_of_test();
    let copy = dir.join("socklab");
    std::fs::copy(env!("CARGO_BIN_EXE_socklab"), &copy).unwrap();
    for path in [dir.path(), &copy] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    (dir, copy)
}

/// Runs it as the user nobody. Needs root.
pub const AS_NOBODY: [&str; 7] = [
    "setpriv",
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
    "--",
];
