//! Lines as a terminal takes them: colours, and whether to use any.

use console::Style;

use crate::render::{Block, Line, Page, Role, layout};

/// When to use colours: `--color`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    /// Decides for an output. NO_COLOR (no-color.org) beats CLICOLOR_FORCE, and both
    /// count only where `--color` is not given.
    pub(crate) fn decide(self, is_terminal: bool) -> bool {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let zero = |name| std::env::var_os(name).is_some_and(|value| value == "0");
        match self {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if set("NO_COLOR") => false,
            // 0 does not ask for colours: bixense.com/clicolors.
            Colour::Auto if set("CLICOLOR_FORCE") && !zero("CLICOLOR_FORCE") => true,
            Colour::Auto => is_terminal && std::env::var("TERM").as_deref() != Ok("dumb"),
        }
    }
}

/// A document as text, laid out for the page.
pub(super) fn paint_blocks(blocks: &[Block], page: Page, colour: bool) -> String {
    let lines = layout(blocks, page);
    let painted = lines.iter().map(|line| paint(line, colour) + "\n");
    painted.collect()
}

/// A line as text.
pub(super) fn paint(line: &Line, colour: bool) -> String {
    let mut out = String::new();
    for piece in line {
        if colour && piece.role != Role::Plain {
            out.push_str(&style(piece.role).apply_to(&piece.text).to_string());
        } else {
            out.push_str(&piece.text);
        }
    }
    // Who copies a line from the terminal would copy trailing blanks, too.
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// The style of each role. The colours are readable on light and on dark ground.
fn style(role: Role) -> Style {
    let style = Style::new().force_styling(true);
    match role {
        Role::Plain | Role::Fact => style,
        Role::Heading => style.cyan().bold(),
        Role::Label => style.cyan(),
        Role::Call | Role::Strong => style.bold(),
        Role::Changed => style.green().bold(),
        Role::Muted => style.dim(),
        Role::Code => style.yellow(),
        Role::Emphasis => style.italic(),
        Role::Data => style.magenta(),
        Role::Bad => style.red().bold(),
    }
}
