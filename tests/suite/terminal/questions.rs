//! Every question of the course, and every pause of it, fits the screen.

use super::places::at_question;
use super::pty::Terminal;
use super::view::View;
use super::waits::SKIP;
use crate::support::{Socklab, tracks};

/// Plays a chapter and skips its questions; `look` sees the screen at each of them and
/// at each pause.
fn play(terminal: &mut Terminal, look: impl Fn(&View)) {
    let mut made = 0;
    loop {
        let view = terminal.wait_stop(made);
        if view.at_pause() {
            look(&view);
            made += 1;
            terminal.send("\r");
        } else if view.rows.iter().any(|row| row.contains(SKIP)) {
            look(&view);
            terminal.send("s");
            terminal.wait("the question to go", |view| !view.at_menu());
        } else {
            return terminal.leave();
        }
    }
}

/// Plays every chapter of every track in that many columns, with more options.
fn all(cols: u16, more: &[&str], look: impl Fn(&str, &View)) {
    for track in tracks() {
        for chapter in track.all() {
            let (addr, _dir) = track.own_address();
            let mut words = vec!["step", &chapter.id, "--addr", &addr, "--peer", "builtin"];
            words.extend(track.options());
            words.extend(more);
            let place = words.join(" ");
            let mut terminal = Socklab::new(words).in_terminal(cols);
            play(&mut terminal, |view| look(&place, view));
            if more.contains(&"--ascii") {
                let raw = terminal.raw();
                let other: String = raw.chars().filter(|c| !c.is_ascii()).collect();
                assert_eq!(other, "", "{place}");
            }
        }
    }
}

/// No line is broken by the terminal, and no choice is cut short.
fn is_whole(place: &str, view: &View) {
    assert!(view.wrapped.is_empty(), "{place}: {:?}", view.wrapped);
    let cut = view.rows.iter().find(|row| row.ends_with("..."));
    assert_eq!(cut, None, "{place}");
}

#[test]
fn every_question_and_every_pause_fits_80_columns_and_24_lines() {
    all(80, &[], |place, view| {
        is_whole(place, view);
        // What is asked about is on the screen with the question.
        for label in ["  now ", "  next "] {
            let shown = view.rows.iter().any(|row| row.starts_with(label));
            assert!(shown, "{place}: {label}\n{}", view.show());
        }
    });
}

#[test]
fn every_question_and_every_pause_fits_60_columns() {
    all(60, &[], is_whole);
}

#[test]
fn every_question_and_every_pause_is_ascii_where_that_is_wanted() {
    all(60, &["--ascii"], is_whole);
}

#[test]
fn a_question_in_a_terminal_that_becomes_narrower_can_be_answered() {
    let mut terminal = at_question();
    terminal.resize(60, 20);
    terminal.pick(1);
    let view = terminal.wait_next("listen(3,");
    assert!(!view.has(SKIP), "{}", view.show());
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    assert!(
        view.has("you said: socket, setsockopt, bind and listen"),
        "{}",
        view.show()
    );
}
