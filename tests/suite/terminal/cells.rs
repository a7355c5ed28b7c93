//! The characters of a screen with their looks.

/// One character.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub c: char,
    colour: vt100::Color,
    bold: bool,
    dim: bool,
    italic: bool,
}

pub type Line = Vec<Cell>;

impl Cell {
    pub fn blank() -> Cell {
        Cell {
            c: ' ',
            colour: vt100::Color::Default,
            bold: false,
            dim: false,
            italic: false,
        }
    }

    /// Another character that looks like this one.
    pub fn showing(self, c: char) -> Cell {
        Cell { c, ..self }
    }

    fn of(cell: &vt100::Cell) -> Cell {
        Cell {
            // An empty cell is blank. No character of ours is more than one.
            c: cell.contents().chars().next().unwrap_or(' '),
            colour: cell.fgcolor(),
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
        }
    }

    /// The SGR parameters that make it look so.
    fn sgr(&self) -> String {
        let mut codes = Vec::new();
        for (set, code) in [(self.bold, 1), (self.dim, 2), (self.italic, 3)] {
            if set {
                codes.push(code.to_string());
            }
        }
        if let vt100::Color::Idx(index) = self.colour {
            codes.push(format!("{}", 30 + index));
        }
        codes.join(";")
    }
}

/// All lines of a screen, those scrolled away first, down to the cursor's.
pub fn lines(screen: &vt100::Screen) -> Vec<Line> {
    let mut scrolled = screen.clone();
    let mut lines = Vec::new();
    for back in (1..=screen.scrollback_len()).rev() {
        scrolled.set_scrollback(back);
        lines.push(line(&scrolled, 0));
    }
    scrolled.set_scrollback(0);
    lines.extend((0..=screen.cursor_position().0).map(|row| line(&scrolled, row)));
    lines
}

fn line(screen: &vt100::Screen, row: u16) -> Line {
    let (_, cols) = screen.size();
    let mut cells: Line = (0..cols.get())
        .filter_map(|col| screen.cell(row, col))
        .map(Cell::of)
        .collect();
    while cells.last().is_some_and(|cell| cell.c == ' ') {
        cells.pop();
    }
    cells
}

/// A line of no particular looks.
pub fn plain(text: &str) -> Line {
    text.chars().map(|c| Cell::blank().showing(c)).collect()
}

/// A line without its looks.
pub fn text(line: &[Cell]) -> String {
    line.iter().map(|cell| cell.c).collect()
}

/// Lines as a terminal takes them.
pub fn ansi(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        for piece in line.chunk_by(|one, other| one.sgr() == other.sgr()) {
            let sgr = piece[0].sgr();
            if sgr.is_empty() {
                out.push_str(&text(piece))
            } else {
                out.push_str(&format!("\x1b[{sgr}m{}\x1b[0m", text(piece)))
            }
        }
        out.push('\n');
    }
    out
}
