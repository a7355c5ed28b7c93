//! What is typed at a terminal: the modes for single keys, bytes, the keys that they
//! mean, and the error that means that the terminal is gone.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::time::Duration;

use rustix::termios::{LocalModes, SpecialCodeIndex, Termios};

use crate::sys;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Up,
    Down,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Delete,
    Escape,
    /// Another arrow or a function key.
    Other,
}

/// Ctrl-D while keys come one by one: EOT.
pub(super) const CTRL_D: Key = Key::Char('\u{4}');

/// The bytes of one key, and those of a paste, come at once; the fingers of a person
/// are slower.
const AT_ONCE: Duration = Duration::from_millis(10);
/// More than anybody types at once, in bytes.
const MOST: usize = 4096;

/// These modes, but with keys delivered one by one and not echoed: the cbreak mode of
/// curses. Ctrl-C and Ctrl-Z still send their signals; Ctrl-D arrives as the byte 4.
pub(super) fn cbreak(modes: &Termios) -> Termios {
    let mut modes = modes.clone();
    modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
    modes.special_codes[SpecialCodeIndex::VMIN] = 1;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    modes
}

/// True for the error of a terminal that has hung up: EIO.
pub(super) fn is_hang_up(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EIO)
}

/// Reads what was typed. Nothing means Ctrl-D in an empty line, or that the terminal
/// has hung up.
pub(super) fn read_typed(tty: &mut File) -> io::Result<Vec<u8>> {
    let mut typed = vec![0; 256];
    let count = match tty.read(&mut typed) {
        Err(error) if is_hang_up(&error) => 0,
        count => count?,
    };
    typed.truncate(count);
    Ok(typed)
}

/// Reads the keys that came at once. None means that the terminal has hung up.
pub(super) fn read_keys(tty: &mut File) -> io::Result<Vec<Key>> {
    let mut typed = read_typed(tty)?;
    while (1..MOST).contains(&typed.len())
        && sys::wait(&[tty.as_raw_fd()], Some(AT_ONCE))? == [true]
    {
        let more = read_typed(tty)?;
        if more.is_empty() {
            break;
        }
        typed.extend(more);
    }
    Ok(keys(&typed))
}

/// Were these keys pasted, or typed while nobody read them? A key that is held down
/// is one key, and no text has the escape sequences of arrows.
pub(super) fn is_pasted(keys: &[Key]) -> bool {
    let typed = |key: &Key| matches!(key, Key::Char(_) | Key::Enter);
    keys.iter().all(typed) && keys.windows(2).any(|pair| pair[0] != pair[1])
}

/// The keys that these bytes mean.
fn keys(typed: &[u8]) -> Vec<Key> {
    let text = String::from_utf8_lossy(typed);
    let mut rest = text.chars();
    let mut found = Vec::new();
    while let Some(c) = rest.next() {
        found.push(match c {
            '\r' | '\n' => Key::Enter,
            '\u{1b}' => after_escape(&mut rest),
            other => Key::Char(other),
        });
    }
    found
}

/// What begins with ESC: an arrow or function key is CSI, parameters and a final
/// byte, or SS3 and one byte.
fn after_escape(rest: &mut std::str::Chars<'_>) -> Key {
    let mut sequence = rest.clone();
    let whole = match sequence.next() {
        Some('[') => {
            let all = sequence.as_str();
            let last = sequence.find(|c| ('\u{40}'..='\u{7e}').contains(c));
            let len = all.len() - sequence.as_str().len();
            last.map_or("", |_| &all[..len])
        }
        Some('O') => {
            let all = sequence.as_str();
            let last = sequence.next();
            &all[..last.map_or(0, char::len_utf8)]
        }
        _ => return Key::Escape,
    };
    *rest = sequence;
    match whole {
        "A" => Key::Up,
        "B" => Key::Down,
        "C" => Key::Right,
        "D" => Key::Left,
        "H" | "1~" => Key::Home,
        "F" | "4~" => Key::End,
        "3~" => Key::Delete,
        "1;5C" => Key::WordRight,
        "1;5D" => Key::WordLeft,
        _ => Key::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_keys() {
        let typed = "aä\r\n\u{4}\x1b[A\x1b[B\x1bOA\x1b[1;5A\x1b[15~\x1bOPq\x1bi\x1b";
        let wanted = [
            Key::Char('a'),
            Key::Char('ä'),
            Key::Enter,
            Key::Enter,
            CTRL_D,
            Key::Up,
            Key::Down,
            Key::Up,
            Key::Other,
            Key::Other,
            Key::Other,
            Key::Char('q'),
            Key::Escape,
            Key::Char('i'),
            Key::Escape,
        ];
        assert_eq!(keys(typed.as_bytes()), wanted);
        // Cut off in the middle.
        assert_eq!(keys(b"\x1b["), [Key::Other]);
        assert_eq!(keys(b"\x1b[1;"), [Key::Other]);
        assert_eq!(keys(b"\x1bO"), [Key::Other]);
        assert_eq!(keys(&[0xff]), [Key::Char('\u{fffd}')]);
    }

    #[test]
    fn a_text_is_pasted_and_a_key_that_is_held_down_is_not() {
        let pasted = |typed: &str| is_pasted(&keys(typed.as_bytes()));
        for text in ["nc -v 127.0.0.1 7143", "nc\r", "c\r", "\rc"] {
            assert!(pasted(text), "{text:?}");
        }
        for typed in [
            "",
            "c",
            "\r",
            "\r\r\r",
            "iii",
            "\x1b[B\r",
            "\x1b[B\x1b[A",
            "\x1bi",
        ] {
            assert!(!pasted(typed), "{typed:?}");
        }
    }
}
