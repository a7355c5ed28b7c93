//! The words of the command line: chapters as commands, numbers, near misses, help, and
//! addresses that are none.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::{ANY_PORT, CourseDir, Run, Socklab, dir_of_test, tracks};

fn fine<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Run {
    let run = Socklab::new(words).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

/// The chapters that a run plays.
fn played(words: &[&str]) -> Vec<String> {
    let run = Socklab::new(words)
        .args(["--auto", "--json", "--addr", ANY_PORT])
        .run();
    run.assert_done();
    let chapters = run.all("chapter");
    let ids = chapters.iter().map(|event| &event["chapter"]);
    ids.map(|id| id.as_str().unwrap().to_string()).collect()
}

#[test]
fn a_chapter_is_a_command() {
    assert_eq!(played(&["bind"]), ["create", "bind"]);
    assert_eq!(played(&["bind"]), played(&["step", "bind"]));
    assert_eq!(
        played(&["connect", "--role", "client"]),
        ["create", "connect"]
    );
}

#[test]
fn every_chapter_is_a_command_with_help() {
    for track in tracks() {
        for chapter in track.chapters.iter().chain(&track.extras) {
            let by_option = fine([&*chapter.id, "--help"]).stdout();
            let example = format!("Example: socklab {}", chapter.id);
            assert!(by_option.contains(&example), "{by_option}");
            assert_eq!(fine(["help", &chapter.id]).stdout(), by_option);
        }
    }
}

#[test]
fn a_number_of_the_list_is_a_chapter() {
    assert_eq!(played(&["step", "2"]), ["create", "bind"]);
    let of_client = ["step", "2", "--role", "client"];
    assert_eq!(played(&of_client), ["create", "connect"]);
    assert_eq!(
        fine(["read", "2"]).stdout(),
        fine(["read", "bind"]).stdout()
    );
    let run = Socklab::new(["step", "6", "--role", "client"]).run();
    assert_eq!(run.code, Some(2));
    let said = "socklab: that track has the chapters 1 to 5; socklab list shows them all\n";
    assert_eq!(run.stderr, said);
    for number in ["0", "99"] {
        let run = Socklab::new(["step", number]).run();
        assert_eq!(run.code, Some(2), "{}", run.stderr);
    }
}

/// A course's own words win over chapters, and those over numbers.
#[test]
fn a_chapter_named_as_a_command_is_played_by_step() {
    let dir = CourseDir::new()
        .step("socket {domain} stream as server")
        .write();
    let lab = std::fs::read_to_string(dir.join("lab.md")).unwrap();
    let mut names = Vec::new();
    for id in ["list", "help", "1"] {
        names.push(format!("\"{id}\""));
        let text = lab.replace("id = \"lab\"", &format!("id = \"{id}\""));
        dir.write(&format!("{id}.md"), &text.replace("\"Lab\"", "\"A lab\""));
    }
    let names = names.join(", ");
    dir.write(
        "course.toml",
        &format!("title = \"Lab\"\nchapters = [{names}]\n"),
    );
    let list = Socklab::new(["list"]).chapters(&dir).run();
    assert_eq!(list.stdout().lines().count(), 3, "{}", list.stderr);
    let help = Socklab::new(["help"]).chapters(&dir).run();
    assert!(
        help.stdout().contains("Usage: socklab"),
        "{}",
        help.stdout()
    );
    for (word, id) in [
        ("list", "list"),
        ("help", "help"),
        ("1", "1"),
        ("2", "help"),
    ] {
        let words = ["step", word, "--auto", "--json", "--addr", ANY_PORT];
        let run = Socklab::new(words).chapters(&dir).run();
        run.assert_done();
        assert_eq!(run.only("chapter")["chapter"], id);
    }
}

#[test]
fn help_helps() {
    assert_eq!(fine(["help"]).stdout(), fine(["--help"]).stdout());
    for command in ["step", "read", "walk", "list", "progress", "chapters"] {
        let shown = fine(["help", command]).stdout();
        assert_eq!(shown, fine([command, "--help"]).stdout());
    }
    assert_eq!(
        fine(["help", "step", "bind"]).stdout(),
        fine(["step", "bind", "--help"]).stdout()
    );
    let shown = fine(["--help"]).stdout();
    let examples = &shown[shown.find("Examples:").unwrap()..];
    let lines = examples
        .lines()
        .filter_map(|line| line.strip_prefix("  socklab "));
    let mut tried = 0;
    for line in lines {
        let words = line.split("  ").next().unwrap().split_whitespace();
        let words: Vec<&str> = words.collect();
        match words[0] {
            "help" => fine(&words),
            // What stands behind -- is a program's own.
            _ => {
                let own = words.iter().copied().take_while(|word| *word != "--");
                fine(own.chain(["--help"]))
            }
        };
        tried += 1;
    }
    assert!(tried >= 5, "{examples}");
}

#[test]
fn a_near_miss_is_put_right() {
    for (words, meant) in [
        (&["bnid"][..], "'bind'"),
        (&["wlak"], "'walk'"),
        (&["lisetn"], "'listen'"),
        (&["hlep"], "'help'"),
        (&["help", "bnid"], "'bind'"),
        (&["step", "bnid"], "'bind'"),
        (&["read", "bnid"], "'bind'"),
        (&["walk", "--adr", "x"], "'--addr'"),
        (&["walk", "--role", "clinet"], "'client'"),
    ] {
        let run = Socklab::new(words).run();
        assert_eq!(run.code, Some(2), "{words:?}");
        assert!(run.stderr.contains(meant), "{words:?}: {}", run.stderr);
    }
}

/// In one line what it is, and what to write instead.
#[test]
fn an_address_that_is_none_is_told_with_what_to_write() {
    for (addr, wanted) in [
        ("-/x", "write ./-/x"),
        (
            "http://127.0.0.1:80",
            "write its host and port, 127.0.0.1:80",
        ),
        ("127.0.0.1", "write 127.0.0.1:6789"),
        ("::1", "write [::1]:6789"),
        ("127.0.0.1:99999", "'99999' is no port"),
        ("99999", "'99999' is no port"),
        ("[fe80::1%nowhere]:1", "such as [fe80::1%lo]:1"),
    ] {
        let given = format!("--addr={addr}");
        let run = Socklab::new(["walk", "--auto", &given]).run();
        assert_eq!(run.code, Some(2), "{addr}: {}", run.stderr);
        assert_eq!(run.stdout(), "");
        let first = run.stderr.lines().next().unwrap();
        let said = format!("socklab: invalid value '{addr}' for '--addr <HOST:PORT>': ");
        let what = first.strip_prefix(&said);
        assert!(what.is_some_and(|it| it.contains(wanted)), "{first}");
    }
}

#[test]
fn a_port_alone_is_one_of_loopback() {
    let shown = fine(["read", "bind", "--addr", "7120"]).stdout();
    assert!(shown.contains("bind server 127.0.0.1:7120"), "{shown}");
}

/// The bytes of a folder's name count, whether they are text or not.
#[test]
fn a_course_is_found_in_a_folder_whose_name_is_no_text() {
    let dir = CourseDir::new()
        .step("socket {domain} stream as server")
        .write();
    let folder = dir.path().join(OsStr::from_bytes(b"c\xff"));
    std::fs::create_dir(&folder).unwrap();
    for name in ["course.toml", "lab.md"] {
        std::fs::copy(dir.join(name), folder.join(name)).unwrap();
    }
    let at = dir.path().display().to_string();
    for given in [
        "--chapters=\"$0/$(printf 'c\\377')\"",
        "--chapters \"$0/$(printf 'c\\377')\"",
    ] {
        let script = format!("exec \"$@\" {given}");
        let list = Socklab::new(["list", "--no-progress"]).under(["sh", "-c", &script, &at]);
        let run = list.run();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(run.stdout().lines().count(), 1, "{}", run.stdout());
        assert!(run.stdout().contains("lab"), "{}", run.stdout());
    }
}

/// A runtime folder that no path of a socket can name is none.
#[test]
fn a_runtime_folder_that_is_no_text_or_too_long_is_not_used() {
    let dir = dir_of_test();
    let long = dir.join(&"x".repeat(120));
    std::fs::create_dir(&long).unwrap();
    std::fs::create_dir(dir.path().join(OsStr::from_bytes(b"r\xff"))).unwrap();
    let at = dir.path().display().to_string();
    for folder in ["$0/$(printf 'r\\377')", "$0/$(printf 'x%.0s' $(seq 120))"] {
        let script = format!("export XDG_RUNTIME_DIR=\"{folder}\"\nexec \"$@\"");
        let words = ["read", "bind", "--domain", "unix"];
        let run = Socklab::new(words).under(["sh", "-c", &script, &at]).run();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        // SAFETY: it takes nothing and cannot fail.
        let own = format!("/tmp/socklab-{}.sock", unsafe { libc::geteuid() });
        assert!(run.stdout().contains(&own), "{}", run.stdout());
    }
}
