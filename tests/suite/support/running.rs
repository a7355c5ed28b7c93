//! A run of the binary at work: what it tells, as it tells it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use serde_json::Value;

use super::run::event;
use super::{DEADLINE, Run, eventually, is, is_stopped, kill, until};

/// The binary at work. Dropping it kills whatever is left of it.
pub struct Running {
    child: Child,
    lines: Receiver<Vec<u8>>,
    errors: Receiver<Vec<u8>>,
    /// Every line so far.
    told: Vec<Vec<u8>>,
    /// What it said on stderr so far, and how much of it was waited for.
    said: Vec<u8>,
    heard: usize,
}

impl Running {
    /// Starts it; its output is read as it comes.
    pub fn spawn(command: &mut Command) -> Running {
        let mut child = command.spawn().unwrap();
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
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = err.read(&mut buffer) {
                let _ = sender.send(buffer[..count].to_vec());
            }
        });
        Running {
            child,
            lines,
            errors,
            told: Vec::new(),
            said: Vec::new(),
            heard: 0,
        }
    }

    /// Waits until it says that on stderr, once more than it was waited for before.
    pub fn wait_said(&mut self, text: &str) {
        let began = Instant::now();
        loop {
            let new = String::from_utf8_lossy(&self.said[self.heard..]).into_owned();
            if let Some(at) = new.find(text) {
                self.heard += at + text.len();
                return;
            }
            let left = DEADLINE.saturating_sub(began.elapsed());
            let chunk = self.errors.recv_timeout(left);
            self.said
                .extend(chunk.unwrap_or_else(|_| panic!("never said: {text}\n{}", self.tail())));
        }
    }

    /// The address of the page for the class, once it is said.
    pub fn wait_page(&mut self) -> String {
        self.wait_said("/\n");
        let said = String::from_utf8_lossy(&self.said);
        let url = said.split_whitespace().find(|it| it.starts_with("http://"));
        url.unwrap().into()
    }

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

    /// Has everything stand still at the pause before that call.
    pub fn stand_still_before(&mut self, call: &str) -> Value {
        let pause = self.wait_pause(call);
        self.stand_still();
        pause
    }

    /// Has everything stand still at the pause before that step, counted from 1.
    pub fn stand_still_before_step(&mut self, number: usize) -> Value {
        let step = format!("step-{number}");
        let pause = self.wait_event(&step, |event| is(event, "pause") && event["step"] == *step);
        self.stand_still();
        pause
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
        loop {
            match self.errors.recv_timeout(DEADLINE) {
                Ok(chunk) => self.said.extend(chunk),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("a process of it lives on"),
            }
        }
        Run {
            code: status.code(),
            status,
            lines: std::mem::take(&mut self.told),
            stderr: String::from_utf8_lossy(&self.said).into_owned(),
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
