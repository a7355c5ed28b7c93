//! What looks wrong with a running program: pure functions over what was seen.

use std::collections::HashSet;

use crate::model::{
    AcceptQueue, EPHEMERAL, Fact, Fault, Finding, Program, Protocol, SocketView, TcpState, World,
};

/// For so long nothing has come from the other end: what is younger may be read or closed
/// in a moment.
const QUIET_MS: u32 = 1000;

/// So many connections in TIME-WAIT are a pile.
const PILE: usize = 20;

/// What looks wrong, the worst first. `before` is the look before, if there was one.
pub(super) fn faults(program: &Program, before: Option<&World>) -> Vec<Fault> {
    let sockets = each_once(&program.seen.sockets);
    let listeners = sockets.iter().filter(|it| it.is_listening());
    let mut found: Vec<Fault> = Vec::new();
    for listener in listeners {
        found.extend(queue(program, listener));
        found.extend(time_wait(program, listener));
    }
    if is_stopped(program) {
        // That is why nothing is accepted, read and closed.
        found.retain(|fault| fault.finding.word != "not-accepting");
        found.push(stopped(program, &sockets));
    } else {
        found.extend(left_open(&sockets));
        found.extend(unread(&sockets, before));
    }
    found.extend(lost(&sockets));
    found.extend(sockets.iter().filter_map(|it| every_interface(it)));
    // The table has them in this order.
    let rank = |fault: &Fault| {
        let mut words = Finding::FAULTS.iter();
        words.position(|(word, _)| *word == fault.finding.word)
    };
    found.sort_by_key(rank);
    found
}

/// Has a signal stopped every thread?
fn is_stopped(program: &Program) -> bool {
    let threads = program.threads.value();
    threads.is_some_and(|all| !all.is_empty() && all.iter().all(|it| it.doing.state == 'T'))
}

/// The evidence is what waits meanwhile.
fn stopped(program: &Program, sockets: &[&SocketView]) -> Fault {
    let waits = |it: &&&SocketView| {
        let queue = it.accept_queue.value().is_some_and(|queue| queue.len > 0);
        queue || it.recv_q.value().is_some_and(|bytes| *bytes > 0)
    };
    let waiting: Vec<&SocketView> = sockets.iter().filter(waits).copied().collect();
    let pid = program.seen.pid.to_string();
    let fields = &["state", "local", "peer", "accept_queue", "recv_q"];
    of(Finding::new("stopped", [("pid", pid)]), waiting, fields)
}

/// A socket that has several descriptors is one socket.
fn each_once(sockets: &[SocketView]) -> Vec<&SocketView> {
    let mut known = HashSet::new();
    let mut is_new =
        |it: &&SocketView| it.cookie.value().is_none_or(|cookie| known.insert(*cookie));
    sockets.iter().filter(&mut is_new).collect()
}

fn of<'a>(
    finding: Finding,
    sockets: impl IntoIterator<Item = &'a SocketView>,
    fields: &'static [&'static str],
) -> Fault {
    let fds = sockets.into_iter().map(|it| it.fd).collect();
    Fault {
        finding,
        fds,
        fields,
    }
}

fn local(socket: &SocketView) -> (&'static str, String) {
    let local = socket.local.value().map(ToString::to_string);
    ("local", local.unwrap_or_default())
}

/// What is wrong with the queue of a listener: full, too small once, or nobody comes.
fn queue(program: &Program, listener: &SocketView) -> Vec<Fault> {
    const EVIDENCE: &[&str] = &["state", "accept_queue", "drops"];
    let mut found = Vec::new();
    let queue = listener.accept_queue.value();
    if let Some(queue) = queue.filter(|_| listener.is_full()) {
        let values = [local(listener), ("queue", queue.to_string())];
        found.push(of(Finding::new("full-queue", values), [listener], EVIDENCE));
    }
    if let Some(drops) = listener.drops.value().filter(|drops| **drops > 0) {
        let values = [local(listener), ("drops", drops.to_string())];
        found.push(of(
            Finding::new("turned-away", values),
            [listener],
            EVIDENCE,
        ));
    }
    if let Some(AcceptQueue { len: 1.., .. }) = queue
        && nobody_waits_for(program, listener.fd)
    {
        let count = queue.map_or(0, |queue| queue.len).to_string();
        let values = [local(listener), ("count", count)];
        found.push(of(
            Finding::new("not-accepting", values),
            [listener],
            EVIDENCE,
        ));
    }
    found
}

/// Is every thread asleep, and in a call that does not wait for that descriptor? Where a
/// call is not known it might.
fn nobody_waits_for(program: &Program, fd: i32) -> bool {
    let threads = program.threads.value();
    threads.is_some_and(|threads| {
        threads.iter().all(|thread| match &thread.call {
            Fact::Seen(asleep, _) => asleep.call.is_some() && !asleep.waits_for(fd),
            Fact::None | Fact::Unknown(_) => false,
        })
    })
}

/// Closed connections at the address of a listener.
fn time_wait(program: &Program, listener: &SocketView) -> Vec<Fault> {
    const EVIDENCE: &[&str] = &["state", "local", "reuseaddr"];
    let count = program.in_time_wait(listener);
    let values = || [local(listener), ("count", count.to_string())];
    let mut found = Vec::new();
    if count >= PILE {
        let finding = Finding::new("time-wait-pile", values());
        found.push(of(finding, [listener], EVIDENCE));
    }
    if count > 0 && listener.reuseaddr.value() == Some(&false) {
        let finding = Finding::new("no-restart", values());
        found.push(of(finding, [listener], EVIDENCE));
    }
    found
}

/// Connections that the other end has closed, and the program has not for a while.
fn left_open(sockets: &[&SocketView]) -> Option<Fault> {
    let quiet = |it: &SocketView| it.quiet_ms.value().copied().unwrap_or(0);
    let is_left =
        |it: &SocketView| it.state.value() == Some(&TcpState::CloseWait) && quiet(it) >= QUIET_MS;
    let left: Vec<&SocketView> = sockets.iter().copied().filter(|it| is_left(it)).collect();
    let shortest = left.iter().map(|it| quiet(it)).min()?;
    let values = [
        ("count", left.len().to_string()),
        ("seconds", (shortest / 1000).to_string()),
    ];
    let fields = &["state", "peer", "recv_q", "quiet_ms"];
    Some(of(Finding::new("left-open", values), left, fields))
}

/// Connections and sockets of datagrams with bytes that nobody reads: for a while, or more
/// than at the look before, or half a buffer full.
fn unread(sockets: &[&SocketView], before: Option<&World>) -> Option<Fault> {
    let is_unread = |it: &SocketView| {
        let bytes = it.recv_q.value().copied().unwrap_or(0);
        let old = before.and_then(|world| world.same_socket(it));
        let old = old.and_then(|it| it.recv_q.value().copied());
        let has_grown = old.is_some_and(|old| old > 0 && bytes > old);
        let is_old = it.quiet_ms.value().is_some_and(|quiet| *quiet >= QUIET_MS);
        let is_much = it.rcvbuf.value().is_some_and(|room| bytes >= room / 2);
        bytes > 0 && (is_old || has_grown || is_much)
    };
    let unread: Vec<&SocketView> = sockets.iter().copied().filter(|it| is_unread(it)).collect();
    let values = [("count", unread.len().to_string())];
    let fields = &["state", "local", "peer", "recv_q", "rcvbuf", "quiet_ms"];
    (!unread.is_empty()).then(|| of(Finding::new("unread", values), unread, fields))
}

/// Sockets of datagrams for which the kernel had no room.
fn lost(sockets: &[&SocketView]) -> Vec<Fault> {
    let is_udp = |it: &&&SocketView| it.protocol.value() == Some(&Protocol::Udp);
    let drops = |it: &SocketView| it.drops.value().copied().filter(|drops| *drops > 0);
    let fault = |it: &&SocketView| {
        let values = [("drops", drops(it)?.to_string())];
        let fields = &["local", "recv_q", "rcvbuf", "drops"];
        Some(of(Finding::new("lost", values), [*it], fields))
    };
    sockets.iter().filter(is_udp).filter_map(fault).collect()
}

/// A listener, or a socket of datagrams at a port that was asked for, at every address of
/// this host.
fn every_interface(socket: &SocketView) -> Option<Fault> {
    let addr = socket.local.value()?.inet()?;
    let is_server = match socket.state.value()? {
        TcpState::Listen => true,
        TcpState::Unconnected => !EPHEMERAL.contains(&addr.port()),
        _ => false,
    };
    let values = [local(socket)];
    let fields = &["state", "local", "v6only"];
    (is_server && addr.ip().is_unspecified())
        .then(|| of(Finding::new("every-interface", values), [socket], fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recorded::{row, seen, socket};
    use crate::model::{Asleep, KernelRow, Process, Relation, Syscall, Thread};

    /// A listener at port 80 whose queue has so many clients of so many.
    fn listener(len: u32, max: u32) -> SocketView {
        SocketView {
            local: seen("127.0.0.1:80".parse().unwrap()),
            accept_queue: seen(AcceptQueue { len, max }),
            drops: seen(0),
            reuseaddr: seen(true),
            ..socket(3, 1, TcpState::Listen)
        }
    }

    fn connection(state: TcpState, recv_q: u32, quiet_ms: u32) -> SocketView {
        SocketView {
            recv_q: seen(recv_q),
            rcvbuf: seen(1000),
            quiet_ms: seen(quiet_ms),
            ..socket(4, 2, state)
        }
    }

    fn program(sockets: Vec<SocketView>) -> Program {
        let seen = World {
            sockets,
            ..World::default()
        };
        Program {
            seen,
            ..Program::default()
        }
    }

    /// With one thread, which sleeps in accept on that descriptor.
    fn accepting(mut program: Program, fd: i32) -> Program {
        let doing = Process {
            state: 'S',
            wchan: None,
            syscall: None,
            first: None,
            cpu_ms: 0,
        };
        let call = Asleep {
            number: 0,
            call: Syscall::named("accept"),
            fd: Some(fd),
            watching: Fact::None,
        };
        program.threads = seen(vec![Thread {
            tid: 1,
            name: String::new(),
            doing,
            call: seen(call),
        }]);
        program
    }

    fn found(program: &Program) -> Vec<&'static str> {
        let faults = faults(program, None);
        faults.iter().map(|fault| fault.finding.word).collect()
    }

    #[test]
    fn a_queue_is_full_when_it_has_more_than_was_allowed() {
        assert_eq!(found(&program(vec![listener(2, 1)])), ["full-queue"]);
        assert_eq!(found(&program(vec![listener(1, 1)])), Vec::<&str>::new());
        // By two descriptors it is told once.
        let twice = SocketView {
            fd: 9,
            ..listener(2, 1)
        };
        assert_eq!(found(&program(vec![listener(2, 1), twice])), ["full-queue"]);
    }

    #[test]
    fn who_waits_waits_in_vain_where_every_thread_sleeps_elsewhere() {
        let waiting = || program(vec![listener(1, 5)]);
        assert_eq!(found(&accepting(waiting(), 7)), ["not-accepting"]);
        assert_eq!(found(&accepting(waiting(), 3)), Vec::<&str>::new());
        // A thread that runs may accept at once.
        let mut runs = accepting(waiting(), 7);
        if let Fact::Seen(threads, _) = &mut runs.threads {
            threads[0].call = Fact::None;
        }
        assert_eq!(found(&runs), Vec::<&str>::new());
    }

    #[test]
    fn what_is_young_may_be_read_or_closed_in_a_moment() {
        let of = |state, recv_q, quiet| found(&program(vec![connection(state, recv_q, quiet)]));
        assert_eq!(of(TcpState::CloseWait, 0, 2000), ["left-open"]);
        assert_eq!(of(TcpState::CloseWait, 0, 200), Vec::<&str>::new());
        assert_eq!(of(TcpState::Established, 5, 2000), ["unread"]);
        assert_eq!(of(TcpState::Established, 5, 200), Vec::<&str>::new());
        assert_eq!(of(TcpState::Established, 0, 2000), Vec::<&str>::new());
        // Half the buffer is no moment any more, and neither is what has grown.
        assert_eq!(of(TcpState::Established, 500, 200), ["unread"]);
        let now = program(vec![connection(TcpState::Established, 9, 200)]);
        let before = program(vec![connection(TcpState::Established, 5, 200)]).seen;
        assert_eq!(faults(&now, Some(&before)).len(), 1);
        assert!(faults(&now, Some(&now.seen)).is_empty());
    }

    #[test]
    fn time_wait_is_a_pile_or_in_the_way() {
        let ended = |cookie| KernelRow {
            state: TcpState::TimeWait,
            ..row(Relation::Left, cookie, "127.0.0.1:80", "127.0.0.1:9")
        };
        let mut server = program(vec![listener(0, 5)]);
        server.seen.others = seen((10..30).map(ended).collect());
        assert_eq!(found(&server), ["time-wait-pile"]);
        server.seen.others = seen(vec![ended(9)]);
        assert_eq!(found(&server), Vec::<&str>::new());
        server.seen.sockets[0].reuseaddr = seen(false);
        assert_eq!(found(&server), ["no-restart"]);
    }
}
