//! What is kept of the lessons, and what is not.

use std::fs;

use super::learner::Learner;
use super::pty::Terminal;
use super::waits::DOWN;

/// Plays `create` to its end.
fn create(learner: &Learner, more: &[&str]) -> Terminal {
    let words = [&["step", "create", "--no-predict"], more].concat();
    let mut terminal = learner.start(&words);
    finish_create(&mut terminal);
    terminal.leave();
    terminal
}

fn finish_create(terminal: &mut Terminal) {
    terminal.wait_next("socket(");
    terminal.send("\r");
    terminal.wait_menu("next chapter: bind");
}

/// How often `create` was finished, as the JSON has it.
fn times(learner: &Learner) -> u64 {
    let json: serde_json::Value =
        serde_json::from_str(&learner.says(&["progress", "--json"])).unwrap();
    json["chapters"]["server/create"]["finished"]
        .as_u64()
        .unwrap_or(0)
}

/// At the question whether to forget.
fn at_reset(learner: &Learner) -> Terminal {
    let mut terminal = learner.start(&["progress", "reset"]);
    let view = terminal.wait_menu("no, keep them");
    assert!(view.has("Forget "), "{}", view.show());
    terminal
}

#[test]
fn a_finished_chapter_has_a_tick_everywhere() {
    let learner = Learner::new();
    let tick = |learner: &Learner| learner.says(&["list"]).contains("✓  1 create");
    assert!(!tick(&learner));
    assert!(learner.says(&["progress"]).contains("Nothing yet"));
    create(&learner, &[]);
    assert!(tick(&learner), "{}", learner.says(&["list"]));
    let shown = learner.says(&["progress"]);
    assert!(shown.contains("A TCP server 1 of 33"), "{shown}");
    assert!(shown.contains("✓ create"), "{shown}");
    assert!(shown.contains("finished once"), "{shown}");
    assert_eq!(times(&learner), 1);
    create(&learner, &[]);
    assert_eq!(times(&learner), 2);
    // The menu of a bare start says it, too.
    let mut terminal = learner.start(&[]);
    let view = terminal.wait_menu("walk");
    assert!(
        view.has("Ask the kernel for a socket, finished"),
        "{}",
        view.show()
    );
    terminal.leave();
}

/// Who leaves on the way has not finished.
#[test]
fn a_chapter_that_was_left_has_no_tick() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "create", "--no-predict"]);
    terminal.wait_next("socket(");
    terminal.leave();
    assert_eq!(times(&learner), 0);
}

#[test]
fn reset_asks_and_no_is_the_first_answer() {
    let learner = Learner::new();
    create(&learner, &[]);
    for keys in ["\r", "q", "\x1b"] {
        let mut terminal = at_reset(&learner);
        terminal.send(keys);
        assert_eq!(terminal.wait_exit(), 0, "{keys:?}");
        assert!(terminal.view().has("Kept."), "{keys:?}");
        terminal.assert_restored();
        assert_eq!(times(&learner), 1, "{keys:?}");
    }
    let mut terminal = at_reset(&learner);
    terminal.send("\x03");
    assert_eq!(terminal.wait_exit(), 130);
    terminal.assert_restored();
    assert_eq!(times(&learner), 1);
    let mut terminal = at_reset(&learner);
    terminal.send(DOWN);
    terminal.wait_menu("yes, forget them");
    terminal.send("\r");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(terminal.view().has("Forgotten: "));
    terminal.assert_restored();
    assert!(!learner.file().exists());
    assert_eq!(times(&learner), 0);
    // Nothing to ask about.
    let mut terminal = learner.start(&["progress", "reset"]);
    assert_eq!(terminal.wait_exit(), 0);
    assert!(terminal.view().has("There is no progress to forget."));
}

#[test]
fn reset_by_number() {
    let learner = Learner::new();
    create(&learner, &[]);
    let mut terminal = learner.start(&["progress", "reset", "--plain"]);
    terminal.wait("the hint", |view| view.has("Type a number from 1 to 2"));
    terminal.send("2\r");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(!learner.file().exists());
}

#[test]
fn without_a_terminal_reset_is_refused_unless_forced() {
    let learner = Learner::new();
    create(&learner, &[]);
    let refused = learner.socklab(&["progress", "reset"]).run();
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(times(&learner), 1);
    let forced = learner.socklab(&["progress", "reset", "--force"]).run();
    assert_eq!(forced.code, Some(0));
    assert!(!learner.file().exists());
}

/// Neither unwanted, nor of a course of one's own, nor where nobody was at the keys.
#[test]
fn what_is_not_progress_is_not_kept() {
    let learner = Learner::new();
    create(&learner, &["--no-progress"]);
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/chapters");
    create(&learner, &["--chapters", own]);
    let mut terminal = learner.start(&["step", "create", "--auto"]);
    assert_eq!(terminal.wait_exit(), 0);
    let unattended = learner.socklab(&["step", "create"]).run();
    assert_eq!(unattended.code, Some(0));
    assert!(!learner.file().exists());
}

/// The lesson goes on, and it is said once, at the end.
#[test]
fn where_nothing_can_be_kept_it_is_said_once() {
    let learner = Learner::new();
    let step = || learner.socklab(&["step", "create", "--no-predict"]);
    let nowhere = step().without_env("XDG_STATE_HOME").without_env("HOME");
    // Not even root makes a folder there.
    let unwritable = step().env("XDG_STATE_HOME", "/proc/self/nowhere");
    for (socklab, said) in [
        (nowhere, "HOME is not set"),
        (unwritable, "/proc/self/nowhere"),
    ] {
        let mut terminal = socklab.in_terminal(200);
        finish_create(&mut terminal);
        terminal.send("\r");
        terminal.wait_setsockopt();
        terminal.send("c");
        terminal.wait_menu("next chapter: listen");
        assert!(!terminal.view().has(said));
        terminal.leave();
        let written = terminal.written();
        assert_eq!(
            written.matches("The lesson went on").count(),
            1,
            "{written}"
        );
        assert_eq!(written.matches(said).count(), 1, "{written}");
    }
}

/// It is in nobody's way, and a look at progress says so.
#[test]
fn a_damaged_line_is_skipped_and_that_is_said() {
    let learner = Learner::new();
    fs::create_dir_all(learner.file().parent().unwrap()).unwrap();
    fs::write(learner.file(), "{ damaged").unwrap();
    create(&learner, &[]);
    assert_eq!(times(&learner), 1);
    let said = learner.socklab(&["list"]).run().stderr;
    assert!(said.contains("line 1 was skipped"), "{said}");
    let kept = fs::read_to_string(learner.file()).unwrap();
    assert!(kept.starts_with("{ damaged\n"), "{kept}");
}

#[test]
fn two_runs_at_once_lose_nothing() {
    let learner = Learner::new();
    let words = ["step", "create", "--no-predict"];
    let mut runs = [learner.start(&words), learner.start(&words)];
    for run in &mut runs {
        run.wait_next("socket(");
    }
    // Both finish before either leaves.
    for run in &mut runs {
        finish_create(run);
    }
    for run in &mut runs {
        run.leave();
    }
    assert_eq!(times(&learner), 2);
}
