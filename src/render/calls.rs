//! What is told of a call that returned.

use std::time::Duration;

use super::clean::readable;
use super::doc::{Block, Line, Role, call, fact, field, fields, muted, paragraph, span};
use super::rows::ticking;
use crate::course::Track;
use crate::model::{
    Call, Domain, Ended, Event, KernelRow, Kind, Outcome, Protocol, SocketView, TcpState,
};
use crate::words::say;

/// `  1 create    socket(AF_INET, SOCK_STREAM, 0) = 3      done for you`
pub(super) fn done_for_you(track: &Track, event: &Event, line: Line) -> Block {
    let chapter = event.scope.step.as_ref().map_or("", |step| &step.chapter);
    let number = track.number(chapter).unwrap_or(0);
    Block::Field {
        label: format!("{number} {chapter:<9}"),
        body: vec![line],
        right: Some(say!("done-for-you")),
    }
}

/// A call and its result.
pub(super) fn returned(call: &Call, outcome: Outcome) -> Line {
    let role = match outcome.errno() {
        Some(_) => Role::Bad,
        None => Role::Call,
    };
    vec![
        span(Role::Call, call.textbook()),
        span(role, format!(" = {}", call.strace_result(outcome))),
    ]
}

/// A call and its result as a field, with how long it took.
pub(super) fn did(returned: Line, took: Duration) -> Block {
    Block::Field {
        label: say!("label-did"),
        body: vec![returned],
        right: Some(duration(took)),
    }
}

/// How a socket stands, in short: `LISTEN 127.0.0.1:8080 · queue 0/5`.
pub(super) fn condition(socket: &SocketView) -> Line {
    if matches!(socket.domain.value(), None | Some(Domain::Other(_))) {
        return Line::new();
    }
    let state = socket.state.value().map(ToString::to_string);
    let local = socket.local.value().map(ToString::to_string);
    let peer = socket.peer.value().map(|peer| format!("↔ {peer}"));
    let place: Vec<String> = [state, local, peer].into_iter().flatten().collect();
    let queue = socket.accept_queue.value();
    let unread = socket.recv_q.value().filter(|count| **count > 0);
    let unsent = socket.send_q.value().filter(|count| **count > 0);
    let more = [
        queue.map(|queue| say!("queue", queue = queue)),
        unread.map(|count| format!("recv-q {count}")),
        unsent.map(|count| format!("send-q {count}")),
    ];
    let mut line = vec![span(Role::Fact, place.join(" "))];
    for text in more.into_iter().flatten() {
        line.push(span(Role::Muted, " · "));
        line.push(span(Role::Fact, text));
    }
    line
}

/// What stays in the kernel of connections, and for how long.
pub(super) fn left(rows: &[KernelRow]) -> Block {
    let line = |row: &KernelRow| {
        let ends = format!("{} {} ↔ {}", row.state, row.local, row.remote);
        let whose = row.owner.value();
        let whose = whose.map(|it| say!("owned", name = it.name, pid = it.pid));
        let text = format!("{ends}{}{}", whose.unwrap_or_default(), ticking(row.timer));
        vec![span(Role::Fact, text)]
    };
    let mut lines: Vec<Line> = rows.iter().take(3).map(line).collect();
    if lines.is_empty() {
        lines.push(vec![span(Role::Fact, say!("left-nothing"))]);
    }
    fields(say!("label-left"), lines)
}

/// A call and its result in short: `bind(3, …) = 0`.
pub(super) fn short(made: &Call, outcome: Outcome) -> Line {
    let args = match (made.fd(), made.args.len()) {
        (_, 0) => String::new(),
        (Some(fd), 1) => fd.to_string(),
        (Some(fd), _) => format!("{fd}, …"),
        (None, _) => "…".into(),
    };
    let result = format!(" = {}", made.strace_result(outcome));
    vec![call(format!("{}({args})", made.book_name())), fact(result)]
}

/// The bytes that a call has moved, with their count, if it moves any; the socket as it is
/// known.
pub(super) fn moved(made: &Call, outcome: Outcome, socket: Option<&SocketView>) -> Option<Block> {
    let taught = made.as_taught().name();
    match (taught, made.bytes(), outcome) {
        ("recvfrom", _, Outcome::Value(0)) if made.offered() == Some(0) => {
            Some(field(say!("label-got"), fact(say!("got-none-asked"))))
        }
        ("recvfrom" | "sendto", Some(bytes), Outcome::Value(count)) => {
            Some(data(taught, &bytes.head, count, socket))
        }
        _ => None,
    }
}

fn data(name: &str, head: &[u8], count: i64, socket: Option<&SocketView>) -> Block {
    let kind = socket.and_then(|socket| socket.kind.value());
    let protocol = socket.and_then(|socket| socket.protocol.value());
    let bytes = if count == 1 {
        say!("one-byte")
    } else {
        say!("bytes", count = count)
    };
    let (got, sent) = (say!("label-got"), say!("label-sent"));
    let is_over = socket.is_some_and(|it| it.state.value() == Some(&TcpState::Closed));
    let (label, what) = match (name, count) {
        ("recvfrom", 0) if kind == Some(&Kind::Dgram) => {
            (got, say!("got-empty-datagram", bytes = bytes))
        }
        ("recvfrom", 0) if is_over => return field(got, fact(say!("got-over"))),
        ("recvfrom", 0) => return field(got, fact(say!("got-end"))),
        ("recvfrom", _) => (got, say!("got-bytes", bytes = bytes)),
        _ if kind == Some(&Kind::Dgram) => (sent, say!("sent-datagram", bytes = bytes)),
        _ if protocol == Some(&Protocol::Tcp) => (sent, say!("sent-buffered", bytes = bytes)),
        _ => (sent, say!("sent-bytes", bytes = bytes)),
    };
    // A screen full of the same byte says nothing more.
    let head = match head {
        [first, rest @ ..] if rest.len() > 8 && rest.iter().all(|byte| byte == first) => &head[..8],
        _ => head,
    };
    let mut line = vec![
        fact(what),
        span(Role::Data, format!("\"{}\"", readable(head))),
    ];
    let more = count.saturating_sub(head.len() as i64);
    if more > 0 {
        line.push(muted(say!("and-more-bytes", count = more)));
    }
    field(label, line)
}

/// `12:03:04.120`: a time of day, midnight and the days after it included.
pub(super) fn time_of_day(since_midnight: Duration) -> String {
    let millis = since_midnight.as_millis();
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60 % 24, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
}

/// A duration at the precision a person reads.
pub(super) fn duration(took: Duration) -> String {
    // No finer than it is saved.
    let micros = took.as_micros();
    match micros {
        _ if micros < 1000 => format!("{micros} µs"),
        _ if micros < 1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

/// How a run ended.
pub(super) fn ended(ended: Ended) -> Vec<Block> {
    let text = match ended {
        Ended::Done => say!("ended-done"),
        Ended::Failed => say!("ended-failed"),
        Ended::Quit => say!("ended-quit"),
        Ended::Interrupted { .. } => say!("ended-interrupted"),
    };
    vec![Block::Blank, paragraph(muted(text))]
}
