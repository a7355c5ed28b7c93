//! What was seen of a process and its sockets, in words.

use super::doc::{Block, Line, Role, field, fields, span};
use super::fact::{Who, is_unix, or_why};
use super::files::files;
use super::listing::seen;
use super::rows::other_rows;
use crate::model::{Fact, Process, Protocol, SOCKET_FIELDS, SocketView, Source, Value, World};

/// What is there before a call on `fd`: see [`sockets`]. Those that the call does not
/// work on take a line each: everything before a call should fit a screen.
pub fn now(who: Who<'_>, world: &World, fd: Option<i32>) -> Vec<Block> {
    sockets("now", who, world, |socket| {
        fd.is_some_and(|fd| fd != socket.fd)
    })
}

/// What was seen of an actor's sockets, as a field called `label`, and a field for
/// every row of the kernel's that no fd of the actor holds.
fn sockets(
    label: &'static str,
    who: Who<'_>,
    world: &World,
    in_short: impl Fn(&SocketView) -> bool,
) -> Vec<Block> {
    let mut body = Vec::new();
    let mut first = vec![span(
        Role::Fact,
        format!("{}, pid {}", who.actor, world.pid),
    )];
    if world.sockets.is_empty() {
        first.push(span(Role::Muted, format!(" · {}", fds_in_words(world))));
        body.push(first);
    } else {
        for socket in &world.sockets {
            let mut line = std::mem::take(&mut first);
            if !line.is_empty() {
                line.push(span(Role::Muted, " · "));
            }
            if in_short(socket) {
                line.extend(short(socket));
                body.push(line);
                continue;
            }
            line.extend(identity(socket));
            body.push(line);
            body.push(condition(socket));
            body.extend(credentials(socket));
        }
    }
    let mut blocks = vec![fields(label, body)];
    blocks.extend(other_rows(who, world));
    blocks.extend(files(&world.paths));
    blocks
}

/// The fds of an actor that has no socket yet.
fn fds_in_words(world: &World) -> String {
    match &world.fds {
        Fact::Unknown(why) => format!("its fds are not available ({why})"),
        Fact::None => "no fds".into(),
        Fact::Seen(value, _) => {
            let numbers: Vec<String> = value.iter().map(|entry| entry.fd.to_string()).collect();
            format!("fds {} in use · no socket yet", numbers.join(", "))
        }
    }
}

/// `fd 3 → socket:[17162] · IPv4 stream (TCP)`
fn identity(socket: &SocketView) -> Line {
    vec![
        span(Role::Fact, entry(socket)),
        span(Role::Muted, " · "),
        span(Role::Fact, family(socket)),
    ]
}

/// `fd 3 → socket:[17162]`
fn entry(socket: &SocketView) -> String {
    let target = or_why(&socket.inode, |inode| format!("socket:[{inode}]"));
    format!("fd {} → {target}", socket.fd)
}

/// `fd 3 → socket:[17162] · state ESTABLISHED · local 127.0.0.1:49252`
fn short(socket: &SocketView) -> Line {
    let mut line = vec![span(Role::Fact, entry(socket)), span(Role::Muted, " · ")];
    line.extend(told(socket, &["state", "local"]));
    line
}

/// `IPv4 stream (TCP)`, `IPv4 datagram (UDP)`; `Unix stream`, which has no protocol
/// to choose.
fn family(socket: &SocketView) -> String {
    let protocol = or_why(&socket.protocol, |protocol| match protocol {
        Protocol::Tcp => "TCP".into(),
        Protocol::Udp => "UDP".into(),
        Protocol::Mptcp => "MPTCP".into(),
        Protocol::Other(number) => format!("protocol {number}"),
    });
    let domain = or_why(&socket.domain, |domain| domain.label());
    let kind = or_why(&socket.kind, |kind| kind.label());
    if is_unix(socket) {
        format!("{domain} {kind}")
    } else {
        format!("{domain} {kind} ({protocol})")
    }
}

/// `peer process pid 8121, uid 1000 (SO_PEERCRED)`, where there is one.
fn credentials(socket: &SocketView) -> Option<Line> {
    let text = match &socket.cred {
        Fact::None => return None,
        Fact::Seen(cred, _) => {
            let pid = match cred.pid {
                0 => "of another pid namespace".to_string(),
                pid => format!("pid {pid}"),
            };
            format!("{pid}, uid {}", cred.uid)
        }
        Fact::Unknown(why) => format!("not available ({why})"),
    };
    Some(vec![
        span(Role::Muted, "peer process "),
        span(Role::Fact, text),
        span(Role::Muted, " (SO_PEERCRED)"),
    ])
}

/// `state CLOSED · local — · peer — · recv-q 0 · send-q 0`
fn condition(socket: &SocketView) -> Line {
    if socket.accept_queue != Fact::None {
        return told(socket, &["state", "local", "peer", "accept_queue"]);
    }
    let mut line = told(socket, &["state", "local", "peer", "recv_q", "send_q"]);
    // What was sent and not read: the kernel counts the memory it takes.
    if is_unix(socket) && socket.send_q.value().is_some_and(|bytes| *bytes > 0) {
        line.push(span(Role::Fact, " (of memory)"));
    }
    line
}

/// These fields of a socket: `name value · name value`.
fn told(socket: &SocketView, names: &[&str]) -> Line {
    let mut line = Line::new();
    for field in SOCKET_FIELDS
        .iter()
        .filter(|field| names.contains(&field.name))
    {
        if !line.is_empty() {
            line.push(span(Role::Muted, " · "));
        }
        line.push(span(Role::Muted, format!("{} ", field.label)));
        line.push(span(
            Role::Fact,
            or_why(&(field.get)(socket), Value::to_string),
        ));
    }
    line
}

/// Everything that was seen, for `i`.
pub fn everything(who: Who<'_>, world: &World) -> Vec<Block> {
    let mut blocks = sockets("look", who, world, |_| false);
    if let Fact::Seen(value, _) = &world.process {
        blocks.push(field("process", vec![span(Role::Fact, doing(value))]));
    }
    let table = or_why(&world.fds, |entries| {
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| match entry.fd {
                0 | 1 => format!("{} → {} (socklab's channel)", entry.fd, entry.target),
                fd => format!("{fd} → {}", entry.target),
            })
            .collect();
        entries.join(" · ")
    });
    blocks.push(field("fds", vec![span(Role::Fact, table)]));
    for socket in &world.sockets {
        let mut first = vec![span(Role::Fact, format!("fd {}: ", socket.fd))];
        first.extend(seen(socket));
        let mut body = vec![first];
        body.extend(sources(socket));
        blocks.push(fields("kernel", body));
    }
    blocks
}

/// Which interface says what of a socket: `getsockopt: cookie 8210 · domain inet`.
fn sources(socket: &SocketView) -> Vec<Line> {
    let mut by: Vec<(Source, Vec<&str>)> = Vec::new();
    // Where it is listed was said in the words of ss.
    for field in SOCKET_FIELDS.iter().filter(|field| field.name != "listing") {
        let via = match (field.get)(socket) {
            Fact::None => continue,
            Fact::Seen(_, via) => via,
            Fact::Unknown(why) => why.via,
        };
        match by.iter_mut().find(|(source, _)| *source == via) {
            Some((_, names)) => names.push(field.name),
            None => by.push((via, vec![field.name])),
        }
    }
    let line = |(via, names): (Source, Vec<&str>)| {
        let mut line = vec![span(Role::Code, via.name()), span(Role::Muted, ": ")];
        line.extend(told(socket, &names));
        line
    };
    by.into_iter().map(line).collect()
}

/// `S in inet_csk_accept`: the state letter of proc(5), and where it sleeps.
pub fn place(process: &Process) -> String {
    match &process.wchan {
        Some(wchan) => format!("{} in {wchan}", process.state),
        None => process.state.to_string(),
    }
}

/// `S (sleeping) in inet_csk_accept · CPU time 0 ms`
fn doing(process: &Process) -> String {
    let word = match process.state {
        'R' => "running",
        'S' => "sleeping",
        'D' => "waiting for a device",
        'T' | 't' => "stopped",
        'Z' => "ended, not yet reaped",
        _ => "unknown",
    };
    let place = match &process.wchan {
        Some(wchan) => format!(" in {wchan}"),
        None => String::new(),
    };
    format!(
        "{} ({word}){place} · CPU time {} ms",
        process.state, process.cpu_ms
    )
}
