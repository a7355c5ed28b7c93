//! What browsers have answered to the question that is open.

use std::collections::HashMap;

/// So many browsers are counted.
const MOST: usize = 1000;

/// What browsers have answered to a question: each once, its last answer.
#[derive(Default)]
pub(super) struct Answers {
    /// Which question of the run.
    question: usize,
    /// By the names that browsers were given.
    chosen: HashMap<String, usize>,
}

impl Answers {
    /// Takes the answer of the browser of that name, where it is one: `open` is the question
    /// that is open, and how many choices it has.
    pub(super) fn take(
        &mut self,
        who: &str,
        question: usize,
        choice: usize,
        open: Option<(usize, usize)>,
    ) -> bool {
        if open.is_none_or(|(number, choices)| number != question || choice >= choices) {
            return false;
        }
        if self.question != question {
            self.chosen.clear();
            self.question = question;
        }
        let has_room = self.chosen.len() < MOST || self.chosen.contains_key(who);
        if has_room {
            self.chosen.insert(who.into(), choice);
        }
        has_room
    }

    /// How many have chosen what of that question.
    pub(super) fn of(&self, question: usize, choices: usize) -> Vec<usize> {
        let mut raised = vec![0; choices];
        for choice in self.chosen.values().filter(|_| self.question == question) {
            if let Some(count) = raised.get_mut(*choice) {
                *count += 1;
            }
        }
        raised
    }
}
