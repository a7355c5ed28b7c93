//! What was seen of a process and its sockets, in words.

use super::doc::{Block, Line, code, fact, field, fields, joined, muted};
use super::fact::{Who, or_why, reason, value};
use super::files::files;
use super::listing::seen;
use super::rows::other_rows;
use crate::model::{Fact, Process, SOCKET_FIELDS, SocketView, Source, Value, World};
use crate::words::{name_of, say};

/// So many sockets are told of one by one.
const MOST: usize = 20;

/// What was seen of an actor's sockets, as a field called `label`, and a field for
/// every row of the kernel's that no fd of the actor holds. Of the sockets only that at
/// `focus` is told in full; where there is none, all are: what stands before a call
/// should fit a screen. Of a crowd there are the first [`MOST`], and that at `focus`.
pub(super) fn sockets(label: &str, who: Who<'_>, world: &World, focus: Option<i32>) -> Vec<Block> {
    let lines = |socket: &SocketView| match focus {
        Some(fd) if fd != socket.fd => vec![in_short(socket)],
        _ => in_full(socket),
    };
    let all = world.sockets.iter().enumerate();
    let (shown, others): (Vec<_>, Vec<_>) =
        all.partition(|(at, socket)| *at < MOST || focus == Some(socket.fd));
    let mut body: Vec<Line> = shown.iter().flat_map(|(_, it)| lines(it)).collect();
    let more = others.len();
    if more > 0 {
        body.push(muted(say!("and-more-alone", count = more)).into());
    }
    if body.is_empty() {
        body.push(muted(fds_in_words(world)).into());
    }
    let actor = fact(say!("pid-of", name = who.actor, pid = world.pid));
    body[0] = joined([actor.into(), std::mem::take(&mut body[0])]);
    let mut blocks = vec![fields(label, body)];
    blocks.extend(other_rows(who, world));
    blocks.extend(files(&world.paths));
    blocks
}

/// Everything that was seen, for the key `i`. `is_actor`: it is told what to do on 0 and 1.
pub(super) fn everything(who: Who<'_>, world: &World, is_actor: bool) -> Vec<Block> {
    let mut blocks = sockets(&say!("label-look"), who, world, None);
    if let Some(process) = world.process.value() {
        blocks.push(field(say!("label-process"), fact(doing(process))));
    }
    let table = world.fds.as_ref().map(|entries| {
        let entries = entries.iter().map(|entry| match entry.fd {
            0 | 1 if is_actor => {
                format!("{} → {} ({})", entry.fd, entry.target, say!("channel"))
            }
            fd => format!("{fd} → {}", entry.target),
        });
        entries.collect::<Vec<_>>().join(" · ")
    });
    blocks.push(field(say!("label-fds"), fact(table.to_string())));
    for socket in &world.sockets {
        let mut first = vec![fact(format!("fd {}: ", socket.fd))];
        first.extend(seen(socket, world));
        let mut body = vec![first];
        body.extend(sources(socket));
        blocks.push(fields(say!("label-kernel"), body));
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
            Fact::Unknown(why) => why.via(),
        };
        match by.iter_mut().find(|(source, _)| *source == via) {
            Some((_, names)) => names.push(field.name),
            None => by.push((via, vec![field.name])),
        }
    }
    let line = |(via, names): (Source, Vec<&str>)| {
        let mut line = vec![code(via.name()), muted(": ")];
        line.extend(told(socket, &names));
        line
    };
    by.into_iter().map(line).collect()
}

/// `fd 3 → socket:[17162] · IPv4 stream (TCP)`, its condition, and who is at the other
/// end of a unix stream.
fn in_full(socket: &SocketView) -> Vec<Line> {
    let mut lines = vec![joined([entry(socket), fact(family(socket)).into()])];
    lines.push(condition(socket));
    lines.extend(credentials(socket));
    lines
}

/// `fd 3 → socket:[17162] · state ESTABLISHED · local 127.0.0.1:49252`
fn in_short(socket: &SocketView) -> Line {
    joined([entry(socket), told(socket, &["state", "local"])])
}

/// `fd 3 → socket:[17162]`
fn entry(socket: &SocketView) -> Line {
    let target = socket.inode.show(Value::Inode);
    fact(format!("fd {} → {target}", socket.fd)).into()
}

/// `IPv4 stream (TCP)`, `IPv4 datagram (UDP)`; `Unix stream`, which has no protocol
/// to choose.
pub(super) fn family(socket: &SocketView) -> String {
    let domain = socket.domain.as_ref().map(|domain| domain.label());
    let kind = socket.kind.as_ref().map(|kind| kind.label());
    let protocol = socket.protocol.as_ref().map(|protocol| protocol.label());
    if socket.is_unix() {
        format!("{domain} {kind}")
    } else {
        format!("{domain} {kind} ({protocol})")
    }
}

/// `state CLOSED · local — · peer — · recv-q 0 · send-q 0`
fn condition(socket: &SocketView) -> Line {
    if socket.accept_queue != Fact::None {
        return told(socket, &["state", "local", "peer", "accept_queue"]);
    }
    let mut line = told(socket, &["state", "local", "peer", "recv_q", "send_q"]);
    // What was sent and not read: the kernel counts the memory it takes.
    if socket.is_unix() && socket.send_q.value().is_some_and(|bytes| *bytes > 0) {
        line.push(fact(say!("of-memory")));
    }
    line
}

/// `peer process pid 8121, uid 1000 (SO_PEERCRED)`, where there is one.
fn credentials(socket: &SocketView) -> Option<Line> {
    if socket.cred == Fact::None {
        return None;
    }
    let text = socket.cred.as_ref().map(|cred| match cred.pid {
        0 => say!("cred-elsewhere", uid = cred.uid),
        pid => say!("cred", pid = pid, uid = cred.uid),
    });
    let text = fact(text.to_string());
    Some(vec![
        muted(say!("peer-process")),
        text,
        muted(" (SO_PEERCRED)"),
    ])
}

/// These fields of a socket: `name value · name value`.
pub(super) fn told(socket: &SocketView, names: &[&str]) -> Line {
    let fields = SOCKET_FIELDS.iter();
    let fields = fields.filter(|field| names.contains(&field.name));
    joined(fields.map(|field| {
        let value = or_why(&(field.get)(socket), value);
        vec![
            muted(format!("{} ", name_of("field", field.label))),
            fact(value),
        ]
    }))
}

/// The fds of an actor that has no socket yet.
fn fds_in_words(world: &World) -> String {
    match &world.fds {
        Fact::Unknown(why) => say!("fds-unknown", why = reason(why)),
        Fact::None => say!("fds-none"),
        Fact::Seen(entries, _) => {
            let numbers: Vec<String> = entries.iter().map(|entry| entry.fd.to_string()).collect();
            say!("fds-in-use", numbers = numbers.join(", "))
        }
    }
}

/// `S in inet_csk_accept`: the state letter of proc(5), and where it sleeps.
pub(super) fn place(process: &Process) -> String {
    format!("{}{}", process.state, sleeps_in(process))
}

/// `S (sleeping) in inet_csk_accept · CPU time 0 ms`
fn doing(process: &Process) -> String {
    let Process { state, cpu_ms, .. } = process;
    let word = match state {
        'R' => say!("process-r"),
        'S' => say!("process-s"),
        'D' => say!("process-d"),
        'T' | 't' => say!("process-t"),
        'Z' => say!("process-z"),
        _ => say!("process-other"),
    };
    let place = sleeps_in(process);
    say!(
        "process-doing",
        state = state,
        word = word,
        place = place,
        ms = cpu_ms
    )
}

fn sleeps_in(process: &Process) -> String {
    let wchan = process.wchan.as_ref();
    wchan.map_or(String::new(), |wchan| say!("sleeps-in", place = wchan))
}
