//! What is told of the shell's own lines.

use crate::model::{Event, ShellEvent};
use crate::render::doc::{Block, Role, bad, code, field, fields, span};
use crate::render::markdown::{field_body, markdown};

/// What one of its events adds to the screen.
pub(super) fn told(event: &Event, shell: &ShellEvent) -> Vec<Block> {
    match shell {
        ShellEvent::Line { shown: true, .. } => Vec::new(),
        ShellEvent::Line { text, .. } => {
            let prompt = span(Role::Label, format!("{}> ", event.who.name));
            vec![Block::Row(vec![prompt, code(text.as_str())])]
        }
        ShellEvent::Wrong { why, .. } => vec![field("but", bad(why.as_str()))],
        ShellEvent::Told { entries, .. } => {
            let entries = entries.iter();
            entries
                .flat_map(|(label, text)| entry(label, text))
                .collect()
        }
    }
}

fn entry(label: &str, text: &str) -> Vec<Block> {
    if label.is_empty() {
        return markdown(text);
    }
    vec![fields(label, field_body(text))]
}
