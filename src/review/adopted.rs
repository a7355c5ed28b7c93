//! Sockets that a process has without having made them: inherited, or received.

use super::tables::{Role, Socket, Tables};
use crate::model::{Domain, Kind, SocketView, World};
use crate::words::say;

impl Tables {
    /// What a process has when it is met.
    pub(crate) fn inherit(&mut self, seen: &World) {
        let (servers, others): (Vec<_>, Vec<_>) =
            seen.sockets.iter().partition(|it| it.is_listening());
        for view in servers.into_iter().chain(others) {
            self.adopt(seen.pid, view, say!("seen-inherited", fd = view.fd));
        }
        self.saw(seen);
    }

    /// A descriptor refers to a socket that another process has made, or nobody who was
    /// seen to: `made` says how it came.
    pub(super) fn adopt(&mut self, pid: u32, view: &SocketView, made: String) {
        let cookie = view.cookie.value();
        let is_it = |it: &Socket| {
            let known = it.view.as_ref().and_then(|view| view.cookie.value());
            known.is_some() && known == cookie
        };
        let socket = match self.sockets.iter().position(is_it) {
            Some(known) => {
                let known_one = &mut self.sockets[known];
                known_one.in_flight = known_one.in_flight.saturating_sub(1);
                known
            }
            None => {
                let role = self.role_of(view);
                let domain = view.domain.value();
                self.sockets.push(Socket {
                    made,
                    maker: pid,
                    is_stream: view.kind.value() == Some(&Kind::Stream),
                    is_inet: matches!(domain, Some(Domain::Inet | Domain::Inet6)),
                    role,
                    is_nonblocking: view.nonblocking.value() == Some(&true),
                    bound: view
                        .local
                        .value()
                        .copied()
                        .filter(|_| role == Role::Listener),
                    view: Some(view.clone()),
                    in_flight: 0,
                    connected: None,
                });
                self.sockets.len() - 1
            }
        };
        self.open(pid, view.fd, socket, None);
    }

    /// What such a socket is for: one with another end has come from the listener at its
    /// address, if there is one.
    fn role_of(&self, view: &SocketView) -> Role {
        if view.is_listening() {
            return Role::Listener;
        }
        if view.peer.value().is_none() {
            return Role::New;
        }
        let port = |view: &SocketView| Some(view.local.value()?.inet()?.port());
        let is_listener = |it: &Socket| {
            let at = it.view.as_ref().and_then(port);
            it.role == Role::Listener && at.is_some() && at == port(view)
        };
        match self.sockets.iter().position(is_listener) {
            Some(listener) => Role::Accepted(listener),
            None => Role::Connecting,
        }
    }

    /// A message was sent that may carry descriptors of the process.
    pub(super) fn pass(&mut self, pid: u32, fds: &[i32]) {
        for socket in fds
            .iter()
            .filter_map(|fd| self.at(pid, *fd))
            .collect::<Vec<_>>()
        {
            self.sockets[socket].in_flight += 1;
        }
    }

    /// Does nobody hold the socket any more, as far as the calls say?
    pub(super) fn is_given_up(&self, socket: usize) -> bool {
        self.holders(socket).is_empty() && self.sockets[socket].in_flight == 0
    }
}
