//! What is typed at a terminal, and the error that means that the terminal is gone.

use std::fs::File;
use std::io::{self, Read};

/// True for the error of a terminal that has hung up: EIO.
pub fn is_hang_up(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EIO)
}

/// Reads what was typed. Nothing means Ctrl-D in an empty line, or that the terminal
/// has hung up.
pub fn read_typed(tty: &mut File) -> io::Result<Vec<u8>> {
    let mut typed = vec![0; 256];
    let count = match tty.read(&mut typed) {
        Err(error) if is_hang_up(&error) => 0,
        count => count?,
    };
    typed.truncate(count);
    Ok(typed)
}
