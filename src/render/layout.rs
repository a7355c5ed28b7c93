//! Lays a document out: lines of a width, in the characters of the page.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::clean::{clean, clean_lines};
use super::doc::{Block, Line, NO_BREAK, Role, Span, span};

/// The page a document is laid out on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// In columns.
    pub width: usize,
    /// Only ASCII characters.
    pub ascii: bool,
}

/// Where running text begins, and where the body of a field does.
const MARGIN: usize = 2;
const BODY: usize = 10;
/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 92;

/// Lays blocks out as lines of at most the page's width. Control characters,
/// wherever they came from, are spelled out here.
pub fn layout(blocks: &[Block], page: Page) -> Vec<Line> {
    let width = page.width.min(WIDEST);
    let mut lines = Vec::new();
    // Before lines are broken: what a character becomes may be wider than it.
    for block in blocks.iter().map(|block| shown(block, page.ascii)) {
        match block {
            Block::Blank => lines.push(Line::new()),
            Block::Rule { title, right } => lines.push(rule(&title, &right, width)),
            Block::Paragraph(text) => lines.extend(indented(&text, MARGIN, MARGIN, width)),
            Block::Row(text) => lines.extend(indented(&text, 0, MARGIN, page.width)),
            Block::Item { mark, text } => lines.extend(item_lines(&mark, &text, width)),
            Block::Field { label, body, right } => {
                lines.extend(field_lines(&label, &body, right.as_deref(), width));
            }
            Block::Verbatim(texts) => lines.extend(
                texts
                    .iter()
                    .map(|text| vec![span(Role::Code, format!("{:MARGIN$}{text}", ""))]),
            ),
        }
    }
    for piece in lines.iter_mut().flatten() {
        piece.text = piece.text.replace(NO_BREAK, " ");
        if page.ascii {
            piece.text = ascii(&piece.text);
        }
    }
    lines
}

fn rule(title: &str, right: &str, width: usize) -> Line {
    let left = format!("── {title} ");
    let right = if right.is_empty() {
        String::new()
    } else {
        format!(" {right} ──")
    };
    let used = left.width() + right.width();
    if used + 2 > width {
        return vec![span(Role::Heading, left.trim_end())];
    }
    vec![
        span(Role::Heading, left),
        span(Role::Muted, "─".repeat(width - used)),
        span(Role::Heading, right),
    ]
}

fn item_lines(mark: &Span, text: &[Span], width: usize) -> Vec<Line> {
    let indent = MARGIN + mark.text.width();
    let mut lines = indented(text, indent, indent, width);
    lines[0][0].text = " ".repeat(MARGIN);
    lines[0].insert(1, mark.clone());
    lines
}

fn field_lines(label: &str, body: &[Line], right: Option<&str>, width: usize) -> Vec<Line> {
    let indent = BODY.max(MARGIN + label.width() + 1);
    // Where there are several, a continued one must not look like the next.
    let hanging = if body.len() > 1 { 2 } else { 0 };
    let mut lines: Vec<Line> = body
        .iter()
        .flat_map(|line| indented(line, indent, indent + hanging, width))
        .collect();
    if lines.is_empty() {
        lines.push(vec![span(Role::Plain, "")]);
    }
    if let Some(first) = lines[0].first_mut() {
        first.text = " ".repeat(MARGIN);
        let gap = indent - MARGIN - label.width();
        lines[0].insert(1, span(Role::Label, label));
        lines[0].insert(2, span(Role::Plain, " ".repeat(gap)));
    }
    if let Some(right) = right {
        let last = lines.len() - 1;
        let used: usize = lines[last].iter().map(|piece| piece.text.width()).sum();
        if used + right.width() + 2 <= width {
            let gap = width - used - right.width();
            lines[last].push(span(Role::Plain, " ".repeat(gap)));
            lines[last].push(span(Role::Muted, right));
        } else {
            lines.push(vec![
                span(Role::Plain, " ".repeat(indent)),
                span(Role::Muted, right),
            ]);
        }
    }
    lines
}

/// Breaks a line between words; words longer than a line are cut.
fn indented(text: &[Span], first: usize, rest: usize, width: usize) -> Vec<Line> {
    let room = width.saturating_sub(rest).max(8);
    let mut lines: Vec<Line> = vec![vec![span(Role::Plain, " ".repeat(first))]];
    let mut used = 0;
    for word in words(text) {
        let wide: usize = word.iter().map(|piece| piece.text.width()).sum();
        if used > 0 && used + 1 + wide > room {
            lines.push(vec![span(Role::Plain, " ".repeat(rest))]);
            used = 0;
        } else if used > 0 {
            push(&mut lines, Role::Plain, " ");
            used += 1;
        }
        for piece in word {
            for c in piece.text.chars() {
                let wide = c.width().unwrap_or(1);
                if used + wide > room {
                    lines.push(vec![span(Role::Plain, " ".repeat(rest))]);
                    used = 0;
                }
                push(&mut lines, piece.role, c.encode_utf8(&mut [0; 4]));
                used += wide;
            }
        }
    }
    lines
}

/// Appends to the last line, joining pieces of one role. The first piece of a
/// line is its indent and stays alone.
fn push(lines: &mut [Line], role: Role, text: &str) {
    let Some(line) = lines.last_mut() else { return };
    let inside = line.len() > 1;
    match line.last_mut() {
        Some(last) if inside && last.role == role => last.text.push_str(text),
        _ => line.push(span(role, text)),
    }
}

/// The words of a text: what stands between blanks, in pieces where the role
/// changes inside a word.
fn words(text: &[Span]) -> Vec<Line> {
    let mut found: Vec<Line> = vec![Line::new()];
    for piece in text {
        // What one types is copied: a short command stays on one line.
        let whole =
            piece.role == Role::Code && piece.text.width() <= 40 && piece.text.trim() == piece.text;
        let blanks: &[char] = if whole { &['\n'] } else { &[' ', '\n'] };
        for (at, part) in piece.text.split(blanks).enumerate() {
            if at > 0 {
                found.push(Line::new());
            }
            if let (false, Some(word)) = (part.is_empty(), found.last_mut()) {
                word.push(span(piece.role, part));
            }
        }
    }
    found.retain(|word| !word.is_empty());
    found
}

/// A block with its text as it may be shown. A line break is a blank of running text;
/// anywhere else it is spelled out.
fn shown(block: &Block, in_ascii: bool) -> Block {
    let likeness = |text: String| {
        if in_ascii {
            let pieces = text.split(NO_BREAK).map(ascii);
            pieces.collect::<Vec<_>>().join(NO_BREAK)
        } else {
            text
        }
    };
    let text = |text: &String| likeness(clean(text));
    let line = |line: &Line| -> Line {
        let pieces = line.iter();
        pieces
            .map(|it| span(it.role, likeness(clean_lines(&it.text))))
            .collect()
    };
    match block {
        Block::Blank => Block::Blank,
        Block::Rule { title, right } => Block::Rule {
            title: text(title),
            right: text(right),
        },
        Block::Paragraph(words) => Block::Paragraph(line(words)),
        Block::Row(words) => Block::Row(line(words)),
        Block::Item { mark, text: words } => Block::Item {
            mark: span(mark.role, text(&mark.text)),
            text: line(words),
        },
        Block::Field { label, body, right } => Block::Field {
            label: text(label),
            body: body.iter().map(line).collect(),
            right: right.as_ref().map(text),
        },
        Block::Verbatim(texts) => Block::Verbatim(texts.iter().map(text).collect()),
    }
}

/// The text in ASCII; what has no likeness becomes a question mark.
pub fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            _ if c.is_ascii() => c.to_string(),
            '─' | '–' => "-".into(),
            '·' => "|".into(),
            '—' => "-".into(),
            '→' => "->".into(),
            '←' => "<-".into(),
            '↔' => "<->".into(),
            '▸' => ">".into(),
            '…' => "...".into(),
            'µ' => "u".into(),
            '✓' => "*".into(),
            '≥' => ">=".into(),
            '≤' => "<=".into(),
            '×' => "x".into(),
            '“' | '”' => "\"".into(),
            '‘' | '’' => "'".into(),
            _ => "?".into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::doc::field;
    use super::*;

    fn text(blocks: &[Block], width: usize) -> Vec<String> {
        let page = Page {
            width,
            ascii: false,
        };
        layout(blocks, page)
            .iter()
            .map(|line| line.iter().map(|piece| piece.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn what_is_wider_in_ascii_is_broken_in_time() {
        let blocks = [Block::Paragraph(vec![span(Role::Plain, "one ↔ two …")])];
        let page = Page {
            width: 13,
            ascii: true,
        };
        let lines: Vec<String> = layout(&blocks, page)
            .iter()
            .map(|line| line.iter().map(|piece| piece.text.as_str()).collect())
            .collect();
        assert_eq!(lines, ["  one <-> two", "  ..."]);
    }

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        let line = vec![
            span(Role::Plain, "one two three four"),
            span(Role::Code, " five"),
        ];
        assert_eq!(
            text(&[field("now", line)], 22),
            [
                "  now     one two",
                "          three four",
                "          five"
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_page_whatever_it_holds() {
        let long = "x".repeat(300)
            + " \u{1b}[2J\n\u{9b}2J\u{202e}\u{2028} 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字";
        for width in 20..100 {
            let blocks = [
                Block::Rule {
                    title: "a long title of a chapter".into(),
                    right: "name".into(),
                },
                Block::Paragraph(vec![span(Role::Plain, long.clone())]),
                Block::Item {
                    mark: span(Role::Muted, "- "),
                    text: vec![span(Role::Plain, long.clone())],
                },
                Block::Field {
                    label: "did".into(),
                    body: vec![vec![span(Role::Call, long.clone())]],
                    right: Some("9 µs".into()),
                },
            ];
            for line in text(&blocks, width).iter().skip(1) {
                assert!(line.width() <= width.max(20), "{width}: {line}");
                assert!(!line.contains('\u{1b}'));
            }
        }
    }
}
