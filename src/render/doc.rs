/// What a piece of text is, for whoever paints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// A chapter's or a step's title.
    Heading,
    /// The word in the left column: now, next, did …
    Label,
    /// A system call.
    Call,
    /// A fact read from the kernel.
    Fact,
    /// A fact that has just changed.
    Changed,
    /// Of less importance.
    Muted,
    /// Something to type.
    Code,
    Emphasis,
    Strong,
    /// Bytes of a peer.
    Data,
    /// Something went wrong.
    Bad,
}

/// A space at which no line is broken; it is printed as a space.
pub const NO_BREAK: &str = "\u{a0}";

/// A piece of text of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub role: Role,
    pub text: String,
}

/// A line of pieces.
pub type Line = Vec<Span>;

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// An empty line.
    Blank,
    /// A title drawn across the page, with a word on the right.
    Rule { title: String, right: String },
    /// Running text, indented.
    Paragraph(Line),
    /// An item of a list, behind its mark.
    Item { mark: Span, text: Line },
    /// A word in the left column and what belongs to it; `right` stands at the
    /// right edge of the first line.
    Field {
        label: String,
        body: Vec<Line>,
        right: Option<String>,
    },
    /// Lines that are not to be broken.
    Verbatim(Vec<String>),
}

/// A piece of text.
pub fn span(role: Role, text: impl Into<String>) -> Span {
    Span {
        role,
        text: text.into(),
    }
}

/// A field of one line.
pub fn field(label: impl Into<String>, line: Line) -> Block {
    fields(label, vec![line])
}

/// A field of several lines.
pub fn fields(label: impl Into<String>, body: Vec<Line>) -> Block {
    Block::Field {
        label: label.into(),
        body,
        right: None,
    }
}

/// Bytes of a peer as text: what is printable as itself, the rest escaped, so
/// that no byte of theirs can steer a terminal.
pub fn readable(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                _ => out.push_str(&clean_char(c)),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Text that a terminal will only show: control characters, and those that
/// change the direction or hide, are spelled out.
pub fn clean(text: &str) -> String {
    text.chars().map(clean_char).collect()
}

fn clean_char(c: char) -> String {
    let hidden = matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    match c {
        _ if c.is_ascii_control() => format!("\\x{:02x}", c as u32),
        _ if c.is_control() || hidden => format!("\\u{{{:x}}}", c as u32),
        _ => c.into(),
    }
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
}
