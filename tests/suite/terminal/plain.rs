//! `--plain` and ACCESSIBLE=1: numbered lines, and nothing is ever rewritten.

use std::time::Duration;

use super::learner::Learner;
use super::pty::{Terminal, without_escapes};
use super::view::View;
use crate::support::connect;

const HINT: &str = "Type a number from 1 to ";

/// Waits for the nth hint below a numbered list.
fn wait_list(terminal: &mut Terminal, nth: usize) -> View {
    terminal.wait_count(HINT, nth)
}

/// At the question of `listen`.
fn at_list(learner: &Learner) -> Terminal {
    let mut terminal = learner.start(&["step", "listen", "--plain"]);
    wait_list(&mut terminal, 1);
    terminal
}

/// Nothing goes back to what stands there: no sequence but those of colours, and no
/// carriage return but that of a new line.
fn assert_not_rewritten(terminal: &Terminal) {
    let raw = terminal.raw();
    for rest in raw.split('\x1b').skip(1) {
        let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        assert_eq!(&rest[end..=end], "m", "{rest:?}");
    }
    let lines = without_escapes(&raw).replace("\r\n", "\n");
    assert!(!lines.contains('\r'), "{lines:?}");
}

#[test]
fn a_question_is_numbered_lines_and_its_answer_a_number() {
    let learner = Learner::new();
    let step = || learner.socklab(&["step", "bind"]);
    for socklab in [step().args(["--plain"]), step().env("ACCESSIBLE", "1")] {
        let mut terminal = socklab.in_terminal(80);
        wait_list(&mut terminal, 1);
        terminal.send("4\r");
        terminal.wait_next("setsockopt(3,");
        terminal.send("\r");
        let view = wait_list(&mut terminal, 2);
        for line in [
            "  1. ss shows it, and clients get in",
            "  3. ss does not show it, and clients are refused",
            "  5. skip this question",
            "  Type a number from 1 to 5 and Enter; Enter alone is 5; s skips; q leaves.",
        ] {
            assert!(
                view.lines().any(|row| row == line),
                "{line}:\n{}",
                view.show()
            );
        }
        assert!(!view.hides_cursor);
        terminal.send("1\r");
        terminal.wait_next("bind(3,");
        terminal.send("\r");
        let view = wait_list(&mut terminal, 3);
        assert!(view.has("1. next chapter: listen"), "{}", view.show());
        assert!(view.tells("you said: ss shows it, and clients get in"));
        assert!(view.tells("observed: ss does not show it, and clients are refused"));
        terminal.send("1\r");
        wait_list(&mut terminal, 4);
        terminal.send("4\r");
        terminal.wait_next("listen(3,");
        assert_not_rewritten(&terminal);
        terminal.leave();
        assert_not_rewritten(&terminal);
    }
}

#[test]
fn nonsense_asks_again() {
    let learner = Learner::new();
    let mut terminal = at_list(&learner);
    for (nth, typed) in ["0", "5", "-1", "two", "1 2", "99999999999999999999"]
        .iter()
        .enumerate()
    {
        terminal.send(&format!("{typed}\r"));
        wait_list(&mut terminal, nth + 2);
    }
    terminal.send(" 2 \r");
    terminal.wait_next("listen(3,");
}

/// As at any other prompt: what is typed is seen and can be mended. At a pause keys
/// are keys again.
#[test]
fn a_line_is_edited_as_usual_and_keys_are_not_echoed_afterwards() {
    let learner = Learner::new();
    let mut terminal = at_list(&learner);
    terminal.send("97\x7f\x7f2");
    terminal.wait("the echo", |view| view.cursor_row() == "2");
    terminal.send("\r");
    terminal.wait_next("listen(3,");
    terminal.wait_until_it_has_the_keys();
    let seen = terminal.written().len();
    terminal.send("zz");
    terminal.watch(Duration::from_millis(100));
    terminal.inspect();
    assert!(!terminal.written()[seen..].contains("zz"));
}

#[test]
fn an_empty_line_and_s_skip_a_question_and_q_and_ctrl_d_leave() {
    for (skips, leaves) in [("\r", "q\r"), ("s\r", "\x04")] {
        let learner = Learner::new();
        let mut terminal = at_list(&learner);
        terminal.send(skips);
        terminal.wait_next("listen(3,");
        terminal.send("c");
        let view = wait_list(&mut terminal, 2);
        assert!(view.has("listen is done"), "{}", view.show());
        terminal.send(leaves);
        assert_eq!(terminal.wait_exit(), 0, "{leaves:?}");
        terminal.assert_restored();
        let belief = learner.belief("go-cannot-bind").unwrap();
        assert!(belief.starts_with("met "), "{belief}");
        let mut terminal = at_list(&learner);
        terminal.send(leaves);
        assert_eq!(terminal.wait_exit(), 0, "{leaves:?}");
        terminal.assert_restored();
    }
}

/// As in a menu with a cursor: Enter alone takes the first.
#[test]
fn an_empty_line_goes_on_at_the_end_of_a_chapter() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "bind", "--plain", "--no-predict"]);
    terminal.wait_next("setsockopt(3,");
    terminal.send("c");
    let view = wait_list(&mut terminal, 1);
    assert!(
        view.tells("Enter alone is 1; b back; h hints; q leaves."),
        "{}",
        view.show()
    );
    terminal.send("\r");
    terminal.wait_next("listen(3, 1)");
}

#[test]
fn ctrl_c_at_a_numbered_menu_is_an_interruption() {
    let learner = Learner::new();
    let mut terminal = at_list(&learner);
    terminal.send("2\r");
    terminal.wait_next("listen(3,");
    terminal.send("c");
    wait_list(&mut terminal, 2);
    let traces = terminal.traces();
    terminal.send("\x03");
    assert_eq!(terminal.wait_exit(), 130);
    terminal.wait_gone(&traces);
    terminal.assert_restored();
}

#[test]
fn bare_socklab_lists_its_beginnings_by_number() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["--plain", "--no-predict"]);
    let view = wait_list(&mut terminal, 1);
    assert!(view.has("1. walk "), "{}", view.show());
    terminal.send("3\r");
    let view = terminal.wait_setsockopt();
    assert!(view.has("── 2 bind"), "{}", view.show());
    assert_not_rewritten(&terminal);
    for (typed, status) in [("q\r", 0), ("\x04", 0), ("\x03", 130)] {
        let mut terminal = learner.start(&["--plain"]);
        wait_list(&mut terminal, 1);
        terminal.send(typed);
        assert_eq!(terminal.wait_exit(), status, "{typed:?}");
        terminal.assert_restored();
    }
}

/// A client comes while the list is open: that is told below it, and the list can be
/// answered still.
#[test]
fn what_changes_is_told_while_a_list_is_open() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "listen", "--plain", "--no-predict"]);
    terminal.wait_next("listen(3, 1)");
    terminal.send("c");
    let port = wait_list(&mut terminal, 1).port();
    let _client = connect(port);
    terminal.wait("the client", |view| {
        view.has("  look ") && view.has("queue 1/1")
    });
    terminal.send("1\r");
    terminal.wait_next("accept(3,");
    assert_not_rewritten(&terminal);
}

/// What goes on meanwhile is told once, in a line that stays.
#[test]
fn a_blocked_call_has_no_line_that_changes() {
    let learner = Learner::new();
    let mut terminal = learner.start(&["step", "accept", "--plain", "--no-predict"]);
    let port = terminal.wait_next("accept(3,").port();
    terminal.send("\r");
    terminal.wait_blocked_in_lines();
    let _client = connect(port);
    let view = wait_list(&mut terminal, 1);
    assert!(view.has("did     accept(3,"), "{}", view.show());
    assert!(!view.has("accept sleeps"), "{}", view.show());
    assert_not_rewritten(&terminal);
}
