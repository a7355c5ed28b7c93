//! Played with Enter alone: whatever rests on a screen of 24 lines shows the result of
//! the call before it.

use std::collections::BTreeSet;

use super::pty::Terminal;
use super::view::View;
use super::waits::SKIP;
use crate::support::{ANY_PORT, Socklab, Track, dir_of_test, track, tracks};

/// The most keys that the walk of a TCP server takes without questions.
const KEYS: usize = 20;

/// The most that it takes with questions.
const KEYS_WITH_QUESTIONS: usize = 33;

/// Plays to the end with Enter alone, skips what is asked, and gives the number of keys.
fn play(mut terminal: Terminal, is_walk: bool, what: &str) -> usize {
    let mut keys = 0;
    loop {
        let before = if keys == 0 { 0 } else { terminal.raw().len() };
        if keys > 0 {
            terminal.send(key(&terminal.view(), is_walk));
        }
        let mut ended = false;
        terminal.wait_until_written(before, |view, is_over| {
            ended = is_over;
            is_over || rests(view)
        });
        if ended {
            return keys;
        }
        assert_shows_the_last_result(&terminal.view(), what);
        keys += 1;
        assert!(keys < 200, "{what}: it does not end");
    }
}

/// Enter, but for a question, where it chooses nothing, and for the last menu, where it
/// goes on to other chapters, or looks again.
fn key(view: &View, is_walk: bool) -> &'static str {
    if !view.at_menu() {
        return "\r";
    }
    if view.has(SKIP) {
        return "s";
    }
    let is_over = !is_walk || view.lines().any(|line| line.starts_with("  recap "));
    if is_over { "q" } else { "\r" }
}

fn rests(view: &View) -> bool {
    view.at_pause() || view.at_menu() || view.has_more()
}

/// The last call that was made, and what it returned, stand on the screen.
#[track_caller]
fn assert_shows_the_last_result(view: &View, what: &str) {
    let lines: Vec<&str> = view.lines().collect();
    let told = view.rows.iter().filter(|row| row.starts_with("  was "));
    let told: Vec<&String> = told.collect();
    let distinct: BTreeSet<&String> = told.iter().copied().collect();
    assert_eq!(
        told.len(),
        distinct.len(),
        "{what}: twice:\n{}",
        view.show()
    );
    let Some(at) = lines.iter().rposition(|line| line.starts_with("  did ")) else {
        return;
    };
    let did: String = lines[at..]
        .iter()
        .enumerate()
        .take_while(|(nth, line)| *nth == 0 || line.starts_with("          "))
        .map(|(_, line)| format!("{} ", line.trim()))
        .collect();
    let call = did.trim_start_matches("did").trim_start();
    let name = &call[..=call.find('(').unwrap()];
    let (_, value) = call.rsplit_once(") = ").unwrap();
    let value = value.split_whitespace().next().unwrap();
    let rows = view.rows.iter();
    let shown: Vec<&String> = rows
        .skip_while(|row| !row.starts_with("  did ") && !row.starts_with("  was "))
        .collect();
    let text: String = shown.iter().map(|row| format!("{} ", row.trim())).collect();
    assert!(
        text.contains(name) && text.contains(&format!(") = {value}")),
        "{what}: the result of {name}…) = {value} is not on the screen:\n{}",
        view.show()
    );
}

fn run(track: &Track, words: &[&str], cols: u16) -> usize {
    let dir = dir_of_test();
    let path = dir.join("s").display().to_string();
    let addr = if track.domain == "unix" {
        &path
    } else {
        ANY_PORT
    };
    let socklab = Socklab::new(words)
        .args(track.options())
        .args(["--peer", "builtin", "--no-progress"])
        .args(["--addr", addr]);
    let what = format!("{words:?} of {} at {cols} columns", track.id);
    play(socklab.in_terminal(cols), words[0] == "walk", &what)
}

#[test]
fn every_walk_shows_each_result() {
    for track in tracks() {
        for cols in [80, 60] {
            let keys = run(&track, &["walk", "--no-predict"], cols);
            if track.id == "server" && cols == 80 {
                assert!(keys <= KEYS, "{keys}");
            }
        }
    }
}

#[test]
fn a_walk_with_questions_is_short_and_shows_each_result() {
    let track = track("server");
    let keys = run(&track, &["walk"], 80);
    assert!(keys <= KEYS_WITH_QUESTIONS, "{keys}");
}

#[test]
fn every_other_chapter_shows_each_result() {
    for track in tracks() {
        for chapter in &track.extras {
            for cols in [80, 60] {
                run(&track, &["step", &chapter.id, "--no-predict"], cols);
            }
        }
    }
}
