//! The line that names the keys.

use crate::render::{Line, NO_BREAK, plain, strong};

/// Names keys and what they do, in one line that is broken only between two of them.
pub(super) fn hint(keys: &[(&str, &str)]) -> Line {
    let whole = |text: &str| text.replace(' ', NO_BREAK);
    let mut line = Line::new();
    for (at, (key, does)) in keys.iter().enumerate() {
        if at > 0 {
            line.push(plain(format!("{NO_BREAK}· ")));
        }
        line.push(strong(whole(key)));
        line.push(plain(whole(&format!(" {does}"))));
    }
    line
}
