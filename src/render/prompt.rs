//! The lines that name the keys.

use super::doc::{Line, NO_BREAK, label, plain, strong};
use crate::words::say;

/// Names keys and what they do, in one line that is broken only between two of them.
fn hint(keys: &[(&str, String)]) -> Line {
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

/// What can be asked for where a run stops, and how it goes on from there.
fn at_a_stop() -> [(&'static str, String); 6] {
    [
        ("w", say!("key-why")),
        ("h", say!("key-hint")),
        ("l", say!("key-code")),
        ("m t", say!("key-draw")),
        ("c", say!("key-end")),
        ("q", say!("key-quit")),
    ]
}

/// The prompt of a pause.
pub(crate) fn pause_line(again: bool) -> Line {
    let again = again.then(|| ("a", say!("key-again")));
    let keys = [("Enter", say!("key-run"))].into_iter().chain(again);
    let keys = keys.chain([("i", say!("key-look"))]).chain(at_a_stop());
    prompt_line(&keys.collect::<Vec<_>>())
}

/// The prompt where a saved run stops: nothing is looked at any more.
pub(crate) fn replay_line() -> Line {
    let keys = [("Enter", say!("key-go-on"))]
        .into_iter()
        .chain(at_a_stop());
    prompt_line(&keys.collect::<Vec<_>>())
}

/// A prompt with these keys.
pub(crate) fn prompt_line(keys: &[(&str, String)]) -> Line {
    let mut line = vec![label(format!("▸{NO_BREAK}"))];
    line.extend(hint(keys));
    line
}

/// The keys of a menu of so many choices, of which a tenth has no digit.
pub(crate) fn menu_line(choices: usize, letters: &[(&str, String)]) -> Line {
    let choose = match choices.min(9) {
        1 => say!("keys-arrow"),
        last => say!("keys-arrows", last = last),
    };
    let mut keys = vec![
        (&*choose, say!("key-choose")),
        ("Enter", say!("key-confirms")),
    ];
    keys.extend_from_slice(letters);
    hint(&keys)
}
