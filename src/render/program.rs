//! A running program in words: its threads, its sockets, what looks wrong.

use std::collections::HashSet;
use std::iter;
use std::time::Duration;

use super::calls::duration;
use super::changes;
use super::crowd::{self, counted};
use super::doc::{Block, Line, Span, bad, code, fact, field, fields, muted, plain, strong};
use super::fact::reason;
use super::facts::{family, told};
use super::threads::{threads, threads_changed};
use super::trouble::holder;
use crate::course::{Course, Explanations};
use crate::model::{
    Diagnosis, Fact, Fault, Holder, Inspected, Program, Relation, SOCKET_FIELDS, Sight, SocketView,
    Source, Value, Why,
};
use crate::words::say;

/// So many descriptors are named as evidence.
const SHOWN: usize = 3;

/// What was seen where somebody looked, so long after the first look.
pub(crate) fn sight(course: &Course, at: Duration, seen: &Sight) -> Vec<Block> {
    match seen {
        Sight::Program(inspected) if inspected.before.is_none() => first(course, inspected),
        Sight::Program(inspected) => again(course, at, inspected),
        Sight::Ended { pid, name } => {
            let who = say!("pid-of", name = name, pid = pid);
            vec![
                moment(at, who),
                field(say!("label-ended"), vec![fact(say!("closed-by-kernel"))]),
            ]
        }
        Sight::Port { port, others } => {
            let title = say!("port-of", port = port);
            let right = say!("port-others");
            let mut blocks = vec![Block::Rule { title, right }, Block::Blank];
            blocks.extend(holders(others));
            if others.iter().any(|it| matches!(it.owner, Fact::Unknown(_))) {
                blocks.push(sudo(&format!(":{port}")));
            }
            blocks.push(Block::Blank);
            blocks
        }
    }
}

fn moment(at: Duration, who: String) -> Block {
    Block::Paragraph(vec![muted(say!("after", time = duration(at))), strong(who)])
}

fn first(course: &Course, inspected: &Inspected) -> Vec<Block> {
    let program = &inspected.program;
    let user = program.uid.value().map(|uid| say!("user-id", uid = uid));
    let mut blocks = vec![
        Block::Rule {
            title: named(program),
            right: user.unwrap_or_default(),
        },
        Block::Blank,
        field(say!("label-command"), vec![code(command(program))]),
        fields(say!("label-threads"), threads(program)),
    ];
    // Every track has the same explanations.
    let track = course.tracks.iter().take(1);
    blocks.extend(track.flat_map(|track| sockets(&track.explain, program)));
    let found = inspected.diagnoses.iter();
    blocks.extend(found.flat_map(|found| diagnosis(course, program, found)));
    if inspected.diagnoses.is_empty() && program.seen.fds.value().is_some() {
        let fine = fact(say!("nothing-wrong"));
        blocks.push(field(say!("label-wrong"), vec![fine]));
    }
    blocks.push(Block::Blank);
    blocks
}

/// `server, pid 4242`
fn named(program: &Program) -> String {
    say!("pid-of", name = program.name, pid = program.seen.pid)
}

/// Its command line; a whole program may stand in it.
fn command(program: &Program) -> String {
    const MOST: usize = 160;
    let words = program.command.join(" ");
    match words.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", &words[..end]),
        None => words,
    }
}

/// What has changed since the look before.
fn again(course: &Course, at: Duration, inspected: &Inspected) -> Vec<Block> {
    let program = &inspected.program;
    let mut blocks = vec![moment(at, named(program))];
    let changed = changes::lines(&inspected.changes, &program.seen);
    if !changed.is_empty() {
        blocks.push(fields(say!("label-now"), changed));
    }
    let before = inspected.before.as_ref();
    let threads = before.map_or_else(Vec::new, |before| threads_changed(before, program));
    if !threads.is_empty() {
        blocks.push(fields(say!("label-threads"), threads));
    }
    let new = inspected.diagnoses.iter().filter(|found| !found.is_known);
    blocks.extend(new.flat_map(|found| diagnosis(course, program, found)));
    for found in &inspected.over {
        let line = vec![muted(found.meaning.clone())];
        blocks.push(field(say!("label-over"), line));
    }
    blocks
}

/// What looks wrong, its evidence, and what to do.
fn diagnosis(course: &Course, program: &Program, found: &Diagnosis) -> Vec<Block> {
    let mut blocks = vec![field(say!("label-wrong"), vec![bad(found.meaning.clone())])];
    if !found.fault.fds.is_empty() {
        blocks.push(fields(say!("label-found"), evidence(program, &found.fault)));
    }
    let advice = found.advice.iter();
    let advice = advice.map(|text| vec![plain(text.clone())]);
    blocks.push(fields(say!("label-do"), advice.collect()));
    let has = |id: &&String| {
        course
            .tracks
            .iter()
            .any(|track| track.chapter(id).is_some())
    };
    if let Some(id) = found.chapter.as_ref().filter(has) {
        let command = vec![code(format!("socklab read {id}"))];
        blocks.push(field(say!("label-read"), command));
    }
    blocks
}

/// What of the sockets shows a fault.
fn evidence(program: &Program, fault: &Fault) -> Vec<Line> {
    let sockets = fault.fds.iter().filter_map(|&fd| program.seen.socket(fd));
    let line = |socket: &SocketView| {
        let mut line = vec![fact(format!("fd {}: ", socket.fd))];
        let known = SOCKET_FIELDS.iter().filter(|field| {
            fault.fields.contains(&field.name) && (field.get)(socket).value().is_some()
        });
        let names: Vec<&str> = known.map(|field| field.name).collect();
        line.extend(told(socket, &names));
        line
    };
    let mut lines: Vec<Line> = sockets.take(SHOWN).map(line).collect();
    if let more @ 1.. = fault.fds.len().saturating_sub(SHOWN) {
        lines.push(vec![muted(say!("and-more-alone", count = more))]);
    }
    lines
}

fn sockets(explain: &Explanations, program: &Program) -> Vec<Block> {
    let seen = &program.seen;
    if let Fact::Unknown(why) = &seen.fds {
        return hidden(program, why);
    }
    let states = seen.sockets.iter().map(state);
    let mut first = vec![fact(seen.sockets.len().to_string())];
    if !seen.sockets.is_empty() {
        first.push(muted(format!(": {}", counted(states))));
    }
    let mut blocks = vec![fields(
        say!("label-sockets"),
        iter::once(first).chain(limits(program)).collect(),
    )];
    let (servers, connections): (Vec<&SocketView>, Vec<&SocketView>) = seen
        .sockets
        .iter()
        .partition(|it| it.peer.value().is_none());
    // A state is explained once.
    let mut told_states = HashSet::new();
    let all = servers.iter().chain(&connections);
    let new = all.filter(|it| it.state.value().is_some_and(|&it| told_states.insert(it)));
    let explained: HashSet<i32> = new.map(|it| it.fd).collect();
    let tell = |it: &&SocketView| {
        let state = it.state.value().filter(|_| explained.contains(&it.fd));
        socket(program, it, state.map_or("", |&state| explain.state(state)))
    };
    let more = |rest: &[&SocketView]| {
        let states = counted(rest.iter().map(|it| state(it)));
        let text = say!("more-states", count = rest.len(), states = states);
        field(say!("label-and"), vec![fact(text)])
    };
    blocks.extend(crowd::told(&[&servers, &connections], tell, more));
    if let Fact::Unknown(why) = &seen.others {
        let text = say!("others-unknown", why = reason(why));
        blocks.push(field(say!("label-others"), vec![muted(text)]));
    }
    blocks
}

/// Why less can be seen of its sockets than of one's own.
fn limits(program: &Program) -> Option<Line> {
    let sockets = program.seen.sockets.iter();
    let why = sockets.filter_map(|it| match &it.keepalive {
        Fact::Unknown(why) if why.via() == Source::Duplicate => Some(why),
        _ => match &it.reuseaddr {
            Fact::Unknown(why) if why.via() == Source::Duplicate => Some(why),
            _ => None,
        },
    });
    let why = why.into_iter().next()?;
    let text = say!("seen-by-inode", why = reason(why));
    Some(vec![muted(text)])
}

/// Where the descriptors of a program may not be seen.
fn hidden(program: &Program, why: &Why) -> Vec<Block> {
    let pid = program.seen.pid;
    let text = say!("of-another-user", why = reason(why));
    let mut blocks = vec![
        field(say!("label-sockets"), vec![bad(text)]),
        sudo(&pid.to_string()),
    ];
    if program.hidden.is_empty() {
        return blocks;
    }
    blocks.push(field(
        say!("label-others"),
        vec![muted(say!("maybe-its-own"))],
    ));
    blocks.extend(holders(&program.hidden));
    blocks
}

/// Who may see more.
fn sudo(target: &str) -> Block {
    let command = format!("sudo socklab inspect {target}");
    let says = plain(say!("sudo-sees"));
    field(say!("label-do"), vec![code(command), says])
}

/// Sockets that no process holds that can be seen.
fn holders(all: &[Holder]) -> Vec<Block> {
    let states = counted(all.iter().map(|it| it.state.to_string()));
    let mut lines = vec![vec![fact(states)]];
    lines.extend(all.iter().take(SHOWN * 3).map(holder));
    if let more @ 1.. = all.len().saturating_sub(SHOWN * 3) {
        lines.push(vec![muted(say!("and-more-alone", count = more))]);
    }
    vec![fields(say!("label-found"), lines)]
}

fn state(socket: &SocketView) -> String {
    match &socket.state {
        Fact::Seen(state, _) => state.to_string(),
        Fact::None | Fact::Unknown(_) => say!("state-unknown"),
    }
}

/// A socket: what it is, `words` on its state, its queues, and options that matter.
fn socket(program: &Program, socket: &SocketView, words: &str) -> Block {
    let mut first = vec![fact(family(socket)), muted(" · ")];
    first.extend(told(socket, &["state", "local"]));
    if socket.peer.value().is_some() {
        first.push(muted(" · "));
        first.extend(told(socket, &["peer"]));
        first.extend(owner(program, socket));
    }
    let mut body = vec![first];
    if !words.is_empty() {
        body.push(vec![plain(words)]);
    }
    if socket.is_listening() {
        body.push(told(socket, &["accept_queue"]));
        body.extend(clients(program, socket));
    } else if socket.recv_q.value().is_some() {
        body.push(told(socket, &["recv_q", "send_q"]));
    }
    body.extend(options(socket));
    fields(format!("fd {}", socket.fd), body)
}

/// ` (nc, pid 77)`: the program at the other end, where it is of this host.
fn owner(program: &Program, socket: &SocketView) -> Option<Span> {
    let mut rows = program.seen.rows().iter();
    let row = rows.find(|row| row.is_other_end_of(socket))?;
    let owner = row.owner.value()?;
    Some(muted(format!(" ({owner})")))
}

/// `clients 3 ESTABLISHED, 1 CLOSE-WAIT · 2 ESTABLISHED wait to be accepted`
fn clients(program: &Program, listener: &SocketView) -> Option<Line> {
    let clients = program.clients(listener);
    let of = |wanted: &[Option<Relation>]| {
        let some = clients
            .iter()
            .filter(|(relation, _)| wanted.contains(relation));
        counted(some.map(|(_, state)| state.to_string()))
    };
    use Relation::{Connecting, HalfOpen, Left, Queued};
    let parts = [
        (&[None][..], say!("clients-accepted")),
        (&[Some(Queued)], say!("clients-queued")),
        (&[Some(HalfOpen), Some(Connecting)], say!("clients-outside")),
        (&[Some(Left)], say!("clients-left")),
    ];
    let mut line = Line::new();
    for (wanted, words) in parts {
        let counted = of(wanted);
        if !counted.is_empty() {
            let start = if line.is_empty() {
                say!("clients")
            } else {
                " · ".into()
            };
            line.push(muted(start));
            line.push(fact(counted));
            line.push(muted(format!(" {words}")));
        }
    }
    (!line.is_empty()).then_some(line)
}

/// Options that are not as they were made.
fn options(socket: &SocketView) -> Option<Line> {
    let names = ["reuseaddr", "nonblocking", "nodelay", "keepalive"];
    let is_on = |name: &&str| {
        let mut fields = SOCKET_FIELDS.iter();
        let field = fields.find(|field| field.name == *name);
        field.is_some_and(|it| (it.get)(socket).value() == Some(&Value::Switch(true)))
    };
    let mut told_names: Vec<&str> = names.into_iter().filter(is_on).collect();
    for (is_set, name) in [
        (&socket.rcvbuf_set, "rcvbuf"),
        (&socket.sndbuf_set, "sndbuf"),
    ] {
        if is_set.value() == Some(&true) {
            told_names.push(name);
        }
    }
    (!told_names.is_empty()).then(|| told(socket, &told_names))
}
