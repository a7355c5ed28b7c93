//! The command line, off a terminal.

use serde_json::Value;

use crate::support::{ANY_PORT, Run, Socklab};

pub const CHAPTERS: [&str; 7] = [
    "create", "bind", "listen", "accept", "exchange", "close", "yours",
];

pub fn fine<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Run {
    let run = Socklab::new(words).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

#[test]
fn list_has_a_line_for_each_chapter_in_order_under_the_heading_of_its_track() {
    let run = fine(["list"]);
    let shown = run.stdout();
    let mut tracks: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        // They are chapters of the same track.
        if line.ends_with("Claims of textbooks, put to the kernel:") {
            continue;
        }
        let Ok(number) = words[0].parse::<usize>() else {
            tracks.push((line.trim(), Vec::new()));
            continue;
        };
        let (_, chapters) = tracks.last_mut().unwrap();
        chapters.push(words[1]);
        assert_eq!(number, chapters.len(), "{line}");
        assert!(words.len() > 3, "{line}");
    }
    let (first, chapters) = &tracks[0];
    assert_eq!(*first, "A TCP server");
    assert_eq!(chapters[..CHAPTERS.len()], CHAPTERS);
    for (options, chapter) in [
        ("--role client", "connect"),
        ("--type dgram", "datagrams"),
        ("--domain unix", "listen"),
        ("--domain unix --type dgram", "exchange"),
    ] {
        let of_track = |(heading, _): &&(&str, Vec<&str>)| heading.ends_with(options);
        let (heading, chapters) = tracks.iter().find(of_track).unwrap();
        assert!(chapters.contains(&chapter), "{heading}: {chapters:?}");
        // The options choose that track.
        let one = fine(["list"].into_iter().chain(options.split(' '))).stdout();
        assert_eq!(one.lines().count(), chapters.len(), "{options}: {one}");
    }
    assert_eq!(run.stderr, "");
}

#[test]
fn read_tells_a_chapter_and_makes_no_call() {
    for chapter in CHAPTERS {
        let run = fine(["read", chapter]);
        let shown = run.stdout();
        assert!(shown.contains(chapter), "{shown}");
        for part in ["action", "kernel", "seen", "try"] {
            let told = shown
                .lines()
                .any(|line| line.trim_start().starts_with(part));
            assert!(told, "{chapter}: {part}");
        }
        for placeholder in ["{addr}", "{host}", "{port}", "{domain}", "{pid}"] {
            assert!(!shown.contains(placeholder), "{placeholder}: {shown}");
        }
        assert!(!shown.contains("pid "), "{shown}");
    }
    // What the walk would say of its address, read says too.
    let shown = fine(["read", "bind", "--addr", "127.0.0.1:4711"]).stdout();
    assert!(shown.contains("bind server 127.0.0.1:4711"), "{shown}");
    assert!(shown.contains("nc -v 127.0.0.1 4711"), "{shown}");
}

#[test]
fn alone_it_says_where_to_begin_and_asks_nothing() {
    let run = fine::<&str>([]);
    let shown = run.stdout();
    for word in ["socklab walk", "socklab step", "socklab read", "--help"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    for chapter in CHAPTERS {
        assert!(shown.contains(chapter), "{chapter}: {shown}");
    }
    assert_eq!(run.stderr, "");
}

#[test]
fn every_command_has_help_with_an_example_that_works() {
    let mut commands: Vec<Vec<&str>> = vec![
        vec![],
        vec!["list"],
        vec!["read"],
        vec!["step"],
        vec!["walk"],
        vec!["chapters"],
        vec!["chapters", "check"],
    ];
    for chapter in CHAPTERS {
        commands.push(vec!["read", chapter]);
        commands.push(vec!["step", chapter]);
    }
    for words in commands {
        for help in ["--help", "-h"] {
            let run = fine(words.iter().copied().chain([help]));
            let shown = run.stdout();
            assert!(shown.contains("Usage: socklab"), "{words:?}: {shown}");
            assert!(shown.contains("Example"), "{words:?} {help}: {shown}");
            assert!(shown.contains("--addr"), "{words:?}: {shown}");
            assert_eq!(run.stderr, "");
            for line in shown.lines() {
                let Some((_, example)) = line.split_once("Example: socklab ") else {
                    continue;
                };
                // It parses: its own help is all that is asked for.
                fine(example.split_whitespace().chain(["--help"]));
            }
        }
    }
}

#[test]
fn help_says_what_this_is_and_what_each_command_does() {
    for (words, wanted) in [
        (&["--help"][..], "Walk the life of a socket"),
        (&["step", "--help"], "One chapter; the earlier"),
        (&["list", "--help"], "The chapters, a line each"),
        (&["step", "bind", "--help"], "bind: attach an address"),
    ] {
        let shown = fine(words.iter().copied()).stdout();
        assert!(shown.starts_with(wanted), "{words:?}: {shown}");
    }
}

/// Which chapter? The answer is the help, where complaints go.
#[test]
fn a_command_without_its_chapter_is_helped() {
    for command in ["step", "read", "chapters"] {
        let run = Socklab::new([command]).run();
        assert_eq!((run.code, &*run.stdout()), (Some(2), ""));
        assert!(run.stderr.contains("Usage: socklab"), "{}", run.stderr);
        assert!(!run.stderr.contains("socklab: "), "{}", run.stderr);
    }
}

#[test]
fn list_as_json_is_a_line_for_each_chapter() {
    let lines = |words: &[&str]| fine(words.iter().copied()).events();
    let all = lines(&["list", "--json", "--no-progress"]);
    assert_eq!(all[1]["chapter"], "bind");
    assert_eq!(
        (&all[1]["number"], &all[1]["by_itself"]),
        (&2.into(), &false.into())
    );
    assert_eq!(all[1]["finished"], Value::Null);
    let is_asked =
        |line: &&Value| (&line["role"], &line["type"]) == (&"client".into(), &"stream".into());
    let is_inet = |line: &&Value| line["domain"] == "inet";
    let of_client: Vec<_> = all.iter().filter(is_asked).filter(is_inet).collect();
    let asked = lines(&["list", "--json", "--no-progress", "--role", "client"]);
    assert_eq!(of_client, asked.iter().collect::<Vec<_>>());
    assert_eq!(asked.len(), 5);
}

#[test]
fn what_has_no_json_says_so() {
    for words in [
        &["read", "bind"][..],
        &[],
        &["chapters", "check"],
        &["progress", "reset"],
    ] {
        let run = Socklab::new(words.iter().copied()).args(["--json"]).run();
        assert_eq!((run.code, &*run.stdout()), (Some(2), ""));
        assert!(run.stderr.contains("--json is for"), "{}", run.stderr);
    }
}

/// What a command does not heed it refuses, where it stands before the command, too.
#[test]
fn an_option_without_a_meaning_is_refused() {
    for (words, option) in [
        (&["inspect", "1", "--role", "client"][..], "--role"),
        (&["--force", "list"], "--force"),
        (&["read", "bind", "--auto"], "--auto"),
        (&["shell", "--peer", "builtin"], "--peer"),
        (&["trace", "--addr", "127.0.0.1:1", "--", "true"], "--addr"),
        (&["check", "--type", "dgram", "all", "--", "true"], "--type"),
        (&["progress", "--patience", "3"], "--patience"),
        (&["chapters", "check", "--no-reuseaddr"], "--no-reuseaddr"),
    ] {
        let run = Socklab::new(words.iter().copied()).run();
        assert_eq!((run.code, &*run.stdout()), (Some(2), ""), "{words:?}");
        let said = format!("{option} means nothing to `socklab ");
        assert!(run.stderr.contains(&said), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn version_is_the_packages() {
    let shown = fine(["--version"]).stdout();
    let version = shown.strip_prefix("socklab ").unwrap();
    let date = version.strip_prefix(env!("CARGO_PKG_VERSION")).unwrap();
    let date = date.trim().trim_matches(['(', ')']);
    assert!(date == "unreleased" || date.len() == 10, "{shown}");
}

#[test]
fn a_wrong_command_line_is_a_usage_error_on_stderr() {
    for (words, said) in [
        (vec!["wlak"], "walk"),
        (vec!["step"], "CHAPTER"),
        (vec!["step", "bnid"], "bind"),
        (vec!["read"], "CHAPTER"),
        (vec!["read", "nothing"], "nothing"),
        (vec!["walk", "bind"], "bind"),
        (vec!["walk", "--peer", "telnet"], "builtin"),
        (vec!["walk", "--auto=soon"], "seconds"),
        (vec!["walk", "--auto=-1"], "seconds"),
        (vec!["walk", "--auto=NaN"], "seconds"),
        (vec!["walk", "--patience", "inf"], "seconds"),
        (vec!["walk", "--color", "purple"], "always"),
        (vec!["walk", "--width", "3"], "30"),
        (vec!["walk", "--nonsense"], "--nonsense"),
        (vec!["list", "--width", "x"], "--width"),
        (vec!["chapters"], "check"),
        (vec!["__actor"], "__actor"),
        (vec!["__actor", "server", "nobody"], "own"),
    ] {
        let run = Socklab::new(&words).run();
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.stderr);
        assert_eq!(run.stdout(), "", "{words:?}");
        assert!(run.stderr.contains(said), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn step_runs_the_earlier_chapters_in_a_line_a_call() {
    let words = ["step", "listen", "--auto", "--addr", ANY_PORT];
    let shown = fine(words).stdout();
    for call in ["socket(", "setsockopt(", "bind("] {
        let mut lines = shown.lines().filter(|line| line.contains(call));
        let line = lines.next().unwrap_or_else(|| panic!("{call}: {shown}"));
        assert!(line.contains("done for you") || line.contains(" = ") || line.contains('{'));
    }
    assert!(shown.contains("done for you"), "{shown}");
    let listens = shown
        .lines()
        .any(|line| line.trim_start().starts_with("did     listen(3, 1) = 0"));
    assert!(listens, "{shown}");
    // The chapters behind it are not played.
    assert!(!shown.contains("accept("), "{shown}");
    let words = [
        "step",
        "listen",
        "--auto",
        "--json",
        "--addr",
        "127.0.0.1:0",
    ];
    let run = fine(words);
    let taught: Vec<(String, bool)> = run
        .all("chapter")
        .iter()
        .map(|event| {
            let id = event["chapter"].as_str().unwrap().to_string();
            (id, event["taught"].as_bool().unwrap())
        })
        .collect();
    let wanted = [("create", false), ("bind", false), ("listen", true)];
    let wanted: Vec<(String, bool)> = wanted.map(|(id, is)| (id.into(), is)).into();
    assert_eq!(taught, wanted);
}

#[test]
fn no_reuseaddr_leaves_that_step_out_and_nothing_else() {
    let calls = |run: &Run| -> Vec<String> {
        let exits = run.all("exit");
        let mut names: Vec<String> = exits
            .iter()
            .map(|exit| exit["call"].as_str().unwrap().to_string())
            .collect();
        names.retain(|name| name != "setsockopt");
        names
    };
    let with = Socklab::walk().run();
    let without = Socklab::walk().args(["--no-reuseaddr"]).run();
    with.assert_done();
    without.assert_done();
    assert_eq!(with.exits("server", "setsockopt").len(), 1);
    assert_eq!(without.exits("server", "setsockopt").len(), 0);
    assert_eq!(calls(&with), calls(&without));
}

#[test]
fn a_word_that_is_no_text_is_a_usage_error() {
    let bad = "exec \"$@\" \"$(printf '\\377')\"";
    for words in [vec!["list"], vec!["walk", "--addr"], vec!["step"]] {
        let run = Socklab::new(&words).under(["sh", "-c", bad, "sh"]).run();
        assert_eq!(run.code, Some(2), "{words:?}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn a_course_that_is_not_there_is_told() {
    let run = Socklab::new(["list", "--chapters", "/nonexistent"]).run();
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("/nonexistent/course.toml"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("No such file"), "{}", run.stderr);
    let run = Socklab::new(["list", "--chapters"]).run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}
