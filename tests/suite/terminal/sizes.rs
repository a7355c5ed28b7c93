//! Narrow terminals, terminals without colour or without Unicode, and ones that
//! change their size.

use std::net::UdpSocket;

use super::places::{CHAPTERS, at_chapter_end, in_accept};
use super::pty::{Terminal, without_escapes};
use super::view::View;
use crate::support::{ANY_PORT, Socklab, dir_of_test};

/// The whole course at the keys, with the built-in client.
const WALK: [&str; 6] = [
    "walk",
    "--addr",
    ANY_PORT,
    "--peer",
    "builtin",
    "--no-predict",
];

/// Plays a walk to its end and shows `at_stop` the screen at every pause and
/// every menu. Returns how many pauses there were.
fn play(terminal: &mut Terminal, at_stop: impl Fn(&View)) -> usize {
    let mut pauses = 0;
    let mut menus = 0;
    loop {
        let view = terminal.wait_stop(pauses);
        at_stop(&view);
        if view.at_pause() {
            pauses += 1;
            terminal.send("\r");
            continue;
        }
        menus += 1;
        if menus == CHAPTERS.len() {
            terminal.leave();
            return pauses;
        }
        terminal.send("\r");
        terminal.wait("the menu to go", |view| !view.at_menu() && !view.at_list());
    }
}

/// A walk of that width: nothing is wider.
fn fits(cols: u16) {
    let mut terminal = Socklab::new(WALK).in_terminal(cols);
    let pauses = play(&mut terminal, |view| {
        assert!(
            view.wrapped.is_empty(),
            "{:?}\n{}",
            view.wrapped,
            view.show()
        );
    });
    assert!(pauses > 10, "{pauses}");
    let lines = |view: &View| view.lines().map(str::to_owned).collect::<Vec<_>>();
    for line in lines(&terminal.view()) {
        assert!(unicode_width::UnicodeWidthStr::width(&*line) <= usize::from(cols));
    }
    terminal.assert_restored();
}

#[test]
fn no_line_is_wider_than_80_columns() {
    fits(80);
}

#[test]
fn no_line_is_wider_than_60_columns() {
    fits(60);
}

#[test]
fn no_line_is_wider_than_40_columns() {
    fits(40);
}

/// Where what belongs to the pause on the screen begins: the heading of the
/// chapter, or the prose of the step.
fn start_of_block(lines: &[&str]) -> usize {
    let heading = lines.iter().rposition(|line| line.starts_with("── "));
    let did = lines.iter().rposition(|line| line.starts_with("  did "));
    match (heading, did) {
        (Some(heading), did) if did.is_none_or(|did| did < heading) => heading,
        (_, Some(did)) => {
            let blank = lines[did..].iter().position(|line| line.is_empty());
            did + blank.expect("a blank line ends what was said of a call") + 1
        }
        _ => 0,
    }
}

#[test]
fn every_pause_fits_a_screen_of_24_lines() {
    let mut terminal = Socklab::new(WALK).in_terminal(80);
    let pauses = play(&mut terminal, |view| {
        if view.at_pause() {
            let lines: Vec<&str> = view.lines().collect();
            let start = start_of_block(&lines);
            let over = view.above.len().saturating_sub(start);
            assert!(
                over == 0,
                "{over} lines have scrolled away:\n{}",
                view.show()
            );
        }
    });
    assert!(pauses > 10, "{pauses}");
}

#[test]
fn a_run_goes_on_in_a_terminal_that_became_narrower() {
    let mut terminal = Socklab::new(WALK).in_terminal(80);
    terminal.wait_next("socket(");
    terminal.resize(50, 20);
    let seen = terminal.raw().len();
    terminal.send("\r");
    terminal.wait_menu("next chapter");
    terminal.send("\r");
    terminal.wait_setsockopt();
    let fresh = terminal.raw()[seen..].to_string();
    for line in fresh.split(['\n', '\r']) {
        let width = unicode_width::UnicodeWidthStr::width(&*without_escapes(line));
        assert!(width <= 50, "{width}: {line:?}");
    }
}

#[test]
fn the_live_line_stays_one_line_in_a_terminal_that_became_narrower() {
    let (mut terminal, _) = in_accept();
    for cols in [60, 40] {
        terminal.resize(cols, 24);
        let before = terminal.view().number("accept sleeps ");
        let view = terminal.wait("the next second", |view| {
            let later = view.number("accept sleeps ") > before;
            later && view.tells("queue 0/1 · ") && view.cursor_row().ends_with("keys iwlq")
        });
        assert_eq!(view.count("accept sleeps"), 1, "{}", view.show());
        assert!(view.wrapped.is_empty(), "{}", view.show());
    }
    terminal.resize(120, 40);
    terminal.wait_blocked("accept");
    terminal.leave();
}

/// What waits below a full screen was seen before it filled up; what has happened since
/// stands below it.
#[test]
fn what_changed_while_the_screen_was_full_is_told_below_what_was_seen_before() {
    for key in ["\r", "i"] {
        let dir = dir_of_test();
        let events = dir.join("events.jsonl");
        let json = format!("--json={}", events.display());
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let addr = server.local_addr().unwrap().to_string();
        let words = ["step", "connect", "--role", "client", "--type", "dgram"];
        let socklab = Socklab::new(words).args(["--addr", &addr, &json]);
        let mut terminal = socklab.in_terminal_of(60, 24);
        let (_, client) = server.recv_from(&mut [0; 100]).unwrap();
        server.send_to(b"answer\n", client).unwrap();
        terminal.wait("the question", View::at_menu);
        terminal.send("\r");
        terminal.wait("the pause", View::at_pause);
        terminal.send("\r");
        terminal.wait("the screen is full", View::has_more);
        drop(server);
        terminal.wait_until("socklab has seen that the server is gone", || {
            let told = std::fs::read_to_string(&events).unwrap();
            told.lines()
                .rev()
                .take(3)
                .any(|it| it.contains("\"changed\""))
        });
        let before = terminal.raw().len();
        terminal.send(key);
        terminal.wait_until_written(before, |view, _| view.at_pause());
        let view = terminal.view();
        let peer = format!("peer    {addr}");
        let lines: Vec<&str> = view.lines().collect();
        let at = |text: &str| lines.iter().rposition(|line| line.contains(text));
        let (before, gone) = (at(&peer), at(&format!("look    peer {addr}")));
        assert!(before.is_some() && before < gone, "{}", view.show());
        terminal.leave();
    }
}

/// What a person needs to know to go on is not what a narrow terminal takes away.
#[test]
fn the_keys_are_named_however_narrow_it_is() {
    for cols in [80, 60, 40, 30] {
        let mut terminal = Socklab::new(WALK).in_terminal(cols);
        let view = terminal.wait_next("socket(");
        let keys = "Enter run it · i look · w why · h hint · l code · m t draw · c end · q quit";
        assert!(view.tells(keys), "{}", view.show());
        // The picture of a server's life takes 38 columns.
        let is_picture = |line: &String| line.contains(" > ") || line.contains("|  ");
        assert!(view.wrapped.iter().all(is_picture), "{}", view.show());
        terminal.send("\r");
        let view = terminal.wait_menu("next chapter: bind");
        let keys = "1-3, arrows choose · Enter confirms · b back · h hints · q leaves";
        assert!(view.tells(keys), "{}", view.show());
        assert!(view.wrapped.iter().all(is_picture), "{}", view.show());
        terminal.leave();
    }
}

/// No screen is too low for a menu: the chosen item is always on it.
#[test]
fn menus_work_in_a_terminal_of_one_row_and_of_two() {
    for rows in [1, 2, 3] {
        let shows = |item: &'static str| {
            move |view: &View| {
                view.rows
                    .iter()
                    .any(|row| row.starts_with("  ▸ ") && row.contains(item))
            }
        };
        let words = ["step", "bind", "--addr", ANY_PORT];
        let mut terminal = Socklab::new(words).in_terminal_of(80, rows);
        terminal.wait("the question", shows("skip this question"));
        terminal.send("\x1b[B");
        terminal.wait("the first answer", shows("a flag of this socket, no"));
        terminal.send("\r");
        terminal.wait_pause();
        terminal.send("c");
        terminal.wait("the menu", shows("Wait for clients"));
        terminal.leave();

        let mut terminal = Socklab::new(["--addr", ANY_PORT]).in_terminal_of(80, rows);
        terminal.wait("the bare menu", shows("every chapter in order"));
        terminal.send("\x1b[A");
        terminal.wait("its last item", shows("A unix domain client"));
        terminal.send("3");
        terminal.wait("its third item", shows("Give the endpoint a name"));
        terminal.leave();
    }
}

#[test]
fn a_menu_is_broken_anew_in_a_terminal_that_became_narrower() {
    let mut terminal = at_chapter_end();
    for (cols, rows) in [(60, 24), (40, 10), (25, 2), (10, 1), (100, 30)] {
        terminal.resize(cols, rows);
        let whole = "3 quit 1-3, arrows choose · Enter confirms · b back · h hints · q leaves";
        terminal.wait("the menu", |view| match rows {
            1 | 2 => view.rows.iter().any(|row| row.starts_with("  ▸ 1  n")),
            _ => view.tells(whole) && view.wrapped.is_empty(),
        });
    }
    terminal.leave();
}

#[test]
fn no_color_means_no_colour_even_if_it_is_forced() {
    let unwanted = || Socklab::new(WALK).env("NO_COLOR", "1");
    for socklab in [unwanted(), unwanted().env("CLICOLOR_FORCE", "1")] {
        let mut terminal = socklab.in_terminal(80);
        play(&mut terminal, |_| {});
        let raw = terminal.raw();
        let found = sgr(&raw);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn a_terminal_that_can_has_colours() {
    let mut terminal = Socklab::new(WALK).in_terminal(80);
    terminal.wait_next("socket(");
    assert!(!sgr(&terminal.raw()).is_empty());
}

#[test]
fn ascii_is_nothing_but_ascii() {
    let walk = || Socklab::new(WALK);
    for socklab in [walk().args(["--ascii"]), walk().env("LANG", "C")] {
        let mut terminal = socklab.in_terminal(80);
        play(&mut terminal, |_| {});
        let raw = terminal.raw();
        let other: String = raw.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(other, "");
        terminal.assert_restored();
    }
}

#[test]
fn a_dumb_terminal_gets_no_colours() {
    let mut terminal = Socklab::new(WALK).env("TERM", "dumb").in_terminal(80);
    play(&mut terminal, |_| {});
    // Nor any other sequence: its menus are numbered lists.
    assert!(!terminal.raw().contains('\x1b'), "{:?}", terminal.raw());
}

/// The sequences that set colours and the like: CSI … m.
fn sgr(raw: &str) -> Vec<&str> {
    raw.split("\x1b[")
        .skip(1)
        .filter(|rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
                .starts_with('m')
        })
        .collect()
}

#[test]
fn help_fits_the_terminal() {
    for words in [
        &["--help"][..],
        &["step", "--help"],
        &["step", "bind", "-h"],
    ] {
        let mut terminal = Socklab::new(words).in_terminal(80);
        assert_eq!(terminal.wait_exit(), 0);
        let view = terminal.view();
        assert!(view.has("Usage: socklab"), "{}", view.show());
        assert!(view.wrapped.is_empty(), "{:?}", view.wrapped);
    }
}
