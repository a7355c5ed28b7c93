//! What whoever starts it may have set: few descriptors, a small stack, SIGCHLD ignored.

use crate::support::{ANY_PORT, Run, Socklab, one_line};

/// A walk after these commands of a shell.
fn walk_after(setup: &str) -> Run {
    let script = format!("{setup}\nexec \"$@\"");
    let words = ["walk", "--auto", "--addr", ANY_PORT];
    Socklab::new(words).under(["sh", "-c", &script, "sh"]).run()
}

#[test]
fn without_descriptors_it_says_what_to_raise() {
    let run = walk_after("ulimit -n 10");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let said = one_line(&run.stderr);
    assert!(said.contains("EMFILE"), "{said}");
    assert!(said.contains("ulimit -n"), "{said}");
    let run = walk_after("ulimit -n 64");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn with_a_small_stack_it_says_what_to_raise() {
    for kilobytes in [64, 256] {
        let run = walk_after(&format!("ulimit -s {kilobytes}"));
        assert_eq!((run.code, &*run.stdout()), (Some(2), ""), "{}", run.stderr);
        assert!(run.stderr.contains("ulimit -s"), "{}", run.stderr);
    }
    let run = walk_after("ulimit -s 512");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

/// The parent ignores SIGCHLD, which is inherited: the children's ends are not lost.
#[test]
#[ignore = "needs python3"]
fn where_sigchld_is_ignored_children_are_waited_for() {
    let start = "import os, signal, sys\n\
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n\
        os.execv(sys.argv[1], sys.argv[1:])";
    let words = ["step", "serve", "--auto", "--json", "--addr", ANY_PORT];
    let socklab = Socklab::new(words).under(["python3", "-c", start]);
    let run = socklab.run();
    run.assert_done();
    let waited = run.exits("server", "wait4");
    assert!(!waited.is_empty());
    assert!(waited.iter().all(|exit| exit["errno"].is_null()));
}
