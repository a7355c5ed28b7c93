//! A call as the registers of a stopped thread say it.

use super::memory::Memory;
use crate::model::{Param, Syscall};

/// Which argument of clone(2) is the thread's own storage; its neighbour among the last
/// two is where the child writes its number.
const TLS: usize = if cfg!(target_arch = "x86_64") { 4 } else { 3 };

/// A call of a stopped thread: which one, and what its registers say.
#[derive(Clone, Copy)]
pub(crate) struct Raw {
    pub syscall: &'static Syscall,
    pub args: [u64; 6],
    pub memory: Memory,
}

impl Raw {
    /// What is passed for the first argument of that kind; 0 where there is none.
    pub(super) fn of(&self, param: Param) -> u64 {
        let place = self.syscall.place(param);
        place.map_or(0, |place| self.register(place))
    }

    /// What is passed for the argument at that place.
    pub(super) fn register(&self, place: usize) -> u64 {
        // clone(2) is printed in another order than its arguments are passed in.
        let place = match self.syscall.params.get(place) {
            Some(Param::ChildStack) => 1,
            Some(Param::CloneFlags) => 0,
            Some(Param::ParentTid) => 2,
            Some(Param::Tls) => TLS,
            Some(Param::ChildTid) => 7 - TLS,
            _ => place,
        };
        self.args.get(place).copied().unwrap_or(0)
    }
}
