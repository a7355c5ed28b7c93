//! What happens in a shell, beside the calls.

/// What happened in the shell.
#[derive(Clone, Debug)]
pub(crate) enum ShellEvent {
    /// A line was typed, or read: its number, from 1, and whether it stands on the screen
    /// already.
    Line {
        number: usize,
        text: String,
        shown: bool,
    },
    /// Nothing can be done with it: why.
    Wrong { line: String, why: String },
    /// What was asked for: entries, each with its label, in Markdown.
    Told {
        what: String,
        entries: Vec<(String, String)>,
    },
}
