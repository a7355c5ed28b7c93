use clap::{Args, FromArgMatches, Parser, Subcommand};

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
        /// 127.0.0.1:6789, [::1]:6789, or a path with a /
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
        /// 127.0.0.1:6789, [::1]:6789, or a path with a /
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

#[derive(Parser)]
#[command(no_binary_name = true, name = "action", disable_help_flag = true)]
struct Line {
    #[command(subcommand)]
    action: Action,
}

impl Action {
    /// Parses one line whose placeholders are already filled in. The error is
    /// one or two plain sentences.
    pub fn parse(line: &str) -> Result<Action, String> {
        use clap::CommandFactory;
        let words = shell_words::split(line).map_err(|error| error.to_string())?;
        let matches = Line::command()
            .try_get_matches_from(words)
            .map_err(|error| first_lines(&error))?;
        let action = Line::from_arg_matches(&matches)
            .map_err(|error| first_lines(&error))?
            .action;
        if let Action::Send {
            text: Some(text), ..
        }
        | Action::Sendto {
            text: Some(text), ..
        } = &action
        {
            unescape(text)?;
        }
        Ok(action)
    }

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

/// The part of clap's message that says what is wrong, on one line.
fn first_lines(error: &clap::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let end = text.find("\n\nUsage").unwrap_or(text.len());
    let said: Vec<&str> = text[..end].split_whitespace().collect();
    let said = said.join(" ");
    match said.find(" For more information") {
        Some(end) => said[..end].to_string(),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_parses() {
        for line in [
            "socket inet stream as server",
            "setsockopt server reuseaddr on",
            "bind server 127.0.0.1:6789",
            "listen server -1",
            "accept server as conn",
            "connect c [::1]:6789",
            "recv conn 10000",
            r#"send conn "OK\n""#,
            "send conn --received",
            "shutdown conn write",
            "close conn",
            "nonblock conn off",
            "socket unix dgram as server",
            "setsockopt server v6only off",
            "setsockopt conn nodelay on",
            "getsockopt conn peercred",
            "bind server /tmp/x.sock",
            "connect c ./x.sock",
            "send conn --zeros 50000000",
            "recvfrom server 2048",
            r#"sendto c 127.0.0.1:6789 "OK\n""#,
            "sendto server sender --received",
            "sendto server /tmp/x.sock hello",
        ] {
            let action = Action::parse(line).unwrap();
            assert!(action.socket().is_some_and(|name| !name.is_empty()));
        }
        let unlink = Action::parse("unlink /tmp/x.sock").unwrap();
        assert_eq!((unlink.socket(), unlink.uses()), (None, vec![]));
        assert_eq!(
            Action::parse("send c --zeros 9").unwrap().payload(),
            Some(Payload::Zeros(9))
        );
        assert_eq!(
            Action::parse("sendto c sender --received")
                .unwrap()
                .payload(),
            Some(Payload::Received)
        );
        assert_eq!(
            Action::parse(r#"send c "OK\n""#).unwrap().payload(),
            Some(Payload::Bytes(b"OK\n".to_vec()))
        );
        assert_eq!(
            Action::parse("accept server as conn").unwrap().creates(),
            Some("conn")
        );
    }

    #[test]
    fn verbs_without_a_socket_parse() {
        let fork = Action::parse("fork as child").unwrap();
        assert_eq!(
            (fork.creates_actor(), fork.creates()),
            (Some("child"), None)
        );
        let wait = Action::parse("wait child").unwrap();
        assert_eq!((wait.actor(), wait.socket()), (Some("child"), None));
        for (line, wanted) in [("exit", 0), ("exit 0", 0), ("exit 255", 255)] {
            assert_eq!(Action::parse(line), Ok(Action::Exit { code: wanted }));
        }
        for (line, wanted) in [
            ("poll server", -1),
            ("poll server --timeout -1", -1),
            ("poll server --timeout 0", 0),
            ("poll --timeout=250 server", 250),
        ] {
            let sockets = vec!["server".to_string()];
            let timeout = wanted;
            assert_eq!(Action::parse(line), Ok(Action::Poll { sockets, timeout }));
        }
        let poll = Action::parse("poll server conn --timeout 5").unwrap();
        assert_eq!(poll.uses(), ["server", "conn"]);
        assert_eq!(
            Action::parse("accept server as conn").unwrap().uses(),
            ["server"]
        );
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (line, wanted) in [
            ("bnid server 1", "unrecognized subcommand 'bnid'"),
            ("bind server nonsense", "invalid value 'nonsense'"),
            ("listen server", "<BACKLOG>"),
            ("accept server as", "<NAME>"),
            ("accept server to conn", "invalid value 'to'"),
            ("recv conn 0", "0 is not in"),
            ("send conn \"a", "missing closing quote"),
            (r"send conn '\q'", "no escape"),
            ("socket inet stream as 9x", "lower-case"),
            ("fork child", "invalid value 'child'"),
            ("fork as", "<NAME>"),
            ("exit 256", "256 is not in 0..=255"),
            ("exit -1", "unexpected argument '-1'"),
            ("wait", "<ACTOR>"),
            ("nonblock conn maybe", "invalid value 'maybe'"),
            ("poll", "<SOCKETS>"),
            ("poll conn --timeout -2", "-2 is not in -1.."),
            ("send conn", "<TEXT>"),
            ("send conn a --zeros 9", "cannot be used with"),
            ("send conn --zeros 0", "0 is not in"),
            ("sendto c nonsense x", "a path with a /"),
            ("sendto c sender", "<TEXT>"),
            (r"sendto c sender '\q'", "no escape"),
            ("unlink name", "has a / in it"),
            ("getsockopt c error", "invalid value 'error'"),
        ] {
            let error = Action::parse(line).unwrap_err();
            assert!(error.contains(wanted), "{line}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
