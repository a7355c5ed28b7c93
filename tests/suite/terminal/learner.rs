//! Somebody who is asked questions and whose progress is kept in a home of its own.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::drive::ANY_PORT;
use super::pty::{Terminal, spawn_asking};
use super::view::View;
use crate::support::{TempDir, dir_of_test};

pub const DOWN: &str = "\x1b[B";
pub const UP: &str = "\x1b[A";
pub const SKIP: &str = "skip this question";

/// A learner with a home.
pub struct Learner {
    home: TempDir,
}

impl Learner {
    pub fn new() -> Learner {
        Learner {
            home: dir_of_test(),
        }
    }

    /// Where the progress is kept.
    pub fn file(&self) -> PathBuf {
        self.home.path().join("socklab/progress.jsonl")
    }

    fn state(&self) -> String {
        self.home.path().display().to_string()
    }

    /// Starts `socklab` in a terminal of that width, at a port the kernel chooses.
    pub fn in_columns(&self, cols: u16, args: &[&str], env: &[(&str, &str)]) -> Terminal {
        let state = self.state();
        let mut words = args.to_vec();
        if !args.contains(&"--addr") {
            words.extend(["--addr", ANY_PORT]);
        }
        let mut all = vec![("XDG_STATE_HOME", &*state)];
        all.extend(env);
        spawn_asking(cols, 24, &words, &all)
    }

    pub fn start(&self, args: &[&str]) -> Terminal {
        self.in_columns(80, args, &[])
    }

    /// Runs a command to its end, away from any terminal.
    pub fn output(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_socklab"))
            .args(args)
            .env("XDG_STATE_HOME", self.state())
            .env("LC_ALL", "C.UTF-8")
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    }

    /// What it prints.
    pub fn says(&self, args: &[&str]) -> String {
        String::from_utf8(self.output(args).stdout).unwrap()
    }

    /// The line of `socklab progress` about a belief.
    pub fn belief(&self, id: &str) -> Option<String> {
        let shown = self.says(&["progress"]);
        let line = shown.lines().find(|line| line.contains(id))?;
        Some(line.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// The words of a screen, line breaks and indents aside.
pub fn words(view: &View) -> String {
    let lines: Vec<&str> = view.lines().collect();
    let text = lines.join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Does nothing stand there but prose, spaces aside?
pub fn tells(view: &View, text: &str) -> bool {
    words(view).contains(text)
}

/// Waits for a question by its first choice.
pub fn wait_question(terminal: &mut Terminal, first: &str) -> View {
    let view = terminal.wait_menu(first);
    assert!(view.has(SKIP), "{}", view.show());
    view
}

/// Picks the nth choice from 0.
pub fn pick(terminal: &mut Terminal, nth: usize) {
    terminal.send(&DOWN.repeat(nth));
    terminal.send("\r");
}

/// Skips the question that begins so, by its last item.
pub fn skip(terminal: &mut Terminal, first: &str) {
    wait_question(terminal, first);
    terminal.send(UP);
    terminal.wait_menu(SKIP);
    terminal.send("\r");
}
