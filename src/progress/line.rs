//! The lines that progress is kept in, one event each, and their sum.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::types::{Grade, Progress, VERSION};

/// One thing that a learner did.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Entry {
    /// A chapter was taught to its end.
    Chapter { track: String, chapter: String },
    /// A question was asked: what the answer tells of the beliefs among its choices.
    Answer { beliefs: BTreeMap<String, Grade> },
    /// What a later socklab keeps besides.
    #[serde(other)]
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct Line {
    v: u64,
    #[serde(flatten)]
    entry: Entry,
    /// Seconds since the epoch.
    at: u64,
}

impl Entry {
    /// As the file has it, with its newline. `at` is in seconds since the epoch.
    pub(super) fn into_line(self, at: u64) -> String {
        let line = Line {
            v: VERSION,
            entry: self,
            at,
        };
        // Strings and numbers: there is nothing in it to fail on.
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }
}

/// Adds a file's lines to what was kept before. Says which it skipped.
pub(super) fn add_up(progress: &mut Progress, bytes: &[u8]) -> Option<String> {
    let (mut skipped, mut first) = (0, None);
    for (number, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        match parse::<Line>(text, "v") {
            Ok(line) => line.add_to(progress),
            Err(why) => {
                skipped += 1;
                first.get_or_insert((number, why));
            }
        }
    }
    let (number, why): (u32, String) = first?;
    Some(match skipped {
        1 => format!("line {number} was skipped: {why}"),
        _ => format!("{skipped} lines were skipped, line {number} first: {why}"),
    })
}

/// What socklab kept before it kept lines: the sum itself, as one JSON object.
pub(super) fn sum_of_before(bytes: &[u8]) -> Result<Progress, String> {
    if bytes.is_empty() {
        return Ok(Progress::default());
    }
    parse(bytes, "version")
}

/// Reads JSON whose field `version` has the version that is known here. Fields that
/// a later socklab added within the version are passed over.
fn parse<T: for<'de> Deserialize<'de>>(json: &[u8], version: &str) -> Result<T, String> {
    let value: Value = serde_json::from_slice(json).map_err(|_| "it is no JSON")?;
    // The version first: it decides what the rest should look like.
    match value.get(version).and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(other) => {
            return Err(format!(
                "it has version {other}, and this socklab knows version {VERSION}"
            ));
        }
        None => return Err("it has no version".into()),
    }
    serde_json::from_value(value).map_err(|error| format!("it is not laid out so: {error}"))
}

impl Line {
    fn add_to(self, progress: &mut Progress) {
        match self.entry {
            Entry::Chapter { track, chapter } => progress.finish(&track, &chapter, self.at),
            Entry::Answer { beliefs } => {
                for (belief, grade) in beliefs {
                    progress.meet(&belief, grade);
                }
            }
            Entry::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited};

    const KEPT: &str = concat!(
        r#"{"v":1,"event":"chapter","track":"server","chapter":"bind","at":1}"#,
        "\n",
        r#"{"v":1,"event":"answer","beliefs":{"bind-is-visible":"missed"},"at":2}"#,
        "\n",
    );

    proptest! {
        #![proptest_config(config(2_000))]
        #[test]
        fn fuzzed_lines_are_kept_or_said_to_be_skipped(bytes in edited(
            vec![KEPT.as_bytes().to_vec()],
            &["\n", "\"", "{", "}", ",", ":", "99999999999999999999", "-1", "null", "\0"],
        )) {
            let mut sum = Progress::default();
            let skipped = add_up(&mut sum, &bytes);
            let lines = bytes.split(|byte| *byte == b'\n');
            let all_json = lines
                .filter(|line| !line.trim_ascii().is_empty())
                .all(|line| serde_json::from_slice::<Value>(line).is_ok());
            prop_assert!(all_json || skipped.is_some());
            // A good line counts whatever stands beside it.
            let good = [&bytes[..], b"\n", KEPT.as_bytes()].concat();
            let mut sum = Progress::default();
            add_up(&mut sum, &good);
            prop_assert!(sum.is_finished("server", "bind"));
        }
    }
}
