//! Markdown of the course as blocks.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::columns::columns;
use super::doc::{Block, Line, Role, muted, paragraph, span};

/// Markdown of the course as blocks: paragraphs, lists, tables, code. Anything
/// else is shown as its text.
pub(super) fn markdown(source: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(source, Options::ENABLE_TABLES) {
        reader.take(event);
    }
    reader.blocks
}

/// Markdown as one line after another, for the body of a field.
pub(super) fn field_body(source: &str) -> Vec<Line> {
    let line = |block| match block {
        Block::Paragraph(line) | Block::Item { text: line, .. } => Some(line),
        _ => None,
    };
    markdown(source).into_iter().filter_map(line).collect()
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    line: Line,
    roles: Vec<Role>,
    items: usize,
    rows: Vec<Vec<String>>,
    in_table: bool,
    code: Option<String>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.text(self.role(), &text),
            },
            Event::Code(text) => self.text(Role::Code, &text),
            Event::SoftBreak | Event::HardBreak => self.text(Role::Plain, " "),
            Event::Html(text) | Event::InlineHtml(text) => self.text(Role::Plain, &text),
            _ => {}
        }
    }

    fn role(&self) -> Role {
        self.roles.last().copied().unwrap_or(Role::Plain)
    }

    fn text(&mut self, role: Role, text: &str) {
        if self.in_table {
            if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
                cell.push_str(text);
            }
        } else {
            self.line.push(span(role, text));
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Emphasis => self.roles.push(Role::Emphasis),
            Tag::Strong => self.roles.push(Role::Strong),
            Tag::Item => {
                self.flush();
                self.items += 1;
            }
            Tag::Table(_) => self.in_table = true,
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            Tag::TableCell => {
                if let Some(row) = self.rows.last_mut() {
                    row.push(String::new());
                }
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.code = Some(String::new());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong => {
                self.roles.pop();
            }
            TagEnd::Paragraph | TagEnd::Heading(_) => self.flush(),
            TagEnd::Item => {
                self.flush();
                self.items -= 1;
            }
            TagEnd::Table => {
                self.in_table = false;
                let rows = std::mem::take(&mut self.rows);
                self.push(Block::Verbatim(columns(&rows)));
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    let lines = code.lines().map(str::to_string).collect();
                    self.push(Block::Verbatim(lines));
                }
            }
            _ => {}
        }
    }

    /// Ends the text being collected.
    fn flush(&mut self) {
        if self.line.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.line);
        self.push(if self.items > 0 {
            let mark = muted("- ");
            Block::Item { mark, text }
        } else {
            paragraph(text)
        });
    }

    fn push(&mut self, block: Block) {
        let follows_item = matches!(self.blocks.last(), Some(Block::Item { .. }));
        let between_items = follows_item && matches!(block, Block::Item { .. });
        if !self.blocks.is_empty() && !between_items {
            self.blocks.push(Block::Blank);
        }
        self.blocks.push(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_tables_are_kept_apart() {
        let blocks = markdown(
            "Some `code` and *weight*.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| long | c |\n",
        );
        use Block::{Blank, Item, Paragraph, Verbatim};
        let [
            Paragraph(_),
            Blank,
            Item { .. },
            Item { .. },
            Blank,
            Verbatim(table),
        ] = &blocks[..]
        else {
            panic!("{blocks:?}")
        };
        assert_eq!(table, &["a     b", "long  c"]);
    }
}
