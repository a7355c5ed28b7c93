//! Text from outside as a terminal may get it: what it would obey is spelled out.

use std::borrow::Cow;
use std::fmt::Write;

/// Text that a terminal will only show: control characters, and those that
/// change the direction or hide, are spelled out.
pub(crate) fn clean(text: &str) -> String {
    spelled(text, &[])
}

/// The same of several lines.
pub(crate) fn clean_lines(text: &str) -> String {
    spelled(text, &['\n'])
}

/// The same, but for the characters that are meant.
fn spelled(text: &str, meant: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if meant.contains(&c) || !is_obeyed(c) {
            out.push(c);
        } else if c.is_ascii() {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        } else {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
    out
}

/// A line of JSON with the same characters in the escapes of JSON. They stand only
/// inside its strings, where they mean the same.
pub(crate) fn clean_json(line: &str) -> Cow<'_, str> {
    // Nearly every line has none of them. JSON has escaped the other control characters of
    // ASCII.
    if line.is_ascii() && !line.contains('\x7f') {
        return line.into();
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if is_obeyed(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// Bytes of a peer as text: what is printable as itself, the rest escaped, so
/// that no byte of theirs can steer a terminal.
pub(super) fn readable(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                _ => out.push_str(&clean(c.encode_utf8(&mut [0; 4]))),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Would a terminal do anything with it but show it? Control characters (C0, DEL, C1),
/// line separators, what turns the direction of writing, and what has no width.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_of_a_peer_reaches_the_terminal_as_control() {
        assert_eq!(
            readable(b"a\x1b[31m\n\xff\"\x07"),
            r#"a\x1b[31m\n\xff\"\x07"#
        );
        assert_eq!(
            readable("gr\u{fc}n \u{9b}31m \u{202e}x".as_bytes()),
            r"grün \u{9b}31m \u{202e}x"
        );
        for byte in 0..=255u8 {
            let shown = readable(&[byte]);
            assert!(!shown.chars().any(char::is_control), "{byte}: {shown:?}");
        }
    }

    /// Of all characters there are.
    #[test]
    fn what_is_cleaned_is_the_same_text_without_what_is_obeyed() {
        for c in '\0'..=char::MAX {
            let text = format!("a{c}b");
            let shown = clean(&text);
            assert!(!shown.chars().any(is_obeyed), "{shown:?}");
            assert!(is_obeyed(c) != (shown == text), "{shown:?}");
            let kept = if c == '\n' {
                text.clone()
            } else {
                clean(&text)
            };
            assert_eq!(clean_lines(&text), kept);
            let json = serde_json::to_string(&text).unwrap();
            let cleaned = clean_json(&json);
            assert!(!cleaned.chars().any(is_obeyed), "{cleaned:?}");
            let read: String = serde_json::from_str(&cleaned).unwrap();
            assert_eq!(read, text);
        }
    }
}
