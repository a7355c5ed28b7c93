//! Rows of cells as lines.

use unicode_width::UnicodeWidthChar;

/// A text on a terminal.
pub(super) trait Columns {
    /// So many columns it takes. A terminal places character by character, whatever a font
    /// would join.
    fn columns(&self) -> usize;
}

impl Columns for str {
    fn columns(&self) -> usize {
        self.chars().map(|c| c.width().unwrap_or(1)).sum()
    }
}

/// Rows whose cells stand below each other.
pub(super) fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| cell.columns()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let gap = width.saturating_sub(cell.columns()) + 2;
            format!("{cell}{:gap$}", "")
        });
        cells.collect::<String>().trim_end().to_string()
    };
    rows.iter().map(line).collect()
}
