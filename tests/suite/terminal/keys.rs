//! What each key does, at a pause, inside a blocked call and in the menus.

use std::fs;
use std::time::Duration;

use super::places::{at_bare_menu, at_chapter_end, at_pause_of, at_question, in_accept, in_recv};
use super::pty::{Terminal, socklab};
use super::view::View;
use super::waits::{DOWN, UP};
use crate::support::{ANY_PORT, Socklab, sockets_of};

const PASTED: &str = "That was pasted or typed ahead";

#[test]
fn enter_makes_the_call_and_no_other() {
    let mut terminal = socklab(&["step", "create", "--addr", ANY_PORT]);
    let server = terminal.wait_next("socket(").server();
    let before = sockets_of(server).len();
    terminal.send("\r");
    let view = terminal.wait_menu("next chapter");
    assert_eq!(sockets_of(server).len(), before + 1);
    assert!(view.has("did     socket(AF_INET, SOCK_STREAM, 0) = 3"));
    assert_eq!(terminal.view().made(), 1);
}

#[test]
fn i_shows_the_fd_table_and_the_process_and_makes_no_call() {
    let mut terminal = at_pause_of("bind");
    let view = terminal.inspect();
    let server = view.server();
    let target = fs::read_link(format!("/proc/{server}/fd/3")).unwrap();
    let entry = format!("3 → {}", target.display());
    let table: Vec<&str> = view
        .lines()
        .skip_while(|line| !line.starts_with("  fds "))
        .take(4)
        .collect();
    assert!(table[0].contains("0 → socket:["), "{table:?}");
    assert!(table.join(" ").contains(&entry), "{entry} in {table:?}");
    assert!(view.has("cookie "));
    assert_eq!(terminal.view().made(), 0);
    // Looking once more looks once more.
    terminal.send("i");
    terminal.wait_count("  process ", 2);
}

#[test]
fn w_tells_why_in_the_words_of_the_chapter() {
    let mut terminal = at_pause_of("bind");
    let before = terminal
        .view()
        .lines()
        .filter(|line| !line.is_empty())
        .count();
    terminal.send("w");
    let view = terminal.wait("why", |view| {
        view.has("--no-reuseaddr") && view.at_pause() && view.lines().count() > before + 4
    });
    let read = ["read", "bind", "--width", "80", "--addr", ANY_PORT];
    let chapter = Socklab::new(read).run().stdout();
    let lines: Vec<&str> = view.lines().filter(|line| !line.is_empty()).collect();
    let said = &lines[before - 1..lines.len() - 1];
    assert!(said.len() > 3, "{said:?}");
    for line in said {
        assert!(
            chapter.contains(line.trim_end()),
            "{line:?} is not in the chapter"
        );
    }
    assert_eq!(terminal.view().made(), 0);
}

/// The reason stands on the screen, and not in other languages first.
#[test]
fn w_is_the_reason_and_l_the_languages() {
    let mut terminal = at_pause_of("bind");
    let before = terminal.raw().len();
    terminal.send("w");
    terminal.wait_until_written(before, |view, _| view.at_pause());
    let view = terminal.view();
    assert!(!view.has("Python"), "{}", view.show());
    terminal.send("l");
    let view = terminal.wait("languages", |view| view.has("Python") && view.at_pause());
    assert_eq!(view.made(), 0);
}

#[test]
fn c_runs_on_to_the_end_of_the_chapter() {
    let terminal = at_chapter_end();
    assert_eq!(terminal.view().made(), 2);
    assert!(!terminal.view().has("Enter run it"));
}

#[test]
fn c_is_for_this_chapter_only() {
    let mut terminal = at_chapter_end();
    terminal.send("\r");
    terminal.wait_next("listen(3, 1)");
}

#[test]
fn q_and_ctrl_d_leave_with_success() {
    for key in ["q", "\x04"] {
        let mut terminal = at_pause_of("listen");
        terminal.send(key);
        assert_eq!(terminal.wait_exit(), 0, "{key:?}");
        terminal.assert_restored();
        assert!(terminal.view().has("You left"));
    }
}

#[test]
fn other_keys_do_nothing() {
    let mut terminal = at_pause_of("bind");
    let before = terminal.view();
    for key in [
        "x", "Q", "I", " ", "\t", "7", "ä", UP, DOWN, "\x1b[C", "\x1b[D", "\x1bOP", "\x1b[15~",
        "\x1b",
    ] {
        terminal.send(key);
    }
    let after = terminal.inspect();
    assert_eq!(terminal.view().made(), 0);
    let told = |view: &View| view.lines().take(15).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(told(&before), told(&after));
}

#[test]
fn a_key_right_behind_an_arrow_is_not_lost() {
    let mut terminal = at_pause_of("bind");
    terminal.send("\x1b[Bi\x1bOA");
    terminal.wait_inspection();
    assert_eq!(terminal.view().made(), 0);
}

/// The client's command, pasted into the wrong window: its `c` is not the key `c`.
#[test]
fn what_is_pasted_is_no_command_and_that_is_said_once() {
    for text in ["nc -v 127.0.0.1 7143", "nc -v 127.0.0.1 7143\r", "\rwcq"] {
        let mut terminal = at_pause_of("bind");
        terminal.send(text);
        let view = terminal.wait("what is said of it", |view| {
            view.has(PASTED) && view.at_pause()
        });
        assert_eq!(view.count(PASTED), 1, "{}", view.show());
        let view = terminal.inspect();
        assert_eq!(view.made(), 0, "{text:?}: {}", view.show());
        assert!(!terminal.raw().contains("7143"), "it was echoed");
        terminal.leave();
    }
}

#[test]
fn what_is_pasted_is_no_command_while_a_call_blocks_or_in_a_menu() {
    let (mut terminal, _) = in_accept();
    terminal.send("quick\r");
    terminal.wait("what is said of it", |view| view.has(PASTED));
    terminal.wait_blocked("accept");
    terminal.leave();
    for mut terminal in [at_chapter_end(), at_bare_menu(), at_question()] {
        terminal.send("2q\r");
        let view = terminal.wait("what is said of it", |view| {
            view.has(PASTED) && view.at_menu()
        });
        assert!(!view.has("You left"), "{}", view.show());
        terminal.leave();
    }
}

/// Who holds a key down, or knows what comes, is not slowed down.
#[test]
fn one_key_pressed_often_is_used_as_often() {
    let mut terminal = at_pause_of("bind");
    terminal.send("\r\r");
    terminal.wait_menu("next chapter");
    assert_eq!(terminal.view().made(), 2);
    assert!(!terminal.view().has(PASTED));
}

#[test]
fn what_is_typed_ahead_answers_no_menu() {
    let mut terminal = at_pause_of("bind");
    terminal.send("\r\r\r\r\r");
    terminal.wait_menu("next chapter");
    let view = terminal.watch(Duration::from_millis(200));
    assert!(!view.has("listen(3, 1)"), "{}", view.show());
    assert_eq!(terminal.view().made(), 2);
}

#[test]
fn keys_work_while_accept_blocks() {
    let (mut terminal, _) = in_accept();
    keys_inside(&mut terminal, "accept");
}

#[test]
fn keys_work_while_recv_blocks() {
    let (mut terminal, _, _client) = in_recv();
    keys_inside(&mut terminal, "recvfrom");
}

/// Keys inside a call that sleeps.
fn keys_inside(terminal: &mut Terminal, call: &str) {
    let made_before = terminal.view().made();
    for key in ["\r", "x"] {
        terminal.send(key);
        terminal.watch(Duration::from_millis(100));
    }
    terminal.send("i");
    terminal.wait("the inspection", |view| view.has("  process S (sleeping)"));
    terminal.wait_blocked(call);
    let lines = terminal
        .view()
        .lines()
        .filter(|line| !line.is_empty())
        .count();
    terminal.send("w");
    terminal.wait("why", |view| {
        view.lines().filter(|line| !line.is_empty()).count() > lines + 2
    });
    terminal.wait_blocked(call);
    assert_eq!(terminal.view().made(), made_before);
    assert_eq!(terminal.view().count(&format!("{call} sleeps")), 1);
    terminal.leave();
}

#[test]
fn a_digit_chooses_and_enter_confirms() {
    let mut terminal = at_chapter_end();
    terminal.send("3");
    terminal.wait_menu("quit");
    terminal.send("1");
    terminal.wait_menu("next chapter");
    terminal.send("\r");
    terminal.wait_next("listen(3, 1)");
    let mut terminal = at_bare_menu();
    terminal.send("3");
    terminal.wait_menu("bind");
    terminal.send("\r");
    terminal.wait_next("setsockopt(3,");
}

#[test]
fn the_menu_goes_on_looks_again_and_quits() {
    let mut terminal = at_chapter_end();
    terminal.send(DOWN);
    terminal.wait_menu("look again");
    terminal.send("\r");
    terminal.wait("the inspection and the menu again", |view| {
        view.has("  process ") && view.at_menu()
    });
    terminal.send("\r");
    terminal.wait_next("listen(3, 1)");
    terminal.send("\r");
    terminal.wait_menu("next chapter: accept");
    terminal.send(UP);
    terminal.wait_menu("quit");
    terminal.send("\r");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
fn b_shows_the_pause_before_once_more() {
    let mut terminal = at_chapter_end();
    terminal.send("b");
    terminal.wait("the last pause of bind and the menu again", |view| {
        view.has("The pause before, as it stood then:")
            && view.count("next    bind(3,") == 2
            && view.at_menu()
    });
    terminal.send("\r");
    terminal.wait_next("listen(3, 1)");
    terminal.send("b");
    terminal.wait("the last pause of bind at the pause of listen", |view| {
        view.count("next    bind(3,") == 3
    });
    terminal.wait_next("listen(3, 1)");
    terminal.leave();
}

#[test]
fn the_menu_is_left_with_q_and_escape_and_ctrl_d() {
    for key in ["q", "\x1b", "\x04"] {
        let mut terminal = at_chapter_end();
        terminal.send(key);
        assert_eq!(terminal.wait_exit(), 0, "{key:?}");
        terminal.assert_restored();
    }
}

#[test]
fn after_the_walk_the_chapters_beside_it_are_offered() {
    let mut terminal = at_pause_of("yours");
    let walked = terminal.view().server();
    terminal.send("c");
    // Who only presses Enter is done.
    let view = terminal.wait_menu("quit");
    assert!(view.has("yours is done"), "{}", view.show());
    assert!(view.has("1  next chapter: serve"), "{}", view.show());
    terminal.send("1");
    terminal.wait_menu("next chapter: serve");
    terminal.send("\r");
    // It begins with new processes, and plays for the learner what it needs.
    let view = terminal.wait_next("accept(3,");
    assert!(view.has("── 8 serve"), "{}", view.show());
    assert_ne!(view.server(), walked);
    terminal.leave();
}

#[test]
fn the_last_chapter_offers_no_next_one() {
    let mut terminal = socklab(&["step", "dual", "--addr", ANY_PORT]);
    terminal.wait_pause();
    terminal.send("c");
    let view = terminal.wait_menu("quit");
    assert!(view.has("dual is done"));
    assert!(!view.has("next chapter"), "{}", view.show());
    terminal.leave();
}

#[test]
fn bare_socklab_starts_the_chapter_that_is_picked() {
    let mut terminal = at_bare_menu();
    terminal.send(DOWN);
    terminal.wait_menu("create");
    terminal.send(DOWN);
    terminal.wait_menu("bind");
    terminal.send("\r");
    let view = terminal.wait_setsockopt();
    assert!(view.has("done for you"));
}

#[test]
fn bare_socklab_starts_the_walk() {
    let mut terminal = at_bare_menu();
    terminal.send("\r");
    let view = terminal.wait_next("socket(");
    assert!(!view.has("done for you"));
}

#[test]
fn bare_socklab_is_left_with_q_and_escape_and_ctrl_d() {
    for key in ["q", "\x1b", "\x04"] {
        let mut terminal = at_bare_menu();
        terminal.send(key);
        assert_eq!(terminal.wait_exit(), 0, "{key:?}");
        terminal.assert_restored();
    }
}
