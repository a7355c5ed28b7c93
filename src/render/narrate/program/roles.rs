//! Which end of a conversation a socket is, by what was seen of its program.

use std::collections::HashSet;

use crate::model::{Address, Side, SocketView, World};

/// What tells a client's socket from a server's.
#[derive(Default)]
pub(super) struct Roles {
    /// Those that have called connect, by cookie.
    clients: HashSet<u64>,
    /// Where the program listens or has listened.
    listeners: Vec<Address>,
}

impl Roles {
    /// A socket calls connect.
    pub(super) fn connects(&mut self, socket: &SocketView) {
        self.clients.extend(socket.cookie.value());
    }

    /// Takes in who listens.
    pub(super) fn take(&mut self, seen: &World) {
        let listening = seen.sockets.iter().filter(|it| it.is_listening());
        for at in listening.filter_map(|it| it.local.value().copied()) {
            if !self.listeners.contains(&at) {
                self.listeners.push(at);
            }
        }
    }

    /// Whose end a socket is. One that was connected before anybody looked, and where
    /// nothing listens, is a client's.
    pub(super) fn of(&self, socket: &SocketView) -> Side {
        let cookie = socket.cookie.value();
        let has_connected = cookie.is_some_and(|it| self.clients.contains(it));
        let peer = socket.peer.value().filter(|peer| !peer.is_unnamed());
        if has_connected || peer.is_some() && !self.is_accepted(socket) {
            Side::Client
        } else {
            Side::Server
        }
    }

    /// A connection has the port, or the path, of its listener.
    fn is_accepted(&self, socket: &SocketView) -> bool {
        let place = |at: &Address| (at.port(), at.unix());
        let own = socket.local.value().map(place);
        self.listeners.iter().any(|it| Some(place(it)) == own)
    }
}
