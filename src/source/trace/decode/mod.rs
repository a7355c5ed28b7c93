//! What the registers and the memory of a stopped thread say of its call: the arguments
//! as strace prints them.
//!
//! Each argument is decoded by what the table of calls says it is. What the kernel fills
//! in is decoded when the call has returned.

mod address;
mod constants;
mod memory;
mod messages;
mod options;
mod plain;
mod processes;
mod waits;

pub use messages::passed_descriptors;
pub use processes::{CloneFlags, clone_flags};
pub use waits::waited_for;

pub use self::memory::Memory;
use crate::model::{Arg, Call, Outcome, Param, Syscall};

/// A call of a stopped thread: which one, and what its registers say.
#[derive(Clone, Copy)]
pub struct Raw {
    pub syscall: &'static Syscall,
    pub args: [u64; 6],
    pub memory: Memory,
}

impl Raw {
    /// What is passed for the first argument of that kind; 0 where there is none.
    fn of(&self, param: Param) -> u64 {
        let place = self.syscall.place(param);
        place.map_or(0, |place| self.register(place))
    }

    /// What is passed for the argument at that place.
    fn register(&self, place: usize) -> u64 {
        // clone(2) is printed in another order than its arguments are passed in.
        let place = match self.syscall.params.get(place) {
            Some(Param::ChildStack) => 1,
            Some(Param::CloneFlags) => 0,
            Some(Param::ParentTid) => 2,
            Some(Param::Tls) => processes::TLS,
            Some(Param::ChildTid) => 7 - processes::TLS,
            _ => place,
        };
        self.args.get(place).copied().unwrap_or(0)
    }

    /// The call as it begins: what the kernel will fill in is pending.
    pub fn begins(&self) -> Call {
        let params = self.syscall.params.iter().enumerate();
        let args = params.map(|(place, param)| self.passed(*param, self.register(place)));
        Call {
            syscall: self.syscall,
            args: args.collect(),
            note: None,
        }
    }

    /// Fills in what the kernel has filled in.
    pub fn ends(&self, call: &mut Call, outcome: Outcome) {
        let value = match outcome {
            Outcome::Value(value) => Some(value),
            _ => None,
        };
        for (place, param) in self.syscall.params.iter().enumerate() {
            let filled = self.filled(*param, self.register(place), call, place, value);
            if let (Some(filled), Some(arg)) = (filled, call.args.get_mut(place)) {
                *arg = filled;
            }
        }
        if let Some(value) = value {
            call.note = self.note(value);
        }
    }

    /// An argument that is passed, or pending.
    fn passed(&self, param: Param, raw: u64) -> Arg {
        match param {
            Param::Level | Param::Option | Param::Value => options::passed(self, param, raw),
            Param::Message
            | Param::MessageOut
            | Param::Messages
            | Param::MessagesOut
            | Param::Vector
            | Param::VectorOut => messages::passed(self, param, raw),
            Param::PollFds
            | Param::Time
            | Param::TimeVal
            | Param::Mask
            | Param::MaskAndSize
            | Param::FdSet
            | Param::EpollFlags
            | Param::EpollOperation
            | Param::EpollEvent
            | Param::EpollEvents => waits::passed(self, param, raw),
            Param::ChildStack
            | Param::CloneFlags
            | Param::ParentTid
            | Param::Tls
            | Param::ChildTid
            | Param::CloneArgs
            | Param::Path
            | Param::Folder
            | Param::Words
            | Param::Environment
            | Param::ExecFlags
            | Param::WaitOptions => processes::passed(self, param, raw),
            _ => plain::passed(self, param, raw),
        }
    }

    /// An argument that the kernel has filled in, where it is one; `value` is what the
    /// call returned, if it has not failed.
    fn filled(
        &self,
        param: Param,
        raw: u64,
        call: &Call,
        place: usize,
        value: Option<i64>,
    ) -> Option<Arg> {
        let arg = call.args.get(place)?;
        let Some(value) = value else {
            return match param {
                Param::MessageOut => messages::failed(arg),
                Param::Messages if *arg == Arg::Pending => messages::unsent(self, raw),
                Param::VectorOut if *arg == Arg::Pending => messages::unread(self, raw),
                _ => (*arg == Arg::Pending).then(|| Arg::pointer(raw)),
            };
        };
        match param {
            Param::ValueOut if *arg == Arg::Pending => Some(options::filled(self, raw)),
            Param::MessageOut | Param::MessagesOut | Param::Messages | Param::VectorOut => {
                messages::filled(self, param, raw, arg, value)
            }
            Param::EpollEvents => Some(waits::epoll_events(self, raw, value)),
            Param::ParentTid | Param::CloneArgs | Param::StatusOut => {
                processes::filled(self, param, raw, arg, value)
            }
            _ => plain::filled(self, param, raw, call, arg, value),
        }
    }

    /// What strace prints in brackets behind the value.
    fn note(&self, value: i64) -> Option<String> {
        match self.syscall.name {
            "fcntl" => plain::flags_returned(self, value),
            "recvmmsg" => messages::time_left(self, value),
            _ => waits::note(self, value),
        }
    }
}
