//! What a call of a traced program is about.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::course::{Course, Step, Taught, Touched};
use crate::model::{
    Address, Call, Domain, Errno, Kind, Outcome, Param, Side, SocketView, Task, TcpState,
};
use crate::render::fact::Who;
use crate::script::Vars;

/// Where no address is known.
pub(super) const LOOPBACK: Address =
    Address::Inet(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0));

/// What a call is about.
pub(super) struct About<'t> {
    pub call: Call,
    pub errno: Option<Errno>,
    /// As it was seen last: before the call, if that has closed it.
    pub socket: Option<&'t SocketView>,
    pub side: Side,
}

impl About<'_> {
    /// What is told once in full: the call, on a socket of a family, that comes out so.
    pub(super) fn topic(&self, outcome: Outcome) -> String {
        let (domain, kind) = family(self.socket);
        let name = self.call.name();
        let end = outcome == Outcome::Value(0) && name == "recvfrom";
        let again = matches!(outcome, Outcome::Again(_));
        let closed = (name == "close").then(|| (self.is_listening(), self.is_connected()));
        format!(
            "{name} {domain:?} {kind:?} {:?} {:?} {end} {again} {closed:?} {:?}",
            self.side,
            self.errno,
            self.call.purpose()
        )
    }

    /// The step of the course that teaches it.
    pub(super) fn taught<'c>(&self, course: &'c Course) -> Option<Taught<'c>> {
        let (domain, kind) = family(self.socket);
        // One that is to be made yet is known by what is asked for.
        let asked = |param| i32::try_from(self.call.number(param)?).ok();
        let domain = domain.or_else(|| asked(Param::Domain).map(Domain::from_kernel))?;
        let kind = kind.or_else(|| asked(Param::Type).map(|it| Kind::from_kernel(it & 0xf)))?;
        let touched = Touched {
            side: self.side,
            domain,
            kind,
            is_listening: self.is_listening(),
            is_connected: self.is_connected(),
        };
        course.step_about(&self.call, self.errno, touched)
    }

    /// What the course says of it, and what its placeholders stand for. `pid` is who calls.
    pub(super) fn step<'c>(&self, course: &'c Course, pid: u32) -> Option<(&'c Step, Vars)> {
        let step = self.taught(course)?.step;
        let local = self.socket.and_then(|socket| socket.local.value().copied());
        let addr = self.call.address().or(local);
        let vars = Vars {
            addr: addr.unwrap_or(LOOPBACK),
            pid: Some(pid),
        };
        Some((step, vars))
    }

    fn is_listening(&self) -> bool {
        self.socket.is_some_and(SocketView::is_listening)
    }

    /// Has it a connection, and has it not ended its own direction?
    fn is_connected(&self) -> bool {
        use TcpState::{CloseWait, Connected, Established};
        let state = self.socket.and_then(|socket| socket.state.value());
        matches!(state, Some(Established | CloseWait | Connected))
    }
}

/// The family and the type of a socket, as far as they are known.
fn family(socket: Option<&SocketView>) -> (Option<Domain>, Option<Kind>) {
    let domain = socket.and_then(|socket| socket.domain.value().copied());
    let kind = socket.and_then(|socket| socket.kind.value().copied());
    (domain, kind)
}

/// Whose facts are told.
pub(super) fn who(task: &Task) -> Who<'_> {
    Who {
        actor: &task.name,
        side: &task.name,
        peer: None,
    }
}
