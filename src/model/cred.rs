//! Who is at the other end of a unix socket.

use serde::{Deserialize, Serialize};

/// Who stood at the other end when a unix connection was made: struct ucred,
/// SO_PEERCRED of unix(7). The kernel fills it in; nobody can claim another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cred {
    /// 0 where the process cannot be named in our pid namespace.
    pub pid: u32,
    pub uid: u32,
    pub gid: u32,
}

impl Cred {
    /// What the kernel answers where there are no credentials: no process, and
    /// -1 for the ids.
    pub(crate) fn is_none(self) -> bool {
        self.pid == 0 && self.uid == u32::MAX
    }

    /// As strace prints it.
    pub(crate) fn strace(self) -> String {
        // An id of all ones is -1 to strace.
        let id = |id: u32| match id {
            u32::MAX => "-1".to_string(),
            id => id.to_string(),
        };
        let (uid, gid) = (id(self.uid), id(self.gid));
        format!("{{pid={}, uid={uid}, gid={gid}}}", self.pid)
    }
}

impl std::fmt::Display for Cred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid {}, uid {}, gid {}", self.pid, self.uid, self.gid)
    }
}
