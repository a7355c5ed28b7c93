//! A terminal that breaks its lines anew when it becomes narrower, as most do: tmux.

use std::process::{Command, Output};
use std::time::Instant;

use crate::support::{ANY_PORT, DEADLINE, Socklab};

/// A tmux server of its own.
struct Tmux {
    socket: String,
}

impl Tmux {
    /// Starts a run in 80 columns.
    fn start(socklab: &Socklab, name: &str) -> Tmux {
        let tmux = Tmux {
            socket: format!("socklab-{name}-{}", std::process::id()),
        };
        let inside = socklab.command();
        let mut command = tmux.command(&["-f", "/dev/null", "new-session", "-d"]);
        command.args(["-x", "80", "-y", "24", "--"]);
        command.arg(inside.get_program()).args(inside.get_args());
        for (name, value) in inside.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        assert!(command.output().unwrap().status.success());
        tmux
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-L", &self.socket]).args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Waits until the screen is as wanted.
    fn wait(&self, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let screen = self.run(&["capture-pane", "-p", "-S", "-"]).stdout;
            let screen = String::from_utf8_lossy(&screen);
            if wanted(&screen) {
                return screen.into_owned();
            }
            assert!(began.elapsed() < DEADLINE, "{screen}");
            std::thread::yield_now();
        }
    }

    fn narrow(&self, cols: &str) {
        self.run(&["resize-window", "-x", cols, "-y", "24"]);
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

/// Is each line of the prompt, which ends the screen, one that was written as such?
fn has_whole_prompt(screen: &str) -> bool {
    let lines: Vec<&str> = screen.trim_end().lines().collect();
    let first = lines.iter().rposition(|line| line.contains('▸'));
    let prompt = first.map_or(&[][..], |first| &lines[first..]);
    let is_end = prompt.last().is_some_and(|line| line.ends_with("q quit"));
    is_end && prompt.iter().all(|line| line.starts_with("  "))
}

/// For how many seconds accept sleeps, by the line that was written last.
fn sleeps(screen: &str) -> Option<u64> {
    let (_, rest) = screen.rsplit_once("accept sleeps ")?;
    rest.split(' ').next()?.parse().ok()
}

#[test]
#[ignore = "needs tmux"]
fn nothing_stale_is_left_when_the_terminal_becomes_narrower() {
    let words = ["step", "accept", "--addr", ANY_PORT, "--no-predict"];
    let tmux = Tmux::start(&Socklab::new(words), "live");
    tmux.wait(|screen| screen.contains("q quit"));
    for cols in ["60", "50"] {
        tmux.narrow(cols);
        let screen = tmux.wait(has_whole_prompt);
        assert_eq!(screen.matches("Enter run it").count(), 1, "{screen}");
    }
}

/// tmux breaks the lines a moment before it tells the size: a line that is written
/// just then is stale.
#[test]
#[ignore = "needs tmux"]
fn no_stale_line_of_a_call_that_sleeps_is_left() {
    let is_clean = |nth| {
        let words = ["step", "accept", "--addr", ANY_PORT, "--no-predict"];
        let tmux = Tmux::start(&Socklab::new(words), &format!("live-{nth}"));
        tmux.wait(|screen| screen.contains("q quit"));
        tmux.run(&["send-keys", "Enter"]);
        // A busy machine leaves a second out.
        let screen = tmux.wait(|screen| sleeps(screen) >= Some(1));
        let later = sleeps(&screen).map(|seconds| seconds + 2);
        tmux.narrow("50");
        let screen = tmux.wait(|screen| sleeps(screen) >= later);
        screen.matches("accept sleeps").count() == 1
    };
    assert!((0..5).any(is_clean));
}
