//! The one builder of a run of the binary, and what a finished run left.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use serde_json::Value;

use super::{Refuse, Running, TempDir, refuse};

/// The kernel chooses the port, so that tests do not meet.
pub const ANY_PORT: &str = "127.0.0.1:0";

/// The binary under test, about to be started.
pub struct Socklab {
    words: Vec<String>,
    /// What it runs under: strace, unshare, setpriv.
    under: Vec<String>,
    binary: String,
    /// Later ones win; without a value it is not set.
    env: Vec<(String, Option<String>)>,
    refused: Vec<Refuse>,
}

/// What can change how it prints; no test inherits them from whoever runs it.
const NEUTRAL: [&str; 9] = [
    "ACCESSIBLE",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LANGUAGE",
    "COLUMNS",
];

/// What is set in every run: what is kept of these runs is nobody's progress.
const SET: [(&str, &str); 2] = [
    ("LANG", "C.UTF-8"),
    (
        "XDG_STATE_HOME",
        concat!(env!("CARGO_TARGET_TMPDIR"), "/nobody"),
    ),
];

impl Socklab {
    /// With these arguments. Its stdin is /dev/null.
    pub fn new<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Socklab {
        Socklab {
            words: words.into_iter().map(|word| word.as_ref().into()).collect(),
            under: Vec::new(),
            binary: env!("CARGO_BIN_EXE_socklab").into(),
            env: SET
                .map(|(name, value)| (name.into(), Some(value.into())))
                .into(),
            refused: Vec::new(),
        }
    }

    /// An unattended walk that tells JSON, on a port the kernel chooses.
    pub fn walk() -> Socklab {
        Socklab::walk_at(ANY_PORT)
    }

    /// The same at that address.
    pub fn walk_at(addr: &str) -> Socklab {
        Socklab::paced_walk("0", addr)
    }

    /// The same with so many seconds at each pause.
    pub fn paced_walk(seconds: &str, addr: &str) -> Socklab {
        Socklab::new(["walk", "--json", "--addr", addr]).args([format!("--auto={seconds}")])
    }

    /// More arguments.
    pub fn args<S: AsRef<str>>(mut self, words: impl IntoIterator<Item = S>) -> Socklab {
        self.words
            .extend(words.into_iter().map(|word| word.as_ref().to_string()));
        self
    }

    /// A variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Socklab {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Without that variable.
    pub fn without_env(mut self, name: &str) -> Socklab {
        self.env.push((name.into(), None));
        self
    }

    /// A variable that a test may have set otherwise.
    pub fn default_env(mut self, name: &str, value: &str) -> Socklab {
        self.env
            .insert(SET.len(), (name.into(), Some(value.into())));
        self
    }

    /// The course of that folder.
    pub fn chapters(self, dir: &TempDir) -> Socklab {
        let dir = dir.path().display().to_string();
        self.args(["--chapters", &dir])
    }

    /// The course of that folder, which may touch what is not the walk's own.
    pub fn trusted(self, dir: &TempDir) -> Socklab {
        self.chapters(dir).args(["--trust-course"])
    }

    /// Runs it by another program.
    pub fn under<S: AsRef<str>>(mut self, words: impl IntoIterator<Item = S>) -> Socklab {
        self.under
            .extend(words.into_iter().map(|word| word.as_ref().to_string()));
        self
    }

    /// Another copy of the binary.
    pub fn binary(mut self, path: &Path) -> Socklab {
        self.binary = path.display().to_string();
        self
    }

    /// The kernel answers this call with this error, in every process of it.
    pub fn refuse(mut self, what: Refuse) -> Socklab {
        self.refused.push(what);
        self
    }

    /// As std starts it.
    pub fn command(&self) -> Command {
        let mut words = self.under.clone();
        words.push(self.binary.clone());
        words.extend(self.words.iter().cloned());
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in NEUTRAL {
            command.env_remove(name);
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if !self.refused.is_empty() {
            refuse(&mut command, &self.refused);
        }
        command
    }

    /// Runs it to its end.
    pub fn run(self) -> Run {
        self.start().finish()
    }

    /// Starts it; its output is read as it comes.
    pub fn start(self) -> Running {
        let mut command = self.command();
        // A group of its own, so that all of it can be killed at once.
        Running::spawn(command.process_group(0))
    }
}

/// What a finished run left.
pub struct Run {
    pub status: ExitStatus,
    pub code: Option<i32>,
    pub(super) lines: Vec<Vec<u8>>,
    pub stderr: String,
}

impl Run {
    /// The standard output.
    pub fn stdout(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(std::str::from_utf8(line).unwrap());
            text.push('\n');
        }
        text
    }

    /// Every line of stdout as JSON.
    pub fn events(&self) -> Vec<Value> {
        self.lines.iter().map(|line| event(line)).collect()
    }

    /// The events of one kind.
    pub fn all(&self, kind: &str) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|event| is(event, kind));
        events
    }

    /// The only event of its kind.
    pub fn only(&self, kind: &str) -> Value {
        let mut found = self.all(kind);
        assert_eq!(found.len(), 1, "{kind}: {found:#?}\n{}", self.stderr);
        found.remove(0)
    }

    /// The answers of one system call of an actor.
    pub fn exits(&self, actor: &str, call: &str) -> Vec<Value> {
        let mut found = self.all("exit");
        found.retain(|event| event["task"] == actor && event["call"] == call);
        found
    }

    /// Everything that was expected held.
    #[track_caller]
    pub fn assert_held(&self) {
        let mut judged = self.all("expect").into_iter();
        assert_eq!(judged.find(|line| line["held"] != true), None);
    }

    /// It did all it was asked for.
    #[track_caller]
    pub fn assert_done(&self) {
        let end = self.only("end");
        assert_eq!(end["status"], "done", "{}\n{}", self.stdout(), self.stderr);
        assert_eq!(self.code, Some(0), "{}", self.stderr);
    }
}

/// Is it an event of that kind?
pub fn is(event: &Value, kind: &str) -> bool {
    event["event"] == kind
}

/// A line as JSON.
pub(super) fn event(line: &[u8]) -> Value {
    serde_json::from_slice(line)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(line)))
}

/// A command of the machine, run to its end: its stdout.
pub fn output<S: AsRef<OsStr>>(program: &str, words: impl IntoIterator<Item = S>) -> String {
    let output = Command::new(program).args(words).output().unwrap();
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
