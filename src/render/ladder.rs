//! The ladder of a run, as a picture and in words: both ends, and what happened when.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::calls::short;
use super::clean::clean;
use super::doc::{Block, Line, NO_BREAK, Role, Span, fields, muted, plain, span, strong};
use crate::model::{Flags, Transport};
use crate::picture::{Ladder, Mark, Place, Rung};
use crate::words::say;

/// How wide it is drawn, in columns: where there is room, and where there is little.
const WIDTHS: [usize; 2] = [80, 60];

/// Both ends, and what happened when.
pub(super) fn ladder(ladder: &Ladder) -> Vec<Block> {
    if ladder.rungs.is_empty() {
        return vec![fields(
            say!("label-ladder"),
            vec![plain(say!("ladder-none")).into()],
        )];
    }
    let words = ladder.rungs.iter().map(|rung| in_words(ladder, rung));
    let picture = Block::Picture {
        drawn: WIDTHS.map(|width| drawn(ladder, width)).into(),
        words: words.collect(),
    };
    vec![Block::Blank, picture]
}

/// The columns of a ladder: a side, and what lies between both.
struct Columns {
    side: usize,
    between: usize,
}

fn drawn(ladder: &Ladder, width: usize) -> Vec<Line> {
    let between = width / 6;
    let columns = Columns {
        side: (width - between - 6) / 2,
        between,
    };
    let mut lines = Vec::new();
    if ladder.before > 0 {
        let before = say!("ladder-before", count = ladder.before);
        lines.push(muted(before.replace(' ', NO_BREAK)).into());
    }
    let [left, right] = ladder.ends.each_ref().map(|name| Some(strong(clean(name))));
    lines.push(columns.row(left, right));
    let mut rungs = ladder.rungs.iter().peekable();
    while let Some(rung) = rungs.next() {
        if let Mark::Packet { header, carries } = &rung.mark {
            lines.push(columns.crossed(rung.place, header, *carries));
            continue;
        }
        let texts = columns.broken(ladder, rung);
        // Of one look both ends stand in one line.
        let is_beside = |next: &&Rung| {
            let both = is_state(rung) && is_state(next) && next.seq == rung.seq;
            both && rung.place != next.place
        };
        let beside = rungs.next_if(is_beside);
        let mut beside = beside.map_or(Vec::new(), |it| columns.broken(ladder, it));
        let rows = texts.len().max(beside.len());
        let mut texts = texts.into_iter();
        beside.reverse();
        for _ in 0..rows {
            let (mine, other) = (texts.next(), beside.pop());
            lines.push(match rung.place {
                Place::Left => columns.row(mine, other),
                Place::Right => columns.row(other, mine),
            });
        }
    }
    lines
}

fn is_state(rung: &Rung) -> bool {
    matches!(rung.mark, Mark::State { .. })
}

impl Columns {
    /// A line: what stands at the left ends at its bar, what stands at the right begins there.
    fn row(&self, left: Option<Span>, right: Option<Span>) -> Line {
        let left = left.unwrap_or_else(|| plain(""));
        let gap = (self.side + 2).saturating_sub(left.text.width());
        let mut line = vec![plain(" ".repeat(gap))];
        line.push(left);
        line.push(muted(format!(" │{:1$}│ ", "", self.between)));
        line.extend(right);
        unbroken(line)
    }

    /// A packet that one of both has sent to the other.
    fn crossed(&self, from: Place, header: &Transport, carries: usize) -> Line {
        let (role, text) = packet(header, carries, self.between - 1);
        let shaft = self.between - 1 - text.width();
        let shaft = match shaft {
            0 | 1 => " ".repeat(shaft),
            _ => format!(" {}", "─".repeat(shaft - 1)),
        };
        let text = span(role, text);
        let mut line = vec![plain(" ".repeat(self.side + 2)), muted(" │")];
        match from {
            Place::Left => line.extend([text, plain(format!("{shaft}>"))]),
            Place::Right => {
                let shaft: String = shaft.chars().rev().collect();
                line.extend([plain(format!("<{shaft}")), text]);
            }
        }
        line.push(muted("│"));
        unbroken(line)
    }

    /// What a rung says, in lines that fit a side.
    fn broken(&self, ladder: &Ladder, rung: &Rung) -> Vec<Span> {
        let (role, text) = said(ladder, rung);
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let used = lines.last().map_or(0, |line| line.width());
            if used > 0 && used + 1 + word.width() > self.side {
                lines.push(String::new());
            } else if used > 0 {
                push(&mut lines, " ");
            }
            for c in word.chars() {
                let used = lines.last().map_or(0, |line| line.width());
                if used + c.width().unwrap_or(1) > self.side {
                    lines.push(String::new());
                }
                push(&mut lines, c.encode_utf8(&mut [0; 4]));
            }
        }
        lines.into_iter().map(|line| span(role, line)).collect()
    }
}

/// What a packet is in so many columns: what it carries, or else its flags.
pub(super) fn packet(header: &Transport, carries: usize, columns: usize) -> (Role, String) {
    let (mut role, mut words) = (Role::Fact, Vec::new());
    let size = |unit| format!("{carries} {unit}");
    let has_room = size("bytes").len() + " FIN".len() <= columns;
    if carries > 0 {
        words.push(size(if has_room { "bytes" } else { "B" }));
    }
    match header {
        Transport::Tcp(segment) => {
            // Whatever carries something acknowledges something, and is to be handed on.
            let is_told = |word: &&str| carries == 0 || !matches!(*word, "PSH" | "ACK");
            let told = segment.flags.words().filter(is_told);
            words.extend(told.map(str::to_string));
            if segment.again.is_some() {
                words.truncate(1);
                words.push("again".into());
            }
            if segment.again.is_some() || segment.flags.has(Flags::RST) {
                role = Role::Bad;
            }
        }
        Transport::Udp if carries == 0 => words.push("0 bytes".into()),
        Transport::Udp => {}
        Transport::Icmp { .. } => {
            role = Role::Bad;
            words.push("ICMP".into());
        }
    }
    (role, words.join(" ").chars().take(columns).collect())
}

/// A line of a picture is not broken.
fn unbroken(mut line: Line) -> Line {
    for piece in &mut line {
        piece.text = piece.text.replace(' ', NO_BREAK);
    }
    line
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// What a rung says beside its bar.
pub(super) fn said(ladder: &Ladder, rung: &Rung) -> (Role, String) {
    let end = match rung.place {
        Place::Left => &ladder.ends[0],
        Place::Right => &ladder.ends[1],
    };
    match &rung.mark {
        Mark::Call { who, call, outcome } => {
            let text = text(&short(call, *outcome)).replace('…', "...");
            let role = if outcome.errno().is_some() {
                Role::Bad
            } else {
                Role::Call
            };
            let by = if **who == **end {
                String::new()
            } else {
                format!("{who}: ")
            };
            (role, clean(&format!("{by}{text}")))
        }
        Mark::State { name, state } => {
            let name = name.strip_prefix(end.as_str()).unwrap_or(name).trim();
            let state = state.map_or_else(|| say!("change-gone"), |state| state.to_string());
            (Role::Changed, clean(&format!("{name} {state}")))
        }
        Mark::Packet { header, carries } => {
            let (role, text) = packet(header, *carries, usize::MAX);
            let message = header.message().map(|it| format!(": {it}"));
            (role, format!("sends {text}{}", message.unwrap_or_default()))
        }
    }
}

fn in_words(ladder: &Ladder, rung: &Rung) -> Line {
    let end = match rung.place {
        Place::Left => &ladder.ends[0],
        Place::Right => &ladder.ends[1],
    };
    let (role, text) = said(ladder, rung);
    vec![muted(format!("{}: ", clean(end))), span(role, text)]
}

fn text(line: &Line) -> String {
    line.iter().map(|piece| piece.text.as_str()).collect()
}
