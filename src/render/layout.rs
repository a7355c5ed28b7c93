//! Lays a document out: lines of a width, in the characters of the page.

use unicode_width::UnicodeWidthChar;

use super::clean::{clean, clean_lines};
use super::columns::Columns;
use super::doc::{self, Block, Line, NO_BREAK, Role, Span, code, heading, muted, plain, span};

/// The page a document is laid out on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// In columns.
    pub width: usize,
    /// Only ASCII characters.
    pub ascii: bool,
    /// It is read aloud: pictures are told in words.
    pub plain: bool,
}

/// Where running text begins, and where the body of a field does.
const MARGIN: usize = 2;
const BODY: usize = 10;
/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 92;

/// Lays blocks out as lines of at most the page's width. Control characters,
/// wherever they came from, are spelled out here.
pub(crate) fn layout(blocks: &[Block], page: Page) -> Vec<Line> {
    let width = page.width.min(WIDEST);
    // Before lines are broken: what a character becomes may be wider than it. A line
    // break is a blank of running text; anywhere else it is spelled out.
    let text = |text: &String| likeness(clean(text), page);
    let piece = |it: &Span| span(it.role, likeness(clean_lines(&it.text), page));
    let line = |line: &Line| -> Line { line.iter().map(piece).collect() };
    let mut lines = Vec::new();
    for block in blocks {
        match block {
            Block::Blank => lines.push(Line::new()),
            Block::Rule { title, right } => lines.push(rule(&text(title), &text(right), width)),
            Block::Paragraph(words) => lines.extend(indented(&line(words), MARGIN, MARGIN, width)),
            Block::Row(words) => lines.extend(indented(&line(words), 0, MARGIN, page.width)),
            Block::Item { mark, text: words } => {
                let mark = span(mark.role, text(&mark.text));
                let indent = MARGIN + mark.text.columns();
                lines.extend(marked(mark, &[line(words)], indent, width));
            }
            Block::Field { label, body, right } => {
                let label = doc::label(text(label));
                let indent = BODY.max(MARGIN + label.text.columns() + 1);
                let body: Vec<Line> = body.iter().map(line).collect();
                let mut field = marked(label, &body, indent, width);
                if let Some(right) = right {
                    at_the_right(&mut field, &text(right), indent, width);
                }
                lines.extend(field);
            }
            Block::Picture { drawn, words } => {
                let fits = |it: &&Vec<Line>| !page.plain && widest(it) <= width;
                match drawn.iter().find(fits) {
                    Some(fits) => lines.extend(fits.iter().map(line)),
                    None => {
                        let told = words.iter().map(line);
                        lines.extend(told.flat_map(|it| indented(&it, MARGIN, BODY, width)));
                    }
                }
            }
            Block::Verbatim(texts) => {
                let line = |it| code(format!("{:MARGIN$}{}", "", text(it))).into();
                lines.extend(texts.iter().map(line));
            }
        }
    }
    for piece in lines.iter_mut().flatten() {
        piece.text = piece.text.replace(NO_BREAK, " ");
        if page.ascii {
            piece.text = ascii(&piece.text);
        } else if piece.text.chars().any(is_right_to_left) {
            // So that a terminal that turns it turns nothing beside it.
            piece.text = format!("\u{2068}{}\u{2069}", piece.text);
        }
    }
    lines
}

/// A letter of a script that is written from right to left: Hebrew, Arabic, Syriac, Thaana,
/// N'Ko and others have these blocks of Unicode.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// How wide the widest line is.
fn widest(lines: &[Line]) -> usize {
    let width = |line: &Line| line.iter().map(|piece| piece.text.columns()).sum();
    lines.iter().map(width).max().unwrap_or(0)
}

/// The text in the characters of the page.
fn likeness(text: String, page: Page) -> String {
    if !page.ascii {
        return text;
    }
    let pieces = text.split(NO_BREAK).map(ascii);
    pieces.collect::<Vec<_>>().join(NO_BREAK)
}

fn rule(title: &str, right: &str, width: usize) -> Line {
    let left = format!("── {title} ");
    let right = if right.is_empty() {
        String::new()
    } else {
        format!(" {right} ──")
    };
    let used = left.columns() + right.columns();
    if used + 2 > width {
        return heading(left.trim_end()).into();
    }
    let rule = muted("─".repeat(width - used));
    vec![heading(left), rule, heading(right)]
}

/// Lines behind a mark or a label, from the column `indent` on.
fn marked(mark: Span, body: &[Line], indent: usize, width: usize) -> Vec<Line> {
    // Where there are several, a continued one must not look like the next.
    let hanging = if body.len() > 1 { 2 } else { 0 };
    let broken = body
        .iter()
        .map(|line| indented(line, indent, indent + hanging, width));
    let mut lines: Vec<Line> = broken.flatten().collect();
    if lines.is_empty() {
        lines.push(plain("").into());
    }
    lines[0][0].text = " ".repeat(MARGIN);
    let gap = indent - MARGIN - mark.text.columns();
    lines[0].splice(1..1, [mark, plain(" ".repeat(gap))]);
    lines
}

/// Adds a word at the right edge, below the lines where there is no room.
fn at_the_right(lines: &mut Vec<Line>, word: &str, indent: usize, width: usize) {
    let Some(last) = lines.last_mut() else { return };
    let used: usize = last.iter().map(|piece| piece.text.columns()).sum();
    if used + word.columns() + 2 <= width {
        let gap = " ".repeat(width - used - word.columns());
        last.extend([plain(gap), muted(word)]);
    } else {
        lines.push(vec![plain(" ".repeat(indent)), muted(word)]);
    }
}

/// Breaks a line between words; words longer than a line are cut.
fn indented(text: &[Span], first: usize, rest: usize, width: usize) -> Vec<Line> {
    let room = width.saturating_sub(rest).max(8);
    let mut lines: Vec<Line> = vec![plain(" ".repeat(first)).into()];
    let mut used = 0;
    for word in words(text) {
        let wide: usize = word.iter().map(|piece| piece.text.columns()).sum();
        // Where there are no blanks between words, as in Japanese, a line is filled.
        let fills = wide > room && is_wide(&word);
        if used > 0 && used + 1 + wide > room && !(fills && used + 2 < room) {
            lines.push(plain(" ".repeat(rest)).into());
            used = 0;
        } else if used > 0 {
            push(&mut lines, Role::Plain, " ");
            used += 1;
        }
        for piece in word {
            for c in piece.text.chars() {
                let wide = c.width().unwrap_or(1);
                if used + wide > room {
                    lines.push(plain(" ".repeat(rest)).into());
                    used = 0;
                }
                push(&mut lines, piece.role, c.encode_utf8(&mut [0; 4]));
                used += wide;
            }
        }
    }
    lines
}

/// Has it characters of two columns, as Chinese, Japanese and Korean have?
fn is_wide(word: &[Span]) -> bool {
    let mut chars = word.iter().flat_map(|piece| piece.text.chars());
    chars.any(|c| c.width() == Some(2))
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
        let whole = piece.role == Role::Code
            && piece.text.columns() <= 40
            && piece.text.trim() == piece.text;
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

/// The text in ASCII; what has no likeness becomes a question mark.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let likeness = match c {
            c if c.is_ascii() => {
                out.push(c);
                continue;
            }
            '─' | '–' | '—' => "-",
            '·' => "|",
            '→' => "->",
            '←' => "<-",
            '↔' => "<->",
            '▸' => ">",
            '│' => "|",
            '┌' | '┐' | '└' | '┘' | '┬' | '┴' | '├' | '┤' => "+",
            '…' => "...",
            'µ' => "u",
            '✓' => "*",
            '✗' => "x",
            '≥' => ">=",
            '≤' => "<=",
            '×' => "x",
            'ä' => "ae",
            'ö' => "oe",
            'ü' => "ue",
            'Ä' => "Ae",
            'Ö' => "Oe",
            'Ü' => "Ue",
            'ß' => "ss",
            '“' | '”' | '„' => "\"",
            '‘' | '’' => "'",
            _ => "?",
        };
        out.push_str(likeness);
    }
    out
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::super::doc::{call, field, paragraph};
    use super::*;

    fn text(blocks: &[Block], width: usize, ascii: bool) -> Vec<String> {
        let lines = layout(
            blocks,
            Page {
                width,
                ascii,
                plain: false,
            },
        );
        let text = |line: &Line| line.iter().map(|piece| piece.text.as_str()).collect();
        lines.iter().map(text).collect()
    }

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        let line = vec![plain("one two three four"), code(" five")];
        let wanted = [
            "  now     one two",
            "          three four",
            "          five",
        ];
        assert_eq!(text(&[field("now", line)], 22, false), wanted);
        // What is wider in ASCII is broken in time.
        let wide = paragraph(plain("one ↔ two …"));
        assert_eq!(text(&[wide], 13, true), ["  one <-> two", "  ..."]);
    }

    #[test]
    fn no_line_is_wider_than_the_page_whatever_it_holds() {
        let long = "x".repeat(300)
            + " \u{1b}[2J\n\u{9b}2J\u{202e}\u{2028} 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字";
        let blocks = [
            Block::Rule {
                title: "a long title of a chapter".into(),
                right: "name".into(),
            },
            paragraph(plain(&long)),
            Block::Item {
                mark: muted("- "),
                text: plain(&long).into(),
            },
            Block::Field {
                label: "did".into(),
                body: vec![call(&long).into()],
                right: Some("9 µs".into()),
            },
        ];
        for width in 20..100 {
            for line in text(&blocks, width, false).iter().skip(1) {
                assert!(line.width() <= width.max(20), "{width}: {line}");
                assert!(!line.contains('\u{1b}'));
            }
        }
    }
}
