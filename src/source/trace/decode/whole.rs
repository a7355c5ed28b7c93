//! A whole call: each argument decoded by what the table of calls says it is.

use super::raw::Raw;
use super::{messages, options, plain, processes, waits};
use crate::model::{Arg, Call, Outcome, Param};

impl Raw {
    /// The call as it begins: what the kernel will fill in is pending.
    pub(crate) fn begins(&self) -> Call {
        let params = self.syscall.params.iter().enumerate();
        let args = params.map(|(place, param)| self.passed(*param, self.register(place)));
        Call {
            syscall: self.syscall,
            args: args.collect(),
            note: None,
        }
    }

    /// Fills in what the kernel has filled in.
    pub(crate) fn ends(&self, call: &mut Call, outcome: Outcome) {
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
