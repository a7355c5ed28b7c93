use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use serde_json::Value;

use super::{DEADLINE, Refuse, TempDir, eventually, is_stopped, kill, refuse, until};

/// The binary under test, about to be started.
pub struct Socklab {
    words: Vec<String>,
    /// What it runs under: strace, unshare, setpriv.
    under: Vec<String>,
    binary: String,
    env: Vec<(String, String)>,
    refused: Vec<Refuse>,
}

/// What can change how it prints; no test inherits them from whoever runs it.
const NEUTRAL: [&str; 8] = [
    "ACCESSIBLE",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "LC_ALL",
    "LC_CTYPE",
    "LANG",
    "COLUMNS",
];

impl Socklab {
    /// With these arguments. Its stdin is /dev/null.
    pub fn new<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Socklab {
        Socklab {
            words: words.into_iter().map(|word| word.as_ref().into()).collect(),
            under: Vec::new(),
            binary: env!("CARGO_BIN_EXE_socklab").into(),
            // What is kept of these runs is nobody's progress.
            env: vec![(
                "XDG_STATE_HOME".into(),
                concat!(env!("CARGO_TARGET_TMPDIR"), "/nobody").into(),
            )],
            refused: Vec::new(),
        }
    }

    /// An unattended walk that tells JSON, on a port the kernel chooses.
    pub fn walk() -> Socklab {
        Socklab::new(["walk", "--auto", "--json", "--addr", "127.0.0.1:0"])
    }

    /// More arguments.
    pub fn args<S: AsRef<str>>(mut self, words: impl IntoIterator<Item = S>) -> Socklab {
        self.words
            .extend(words.into_iter().map(|word| word.as_ref().to_string()));
        self
    }

    /// A variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Socklab {
        self.env.push((name.into(), value.into()));
        self
    }

    /// The course of that folder.
    pub fn chapters(self, dir: &TempDir) -> Socklab {
        let dir = dir.path().display().to_string();
        self.args(["--chapters", &dir])
    }

    /// Runs it by another program.
    pub fn under<S: AsRef<str>>(mut self, words: impl IntoIterator<Item = S>) -> Socklab {
        self.under
            .extend(words.into_iter().map(|word| word.as_ref().to_string()));
        self
    }

    /// Another copy of the binary.
    pub fn binary(mut self, path: &std::path::Path) -> Socklab {
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
            .stderr(Stdio::piped())
            // Of its own, so that all of it can be killed at once.
            .process_group(0);
        for name in NEUTRAL {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C.UTF-8");
        for (name, value) in &self.env {
            command.env(name, value);
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
        let mut child = self.command().spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut err = child.stderr.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.split(b'\n') {
                let Ok(line) = line else { break };
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let (sender, errors) = channel();
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = err.read_to_end(&mut text);
            let _ = sender.send(text);
        });
        Running {
            child,
            lines,
            errors,
            told: Vec::new(),
        }
    }
}

/// The binary at work. Dropping it kills whatever is left of it.
pub struct Running {
    child: Child,
    lines: Receiver<Vec<u8>>,
    errors: Receiver<Vec<u8>>,
    /// Every line so far.
    told: Vec<Vec<u8>>,
}

impl Running {
    /// The process that was started: socklab, or what it runs under.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next event for which `wanted` is true; those before it are kept too.
    pub fn wait_event(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let left = DEADLINE.saturating_sub(began.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    let event = event(&line);
                    self.told.push(line);
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("no event: {what}\n{}", self.tail()),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("it ended before: {what}\n{}", self.tail())
                }
            }
        }
    }

    /// The first line from now on that is wanted.
    pub fn wait_line(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let left = DEADLINE.saturating_sub(began.elapsed());
            let line = self
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("no line: {what}\n{}", self.tail()));
            self.told.push(line.clone());
            let line = String::from_utf8_lossy(&line).into_owned();
            if wanted(&line) {
                return line;
            }
        }
    }

    /// The pause before that call.
    pub fn wait_pause(&mut self, call: &str) -> Value {
        self.wait_event(&format!("pause before {call}"), |event| {
            is(event, "pause") && event["call"] == call
        })
    }

    /// The server asleep in that call.
    pub fn wait_blocked(&mut self, call: &str) -> Value {
        self.wait_event(&format!("blocked in {call}"), |event| {
            is(event, "blocked") && event["call"] == call
        })
    }

    /// The port it listens on, once it does.
    pub fn wait_port(&mut self) -> u16 {
        let view = self.wait_event("a listener", |event| {
            is(event, "view") && event["sockets"][0]["state"] == "LISTEN"
        });
        let local = view["sockets"][0]["local"].as_str().unwrap();
        local.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// The last event so far of that kind.
    pub fn last(&self, kind: &str) -> Value {
        self.events()
            .into_iter()
            .rfind(|event| is(event, kind))
            .unwrap_or_else(|| panic!("no {kind} yet\n{}", self.tail()))
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Value> {
        self.told.iter().map(|line| event(line)).collect()
    }

    /// Has it told anything more than what was waited for?
    pub fn has_more(&mut self) -> bool {
        match self.lines.try_recv() {
            Ok(line) => {
                self.told.push(line);
                true
            }
            Err(_) => false,
        }
    }

    /// Stops the process, as a clock that stands still: a paced run stays where
    /// it is until [`Running::go_on`].
    pub fn stand_still(&self) {
        kill(self.pid(), libc::SIGSTOP);
        until("the process is stopped", || is_stopped(self.pid()));
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        kill(self.pid(), libc::SIGCONT);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: i32) {
        kill(self.pid(), signal);
    }

    /// Its exit status, once it has ended.
    pub fn status(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually("socklab ends", || child.try_wait().unwrap())
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Run {
        let began = Instant::now();
        loop {
            let left = DEADLINE.saturating_sub(began.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.told.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end\n{}", self.tail()),
            }
        }
        let status = self.status();
        // Whoever lives on holds stderr open.
        let stderr = self.errors.recv_timeout(DEADLINE);
        let stderr = stderr.expect("stderr is closed: every process of it has ended");
        Run {
            code: status.code(),
            status,
            lines: std::mem::take(&mut self.told),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    fn tail(&self) -> String {
        let from = self.told.len().saturating_sub(6);
        let lines = self.told[from..].iter();
        lines
            .map(|line| String::from_utf8_lossy(line).into_owned() + "\n")
            .collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The group, so that a tracer does not leave what it traces behind.
        if let Ok(None) = self.child.try_wait() {
            let group = i32::try_from(self.child.id()).unwrap();
            // SAFETY: kill takes integers; the group is the child's own, which is
            // not reaped yet, so the number is still its.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let _ = self.child.wait();
    }
}

/// What a finished run left.
pub struct Run {
    pub status: ExitStatus,
    pub code: Option<i32>,
    lines: Vec<Vec<u8>>,
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

fn event(line: &[u8]) -> Value {
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
