//! The one builder of the end-to-end tests, and what they share: the real
//! binary, its event stream, clients, courses of their own, and waiting for a
//! condition with a deadline.

mod against_ss;
mod browser;
mod clients;
mod course;
mod expectations;
mod failures;
mod hosts;
mod obeyed;
mod peer;
mod processes;
mod programs;
mod run;
mod running;
mod sandbox;
mod shipped;
mod sockets;
mod ss;
mod strace;
mod strace_line;

pub use against_ss::{assert_agrees, every_pause, number, text};
pub use browser::{Browser, SIZES};
pub use clients::{address, bound, connect, reset, segments, start_connecting};
pub use course::{CourseDir, TempDir, dir_of_test};
pub use expectations::all_held;
pub use failures::{one_line, says, taught};
pub use hosts::{HOSTS, TwoHosts};
pub use obeyed::{obeyed, obeying_course};
pub use peer::Peer;
pub use processes::{
    Process, actor_lives, below, fd_targets, is_stopped, kill, sockets_of, state, wchan,
};
pub use programs::{Kind, NETCATS, PROGRAMS, SERVERS, client, is_name_of, python_itself, server};
pub use run::{ANY_PORT, Run, Socklab, is, output};
pub use running::Running;
pub use sandbox::{AS_NOBODY, Refuse, copy_for_everybody, in_own_network, refuse};
pub use shipped::{Chapter, Step, Track, copied, course_table, shipped, track, tracks};
pub use sockets::{
    CLOSE_WAIT, ESTABLISHED, FIN_WAIT_2, LISTEN, SYN_SENT, TcpRow, free_addr, free_port,
    free_port_of, has_row, is_in_time_wait, listed_inodes, listens, tcp_rows, tcp_rows_of_port,
};
pub use ss::ss_tcp;
pub use strace::{Strace, StracedRun, straced};

use std::time::{Duration, Instant};

/// How long anything may take on a loaded machine.
pub const DEADLINE: Duration = Duration::from_secs(40);

/// Polls until `probe` gives something; panics with `what` after the deadline.
pub fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(began.elapsed() < DEADLINE, "never happened: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// `eventually` for a plain condition.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    eventually(what, || holds().then_some(()));
}

/// A server with a backlog of 1 that listens and has not accepted, stopped in its
/// pause so that it can be examined at leisure; then it will accept, as `conn`,
/// and receive. Gives its port.
pub fn still_behind_listen() -> (TempDir, Running, u16) {
    still_behind_listen_at(&free_addr())
}

/// The same, at another address.
pub fn still_behind_listen_at(addr: &str) -> (TempDir, Running, u16) {
    let course = CourseDir::listener()
        .step("setsockopt server keepalive on")
        .step("accept server as conn")
        .step("recv conn 10000")
        .write();
    let socklab = Socklab::paced_walk("0.8", addr).args(["--peer", "nc"]);
    let mut running = socklab.chapters(&course).start();
    let port = running.wait_port();
    running.stand_still_before_step(5);
    (course, running, port)
}
