//! What a tracer cannot do: it says so, and the program goes on or ends clearly.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::fixtures::built;
use crate::support::{Run, Socklab, dir_of_test, eventually, kill};

/// A program of 32 bits: socket(1, 1, 0), and exit(5), by the old way into the kernel.
const CODE: &[u8] = b"\xb8\x67\x01\0\0\xbb\x01\0\0\0\xb9\x01\0\0\0\x31\xd2\xcd\x80\
    \xb8\x01\0\0\0\xbb\x05\0\0\0\xcd\x80";
/// Where it is loaded: elf(5).
const LOADED_AT: u32 = 0x0804_8000;

/// Its file: the header, one segment, and the code.
fn program_of_32_bits() -> Vec<u8> {
    const HEADERS: u32 = 52 + 32;
    let size = HEADERS + CODE.len() as u32;
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x03\0".to_vec();
    for word in [1, LOADED_AT + HEADERS, 52, 0, 0] {
        file.extend(u32::to_le_bytes(word));
    }
    for half in [52, 32, 1, 0, 0, 0] {
        file.extend(u16::to_le_bytes(half));
    }
    for word in [1, 0, LOADED_AT, LOADED_AT, size, size, 5, 0x1000] {
        file.extend(u32::to_le_bytes(word));
    }
    file.extend(CODE);
    file
}

fn executable(path: &std::path::Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn traced(program: &[&str]) -> Run {
    Socklab::new(["trace", "--"]).args(program).run()
}

/// Its calls have other numbers: they pass, and that is said, even of a process that a
/// shell makes on the way.
#[test]
#[ignore = "needs a kernel that runs programs of 32 bits"]
fn a_program_of_another_architecture_goes_on_unseen() {
    let dir = dir_of_test();
    let program = dir.path().join("bits32");
    std::fs::write(&program, program_of_32_bits()).unwrap();
    executable(&program, 0o755);
    let bare = Command::new(&program).status();
    assert_eq!(bare.unwrap().code(), Some(5));
    let program = program.display().to_string();
    let note = "it is of another architecture: its calls have other numbers, and are not seen";
    let run = traced(&[&program]);
    assert_eq!(run.status.code(), Some(5));
    assert!(run.stderr.contains(note), "{}", run.stderr);
    let run = traced(&["sh", "-c", &format!("{program}; exit $(($? + 1))")]);
    assert_eq!(run.status.code(), Some(6));
    assert!(run.stderr.contains(note), "{}", run.stderr);
    assert!(run.stderr.contains("bits32, pid"), "{}", run.stderr);
}

/// It does not get the rights of its owner, as under every tracer.
#[test]
#[ignore = "needs root and setpriv"]
fn a_set_user_id_program_runs_without_its_rights() {
    let dir = dir_of_test();
    executable(dir.path(), 0o755);
    let program = dir.path().join("whoami");
    std::fs::copy("/usr/bin/id", &program).unwrap();
    executable(&program, 0o4755);
    let program = program.display().to_string();
    let ordinary = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let bare = Command::new("setpriv")
        .args(ordinary)
        .args([&program, "-u"])
        .output();
    assert_eq!(bare.unwrap().stdout, b"0\n");
    let under = [&["setpriv"], &ordinary[..]].concat();
    let run = Socklab::new(["trace", "--", "sh", "-c"])
        .args([format!("{program} -u; true")])
        .under(under)
        .run();
    assert_eq!(run.stdout(), "65534\n");
    assert!(
        run.stderr.contains("note    it is a set-user-ID"),
        "{}",
        run.stderr
    );
}

/// Its filter is heeded before ours: what it refuses never comes to be traced.
#[test]
#[ignore = "needs cc"]
fn a_program_with_a_filter_of_its_own_is_told_so() {
    let run = traced(&[&built("filter")]);
    assert_eq!(run.stdout(), "listen: EACCES\n");
    assert!(run.stderr.contains("a filter of its own"), "{}", run.stderr);
    assert!(run.stderr.contains("did     socket("), "{}", run.stderr);
    assert!(!run.stderr.contains("listen("), "{}", run.stderr);
}

/// A process has one tracer at most, and the other is named.
#[test]
#[ignore = "needs strace"]
fn a_process_that_is_traced_is_left_alone() {
    let mut sleeper = Command::new("sleep").arg("1000").spawn().unwrap();
    let pid = sleeper.id().to_string();
    let mut strace = Command::new("strace")
        .args(["-o", "/dev/null", "-p", &pid])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let tracer = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find(|it| it.starts_with("TracerPid:"))?;
        (line.split_whitespace().nth(1) == Some(&strace.id().to_string())).then_some(())
    };
    eventually("strace traces it", tracer);
    let run = Socklab::new(["trace", "--pid", &pid]).run();
    let said = format!("Process {} traces it already", strace.id());
    assert!(run.stderr.contains(&said), "{}", run.stderr);
    assert_eq!(run.status.code(), Some(1));
    kill(sleeper.id(), libc::SIGKILL);
    sleeper.wait().unwrap();
    strace.wait().unwrap();
}
