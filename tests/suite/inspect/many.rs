//! A program that holds ten thousand sockets.

use std::fs;
use std::time::Instant;

use super::{LISTENER, python, sockets};
use crate::support::{Socklab, output, sockets_of};

/// So many times as long as `ss -tanp` a look at them may take here, by a binary that is
/// built for tests: one that is built for use takes a third.
const LIMIT: u32 = 40;

#[test]
#[ignore = "needs python3, ss and 10,100 descriptors"]
fn ten_thousand_sockets_are_summed_up_at_once() {
    let script = format!(
        "import resource
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
{LISTENER}
l.listen(4000)
for i in range(5000):
    c = socket.create_connection(('127.0.0.1', port))
    a, _ = l.accept()
    if i % 10 == 0: c.shutdown(socket.SHUT_WR)
    kept += [a, c]
"
    );
    let program = python(&script);
    let pid = program.pid();
    let began = Instant::now();
    let run = Socklab::new(["inspect", &pid.to_string(), "--width", "80"]).run();
    let took = began.elapsed();
    let shown = run.stdout();
    let summary = "10001: 9000 ESTABLISHED, 500 CLOSE-WAIT, 500 FIN-WAIT-2, 1 LISTEN";
    assert!(shown.contains(summary), "{shown}");
    assert!(
        shown.contains("clients 4500 ESTABLISHED, 500 CLOSE-WAIT accepted"),
        "{shown}"
    );
    assert!(shown.lines().count() < 120, "{shown}");
    // The same numbers as ss and /proc have.
    assert_eq!(sockets_of(pid).len(), 10_001);
    let began = Instant::now();
    let ss = output("ss", ["-tanpHO"]);
    let rival = began.elapsed();
    assert!(took < rival * LIMIT, "{took:?}, ss {rival:?}");
    let of_it = ss
        .lines()
        .filter(|line| line.contains(&format!("pid={pid},")));
    let closing = of_it.filter(|line| line.starts_with("CLOSE-WAIT")).count();
    assert_eq!(closing, 500);
    let run = Socklab::new(["inspect", &pid.to_string(), "--json"]).run();
    assert_eq!(sockets(&run.only("program")).len(), 10_001);
    assert!(fs::metadata(format!("/proc/{pid}")).is_ok());
}
