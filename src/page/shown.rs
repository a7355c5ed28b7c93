//! What the page shows: the run, as far as its lines were read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::answers::Answers;
use crate::record::Saved;
use crate::render::{Live, Part};

/// So many bytes are read at once.
const READ: usize = 256 << 10;

/// The run as the page shows it.
pub(super) struct Shown {
    /// The lines of the run, which grow.
    lines: File,
    read: u64,
    /// The beginning of a line that is not whole yet.
    rest: Vec<u8>,
    saved: Saved,
    live: Live,
    answers: Answers,
    /// Something has happened since the parts were made.
    is_stale: bool,
    parts: Vec<Part>,
    /// Of each part: which change was its last, and what browsers are told of it.
    changed: Vec<(u64, String)>,
    change: u64,
}

impl Shown {
    pub(super) fn new(lines: File) -> Shown {
        Shown {
            lines,
            read: 0,
            rest: Vec::new(),
            saved: Saved::default(),
            live: Live::default(),
            answers: Answers::default(),
            is_stale: true,
            parts: Vec::new(),
            changed: Vec::new(),
            change: 0,
        }
    }

    /// Reads what there is by now.
    pub(super) fn read(&mut self) -> io::Result<()> {
        let end = self.lines.metadata()?.len();
        while self.read < end {
            let from = self.rest.len();
            self.rest.resize(from + READ, 0);
            // At a place of its own: that of the file is the writer's.
            let count = self.lines.read_at(&mut self.rest[from..], self.read)?;
            self.rest.truncate(from + count);
            self.read += count as u64;
            self.take_lines();
        }
        Ok(())
    }

    fn take_lines(&mut self) {
        let whole = self.rest.iter().rposition(|byte| *byte == b'\n');
        let rest = self.rest.split_off(whole.map_or(0, |at| at + 1));
        let lines = std::mem::replace(&mut self.rest, rest);
        for line in lines.split(|byte| *byte == b'\n') {
            // What it does not know it does not show.
            if let Ok(Some(event)) = self.saved.take(line) {
                self.live.take(&event, &self.saved.scene);
                self.is_stale = true;
            }
        }
    }

    /// The run tells nothing more.
    pub(super) fn end(&mut self) {
        self.live.end();
        self.is_stale = true;
    }

    /// Takes an answer to a question, if that is open.
    pub(super) fn answer(&mut self, who: &str, question: usize, choice: usize) -> bool {
        let open = self.live.asked().filter(|_| self.live.is_open());
        let is_taken = self.answers.take(who, question, choice, open);
        self.is_stale |= is_taken;
        is_taken
    }

    /// Draws what has changed. The number of the last change.
    pub(super) fn draw(&mut self) -> u64 {
        if !std::mem::take(&mut self.is_stale) {
            return self.change;
        }
        let raised = self
            .live
            .asked()
            .map(|(it, choices)| self.answers.of(it, choices));
        let parts = self
            .live
            .parts(&self.saved.scene, &raised.unwrap_or_default());
        self.change += 1;
        for (at, part) in parts.iter().enumerate() {
            if self.parts.get(at) == Some(part) {
                continue;
            }
            let (id, html) = part;
            // Both are strings: this cannot fail.
            let told = serde_json::to_string(html).unwrap_or_default();
            let told = (self.change, format!("\"{id}\":{told}"));
            match self.changed.get_mut(at) {
                Some(known) => *known = told,
                None => self.changed.push(told),
            }
        }
        self.parts = parts;
        self.change
    }

    /// The whole page, as it was drawn last.
    pub(super) fn page(&self, url: &str) -> String {
        self.live.page(&self.parts, url)
    }

    /// What has changed since that change, for a browser: `{"now":"…"}`.
    pub(super) fn since(&self, change: u64) -> String {
        let new = self.changed.iter().filter(|(at, _)| *at > change);
        let new: Vec<&str> = new.map(|(_, told)| told.as_str()).collect();
        format!("{{{}}}", new.join(","))
    }
}
