//! What could go on a line that is being typed.

use super::line::COMMANDS;
use crate::model::SOCKET_FIELDS;
use crate::script::{missing as missing_in_call, next_words, verbs};

/// The words that could go on what stands before the cursor, the last of which is begun.
pub(super) fn words(before: &str, sockets: &[String], actors: &[String]) -> Vec<String> {
    let line = own_part(before);
    let begun = line.split_whitespace().next_back().unwrap_or("");
    let is_new = line.is_empty() || line.ends_with(char::is_whitespace);
    let place = line.split_whitespace().count() + usize::from(is_new && !line.is_empty());
    let first = line.split_whitespace().next().unwrap_or("");
    let mut found = match (place, first) {
        (..=1, _) => {
            let commands = COMMANDS.iter().map(|word| (*word).to_string());
            let names = actors.iter().map(|name| format!("{name}:"));
            let mut found = next_words(line, sockets, actors);
            found.extend(commands.chain(names));
            found
        }
        (2, "help") => verbs().map(|verb| verb.word.to_string()).collect(),
        (2, "expect") => sockets.to_vec(),
        (_, "expect") => {
            let fields = SOCKET_FIELDS.iter();
            fields.map(|field| format!("{}=", field.name)).collect()
        }
        _ => next_words(line, sockets, actors),
    };
    let begun = if is_new { "" } else { begun };
    found.retain(|word| word.starts_with(begun));
    found
}

/// What is still missing behind what was typed.
pub(super) fn missing(line: &str) -> String {
    missing_in_call(own_part(line))
}

/// The line without the name of an actor.
fn own_part(line: &str) -> &str {
    match line.trim_start().split_once(": ") {
        Some((name, rest)) if !name.contains(' ') => rest.trim_start(),
        _ => line.trim_start(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_actors_and_calls_can_be_completed() {
        let (sockets, actors) = (["conn".to_string()], ["client".to_string()]);
        let words = |before: &str| words(before, &sockets, &actors).join(" ");
        assert_eq!(words("cl"), "close client:");
        assert_eq!(words("client: clo"), "close");
        assert_eq!(words("client: close "), "conn");
        assert_eq!(words("help bi"), "bind");
        assert_eq!(words("expect conn sta"), "state=");
        assert_eq!(missing("client: bind s"), "ADDRESS");
    }
}
