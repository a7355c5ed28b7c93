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
    /// Are the SYN queues of all listeners looked at?
    pub sees_half_open: bool,
    /// What the descriptors hold that were looked at, by cookie.
    held: HashSet<u64>,
    /// The rows that no fd of the process holds.
    pub rows: Vec<KernelRow>,
    pub ends: Vec<Ends>,
}

impl<'a> Around<'a> {
    /// Nothing was found yet.
    pub(super) fn new(
        diag: &'a mut Diag,
        last: &'a World,
        seen: &'a World,
        sees_half_open: bool,
    ) -> Around<'a> {
        let cookies = seen.sockets.iter().filter_map(|it| it.cookie.value());
        Around {
            diag,
            last,
            seen,
            sees_half_open,
            held: cookies.copied().collect(),
            rows: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Is everything looked for, known or new?
    pub(super) fn is_sweep(&self) -> bool {
        self.seen.focus.is_none()
    }

    /// Does a descriptor of the process hold the socket of that cookie?
    pub(super) fn holds(&self, cookie: u64) -> bool {
        let mut others = self.last.sockets.iter();
        self.held.contains(&cookie)
            || !self.is_sweep()
                && others
                    .any(|it| it.cookie.value() == Some(&cookie) && !self.seen.looked_at_fd(it.fd))
    }

    /// The rows that were known and are looked for.
    pub(super) fn known_rows(&self) -> Vec<&'a KernelRow> {
        self.last.rows_in(self.seen.focus.as_ref())
    }

    /// The cookies of what was found.
    pub(super) fn found(&self) -> HashSet<u64> {
        self.rows.iter().map(|row| row.cookie).collect()
    }
}
