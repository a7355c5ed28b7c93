//! What differs from run to run, replaced by what does not: process ids, inodes,
//! ports, cookies, times. Lines that were broken because of their length are
//! broken anew, so that a pid of five digits and one of four make one picture.

use super::cells::{Cell, Line, text};

/// Where the body of a field begins.
const BODY: usize = 10;
/// Where a line goes on in a field that has several.
const HANG: usize = 12;
/// The port that the pictures show.
const PORT: u16 = 6789;

/// What was replaced so far, each kind in the order of its appearance.
pub struct Redactor {
    port: u16,
    cols: usize,
    /// What every call took.
    took: &'static str,
    pids: Vec<String>,
    inodes: Vec<String>,
    cookies: Vec<String>,
    ports: Vec<String>,
}

/// A piece of a line and what stands in its place.
struct Change {
    start: usize,
    end: usize,
    new: String,
}

impl Redactor {
    /// For a screen of so many columns and a server at that port, whose calls all
    /// took as long.
    pub fn new(port: u16, cols: u16, took: &'static str) -> Redactor {
        Redactor {
            port,
            cols: usize::from(cols),
            took,
            pids: Vec::new(),
            inodes: Vec::new(),
            cookies: Vec::new(),
            ports: Vec::new(),
        }
    }

    /// The lines with everything replaced.
    pub fn lines(&mut self, lines: &[Line]) -> Vec<Line> {
        let mut out = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            let rows = table_rows(&lines[at..]);
            if rows > 0 {
                out.extend(self.table(&lines[at..at + rows]));
                at += rows;
                continue;
            }
            let mut end = at + 1;
            while end < lines.len() && self.goes_on(&lines[end - 1], &lines[end]) {
                end += 1;
            }
            let goes_on_below = lines.get(end).is_some_and(|line| indent(line) == BODY);
            out.extend(self.group(&lines[at..end], goes_on_below));
            at = end;
        }
        out
    }

    /// Was `line` broken so that `next` is its rest? What goes on further right
    /// than a body begins is; what begins there is if it had no room above.
    fn goes_on(&self, line: &Line, next: &Line) -> bool {
        if line.len() <= BODY || right_part(line).is_some() {
            return false;
        }
        match indent(next) {
            HANG => true,
            BODY if indent(line) != HANG => {
                let word = next[BODY..].iter().take_while(|cell| cell.c != ' ');
                line.len() + 1 + word.count() > self.cols
            }
            _ => false,
        }
    }

    /// Fd tables side by side: a column is as wide as its widest cell.
    fn table(&mut self, rows: &[Line]) -> Vec<Line> {
        let mut cells: Vec<Vec<Line>> = rows
            .iter()
            .map(|row| cells_of(&row[BODY..].to_vec()))
            .collect();
        for cell in cells.iter_mut().flatten() {
            let changes = self.changes(&text(cell));
            *cell = apply(cell, &changes);
        }
        let width = |at: usize| {
            cells
                .iter()
                .filter_map(|row| row.get(at))
                .map(Vec::len)
                .max()
        };
        let widths: Vec<usize> = (0..cells[0].len()).map_while(width).collect();
        let mut out = Vec::new();
        for (row, cells) in rows.iter().zip(&cells) {
            let mut line = row[..BODY].to_vec();
            for (cell, width) in cells.iter().zip(&widths) {
                line.extend_from_slice(cell);
                line.extend(std::iter::repeat_n(Cell::blank(), width + 2 - cell.len()));
            }
            while line.last().is_some_and(|cell| cell.c == ' ') {
                line.pop();
            }
            out.push(line);
        }
        out
    }

    /// A line that goes on over one or several rows. Is another line of the same
    /// field below it?
    fn group(&mut self, rows: &[Line], goes_on_below: bool) -> Vec<Line> {
        let mut rows = rows.to_vec();
        let last = rows.len() - 1;
        let right = right_part(&rows[last]).map(|at| {
            let end = rows[last].len();
            let part = rows[last].split_off(at);
            while rows[last].last().is_some_and(|cell| cell.c == ' ') {
                rows[last].pop();
            }
            (part, end)
        });
        let (prefix, rest) = if rows[0].len() > BODY {
            rows[0].split_at(BODY)
        } else {
            (&[][..], &rows[0][..])
        };
        let mut whole = rest.to_vec();
        for row in &rows[1..] {
            whole.push(Cell::blank());
            whole.extend_from_slice(&row[indent(row)..]);
        }
        let changes = self.changes(&text(&whole));
        if !changes.is_empty() {
            let several = goes_on_below || prefix.iter().all(|cell| cell.c == ' ');
            let hang = match rows.get(1) {
                Some(row) => indent(row),
                None if several => HANG,
                None => BODY,
            };
            let whole = fill(apply(&whole, &changes), whole.len());
            rows = if prefix.is_empty() {
                vec![whole]
            } else {
                wrap(prefix, &whole, hang, self.cols)
            };
        }
        if let Some((part, end)) = right {
            let part: Line = self.took.chars().map(|c| part[0].showing(c)).collect();
            let row = rows.last_mut().unwrap();
            let gap = end.saturating_sub(row.len() + part.len());
            row.extend(std::iter::repeat_n(Cell::blank(), gap));
            row.extend(part);
        }
        rows
    }

    fn changes(&mut self, text: &str) -> Vec<Change> {
        let chars: Vec<char> = text.chars().collect();
        let mut changes = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let starts_number =
                chars[at].is_ascii_digit() && (at == 0 || !chars[at - 1].is_ascii_digit());
            if !starts_number {
                at += 1;
                continue;
            }
            let digits = chars[at..]
                .iter()
                .take_while(|c| c.is_ascii_digit() || **c == '.')
                .count();
            let before: String = chars[..at].iter().collect();
            let number: String = chars[at..at + digits].iter().collect();
            let number = number.trim_end_matches('.');
            let end = at + number.chars().count();
            if let Some(new) = self.replaced(&before, number) {
                changes.push(Change {
                    start: at,
                    end,
                    new,
                });
            }
            at = end;
        }
        changes
    }

    /// What stands for a number, by what stands before it.
    fn replaced(&mut self, before: &str, number: &str) -> Option<String> {
        let after = |word: &str| before.ends_with(word);
        // Code in other languages has the port that stands for this one already.
        if [self.port, PORT].map(Ok).contains(&number.parse()) {
            return Some(PORT.to_string());
        }
        Some(if after("/tmp/s") {
            "10000".into()
        } else if after("pid ") || after("kill ") || after("/proc/") {
            nth(&mut self.pids, number, 8121, 1)
        } else if after("socket:[") || is_unix_inode(before) {
            nth(&mut self.inodes, number, 17162, 1)
        } else if after("cookie ") {
            nth(&mut self.cookies, number, 4101, 1)
        } else if after("127.0.0.1:") || after("0.0.0.0:") || after("127.0.0.1 ") || after("htons(")
        {
            nth(&mut self.ports, number, 51726, 2)
        } else if after("SO_RCVBUF ") {
            "131072".into()
        } else if after("SO_SNDBUF ") {
            "2626560".into()
        } else if after("its last segment ") {
            "40".into()
        } else if after("/dev/pts/") {
            "1".into()
        } else if after("round trip ") {
            "27".into()
        } else if after("CPU time ") || after("CPU ") || after("sleeps ") {
            "0".into()
        } else if after("retransmit in ") {
            "0.9".into()
        } else if after("timer ") || after("timewait ") || after("gone in ") {
            "59.9".into()
        } else {
            return None;
        })
    }
}

/// How many of the lines are fd tables that begin at the first?
fn table_rows(lines: &[Line]) -> usize {
    let is_row = |line: &&Line| {
        indent(line) == BODY && line.get(BODY).is_some_and(|cell| cell.c.is_ascii_digit())
    };
    match lines.first() {
        Some(first) if text(first).starts_with("  fds        ") => {
            1 + lines[1..].iter().take_while(is_row).count()
        }
        _ => 0,
    }
}

/// In a line of `ss -xa` the inode follows the path.
fn is_unix_inode(before: &str) -> bool {
    let last = before.trim_end().rsplit(' ').next().unwrap_or_default();
    before.ends_with(' ') && last.starts_with("/tmp/s") && before.contains("u_str")
}

/// The cells of a row of a table, which stand two spaces apart, with the columns
/// where they begin.
fn cells_of(row: &Line) -> Vec<Line> {
    let mut cells: Vec<Line> = vec![Line::new()];
    let mut at = 0;
    while at < row.len() {
        let blanks = row[at..].iter().take_while(|cell| cell.c == ' ').count();
        match blanks {
            0 | 1 => {
                cells.last_mut().unwrap().push(row[at]);
                at += 1;
            }
            _ => {
                cells.push(Line::new());
                at += blanks;
            }
        }
    }
    cells
}

/// The replacement of the nth of its kind.
fn nth(known: &mut Vec<String>, number: &str, first: usize, step: usize) -> String {
    let at = known
        .iter()
        .position(|other| other == number)
        .unwrap_or_else(|| {
            known.push(number.to_string());
            known.len() - 1
        });
    (first + at * step).to_string()
}

fn indent(line: &Line) -> usize {
    line.iter().take_while(|cell| cell.c == ' ').count()
}

/// Where the part at the right edge begins, if a line has one: a duration.
fn right_part(line: &Line) -> Option<usize> {
    let text: Vec<char> = line.iter().map(|cell| cell.c).collect();
    let gap = text.windows(2).rposition(|pair| pair == [' ', ' '])?;
    let part: String = text[gap + 2..].iter().collect();
    let unit = part.split_once(' ')?.1;
    (gap + 2 > BODY && matches!(unit, "µs" | "us" | "ms" | "s")).then_some(gap + 2)
}

/// The line with the changes made; what is new looks as what was there.
fn apply(line: &Line, changes: &[Change]) -> Line {
    let mut out = Line::new();
    let mut at = 0;
    for change in changes {
        out.extend_from_slice(&line[at..change.start]);
        let looks = line[change.start];
        out.extend(change.new.chars().map(|c| looks.showing(c)));
        at = change.end;
    }
    out.extend_from_slice(&line[at..]);
    out
}

/// A heading's rule fills what its words leave of the width.
fn fill(mut line: Line, width: usize) -> Line {
    let is_rule = |cells: &[Cell]| cells.iter().all(|cell| cell.c == '─');
    let Some(start) = line.windows(4).position(is_rule) else {
        return line;
    };
    let rule = line[start];
    let length = line[start..]
        .iter()
        .take_while(|cell| cell.c == '─')
        .count();
    let others = line.len() - length;
    let filled = std::iter::repeat_n(rule, width.saturating_sub(others));
    line.splice(start..start + length, filled);
    line
}

/// Breaks a line between words, as the renderer does.
fn wrap(prefix: &[Cell], line: &Line, hang: usize, cols: usize) -> Vec<Line> {
    let mut rows = vec![prefix.to_vec()];
    for (at, word) in line.split(|cell| cell.c == ' ').enumerate() {
        // The renderer gives the first row no more room than the rest.
        let room = match rows.len() {
            1 => cols + prefix.len() - hang,
            _ => cols,
        };
        let row = rows.last_mut().unwrap();
        if at > 0 && row.len() + 1 + word.len() > room {
            rows.push(vec![Cell::blank(); hang]);
        } else if at > 0 {
            row.push(Cell::blank());
        }
        rows.last_mut().unwrap().extend_from_slice(word);
    }
    rows
}

#[test]
fn pids_and_inodes_of_any_length_make_one_picture() {
    use super::cells::plain;
    let redacted = |rows: &[&str]| -> Vec<String> {
        let rows: Vec<Line> = rows.iter().map(|row| plain(row)).collect();
        let lines = Redactor::new(2345, 60, "12 µs").lines(&rows);
        lines.iter().map(|line| text(line)).collect()
    };
    let short = redacted(&[
        "  now     server, pid 7 · fd 3 → socket:[12] · IPv4 stream",
        "            (TCP)",
        "          state CLOSED · local 127.0.0.1:2345",
        "  did     listen(3, 1) = 0                             9 µs",
        "── netcat, pid 7 ────────────────────────────── user id 0 ──",
    ]);
    let long = redacted(&[
        "  now     server, pid 1234567 · fd 3 →",
        "            socket:[123456789123456789] · IPv4 stream (TCP)",
        "          state CLOSED · local 127.0.0.1:2345",
        "  did     listen(3, 1) = 0                         123.4 ms",
        "── netcat, pid 1234567 ──────────────────────── user id 0 ──",
    ]);
    assert_eq!(short, long);
    assert_eq!(
        short,
        [
            "  now     server, pid 8121 · fd 3 → socket:[17162] · IPv4",
            "            stream (TCP)",
            "          state CLOSED · local 127.0.0.1:6789",
            "  did     listen(3, 1) = 0                            12 µs",
            "── netcat, pid 8121 ─────────────────────────── user id 0 ──",
        ]
    );
}
