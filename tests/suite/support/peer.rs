//! Another program at the other end, which does as it is told on its stdin.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::{DEADLINE, eventually};

/// A program in a process of its own. Dropping it kills it.
pub struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    bytes: Receiver<Vec<u8>>,
    unread: Vec<u8>,
}

impl Peer {
    /// Starts it.
    pub fn spawn(mut command: Command) -> Peer {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let bytes = read_in_thread(child.stdout.take().unwrap());
        Peer {
            child,
            input,
            bytes,
            unread: Vec::new(),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types these bytes.
    pub fn type_in(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Ctrl-D.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Takes exactly `count` bytes of what it printed.
    pub fn printed(&mut self, count: usize) -> Vec<u8> {
        while self.unread.len() < count {
            let more = self
                .bytes
                .recv_timeout(DEADLINE)
                .unwrap_or_else(|error| panic!("{error}: {} of {count} bytes", self.unread.len()));
            self.unread.extend(more);
        }
        self.unread.drain(..count).collect()
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually("the client ends", || child.try_wait().unwrap())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_in_thread(from: ChildStdout) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        while let Ok(bytes) = from.fill_buf().map(<[u8]>::to_vec) {
            let count = bytes.len();
            if count == 0 || sender.send(bytes).is_err() {
                break;
            }
            from.by_ref().consume(count);
        }
    });
    receiver
}
