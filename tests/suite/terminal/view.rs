//! A screen as a person sees it.

use crate::support::one_line;

/// What stands on a terminal.
#[derive(Clone)]
pub struct View {
    /// Scrolled away, oldest first.
    pub above: Vec<String>,
    /// On the screen, from the top; blanks at the end of a row are cut.
    pub rows: Vec<String>,
    /// Row and column, from 0.
    pub cursor: (u16, u16),
    pub hides_cursor: bool,
    /// Lines that were too wide and went on in the next row.
    pub wrapped: Vec<String>,
}

impl View {
    pub fn of(screen: &vt100::Screen) -> View {
        let (_, cols) = screen.size();
        let row = |text: String| text.trim_end().to_string();
        let mut above = Vec::new();
        let mut wrapped = Vec::new();
        let mut scrolled = screen.clone();
        for back in (1..=screen.scrollback_len()).rev() {
            scrolled.set_scrollback(back);
            above.extend(scrolled.rows(0, cols.get()).next().map(row));
            if scrolled.row_wrapped(0) {
                wrapped.extend(above.last().cloned());
            }
        }
        let rows: Vec<String> = screen.rows(0, cols.get()).map(row).collect();
        for (at, row) in rows.iter().enumerate() {
            if screen.row_wrapped(at as u16) {
                wrapped.push(row.clone());
            }
        }
        View {
            above,
            rows,
            cursor: screen.cursor_position(),
            hides_cursor: screen.hide_cursor(),
            wrapped,
        }
    }

    /// All lines, those scrolled away first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.above.iter().chain(&self.rows).map(String::as_str)
    }

    /// Does `text` stand in some line?
    pub fn has(&self, text: &str) -> bool {
        self.lines().any(|line| line.contains(text))
    }

    /// In how many lines?
    pub fn count(&self, text: &str) -> usize {
        self.lines().filter(|line| line.contains(text)).count()
    }

    /// The last line that begins so.
    pub fn last(&self, start: &str) -> Option<&str> {
        self.lines().rfind(|line| line.starts_with(start))
    }

    /// Does it tell that, line breaks and indents aside?
    pub fn tells(&self, text: &str) -> bool {
        let lines: Vec<&str> = self.lines().collect();
        one_line(&lines.join(" ")).contains(text)
    }

    /// How many calls were told to have been made.
    pub fn made(&self) -> usize {
        self.count("  did  ")
    }

    /// The line with the cursor.
    pub fn cursor_row(&self) -> &str {
        &self.rows[usize::from(self.cursor.0)]
    }

    /// Does the prompt of a pause stand there, down to its last key?
    pub fn at_pause(&self) -> bool {
        self.cursor_row().ends_with("q quit")
    }

    /// Is there more, once the learner goes on?
    pub fn has_more(&self) -> bool {
        self.cursor_row().ends_with("Enter go on")
    }

    /// Does a menu stand there, down to its last key?
    pub fn at_menu(&self) -> bool {
        self.cursor_row().ends_with("q leaves")
    }

    /// Does a menu stand there as a numbered list, and nothing is typed yet?
    pub fn at_list(&self) -> bool {
        let above = self.cursor.0.checked_sub(1);
        let hint = above.map(|row| &self.rows[usize::from(row)]);
        self.cursor.1 == 0 && hint.is_some_and(|row| row.ends_with("leaves."))
    }

    /// The item of a menu that Enter takes, without its number.
    pub fn chosen(&self) -> Option<&str> {
        let is_mark = |row: &&String| row.starts_with("  ▸ ") || row.starts_with("  > ");
        let row = self.rows.iter().rfind(is_mark).filter(|_| self.at_menu())?;
        Some(
            row.trim_start_matches([' ', '▸', '>'])
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == ' '),
        )
    }

    /// The number behind the last `word` on the lines.
    pub fn number(&self, word: &str) -> Option<u32> {
        self.lines().rev().find_map(|line| {
            let rest = &line[line.rfind(word)? + word.len()..];
            let digits = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest[..digits].parse().ok()
        })
    }

    /// The pid of the process that plays the server.
    pub fn server(&self) -> u32 {
        self.number("server, pid ").unwrap()
    }

    /// The port the server is bound to, where the kernel chose it.
    pub fn port(&self) -> u16 {
        let port = self.number("local 127.0.0.1:").unwrap_or(0);
        assert_ne!(port, 0, "no port on the screen:\n{}", self.show());
        port as u16
    }

    /// For a failed test.
    pub fn show(&self) -> String {
        let mut text = String::new();
        for line in &self.above {
            text.push_str(&format!("  {line}\n"));
        }
        for line in &self.rows {
            text.push_str(&format!("| {line}\n"));
        }
        text.push_str(&format!(
            "cursor {:?}{}",
            self.cursor,
            if self.hides_cursor { " hidden" } else { "" }
        ));
        text
    }
}
