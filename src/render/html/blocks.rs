//! Blocks of a document as HTML. What comes from outside is spelled out by `clean`, and
//! escaped by the templates.

use maud::{Markup, html};

use crate::render::clean::{clean, clean_lines};
use crate::render::doc::{Block, Line, Role, Span};

/// Blocks, one below the other.
pub(super) fn blocks(all: &[Block]) -> Markup {
    html! {
        @for block in all { (of_block(block)) }
    }
}

fn of_block(block: &Block) -> Markup {
    match block {
        Block::Blank => html! {},
        Block::Rule { title, .. } => html! { p { strong { (clean(title)) } } },
        Block::Paragraph(text) | Block::Row(text) => html! { p { (line(text)) } },
        Block::Item { mark, text } => html! { p.item { (piece(mark)) (line(text)) } },
        Block::Field { label, body, right } => html! {
            dl.field {
                dt { (clean(label)) }
                @for text in body { dd { (line(text)) } }
                @if let Some(right) = right { dd.muted { (clean(right)) } }
            }
        },
        Block::Verbatim(lines) => html! { pre { (clean_lines(&lines.join("\n"))) } },
        Block::Picture { words, .. } => html! {
            @for text in words { p { (line(text)) } }
        },
    }
}

/// A line of pieces, each of its role.
pub(super) fn line(text: &Line) -> Markup {
    html! {
        @for it in text { (piece(it)) }
    }
}

fn piece(it: &Span) -> Markup {
    let text = clean(&it.text);
    match it.role {
        Role::Plain | Role::Fact => html! { (text) },
        Role::Call | Role::Code | Role::Data => html! { code { (text) } },
        Role::Strong | Role::Heading => html! { strong { (text) } },
        Role::Emphasis => html! { em { (text) } },
        Role::Changed => html! { b.changed { (text) } },
        Role::Bad => html! { b.bad { (text) } },
        Role::Muted | Role::Label => html! { span.muted { (text) } },
    }
}
