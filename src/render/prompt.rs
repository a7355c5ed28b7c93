//! The lines that name the keys.

use super::doc::{Line, NO_BREAK, label, plain, strong};

/// Names keys and what they do, in one line that is broken only between two of them.
fn hint(keys: &[(&str, &str)]) -> Line {
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
const AT_A_STOP: [(&str, &str); 6] = [
    ("w", "why"),
    ("h", "hint"),
    ("l", "code"),
    ("m t", "draw"),
    ("c", "end"),
    ("q", "quit"),
];

/// The prompt of a pause.
pub(crate) fn pause_line(again: bool) -> Line {
    let again = again.then_some(("a", "again"));
    let keys = [("Enter", "run it")].into_iter().chain(again);
    let keys = keys.chain([("i", "look")]).chain(AT_A_STOP);
    prompt_line(&keys.collect::<Vec<_>>())
}

/// The prompt where a saved run stops: nothing is looked at any more.
pub(crate) fn replay_line() -> Line {
    let keys = [("Enter", "go on")].into_iter().chain(AT_A_STOP);
    prompt_line(&keys.collect::<Vec<_>>())
}

/// A prompt with these keys.
pub(crate) fn prompt_line(keys: &[(&str, &str)]) -> Line {
    let mut line = vec![label(format!("▸{NO_BREAK}"))];
    line.extend(hint(keys));
    line
}

/// The keys of a menu of so many choices, of which a tenth has no digit.
pub(crate) fn menu_line(choices: usize, letters: &[(&str, &str)]) -> Line {
    let choose = match choices.min(9) {
        1 => "1, arrows".into(),
        last => format!("1-{last}, arrows"),
    };
    let mut keys = vec![(&*choose, "choose"), ("Enter", "confirms")];
    keys.extend(letters);
    hint(&keys)
}
