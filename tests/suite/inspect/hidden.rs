//! What can be seen where less is allowed: no duplicates, no sock_diag, another user.

use super::{LISTENER, inspected, python, python_told, sockets};
use crate::support::{AS_NOBODY, Refuse, Socklab, copy_for_everybody};

/// A server with a client whose bytes wait, and a client in its queue.
fn busy() -> String {
    format!(
        "{LISTENER}
told = port
c = socket.create_connection(('127.0.0.1', port))
a, _ = l.accept()
a.setblocking(False)
c.send(b'12345')
kept += [socket.create_connection(('127.0.0.1', port)), *socket.socketpair()]
"
    )
}

/// As where Yama allows a process's descriptors to its parents alone.
#[test]
#[ignore = "needs python3"]
fn without_duplicates_the_tables_tell_states_and_queues() {
    let program = python(&busy());
    let refused = Refuse::call(libc::SYS_pidfd_getfd, libc::EPERM);
    let pid = program.pid().to_string();
    let whole = inspected(program.pid());
    let run = Socklab::new(["inspect", &pid, "--json"])
        .refuse(refused)
        .run();
    let seen = run.only("program");
    assert_eq!(sockets(&seen).len(), sockets(&whole).len());
    for (less, whole) in sockets(&seen).iter().zip(sockets(&whole)) {
        for field in [
            "fd",
            "inode",
            "cookie",
            "state",
            "local",
            "peer",
            "accept_queue",
            "recv_q",
            "send_q",
            "nonblocking",
        ] {
            assert_eq!(less[field], whole[field], "{field}: {less}");
        }
        assert_eq!(less["unknown"]["reuseaddr"], "pidfd_getfd: EPERM", "{less}");
    }
    let shown = Socklab::new(["inspect", &pid])
        .refuse(refused)
        .run()
        .stdout();
    assert!(shown.contains("pidfd_getfd: EPERM"), "{shown}");
}

#[test]
#[ignore = "needs python3"]
fn without_sock_diag_what_the_descriptors_tell_is_there() {
    let program = python(&busy());
    let pid = program.pid().to_string();
    let refused = Refuse::sock_diag(libc::EPERM);
    let run = Socklab::new(["inspect", &pid, "--json"])
        .refuse(refused)
        .run();
    let seen = run.only("program");
    assert_eq!(sockets(&seen)[0]["state"], "LISTEN");
    assert_eq!(seen["unknown"]["others"], "sock_diag: EPERM");
    let shown = Socklab::new(["inspect", &pid])
        .refuse(refused)
        .run()
        .stdout();
    assert!(
        shown.contains("are not available (sock_diag: EPERM)"),
        "{shown}"
    );
    // A port cannot be asked for then.
    let run = Socklab::new(["inspect", ":80"]).refuse(refused).run();
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("cannot be asked: sock_diag: EPERM"),
        "{}",
        run.stderr
    );
}

/// Whose descriptors may not be seen: its name, its user, and which sockets may be its own.
#[test]
#[ignore = "needs root and python3"]
fn a_program_of_another_user() {
    let (program, port) = python_told(&busy());
    let (_dir, copy) = copy_for_everybody();
    let inspect = |target: &str| {
        let run = Socklab::new(["inspect", target]).args(["--width", "200"]);
        run.binary(&copy).under(AS_NOBODY).run()
    };
    let run = inspect(&program.pid().to_string());
    let shown = run.stdout();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for words in [
        "not available (/proc: EACCES): the program is another user's".to_string(),
        format!("sudo socklab inspect {}", program.pid()),
        "its call is not available (/proc: EACCES)".into(),
        "user id 0".into(),
    ] {
        assert!(shown.contains(&words), "{words}\n{shown}");
    }
    let run = inspect(&format!(":{port}"));
    let shown = run.stdout();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        shown.contains(&format!("127.0.0.1:{port} LISTEN · of user id 0")),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("sudo socklab inspect :{port}")),
        "{shown}"
    );
}

/// And the other way round, with privilege, all of it.
#[test]
#[ignore = "needs root and python3"]
fn root_sees_the_programs_of_all() {
    let script = format!("os.setuid(65534)\n{LISTENER}");
    let program = python(&script);
    let seen = inspected(program.pid());
    assert_eq!(
        (&seen["uid"], &sockets(&seen)[0]["state"]),
        (&65534.into(), &"LISTEN".into())
    );
    assert_eq!(sockets(&seen)[0]["reuseaddr"], true);
}
