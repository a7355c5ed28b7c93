//! What is said of a machine: each entry must be about something that is asked.

use crate::course::advice::{Advice, Entries};
use crate::course::problem::Problem;
use crate::model::{EXAMINED, standing};

/// What is wrong with what a course says of the machine.
pub(super) fn advice(read: &Advice) -> Vec<Problem> {
    let mut problems = Vec::new();
    for read in &read.files {
        problems.extend(read.problems());
        let file = &read.own;
        let entries: Entries = match read.parse() {
            Ok(entries) => entries,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        for (id, texts) in &entries {
            let offset = file.text.find(&format!("[{id}")).unwrap_or(0);
            let mut tell = |message: String| {
                problems.push(Problem::at(&file.file, &file.text, offset, message));
            };
            let Some((_, answers)) = EXAMINED.iter().find(|(known, _)| known == id) else {
                tell(format!("nothing '{id}' is asked"));
                continue;
            };
            let strange = |answer: &&String| standing(id, answer).is_none();
            if let Some(answer) = texts.answers.keys().find(strange) {
                let known: Vec<&str> = answers.iter().map(|(answer, _)| *answer).collect();
                tell(format!(
                    "'{id}' is never answered '{answer}'; its answers are {}",
                    known.join(", ")
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_text() {
        let course = crate::course::embedded(None).unwrap();
        assert_eq!(advice(&course.advice), []);
        let texts: Entries = course.advice.files[0].parse().unwrap();
        for (id, answers) in EXAMINED {
            for (answer, _) in *answers {
                assert!(texts[*id].answers.contains_key(*answer), "{id} {answer}");
            }
        }
    }
}
