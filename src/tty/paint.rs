use console::Style;

use crate::render::{Line, Role};

/// Whether to paint: `--color`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    /// The decision for an output. NO_COLOR (no-color.org) beats CLICOLOR_FORCE,
    /// and both count only where the learner said nothing.
    pub fn decide(self, is_terminal: bool) -> bool {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let zero = |name| std::env::var_os(name).is_some_and(|value| value == "0");
        match self {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if set("NO_COLOR") => false,
            // 0 asks for nothing: bixense.com/clicolors.
            Colour::Auto if set("CLICOLOR_FORCE") && !zero("CLICOLOR_FORCE") => true,
            Colour::Auto => is_terminal && std::env::var("TERM").as_deref() != Ok("dumb"),
        }
    }
}

/// A line as a terminal takes it.
pub fn paint(line: &Line, colour: bool) -> String {
    let mut out = String::new();
    for piece in line {
        if colour && piece.role != Role::Plain {
            out.push_str(&style(piece.role).apply_to(&piece.text).to_string());
        } else {
            out.push_str(&piece.text);
        }
    }
    // Trailing blanks would be copied along with a line from the terminal.
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// Colours that are readable on light and on dark ground.
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
