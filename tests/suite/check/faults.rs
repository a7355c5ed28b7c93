//! Each fault has a program that commits it and is caught, and a twin that differs in
//! nothing else and is not accused.

use super::{check, compiled, faults, lines};
use crate::support::{Run, free_addr};

/// A fault, and where it shows.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// The faults, the goals during which they show, what the program is told, and what
/// the evidence names.
const FAULTS: [Row; 18] = [
    (
        "no-reuseaddr",
        &["listen"],
        &["{port}"],
        &["bind(3", "listen(3, 16)"],
    ),
    ("wrong-interface", &["listen"], &["{port}"], &["127.0.0.2"]),
    (
        "byte-order",
        &["listen"],
        &["{port}"],
        &["bind(3", "bytes swapped"],
    ),
    (
        "nul-sent",
        &["answer"],
        &[],
        &["\"OK\\n\\0\", 4", "of these 4 bytes"],
    ),
    (
        "never-closed",
        &["peer-end"],
        &[],
        &["accept(3", "= 0", "CLOSE-WAIT"],
    ),
    (
        "parent-keeps-connection",
        &["close"],
        &[],
        &["fork() =", "recvfrom(4", "no close before"],
    ),
    (
        "child-keeps-listener",
        &["close"],
        &[],
        &["socket(AF_INET", "fork() =", "recvfrom(4"],
    ),
    ("zero-as-data", &["peer-end"], &[], &["= 0", "4 times"]),
    (
        "partial-send",
        &["answer"],
        &[],
        &["sendto(4", "8388608", "close(4)"],
    ),
    (
        "one-recv-one-message",
        &["peer-end"],
        &[],
        &["\"half a \"", "\"OK\\n\"", "\"line\\n\""],
    ),
    (
        "close-with-unread-data",
        &["answer"],
        &[],
        &["5 bytes", "close(4)"],
    ),
    (
        "one-client-blocks-all",
        &["two-at-once"],
        &[],
        &["recvfrom(4", "accept queue 1/16"],
    ),
    ("death-by-sigpipe", &["hold"], &[], &["EPIPE", "SIGPIPE"]),
    (
        "fd-leak",
        &["--role", "client", "close"],
        &["{host}", "{port}"],
        &["ECONNREFUSED", "4 such"],
    ),
    ("busy-loop", &["hold"], &[], &["EAGAIN", "100 times"]),
    (
        "eintr-not-handled",
        &["second-client"],
        &[],
        &["accept(3", "SIGCHLD", "exit_group(1)"],
    ),
    ("backlog-zero", &["listen"], &[], &["listen(3, 0)"]),
    (
        "fork-without-wait",
        &["second-client"],
        &[],
        &["fork() =", "zombie"],
    ),
];

fn run(fault: &str, goals: &[&str], arguments: &[&str], flags: &[&str]) -> Run {
    let program = compiled(
        &format!("faults/{fault}.c"),
        &format!("{fault}{}", flags.concat()),
        flags,
    );
    let addr = free_addr();
    let mut words = vec!["--limit", "3"];
    words.extend(goals);
    // A client is given any port.
    if arguments == ["{port}"] {
        words.extend(["--addr", &addr]);
    }
    let program = [program.as_str()];
    check(&words, program.iter().chain(arguments))
}

fn caught(fault: &str) {
    let row = FAULTS.iter().find(|row| row.0 == fault).unwrap();
    let (_, goals, arguments, shown) = *row;
    let bad = run(fault, goals, arguments, &["-DFAULT"]);
    assert!(faults(&bad).contains(&fault.into()), "{}", bad.stdout());
    let found = bad.all("fault");
    let found = found.iter().find(|it| it["id"] == fault).unwrap();
    let evidence = lines(&found["evidence"]);
    for part in shown {
        assert!(evidence.contains(part), "{part}: {evidence}");
    }
    for key in ["title", "means", "advice", "read"] {
        assert_ne!(found[key], "", "{key}");
    }
    let good = run(fault, goals, arguments, &[]);
    assert_eq!(faults(&good), [""; 0], "{}", good.stdout());
    assert_eq!(good.code, Some(0), "{}", good.stdout());
}

macro_rules! faults {
    ($($name:ident: $fault:literal,)*) => {
        $(#[test]
        #[ignore = "needs cc"]
        fn $name() {
            caught($fault);
        })*
    };
}

faults! {
    a_port_without_reuseaddr: "no-reuseaddr",
    another_interface: "wrong-interface",
    a_port_without_htons: "byte-order",
    a_string_with_its_end: "nul-sent",
    a_connection_that_is_never_closed: "never-closed",
    a_parent_that_keeps_the_connection: "parent-keeps-connection",
    a_child_that_keeps_the_listener: "child-keeps-listener",
    an_end_that_is_taken_for_data: "zero-as-data",
    a_partial_send: "partial-send",
    a_piece_that_is_taken_for_a_message: "one-recv-one-message",
    a_close_with_bytes_unread: "close-with-unread-data",
    a_client_that_blocks_all_others: "one-client-blocks-all",
    a_death_by_sigpipe: "death-by-sigpipe",
    descriptors_that_leak: "fd-leak",
    a_busy_loop: "busy-loop",
    an_interrupted_call: "eintr-not-handled",
    a_backlog_of_0: "backlog-zero",
    children_that_nobody_waits_for: "fork-without-wait",
}

#[test]
#[ignore = "needs cc"]
fn faults_that_are_committed_otherwise() {
    let flags: [&[&str]; 2] = [&["-DFAULT"], &[]];
    let programs = flags.map(|flags| {
        let to = format!("otherwise{}", flags.concat());
        compiled("faults/otherwise.c", &to, flags)
    });
    for (way, goal, fault) in [
        ("spins", "hold", "busy-loop"),
        ("asks", "hold", "busy-loop"),
        ("stays", "peer-end", "never-closed"),
        ("waits", "two-at-once", "one-client-blocks-all"),
        ("hands", "read", "child-keeps-listener"),
    ] {
        let run = |program: &str| check(&["--limit", "3", goal], [program, way]);
        let [bad, good] = programs.each_ref().map(|program| run(program));
        assert!(faults(&bad).contains(&fault.into()), "{}", bad.stdout());
        assert_eq!(faults(&good), [""; 0], "{way}: {}", good.stdout());
        assert_eq!(good.code, Some(0), "{way}: {}", good.stdout());
    }
}
