//! The netcats of this machine: how each is told to close is found out by letting it
//! connect to us with an input that has ended, as Ctrl-D ends it.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use socket2::{SockRef, Socket};

use super::network::bound_v4;
use crate::model::Examined;
use crate::sys;

/// The programs, and the words before the address.
const CLIENTS: &[(&str, &[&str])] = &[
    ("nc", &[]),
    ("nc.openbsd", &[]),
    ("nc.traditional", &[]),
    ("ncat", &[]),
    ("socat", &["-"]),
    ("busybox", &["nc"]),
];

/// What makes a netcat close when its input ends: nothing, -N (OpenBSD's), -q 0 (the
/// traditional one).
const WAYS: &[&[&str]] = &[&[], &["-N"], &["-q", "0"]];

/// How long a client may take to connect.
const TO_CONNECT: Duration = Duration::from_secs(5);

/// How long it may take then to close; who has not by then does not.
const TO_CLOSE: Duration = Duration::from_secs(1);

/// How often it is seen whether one has ended that did not connect.
const BETWEEN: Duration = Duration::from_millis(50);

/// A client that was started in one way.
struct Try {
    /// The command line that a learner types.
    typed: String,
    way: &'static [&'static str],
    child: Child,
    listener: Socket,
    stream: Option<TcpStream>,
    closed: bool,
    /// When it was started, or has connected.
    since: Instant,
}

/// One answer for each client that there is.
pub(super) fn examine() -> Vec<Examined> {
    let started = |(program, words): &(&'static str, &'static [&'static str])| {
        let tries = WAYS.iter().map(|way| Try::start(program, words, way));
        let tries: Vec<Try> = tries.filter_map(Result::ok).collect();
        (!tries.is_empty()).then_some((*program, tries))
    };
    let mut clients: Vec<_> = CLIENTS.iter().filter_map(started).collect();
    watch(clients.iter_mut().flat_map(|(_, tries)| tries).collect());
    let answers = clients
        .iter()
        .map(|(program, tries)| answer(program, tries));
    let answers: Vec<Examined> = answers.collect();
    if answers.is_empty() {
        let names: Vec<&str> = CLIENTS.iter().map(|(program, _)| *program).collect();
        return vec![Examined::new("client", "none", names.join(", "))];
    }
    answers
}

fn answer(program: &str, tries: &[Try]) -> Examined {
    let connected = tries.iter().find(|it| it.stream.is_some());
    let closed = tries.iter().find(|it| it.closed);
    let (answer, of) = match closed {
        Some(it) if it.way.is_empty() => ("ctrl-d", Some(it)),
        Some(it) => ("option", Some(it)),
        None if connected.is_some() => ("ctrl-c", connected),
        None => ("silent", None),
    };
    let seen = of.map_or(program, |it| it.typed.as_str());
    Examined::new("client", answer, seen)
}

/// Waits until each has closed, or had its time.
fn watch(mut tries: Vec<&mut Try>) {
    loop {
        tries.retain_mut(|it| !it.is_over());
        let fds: Vec<RawFd> = tries.iter().map(|it| it.waits_for()).collect();
        if fds.is_empty() {
            return;
        }
        let Ok(ready) = sys::wait(&fds, Some(BETWEEN)) else {
            return;
        };
        for (it, _) in tries.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
            it.go_on();
        }
    }
}

impl Try {
    fn start(
        program: &'static str,
        words: &[&str],
        way: &'static [&'static str],
    ) -> io::Result<Try> {
        let (listener, addr) = bound_v4()?;
        listener.listen(1)?;
        let line = |addr: SocketAddr| {
            let end = if program == "socat" {
                vec![format!("TCP:{addr}")]
            } else {
                vec![addr.ip().to_string(), addr.port().to_string()]
            };
            let words = words.iter().chain(way).map(|word| word.to_string());
            words.chain(end).collect::<Vec<String>>()
        };
        let child = Command::new(program)
            .args(line(addr))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut typed = vec![program.to_string()];
        // The address that lessons use.
        typed.extend(line(SocketAddr::new(addr.ip(), 6789)));
        Ok(Try {
            typed: typed.join(" "),
            way,
            child,
            listener,
            stream: None,
            closed: false,
            since: Instant::now(),
        })
    }

    fn waits_for(&self) -> RawFd {
        match &self.stream {
            Some(stream) => stream.as_raw_fd(),
            None => self.listener.as_raw_fd(),
        }
    }

    /// Is it known what it does?
    fn is_over(&mut self) -> bool {
        let took = self.since.elapsed();
        match self.stream {
            Some(_) => self.closed || took >= TO_CLOSE,
            // One that has connected before it ended is in the queue still.
            None if took >= TO_CONNECT || !matches!(self.child.try_wait(), Ok(None)) => {
                let queued = sys::wait(&[self.listener.as_raw_fd()], Some(Duration::ZERO));
                !queued.is_ok_and(|ready| ready == [true])
            }
            None => false,
        }
    }

    /// It has connected, or closed.
    fn go_on(&mut self) {
        match &mut self.stream {
            None => {
                self.stream = self.listener.accept().ok().map(|(it, _)| it.into());
                self.since = Instant::now();
            }
            Some(stream) => self.closed = !matches!(stream.read(&mut [0; 512]), Ok(1..)),
        }
    }
}

impl Drop for Try {
    /// The connection ends by a reset, which leaves no TIME-WAIT.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(stream) = &self.stream {
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
    }
}
