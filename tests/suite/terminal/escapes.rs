//! Nothing in a course steers a terminal, in menus and questions neither.

use super::pty::{Terminal, without_escapes};
use crate::support::{ANY_PORT, Socklab, obeyed, obeying_course};

/// What socklab itself has written is colours and movements of the cursor.
#[track_caller]
fn assert_not_steered(terminal: &Terminal) {
    let written = without_escapes(&terminal.raw());
    let obeyed = obeyed();
    let strange = |c: &char| obeyed.contains(*c) && !c.is_ascii_graphic();
    let found: Vec<char> = written.chars().filter(strange).collect();
    assert!(found.is_empty(), "{found:?} in {written:?}");
}

#[test]
fn no_title_and_no_choice_steers_a_terminal() {
    let course = obeying_course(|_, text| text);
    let socklab = Socklab::new(["--addr", ANY_PORT, "--no-progress"]).chapters(&course);
    let mut terminal = socklab.in_terminal(100);
    terminal.wait("the menu", |view| view.tells("lab Lab"));
    assert_not_steered(&terminal);
    terminal.send("2");
    terminal.wait_menu("lab");
    terminal.send("\r");
    terminal.skip("one");
    terminal.wait_pause();
    assert_not_steered(&terminal);
    terminal.send("w");
    terminal.wait("the reasons", |view| view.has("verbatim"));
    terminal.send("c");
    terminal.wait_menu("quit");
    terminal.leave();
    assert_not_steered(&terminal);
}

#[test]
fn no_numbered_choice_steers_a_terminal() {
    let course = obeying_course(|_, text| text);
    let words = ["step", "lab", "--plain", "--addr", ANY_PORT];
    let socklab = Socklab::new(words).chapters(&course);
    let mut terminal = socklab.in_terminal(100);
    terminal.wait("the hint", |view| view.has("Type a number from 1 to 3"));
    terminal.send("1\r");
    terminal.wait_pause();
    terminal.leave();
    assert_not_steered(&terminal);
}
