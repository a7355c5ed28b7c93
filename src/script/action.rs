use clap::{Args, Subcommand};

use super::text::unescape;
use super::words::{
    Destination, DomainWord, KindWord, ReadOption, ShutdownHow, SocketOption, Switch,
};
use crate::model::{Address, UnixAddr};

/// One line of the vocabulary: one system call of one actor.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
#[command(disable_help_subcommand = true)]
pub enum Action {
    /// Make a socket: socket(2)
    Socket {
        #[arg(value_enum)]
        domain: DomainWord,
        #[arg(value_enum)]
        kind: KindWord,
        #[command(flatten)]
        name: AsName,
    },
    /// Set an option of a socket: setsockopt(2)
    Setsockopt {
        socket: String,
        #[arg(value_enum)]
        option: SocketOption,
        #[arg(value_enum)]
        value: Switch,
    },
    /// Read an option of a socket: getsockopt(2)
    Getsockopt {
        socket: String,
        #[arg(value_enum)]
        option: ReadOption,
    },
    /// Give a socket its address: bind(2)
    Bind {
        socket: String,
        /// `127.0.0.1:6789`, `[::1]:6789`, or a path with a `/`
        addr: Address,
    },
    /// Make a socket passive: listen(2)
    Listen {
        socket: String,
        #[arg(allow_negative_numbers = true)]
        backlog: i32,
    },
    /// Take a finished connection from the queue: accept(2)
    Accept {
        socket: String,
        #[command(flatten)]
        name: AsName,
    },
    /// Reach out to a listening socket: connect(2)
    Connect {
        socket: String,
        /// `127.0.0.1:6789`, `[::1]:6789`, or a path with a `/`
        addr: Address,
    },
    /// Receive bytes: recv(2)
    Recv {
        socket: String,
        /// How many at the most
        #[arg(value_parser = clap::value_parser!(u32).range(1..=MAX_RECV))]
        max: u32,
    },
    /// Send bytes: send(2)
    Send {
        socket: String,
        /// The text, with the escapes \n \r \t \0 \\ \xHH
        #[arg(required_unless_present_any = ["received", "zeros"])]
        text: Option<String>,
        /// Send back what the last recv on this socket received
        #[arg(long, conflicts_with = "text")]
        received: bool,
        /// Send that many zero bytes
        #[arg(long, value_name = "N", conflicts_with_all = ["text", "received"])]
        #[arg(value_parser = clap::value_parser!(u32).range(1..=MAX_ZEROS))]
        zeros: Option<u32>,
    },
    /// Receive bytes, and from whom: recvfrom(2)
    Recvfrom {
        socket: String,
        /// How many at the most
        #[arg(value_parser = clap::value_parser!(u32).range(1..=MAX_RECV))]
        max: u32,
    },
    /// Send bytes to an address: sendto(2)
    Sendto {
        socket: String,
        /// An address as bind takes it, or `sender`: who sent what was received last
        to: Destination,
        /// The text, with the escapes \n \r \t \0 \\ \xHH
        #[arg(required_unless_present = "received")]
        text: Option<String>,
        /// Send back what the last recv or recvfrom on this socket received
        #[arg(long, conflicts_with = "text")]
        received: bool,
    },
    /// Remove a file, such as the one that a unix socket leaves: unlink(2)
    Unlink {
        #[arg(value_parser = path_with_slash)]
        path: String,
    },
    /// Close one direction of a connection: shutdown(2)
    Shutdown {
        socket: String,
        #[arg(value_enum)]
        how: ShutdownHow,
    },
    /// Give a descriptor back: close(2)
    Close { socket: String },
    /// Make a copy of the actor, which is an actor of its own: fork(2)
    Fork {
        #[command(flatten)]
        name: AsName,
    },
    /// End the actor's process: _exit(2)
    Exit {
        /// What its parent is told
        #[arg(default_value_t = 0)]
        code: u8,
    },
    /// Wait until a child of the actor has ended: wait4(2)
    Wait { actor: String },
    /// Have calls fail instead of block: O_NONBLOCK by fcntl(2)
    Nonblock {
        socket: String,
        #[arg(value_enum)]
        value: Switch,
    },
    /// Wait until a socket can be read from, or accepted from: poll(2)
    Poll {
        #[arg(required = true, num_args = 1..=MAX_POLLED)]
        sockets: Vec<String>,
        /// How long at the most, in milliseconds; -1 for ever
        #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
        #[arg(value_parser = clap::value_parser!(i32).range(-1..))]
        timeout: i32,
    },
}

/// The most sockets of one poll: more than that strace does not print.
const MAX_POLLED: usize = 32;

/// The most that one recv may ask for, in bytes: the actor's buffer.
const MAX_RECV: i64 = 1 << 20;

/// The most zeros that one send may offer. They take no memory until the kernel
/// has copied them.
const MAX_ZEROS: i64 = 1 << 30;

/// `as NAME`: what the script will call the new socket.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct AsName {
    #[arg(value_parser = ["as"], requires = "name", value_name = "as")]
    word: String,
    /// The name of the new socket
    #[arg(required = true, value_parser = socket_name)]
    name: Option<String>,
}

impl AsName {
    /// The name.
    pub fn get(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

fn socket_name(text: &str) -> Result<String, String> {
    let fine = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fine {
        Ok(text.into())
    } else {
        Err("a name is lower-case letters, digits and hyphens".into())
    }
}

fn path_with_slash(text: &str) -> Result<String, String> {
    if !text.contains('/') {
        return Err("a path has a / in it, such as ./name".into());
    }
    UnixAddr::path(text).map(|_| text.into())
}

/// What a send sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What the last recv on the same socket received.
    Received,
    /// That many zero bytes.
    Zeros(u32),
}

impl Action {
    /// The name of the one socket it works on or makes.
    pub fn socket(&self) -> Option<&str> {
        Some(match self {
            Action::Socket { name, .. } => name.get(),
            Action::Setsockopt { socket, .. }
            | Action::Bind { socket, .. }
            | Action::Listen { socket, .. }
            | Action::Accept { socket, .. }
            | Action::Connect { socket, .. }
            | Action::Recv { socket, .. }
            | Action::Send { socket, .. }
            | Action::Shutdown { socket, .. }
            | Action::Close { socket }
            | Action::Nonblock { socket, .. }
            | Action::Getsockopt { socket, .. }
            | Action::Recvfrom { socket, .. }
            | Action::Sendto { socket, .. } => socket,
            Action::Fork { .. }
            | Action::Exit { .. }
            | Action::Wait { .. }
            | Action::Poll { .. }
            | Action::Unlink { .. } => return None,
        })
    }

    /// The names of all sockets that must be there before it.
    pub fn uses(&self) -> Vec<&str> {
        match self {
            Action::Socket { .. } => Vec::new(),
            Action::Poll { sockets, .. } => sockets.iter().map(String::as_str).collect(),
            other => other.socket().into_iter().collect(),
        }
    }

    /// The actor it makes, if it is a fork.
    pub fn creates_actor(&self) -> Option<&str> {
        match self {
            Action::Fork { name } => Some(name.get()),
            _ => None,
        }
    }

    /// The actor, a child of the one that does it, that must have been made before.
    pub fn actor(&self) -> Option<&str> {
        match self {
            Action::Wait { actor } => Some(actor),
            _ => None,
        }
    }

    /// The name it gives to a new descriptor, if it makes one.
    pub fn creates(&self) -> Option<&str> {
        match self {
            Action::Socket { name, .. } | Action::Accept { name, .. } => Some(name.get()),
            _ => None,
        }
    }

    /// What it sends, if it is a send.
    pub fn payload(&self) -> Option<Payload> {
        match self {
            Action::Send { received: true, .. } | Action::Sendto { received: true, .. } => {
                Some(Payload::Received)
            }
            Action::Send {
                zeros: Some(count), ..
            } => Some(Payload::Zeros(*count)),
            // Checked when the line was parsed.
            Action::Send { text, .. } | Action::Sendto { text, .. } => Some(Payload::Bytes(
                unescape(text.as_deref().unwrap_or_default()).unwrap_or_default(),
            )),
            _ => None,
        }
    }
}
