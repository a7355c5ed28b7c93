//! What a look finds around the sockets of a process.

use std::collections::HashSet;

use super::diag::Diag;
use crate::model::{Ends, KernelRow, World};

/// What a look finds around the sockets of a process, and what it needs to find it.
pub(super) struct Around<'a> {
    pub diag: &'a mut Diag,
    /// What was known before.
    pub last: &'a World,
    /// The look, as far as it has come: the sockets are there.
    pub seen: &'a World,
    /// What the fds of the process hold, by cookie.
    pub held: HashSet<u64>,
    /// The rows that no fd of the process holds.
    pub rows: Vec<KernelRow>,
    pub ends: Vec<Ends>,
}

impl<'a> Around<'a> {
    /// Nothing was found yet.
    pub(super) fn new(diag: &'a mut Diag, last: &'a World, seen: &'a World) -> Around<'a> {
        let others = last.sockets.iter().filter(|it| !seen.looked_at_fd(it.fd));
        let cookies = others
            .chain(&seen.sockets)
            .filter_map(|it| it.cookie.value());
        Around {
            diag,
            last,
            seen,
            held: cookies.copied().collect(),
            rows: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Is everything looked for, known or new?
    pub(super) fn is_sweep(&self) -> bool {
        self.seen.focus.is_none()
    }

    /// Is the socket of that cookie, which was known, looked for among the rows?
    pub(super) fn is_looked_for(&self, cookie: u64) -> bool {
        self.seen.looked_at(cookie) && !self.held.contains(&cookie)
    }

    /// The cookies of what was found.
    pub(super) fn found(&self) -> HashSet<u64> {
        self.rows.iter().map(|row| row.cookie).collect()
    }
}
