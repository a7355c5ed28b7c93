//! Sockets that a process has without having made them: inherited, or received.

use super::tables::{Role, Socket, Tables};
use crate::model::{Domain, Kind, SocketView, World};
use crate::words::say;

impl Tables {
    /// What a process has when the trace begins. Listeners come first: a connection is
    /// known by the one that it came from.
    pub(crate) fn inherit(&mut self, seen: &World) {
        let (servers, others): (Vec<_>, Vec<_>) =
            seen.sockets.iter().partition(|it| it.is_listening());
        for view in servers.into_iter().chain(others) {
            self.adopt(seen.pid, view);
        }
        self.saw(seen);
    }

    /// A process has a socket that nobody was seen to make.
    fn adopt(&mut self, pid: u32, view: &SocketView) {
        let role = self.role_of(view);
        let domain = view.domain.value();
        self.sockets.push(Socket {
            made: say!("seen-inherited", fd = view.fd),
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
            connected: None,
            is_on_its_way: false,
        });
        self.open(pid, view.fd, self.sockets.len() - 1, None);
    }

    /// What such a socket is for: one with another end has come from the listener at its
    /// port, if there is one.
    fn role_of(&self, view: &SocketView) -> Role {
        if view.is_listening() {
            return Role::Listener;
        }
        if view.peer.value().is_none() {
            return Role::New;
        }
        let port = |view: &SocketView| view.local.value()?.port();
        let is_listener = |it: &Socket| {
            let at = it.view.as_ref().and_then(port);
            it.role == Role::Listener && at.is_some() && at == port(view)
        };
        match self.sockets.iter().position(is_listener) {
            Some(listener) => Role::Accepted(listener),
            None => Role::Connecting,
        }
    }

    /// A process has been given a descriptor of a socket that is known.
    pub(super) fn arrives(&mut self, pid: u32, seen: &SocketView) {
        let is_it = |socket: &Socket| {
            let cookie = socket.view.as_ref().and_then(|view| view.cookie.value());
            cookie.is_some() && cookie == seen.cookie.value()
        };
        if let Some(socket) = self.sockets.iter().rposition(is_it) {
            self.sockets[socket].is_on_its_way = false;
            self.open(pid, seen.fd, socket, None);
        }
    }

    /// Does no process have it any more, and will none be given it?
    pub(crate) fn is_given_up(&self, socket: usize) -> bool {
        self.holders(socket).is_empty() && !self.sockets[socket].is_on_its_way
    }
}
