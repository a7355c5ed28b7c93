//! The lines that name the keys.

use super::doc::{Line, NO_BREAK, label, plain, strong};

/// Names keys and what they do, in one line that is broken only between two of them.
pub(crate) fn hint(keys: &[(&str, &str)]) -> Line {
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

/// The prompt of a pause.
pub(crate) fn pause_line(again: bool) -> Line {
    let again = again.then_some(("a", "again"));
    let keys = [("Enter", "run it")].into_iter().chain(again).chain([
        ("i", "look"),
        ("w", "why"),
        ("h", "hint"),
        ("l", "code"),
        ("m t", "draw"),
        ("c", "end"),
        ("q", "quit"),
    ]);
    prompt_line(&keys.collect::<Vec<_>>())
}

/// The prompt where a saved run stops: nothing is looked at any more.
pub(crate) fn replay_line() -> Line {
    prompt_line(&[
        ("Enter", "go on"),
        ("w", "why"),
        ("h", "hint"),
        ("l", "code"),
        ("m t", "draw"),
        ("c", "end"),
        ("q", "quit"),
    ])
}

pub(crate) fn prompt_line(keys: &[(&str, &str)]) -> Line {
    let mut line = vec![label(format!("▸{NO_BREAK}"))];
    line.extend(hint(keys));
    line
}
