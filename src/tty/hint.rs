//! The line that names the keys.

use crate::render::{Line, NO_BREAK, Role, span};

/// Names keys and what they do, in one line that is broken only between two of them.
pub fn hint(keys: &[(&str, &str)]) -> Line {
    let whole = |text: &str| text.replace(' ', NO_BREAK);
    let mut line = Line::new();
    for (at, (key, does)) in keys.iter().enumerate() {
        if at > 0 {
            line.push(span(Role::Plain, format!("{NO_BREAK}· ")));
        }
        line.push(span(Role::Strong, whole(key)));
        line.push(span(Role::Plain, whole(&format!(" {does}"))));
    }
    line
}
