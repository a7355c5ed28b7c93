//! What was typed, as a file: a script, or a chapter that a teacher goes on with.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use super::state::{Saved, State};
use crate::error::Error;
use crate::script::Verb;
use crate::words::say;

impl State<'_> {
    /// Writes what was done so far into a file that is not there yet.
    pub(super) fn save(&mut self, file: &str) -> Result<(), Error> {
        let path = Path::new(file);
        let text = if path.extension().is_some_and(|end| end == "md") {
            let name = path
                .file_stem()
                .map_or("mine".into(), |it| it.to_string_lossy());
            match self.chapter(&id_of(&name)) {
                Ok(text) => text,
                Err(why) => return self.wrong(file, why),
            }
        } else {
            script(&self.saved, self.plan.lead.word())
        };
        let opened = OpenOptions::new().write(true).create_new(true).open(path);
        match opened.and_then(|mut file| file.write_all(text.as_bytes())) {
            Ok(()) => {
                let text = say!("shell-lines", file = file, count = self.saved.len());
                self.told("save", vec![(say!("shell-saved"), text)])
            }
            Err(error) => self.wrong(file, say!("shell-not-saved", file = file, error = error)),
        }
    }

    /// The lines as a chapter: each of the lead's is a step, the peer's stand beside them.
    fn chapter(&self, id: &str) -> Result<String, String> {
        let (lead, peer) = (self.plan.lead.word(), self.plan.lead.other().word());
        let other = |line: &&Saved| line.who != lead && line.who != peer;
        if let Some(line) = self.saved.iter().find(other) {
            return Err(say!(
                "shell-third-end",
                lead = lead,
                peer = peer,
                other = line.who
            ));
        }
        let mut text = format!(
            "+++\nid = \"{id}\"\ntitle = \"{id}\"\nlabel = \"connection\"\n\
             summary = \"what was tried in the shell\"\nfresh = true\npeer = \"builtin\"\n+++\n\
             What this chapter shows: write it here.\n"
        );
        let mut rest = self.saved.as_slice();
        let is_step = |line: &Saved| line.who == lead && !line.is_expectation;
        while let Some(at) = rest.iter().position(is_step) {
            let behind = &rest[at + 1..];
            let peers = behind.iter().take_while(|line| line.who == peer).count();
            let during = if rest[at].slept { peers } else { 0 };
            let (during, behind) = behind.split_at(during);
            // What is expected once the other end has done more has no place in a chapter.
            let expected = |line: &&Saved| line.who == lead && line.is_expectation;
            let (expected, behind) = behind.split_at(behind.iter().take_while(expected).count());
            text.push_str(&self.step(&rest[at], &calls(&rest[..at]), &calls(during)));
            if !expected.is_empty() {
                text.push_str("### Expect\n");
                text.push_str(&block("expect", expected));
            }
            rest = behind;
        }
        let after = calls(rest);
        if rest.len() < self.saved.len() && !after.is_empty() {
            text.push_str("### Peer\n");
            text.push_str(&block("peer when=after", &after));
        }
        if rest.len() == self.saved.len() {
            return Err(say!("shell-no-chapter", lead = lead));
        }
        Ok(text)
    }

    fn step(&self, line: &Saved, before: &[Saved], during: &[Saved]) -> String {
        let verb = line.text.split_whitespace().next().and_then(Verb::named);
        let taught = verb.and_then(|verb| self.step_of(verb));
        // Long texts would not fit a screen with the facts: the first paragraph does.
        let kernel = taught.and_then(|step| step.kernel.split("\n\n").next());
        let kernel = kernel.unwrap_or("What the kernel checks and changes: write it here.");
        let title = taught.map_or(line.text.as_str(), |step| step.title.as_str());
        let fails = line.failed.as_ref();
        let fails = fails.map_or(String::new(), |errno| format!(" fails={errno}"));
        let mut text = format!(
            "\n## {title}\nWhat the call is for: write it here.\n\
             ```socklab{fails}\n{}\n```\n### Kernel\n{kernel}\n",
            line.text
        );
        if !before.is_empty() || !during.is_empty() {
            text.push_str("### Peer\n");
        }
        for (when, lines) in [("peer when=before", before), ("peer when=during", during)] {
            if !lines.is_empty() {
                text.push_str(&block(when, lines));
            }
        }
        text
    }
}

/// The lines as they were typed; those of another than `lead` with the name.
fn script(lines: &[Saved], lead: &str) -> String {
    let line = |line: &Saved| {
        let what = if line.is_expectation { "expect " } else { "" };
        if line.who == lead {
            format!("{what}{}\n", line.text)
        } else {
            format!("{}: {what}{}\n", line.who, line.text)
        }
    };
    lines.iter().map(line).collect()
}

/// Those that are calls.
fn calls(lines: &[Saved]) -> Vec<Saved> {
    let calls = lines.iter().filter(|line| !line.is_expectation);
    calls.cloned().collect()
}

fn block(kind: &str, lines: &[Saved]) -> String {
    let lines: String = lines
        .iter()
        .map(|line| format!("{}\n", line.text))
        .collect();
    format!("```{kind}\n{lines}```\n")
}

/// A name as the id of a chapter: lower-case letters, digits and hyphens.
fn id_of(name: &str) -> String {
    let fine = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let id: String = name.chars().map(fine).collect();
    let id = id.trim_matches('-');
    if id.starts_with(|c: char| c.is_ascii_lowercase()) {
        id.into()
    } else {
        format!("c-{id}")
    }
}
