//! The chapter of two processes: their fd tables side by side against /proc, and
//! nothing left of either when it ends.

use std::collections::BTreeMap;

use super::pty::Terminal;
use super::view::View;
use crate::support::{ANY_PORT, CourseDir, Socklab, fd_targets, state};

const SERVE: [&str; 5] = ["step", "serve", "--no-predict", "--addr", ANY_PORT];

/// A column of the fd tables on the screen: a process, and what its numbers mean.
#[derive(Debug)]
struct Column {
    name: String,
    pid: u32,
    zombie: bool,
    fds: BTreeMap<i64, String>,
}

/// The last fd tables on the screen, if they are of the pause that is there now.
fn tables(view: &View) -> Option<Vec<Column>> {
    let lines: Vec<&str> = view.lines().collect();
    let did = lines.iter().rposition(|line| line.starts_with("  did "));
    let start = lines.iter().rposition(|line| line.starts_with("  fds "))?;
    if did.is_some_and(|did| did > start) {
        return None;
    }
    // Columns stand two spaces apart.
    let cells = |line: &str| -> Vec<String> {
        let cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        cells.map(str::to_string).collect()
    };
    let mut columns: Vec<Column> = cells(&lines[start][10..])
        .into_iter()
        .map(|title| {
            let (name, rest) = title.split_once(", pid ").unwrap();
            let pid = rest.split(' ').next().unwrap();
            Column {
                name: name.into(),
                pid: pid.parse().unwrap(),
                zombie: rest.ends_with("(zombie)"),
                fds: BTreeMap::new(),
            }
        })
        .collect();
    for line in &lines[start + 1..] {
        let row = cells(line);
        let Some(Ok(fd)) = row.first().map(|number| number.parse::<i64>()) else {
            break;
        };
        assert_eq!(row.len(), columns.len() + 1, "{}", view.show());
        for (column, target) in columns.iter_mut().zip(&row[1..]) {
            if target != "—" && target != "-" {
                column.fds.insert(fd, target.clone());
            }
        }
    }
    Some(columns)
}

/// What /proc says of the descriptors of the lesson, from 3 on.
fn fds_of(pid: u32) -> BTreeMap<i64, String> {
    let all = fd_targets(pid).into_iter();
    all.filter(|(fd, _)| *fd >= 3).collect()
}

/// Holds the tables on the screen against /proc.
fn compare(columns: &[Column], view: &View) {
    for column in columns {
        assert_eq!(
            column.fds,
            fds_of(column.pid),
            "{}:\n{}",
            column.name,
            view.show()
        );
        assert_eq!(
            column.zombie,
            state(column.pid) == Some('Z'),
            "{}",
            view.show()
        );
    }
}

/// Plays it with Enter; `at_pause` sees every pause with the number of calls made.
fn play(terminal: &mut Terminal, at_pause: impl Fn(usize, &View)) -> usize {
    let mut made = 0;
    loop {
        let view = terminal.wait_stop(made);
        if view.at_menu() {
            return made;
        }
        at_pause(made, &view);
        made += 1;
        terminal.send("\r");
    }
}

/// Side by side from the fork on, until the child is buried: each as /proc has it.
fn as_in_proc(cols: u16, more: &[&str]) {
    let mut terminal = Socklab::new(SERVE).args(more).in_terminal(cols);
    let compared = std::cell::RefCell::new(Vec::new());
    play(&mut terminal, |_, view| {
        assert!(view.wrapped.is_empty(), "{:?}", view.wrapped);
        if let Some(columns) = tables(view) {
            compare(&columns, view);
            compared.borrow_mut().push(columns);
        }
    });
    let compared = compared.into_inner();
    assert!(compared.len() >= 6, "{}", compared.len());
    for columns in &compared {
        let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
        assert_eq!(names, ["server", "child"]);
    }
    // Right after the fork both hold the same; then they part.
    assert_eq!(compared[0][0].fds, compared[0][1].fds);
    assert_eq!(compared[0][0].fds.len(), 2);
    let parted = |columns: &Vec<Column>| {
        let [parent, child] = &columns[..] else {
            return false;
        };
        parent.fds.len() == 1 && child.fds.len() == 1 && parent.fds.keys().ne(child.fds.keys())
    };
    assert!(compared.iter().any(parted), "{compared:#?}");
    // Before it is buried the child is a zombie, and holds nothing.
    let child = &compared.last().unwrap()[1];
    assert!(child.zombie && child.fds.is_empty(), "{child:?}");
    terminal.leave();
    if more.contains(&"--ascii") {
        assert!(terminal.raw().is_ascii());
    }
}

#[test]
fn the_fd_tables_are_those_of_proc() {
    as_in_proc(80, &[]);
}

#[test]
fn the_fd_tables_are_those_of_proc_at_60_columns() {
    as_in_proc(60, &[]);
}

#[test]
fn the_fd_tables_are_those_of_proc_in_ascii() {
    as_in_proc(60, &["--ascii"]);
}

/// The peer is the built-in one: nobody has to start anything.
#[test]
fn nothing_is_asked_of_a_second_terminal() {
    let mut terminal = Socklab::new(SERVE).in_terminal(80);
    play(&mut terminal, |_, _| {});
    let written = terminal.written();
    assert!(
        !written.contains("connect from a second terminal"),
        "{written}"
    );
}

#[test]
fn whenever_it_is_left_no_process_stays() {
    let mut calls = {
        let mut terminal = Socklab::new(SERVE).in_terminal(80);
        play(&mut terminal, |_, _| {})
    };
    assert!(calls > 15, "{calls}");
    // At each of its pauses, the last one first.
    while calls > 0 {
        calls -= 1;
        let mut terminal = Socklab::new(SERVE).in_terminal(80);
        for made in 0..=calls {
            terminal.wait("the next pause", |view| {
                view.made() == made && view.at_pause()
            });
            if made < calls {
                terminal.send("\r");
            }
        }
        let traces = terminal.traces();
        terminal.send(if calls % 2 == 0 { "q" } else { "\x03" });
        let status = terminal.wait_exit();
        assert_eq!(
            status,
            if calls % 2 == 0 { 0 } else { 130 },
            "after {calls} calls"
        );
        terminal.wait_gone(&traces);
        terminal.assert_restored();
    }
}

/// Its client waits for what never comes: the learner sees that, may look, and leave.
#[test]
fn keys_and_the_live_line_work_while_a_built_in_client_waits() {
    let course = CourseDir::listener()
        .step("accept server as conn")
        .peer(
            "after",
            "socket {domain} stream as c\nconnect c {addr}\nrecv c 10",
        )
        .peer(
            "before",
            "socket {domain} stream as first\nconnect first {addr}",
        )
        .write();
    let words = [
        "walk",
        "--no-predict",
        "--peer",
        "builtin",
        "--addr",
        ANY_PORT,
    ];
    let mut terminal = Socklab::new(words).chapters(&course).in_terminal(80);
    for made in 0..5 {
        terminal.wait("the next pause", |view| {
            view.made() == made && view.at_pause()
        });
        terminal.send("\r");
    }
    terminal.wait("who sleeps", |view| {
        view.cursor_row().contains("client: recv")
    });
    terminal.send("i");
    terminal.wait("a look at the server", |view| view.has("  process "));
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

/// The connection that the chapter is about is made by what is done for it.
#[test]
fn a_chapter_that_wants_the_built_in_client_has_it_from_its_first_connection() {
    for chapter in ["endings", "reset"] {
        let words = ["step", chapter, "--no-predict", "--addr", ANY_PORT];
        let mut terminal = Socklab::new(words).in_terminal(80);
        terminal.wait_pause();
        terminal.leave();
    }
}
