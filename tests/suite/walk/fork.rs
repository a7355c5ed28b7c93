//! Serving more than one client by processes: fork, exit, wait.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read};

use crate::support::{
    ANY_PORT, AS_NOBODY, CLOSE_WAIT, CourseDir, ESTABLISHED, LISTEN, Process, Refuse, Run, Running,
    Socklab, Strace, TempDir, actor_lives, connect, copy_for_everybody, fd_targets, free_addr, is,
    is_stopped, kill, listens, output, state, straced, tcp_rows_of_port, until,
};

/// Up to a child for a connection, with the names of the steps that follow.
fn forked() -> CourseDir {
    CourseDir::listener()
        .step("accept server as conn")
        .peer("before", "socket {domain} stream as c\nconnect c {addr}")
        .step("fork as child")
}

/// A server that forks for a client, as every book has it.
fn serving() -> CourseDir {
    forked()
        .step("close conn") // 7
        .step_with("by=child", "close server") // 8
        .step_with("by=child", r#"send conn "hi\n""#) // 9
        .step_with("by=child", "exit 7") // 10
        .step("wait child") // 11
        .step("close server") // 12
}

/// Runs a course slowly enough to be stopped at any of its pauses.
fn slowly(course: CourseDir) -> (TempDir, Socklab) {
    let dir = course.write();
    let socklab = Socklab::paced_walk("0.6", &free_addr());
    let socklab = socklab.chapters(&dir);
    (dir, socklab)
}

/// The pids of the actors so far, by name: the last of each name.
fn pid_of(running: &Running, actor: &str) -> u32 {
    let events = running.events();
    let mut of_actor = events.iter().rev().filter(|event| event["task"] == actor);
    of_actor.next().unwrap()["pid"].as_u64().unwrap() as u32
}

fn numbers(table: &[(i64, String)]) -> Vec<i64> {
    table.iter().map(|(fd, _)| *fd).collect()
}

/// The two ends of a connection to that port, and the state of each.
fn ends(port: u16) -> BTreeSet<(u16, u8)> {
    let rows = tcp_rows_of_port(port).into_iter();
    let rows = rows.filter(|row| row.state != LISTEN);
    rows.map(|row| (row.local_port, row.state)).collect()
}

#[test]
fn after_a_fork_both_fd_tables_are_the_textbooks() {
    let (_dir, socklab) = slowly(serving());
    let mut running = socklab.start();
    running.stand_still_before_step(7);
    let (parent, child) = (pid_of(&running, "server"), pid_of(&running, "child"));
    assert_ne!(parent, child);
    assert_eq!(Process::of(child).unwrap().parent, parent);
    let (theirs, ours) = (fd_targets(parent), fd_targets(child));
    assert_eq!(numbers(&theirs), [0, 1, 2, 3, 4]);
    assert_eq!(numbers(&ours), [0, 1, 2, 3, 4]);
    // stderr, the listener and the connection are the same; the channel is not.
    assert_eq!(theirs[2..], ours[2..]);
    assert_eq!(ours[0].1, ours[1].1);
    assert_ne!(theirs[0].1, ours[0].1);
    let told: Vec<(i64, String)> = running.last("view")["fds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let target = entry["target"].as_str().unwrap();
            (entry["fd"].as_i64().unwrap(), target.to_string())
        })
        .collect();
    assert_eq!(told, theirs);
    running.go_on();

    // Each gives back what it does not use; the numbers of the rest stay.
    running.stand_still_before_step(9);
    assert_eq!(numbers(&fd_targets(parent)), [0, 1, 2, 3]);
    assert_eq!(numbers(&fd_targets(child)), [0, 1, 2, 4]);
    running.go_on();
    running.finish().assert_done();
}

/// fork returns twice: the child's process id in the parent, 0 in the child.
#[test]
fn a_fork_is_told_of_both() {
    let dir = serving().write();
    let run = Socklab::walk().chapters(&dir).run();
    run.assert_done();
    let [parent, child] = ["server", "child"].map(|actor| run.exits(actor, "clone").remove(0));
    assert_eq!(parent["ret"], child["pid"]);
    assert_eq!(child["ret"], 0);
    for event in [&parent, &child] {
        assert!(event["took_us"].as_u64().unwrap() < 1_000_000, "{event}");
        assert!(event["errno"].is_null());
    }
    let exit = run.exits("child", "exit_group").remove(0);
    assert_eq!(exit["args"], serde_json::json!(["7"]));
    assert!(exit["ret"].is_null());
    let wait = run.exits("server", "wait4").remove(0);
    assert_eq!(wait["ret"], child["pid"]);
    assert_eq!(wait["args"][1], "[{WIFEXITED(s) && WEXITSTATUS(s) == 7}]");
}

#[test]
fn a_parents_close_sends_no_fin_while_the_child_holds_the_connection() {
    let course = CourseDir::listener()
        .step("accept server as conn")
        .step("fork as child")
        .step("close conn")
        .step_with("by=child", "close server")
        .step_with("by=child", "exit")
        .step("wait child");
    let (_dir, socklab) = slowly(course);
    let mut running = socklab.args(["--peer", "nc"]).start();
    let port = running.wait_port();
    let mut client = connect(port);
    running.stand_still_before_step(9);
    let mine = client.local_addr().unwrap().port();
    let both = BTreeSet::from([(port, ESTABLISHED), (mine, ESTABLISHED)]);
    assert_eq!(ends(port), both);
    client.set_nonblocking(true).unwrap();
    let nothing = client.read(&mut [0]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    running.go_on();

    // The last holder's end does.
    running.stand_still_before_step(10);
    assert!(ends(port).contains(&(mine, CLOSE_WAIT)), "{:?}", ends(port));
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    running.go_on();
    running.finish().assert_done();
}

/// What the parent has closed and the child holds is not told as nobody's.
#[test]
fn who_else_holds_a_closed_connection_is_told() {
    let dir = forked()
        .step("close conn")
        .step("setsockopt server keepalive on")
        .write();
    let words = ["walk", "--auto", "--addr", ANY_PORT];
    let run = Socklab::new(words).chapters(&dir).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = run.stdout();
    assert!(text.contains(") = 4"), "{text}");
    let forked = text.split("fork() = ").nth(1).unwrap();
    let child = forked.split_whitespace().next().unwrap();
    let left: Vec<&str> = text.split("  left    ").skip(1).collect();
    assert!(!left.is_empty(), "{text}");
    for row in left {
        let row: Vec<&str> = row.split_whitespace().take(16).collect();
        let row = row.join(" ");
        assert!(row.contains(&format!("socklab, pid {child}")), "{row}");
        assert!(!text.contains("no fd refers"), "{text}");
    }
}

#[test]
fn a_child_that_exited_is_a_zombie_until_its_parent_waits() {
    let (_dir, socklab) = slowly(serving());
    let mut running = socklab.start();
    running.stand_still_before_step(11);
    let child = pid_of(&running, "child");
    assert_eq!(state(child), Some('Z'));
    // It was looked at after its exit, as what it is.
    let events = running.events();
    let seen = events
        .iter()
        .rfind(|event| is(event, "view") && event["task"] == "child")
        .unwrap();
    assert_eq!(seen["process"]["state"], "Z");
    assert_eq!(seen["sockets"], serde_json::json!([]));
    running.go_on();
    running.stand_still_before_step(12);
    assert_eq!(state(child), None);
    running.go_on();
    running.finish().assert_done();
}

/// A zombie that nobody waited for goes with its parent.
#[test]
fn a_zombie_does_not_outlive_the_run() {
    let dir = forked().step_with("by=child", "exit").write();
    let run = Socklab::walk().chapters(&dir).run();
    run.assert_done();
    let child = run.exits("child", "exit_group")[0]["pid"].as_u64().unwrap() as u32;
    until("the zombie is gone", || state(child).is_none());
}

/// Every way a controller may be killed while there is a child: what has
/// happened by then, and which call of whom is under way.
#[test]
fn a_killed_run_leaves_no_child() {
    type Blocked = Option<(&'static str, &'static str)>;
    let stages: [(&str, CourseDir, Blocked); 5] = [
        ("both idle", forked().step("close conn"), None),
        (
            "the child is blocked",
            // In a call that nobody's end returns from.
            forked().step_with("by=child", "accept server as other"),
            Some(("child", "accept")),
        ),
        (
            "the parent waits",
            forked().step("wait child"),
            Some(("server", "wait4")),
        ),
        (
            "a zombie",
            forked().step_with("by=child", "exit").step("close conn"),
            None,
        ),
        (
            "in poll",
            forked().step("poll server conn"),
            Some(("server", "poll")),
        ),
    ];
    for (what, course, blocked) in stages {
        for stop in [false, true] {
            let dir = course.clone().write();
            let socklab = Socklab::new(["walk", "--auto=0.05", "--json"]).chapters(&dir);
            let socklab = socklab.args(["--addr", ANY_PORT, "--patience", "3600"]);
            let mut running = socklab.start();
            let port = running.wait_port();
            match blocked {
                Some((actor, call)) => {
                    running.wait_event(what, |event| {
                        is(event, "blocked") && event["call"] == call && event["task"] == actor
                    });
                }
                None => {
                    running
                        .wait_event(what, |event| is(event, "pause") && event["call"] == "close");
                    running.stand_still();
                }
            }
            let pids = ["server", "client", "child"].map(|actor| pid_of(&running, actor));
            if stop && state(pids[2]) != Some('Z') {
                kill(pids[2], libc::SIGSTOP);
                until("the child is stopped", || is_stopped(pids[2]));
            }
            running.signal(libc::SIGKILL);
            running.finish();
            until(what, || !pids.iter().any(|&pid| actor_lives(pid)));
            until(what, || !listens(port));
        }
    }
}

#[test]
#[ignore = "needs strace"]
fn serving_by_fork_is_told_as_strace_sees_it() {
    let course = serving().write();
    let straced = straced(Socklab::walk().chapters(&course));
    straced.run.assert_done();
    let names = |actor: &str| straced.names::<Vec<String>>(actor);
    assert_eq!(names("child"), ["close", "sendto", "exit_group"]);
    assert_eq!(names("server")[5..], ["clone", "close", "wait4", "close"]);
}

/// Children of children, a failed wait, and a child that a signal ends.
#[test]
#[ignore = "needs strace"]
fn what_becomes_of_children_is_told_as_strace_sees_it() {
    let course = forked()
        .step_with("by=child", "fork as grandchild")
        .step_with("by=grandchild", "close server")
        .step_with("by=grandchild", "socket {domain} stream as server")
        .step_with("by=grandchild", "exit 255")
        .step_with("by=child", "wait grandchild")
        .step_with("by=child", "shutdown conn both")
        .step_with("by=child", "exit")
        .step("fork as other")
        .step_with("by=other fails=ECHILD", "wait child")
        .step("wait child")
        .step("wait other")
        .write();
    let strace = Strace::new();
    let mut running = strace.around(Socklab::walk().chapters(&course)).start();
    running.wait_event("blocked in the last wait", |event| {
        is(event, "blocked") && event["step"] == "step-17"
    });
    kill(pid_of(&running, "other"), libc::SIGKILL);
    let run = running.finish();
    run.assert_done();
    let last = run.exits("server", "wait4").pop().unwrap();
    let killed = "[{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}]";
    assert_eq!(last["args"][1], killed);
    strace.saw(run);
}

/// O_NONBLOCK belongs to the open file, of which a fork makes no copy.
#[test]
fn parent_and_child_share_nonblock() {
    let course = forked()
        .step_with("by=child", "nonblock server on")
        .step("close conn");
    let (_dir, socklab) = slowly(course);
    let mut running = socklab.start();
    running.stand_still_before_step(8);
    for actor in ["server", "child"] {
        let pid = pid_of(&running, actor);
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/3")).unwrap();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = i32::from_str_radix(flags.unwrap().trim(), 8).unwrap();
        assert_ne!(flags & libc::O_NONBLOCK, 0, "{actor}");
    }
    running.go_on();
    running.finish().assert_done();
}

fn fork_is_refused() -> CourseDir {
    CourseDir::listener()
        .step_with("fails=EAGAIN", "fork as child")
        .step("socket {domain} stream as other")
}

fn assert_refused(run: &Run) {
    run.assert_done();
    assert_eq!(run.exits("server", "clone")[0]["errno"], "EAGAIN");
    assert!(run.exits("child", "clone").is_empty());
    // The channel that was meant for the child holds no number.
    assert_eq!(run.exits("server", "socket")[1]["ret"], 4);
}

#[test]
fn a_refused_fork_makes_no_actor() {
    const FLAGS: i32 = libc::CLONE_CHILD_CLEARTID | libc::CLONE_CHILD_SETTID | libc::SIGCHLD;
    let refuse = Refuse {
        number: libc::SYS_clone,
        args: [Some((0, FLAGS as u32)), None],
        errno: libc::EAGAIN,
    };
    let dir = fork_is_refused().write();
    let run = Socklab::walk().chapters(&dir).refuse(refuse).run();
    assert_refused(&run);
}

#[test]
#[ignore = "needs root and setpriv"]
fn a_user_who_may_have_no_more_processes_forks_none() {
    let (_copy_dir, copy) = copy_for_everybody();
    let (_dir, socklab) = slowly(fork_is_refused());
    let mut running = socklab.binary(&copy).under(AS_NOBODY).start();
    running.stand_still_before_step(5);
    // As that user: even root may need a capability to change another's limits.
    let server = pid_of(&running, "server").to_string();
    let mut words = AS_NOBODY.to_vec();
    words.extend(["prlimit", "--nproc=1", "--pid", &server]);
    output(words[0], &words[1..]);
    running.go_on();
    assert_refused(&running.finish());
}

/// Kernels before 5.3 have no pidfd, those before 5.9 no close_range.
#[test]
fn it_forks_on_older_kernels_too() {
    for call in [libc::SYS_pidfd_open, libc::SYS_close_range] {
        let refuse = || Refuse::call(call, libc::ENOSYS);
        let dir = serving().write();
        let run = Socklab::walk().chapters(&dir).refuse(refuse()).run();
        run.assert_done();
        assert_eq!(run.exits("server", "wait4").len(), 1);

        // A child that lives when the run ends.
        let dir = forked().step("close conn").write();
        let run = Socklab::walk().chapters(&dir).refuse(refuse()).run();
        run.assert_done();
        let child = run.exits("child", "clone")[0]["pid"].as_u64().unwrap() as u32;
        until("the child is gone", || state(child).is_none());
    }
}
