//! A process of the bench's own that holds sockets as long as it is wanted.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Starts this bench once more with these words, and waits until it prints `ready`.
pub fn start(words: &[&str]) -> io::Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    if let Some(output) = &mut child.stdout {
        BufReader::new(output).read_line(&mut line)?;
    }
    if line.trim() == "ready" {
        Ok(child)
    } else {
        Err(io::Error::other(format!("{words:?} is not ready")))
    }
}

/// Ends it: its stdin is closed.
pub fn end(mut holder: Child) -> io::Result<()> {
    drop(holder.stdin.take());
    holder.wait()?;
    Ok(())
}
