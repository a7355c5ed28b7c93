//! What doctor says of this machine is so, and it leaves nothing there.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::support::{
    AS_NOBODY, Refuse, Run, Socklab, copy_for_everybody, dir_of_test, in_own_network, output,
};

fn doctor() -> Socklab {
    Socklab::new(["doctor", "--json"])
}

/// Each answer by what was asked: `refused EPERM`. A client's by its program.
fn answers(run: &Run) -> BTreeMap<String, String> {
    let word = |line: &Value, name: &str| line[name].as_str().unwrap().to_string();
    let lines = run.all("examined");
    let answers = lines.iter().map(|line| {
        assert!(!word(line, "means").is_empty() && !word(line, "title").is_empty());
        assert_eq!(line["advice"].is_null(), line["standing"] == "works");
        let (id, seen) = (word(line, "id"), word(line, "seen"));
        let program = seen.split(' ').next().unwrap().to_string();
        let id = if id == "client" { program } else { id };
        (id, format!("{} {seen}", word(line, "answer")))
    });
    answers.collect()
}

#[track_caller]
fn assert_answers(run: &Run, expected: &[(&str, &str)]) {
    let answers = answers(run);
    for (id, answer) in expected {
        let told = &answers[*id];
        assert!(told.starts_with(answer), "{id}: {told}");
    }
}

/// This machine is the one on which everything is tested.
#[test]
fn here_everything_works_that_lessons_need() {
    let run = doctor().run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let kernel = output("uname", ["-srm"]);
    assert_answers(
        &run,
        &[
            ("kernel", &format!("linux {}", kernel.trim())),
            ("loopback", "up"),
            ("sock_diag", "works"),
            ("unix_diag", "works"),
            ("pidfd_getfd", "works"),
            ("trace", "works"),
            ("terminal", "none"),
            ("colour", "off"),
            ("locale", "utf-8 LANG=C.UTF-8"),
        ],
    );
}

#[test]
fn in_words_it_says_what_to_change() {
    let run = Socklab::new(["doctor", "--ascii"]).run();
    let words = run.stdout();
    assert_eq!(run.code, Some(0), "{words}");
    assert!(words.is_ascii());
    for said in ["The kernel | works", "The terminal | limited", "--width N"] {
        assert!(words.contains(said), "{said}: {words}");
    }
}

/// As containers refuse them.
#[test]
fn what_is_refused_is_told_with_its_error() {
    let refused = |what: &[Refuse]| {
        let run = what.iter().fold(doctor(), |run, what| run.refuse(*what));
        let run = run.run();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run
    };
    let tables = refused(&[Refuse::sock_diag(libc::EACCES)]);
    let ids = ["sock_diag", "bound", "unix_diag"];
    assert_answers(&tables, &ids.map(|id| (id, "refused EACCES")));
    assert_answers(&tables, &[("trace", "works"), ("proc", "")]);
    let calls = [
        Refuse::call(libc::SYS_pidfd_getfd, libc::EPERM),
        Refuse::call(libc::SYS_ptrace, libc::EPERM),
        Refuse::call(libc::SYS_unshare, libc::ENOSPC),
    ];
    let processes = refused(&calls);
    assert_answers(
        &processes,
        &[
            ("pidfd_getfd", "refused EPERM"),
            ("inspect", "refused EPERM"),
            ("namespaces", "refused ENOSPC"),
            ("trace", "refused tracing process"),
            ("sock_diag", "works"),
        ],
    );
    let options = refused(&[Refuse::call(libc::SYS_setsockopt, libc::EPERM)]);
    assert_answers(&options, &[("filters", "refused EPERM")]);
}

#[test]
#[ignore = "needs root and setpriv"]
fn an_ordinary_user_sees_his_own() {
    let (_dir, copy) = copy_for_everybody();
    let run = doctor().binary(&copy).under(AS_NOBODY).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_answers(
        &run,
        &[
            ("packets", "refused EPERM"),
            ("proc", "own /proc/"),
            ("pidfd_getfd", "works"),
            ("trace", "works"),
            ("sock_diag", "works"),
        ],
    );
}

/// Nobody else is in there: what is listed afterwards would be left of the tries.
#[test]
#[ignore = "needs unshare, ip, ss and netcats"]
fn in_a_network_of_its_own_it_leaves_nothing() {
    let down = in_own_network(doctor(), "").run();
    assert_eq!(down.code, Some(1), "{}", down.stderr);
    assert_answers(&down, &[("loopback", "down"), ("packets", "works")]);
    let listed = "ip link set lo up; \"$@\"; echo --; ss -Haxntu; ps -o comm= --ppid $$; exit";
    let up = in_own_network(Socklab::new(["doctor"]), listed).run();
    let (told, left) = up.stdout().split_once("--\n").map_or_else(
        || panic!("{}", up.stderr),
        |(told, left)| (told.to_string(), left.to_string()),
    );
    assert!(told.contains("Lessons can be held here"), "{told}");
    assert_eq!(left.trim(), "ps", "{told}");
}

/// Each as its manual page has it, found out by trying.
#[test]
#[ignore = "needs nc.openbsd, nc.traditional, ncat and socat"]
fn each_netcat_is_told_to_close_in_its_own_way() {
    let run = doctor().run();
    assert_answers(
        &run,
        &[
            ("nc.openbsd", "option nc.openbsd -N 127.0.0.1 6789"),
            (
                "nc.traditional",
                "option nc.traditional -q 0 127.0.0.1 6789",
            ),
            ("ncat", "ctrl-d ncat 127.0.0.1 6789"),
            ("socat", "ctrl-d socat - TCP:127.0.0.1:6789"),
        ],
    );
}

/// Along PATH is a program that is no netcat, or one that does not close, or nothing.
#[test]
#[ignore = "needs python3"]
fn a_netcat_that_does_not_connect_or_close_is_told() {
    let dir = dir_of_test();
    let path = dir.path().display().to_string();
    let told = || answers(&doctor().env("PATH", &path).run());
    assert!(told().contains_key("nc,"), "none is there");
    symlink("/bin/true", dir.join("nc")).unwrap();
    assert_eq!(told()["nc"], "silent nc");
    let python = crate::support::python_itself();
    let text = format!(
        "#!{python}\nimport socket, sys, time\n\
         c = socket.create_connection((sys.argv[-2], sys.argv[-1]))\ntime.sleep(60)\n"
    );
    std::fs::remove_file(dir.join("nc")).unwrap();
    std::fs::write(dir.join("nc"), text).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(dir.join("nc"), executable).unwrap();
    assert_eq!(told()["nc"], "ctrl-c nc 127.0.0.1 6789");
}
