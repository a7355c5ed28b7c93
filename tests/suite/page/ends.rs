//! The page ends with the run, however that ends; and the run goes on without it.

use std::net::TcpStream;

use super::At;
use crate::support::{ANY_PORT, Running, Socklab, below, fd_targets, kill, listens, state, until};

/// A lesson under way, its page, the port of that, and who serves it.
fn paged() -> (Running, At, u16, u32) {
    let words = ["walk", "--auto=60", "--json", "--page", "--addr", ANY_PORT];
    let mut running = Socklab::new(words).start();
    let at = At::of(&running.wait_page());
    running.wait_pause("socket");
    let (port, server) = server(&running, &at);
    (running, at, port, server)
}

/// The port of its page, and who serves that.
pub(super) fn server(running: &Running, at: &At) -> (u16, u32) {
    let port = at.host.rsplit_once(':').unwrap().1.parse().unwrap();
    let holder = format!("socket:[{}]", inode(port));
    let all = below(running.pid());
    let serves = |pid: u32| fd_targets(pid).iter().any(|(_, it)| *it == holder);
    let found: Vec<u32> = all
        .iter()
        .map(|it| it.pid)
        .filter(|pid| serves(*pid))
        .collect();
    // Nobody else has it open: not the run, nor its actors.
    assert!(found.len() == 1 && !serves(running.pid()), "{found:?}");
    (port, found[0])
}

/// That of the socket which listens there.
fn inode(port: u16) -> String {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let at = format!(":{port:04X} 00000000:0000 0A");
    let row = table.lines().find(|row| row.contains(&at)).unwrap();
    row.split_whitespace().nth(9).unwrap().into()
}

#[test]
fn it_says_how_the_run_has_ended_and_is_gone() {
    for (signal, said) in [
        (libc::SIGINT, "The run has ended: interrupted"),
        (libc::SIGHUP, "The run has ended: interrupted"),
        (libc::SIGKILL, "socklab has ended"),
    ] {
        let (running, at, port, server) = paged();
        // One that takes nothing, and one that asks for nothing.
        let _idle = TcpStream::connect(&at.host).unwrap();
        let mut looker = at.look();
        looker.next().unwrap();
        running.signal(signal);
        let last = looker.rest().pop().unwrap();
        assert!(last["place"].as_str().unwrap().contains(said), "{last}");
        running.finish();
        until("it is gone", || !listens(port) && below(server).is_empty());
        until("nobody serves it", || state(server).is_none());
    }
}

#[test]
fn without_it_the_run_goes_on() {
    let words = ["walk", "--auto=0.01", "--page", "--addr", ANY_PORT];
    let (running, _, _, server) = paged();
    kill(server, libc::SIGKILL);
    until("it is gone", || state(server) == Some('Z'));
    // It says so with what it tells next.
    running.signal(libc::SIGINT);
    let run = running.finish();
    assert_eq!(run.code, Some(130));
    assert_eq!(
        run.stderr.matches("the page is gone").count(),
        1,
        "{}",
        run.stderr
    );
    // One that stands still is not waited for, but at the end.
    let mut running = Socklab::new(words).args(["--json"]).start();
    running.wait_page();
    running.wait_pause("socket");
    for process in below(running.pid()).iter().rev() {
        if fd_targets(process.pid)
            .iter()
            .any(|(_, it)| it.contains("memfd"))
        {
            kill(process.pid, libc::SIGSTOP);
        }
    }
    running.finish().assert_done();
}
