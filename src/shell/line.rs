//! A line of a shell or of a script: whose it is, and what it asks for.

use crate::words::say;
use std::time::Duration;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// Nothing: it is empty, or a comment.
    Nothing,
    /// From now on the lines without a name are that actor's.
    Whose,
    /// A call.
    Act(String),
    Expect(String),
    /// A call about which something is said before it is made.
    Predict(String),
    /// What is said about it.
    Said(String),
    Jobs,
    Status,
    What,
    Help(Option<String>),
    Undo,
    Save(String),
    Sleep(Duration),
    Quit,
}

/// The words of the lines that are no calls.
pub(super) const COMMANDS: [&str; 10] = [
    "expect", "predict", "status", "what", "jobs", "sleep", "help", "save", "undo", "quit",
];

/// The longest sleep: a day.
const LONGEST: f64 = 86_400.0;

/// Reads a line: the actor it names, if it names one, and what it asks for. `other` is
/// whom `peer` means.
pub(super) fn parse(text: &str, other: &str) -> Result<(Option<String>, Line), String> {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    if first.is_empty() || first.starts_with('#') {
        return Ok((None, Line::Nothing));
    }
    if first == "peer" {
        let (_, line) = parse(rest, other)?;
        return Ok((Some(other.into()), line));
    }
    if let Some(name) = first.strip_suffix(':') {
        let who = Some(actor(name)?);
        if rest.is_empty() {
            return Ok((who, Line::Whose));
        }
        let (again, line) = parse(rest, other)?;
        return match again {
            None => Ok((who, line)),
            Some(again) => Err(say!("shell-two-actors", one = name, other = again)),
        };
    }
    let alone = |line: Line| match rest {
        "" => Ok(line),
        extra => Err(say!("shell-too-many", word = extra)),
    };
    let line = match first {
        "expect" if rest.is_empty() => Err(say!("shell-expect-what")),
        "expect" => Ok(Line::Expect(rest.into())),
        "predict" if rest.is_empty() => {
            Err(say!("shell-predict-what", line = "predict bind s {addr}"))
        }
        "predict" => Ok(Line::Predict(rest.into())),
        "jobs" => alone(Line::Jobs),
        "status" => alone(Line::Status),
        "what" => alone(Line::What),
        "undo" => alone(Line::Undo),
        "quit" => alone(Line::Quit),
        "help" => Ok(Line::Help((!rest.is_empty()).then(|| rest.into()))),
        "save" if rest.is_empty() => Err(say!("shell-save-what")),
        "save" => Ok(Line::Save(rest.into())),
        "sleep" => seconds(rest).map(Line::Sleep),
        _ => Ok(Line::Act(text.into())),
    };
    Ok((None, line?))
}

fn actor(name: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_fine = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fine);
    // More than anybody needs, and no more than a line of the screen takes.
    if is_fine && name.len() <= 20 {
        return Ok(name.into());
    }
    Err(say!("shell-bad-actor", name = name))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let fitting = text.parse().ok().filter(|it| (0.0..=LONGEST).contains(it));
    fitting
        .map(Duration::from_secs_f64)
        .ok_or_else(|| say!("shell-bad-seconds", text = text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whose_it_is_and_what_it_asks_for() {
        let read = |text: &str| parse(text, "client").unwrap();
        let act = |text: &str| Line::Act(text.into());
        assert_eq!(read("  "), (None, Line::Nothing));
        assert_eq!(read("# expect"), (None, Line::Nothing));
        assert_eq!(read("bind s 1"), (None, act("bind s 1")));
        let client = Some("client".to_string());
        assert_eq!(read("client:  close c"), (client.clone(), act("close c")));
        assert_eq!(read("peer close c"), (client.clone(), act("close c")));
        assert_eq!(read("client:"), (client.clone(), Line::Whose));
        let expect = Line::Expect("c state=LISTEN".into());
        assert_eq!(read("client: expect c state=LISTEN"), (client, expect));
        assert_eq!(read("sleep .5").1, Line::Sleep(Duration::from_millis(500)));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (line, wanted) in [
            ("Client: close c", "lower-case"),
            ("a: b: close c", "one actor's"),
            ("jobs now", "one word too many"),
            ("sleep -1", "number of seconds"),
            ("sleep nan", "number of seconds"),
            ("expect", "what is expected"),
            ("save", "FILE is missing"),
        ] {
            let error = parse(line, "client").unwrap_err();
            assert!(error.contains(wanted), "{line}: {error}");
        }
    }
}
