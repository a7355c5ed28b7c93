//! What a screen of few rows shows when it rests: the result of the last call, and
//! the next call with its facts.

use super::doc::{Block, Line, field};
use super::layout::{Page, layout};
use super::narrate::Told;
use crate::words::say;

/// A screen that somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub page: Page,
    /// In rows of the terminal.
    pub rows: usize,
}

/// Decides what is printed before the screen rests. What the course tells between two
/// calls waits until it is known how much room there is.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    /// Rows taken since the last call's result was told, in full or in a line, itself
    /// included.
    taken: usize,
    /// What is told before the next call.
    waiting: Vec<Block>,
    /// What may be left out: what can be seen elsewhere, what to try.
    extra: Vec<Block>,
    /// The result in one line, for where the whole has to go.
    was: Option<Line>,
    /// The same without what changed, where that takes a line too many.
    returned: Option<Line>,
    /// Something stands with the result that one line cannot say.
    must_be_read: bool,
    /// What was printed last is what can be seen elsewhere.
    ends_seen: bool,
}

/// What is printed now, and what after the learner has gone on.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    pub now: Vec<Block>,
    pub later: Vec<Block>,
}

impl Printed {
    fn now(now: Vec<Block>) -> Printed {
        let later = Vec::new();
        Printed { now, later }
    }
}

impl Fit {
    /// Takes what is told. Without a `room` nobody reads a screen, and nothing is left
    /// out.
    pub(crate) fn take(&mut self, told: Told, room: Option<Room>) -> Printed {
        let Some(Room { page, rows }) = room else {
            return Printed::now(self.everything(told));
        };
        let height = |blocks: &[Block]| layout(blocks, page).len();
        if told.begins_result {
            *self = Fit {
                returned: told.was.clone(),
                ..Fit::default()
            };
        }
        self.was = told.was.or(self.was.take());
        self.must_be_read |= told.must_be_read;
        self.extra.extend(told.extra);
        self.waiting.extend(told.before_next);
        let Some(below) = told.rest else {
            self.taken += height(&told.blocks);
            return Printed::now(told.blocks);
        };
        let waiting = std::mem::take(&mut self.waiting);
        let extra = under_one_label(std::mem::take(&mut self.extra), false);
        let below = height(&below);
        let with = |was: &Option<Line>| {
            let was = was.clone().map(|line| field(say!("label-was"), line));
            above_next(was, &told.blocks)
        };
        // Empty lines on top may go.
        let prose = height(&waiting).saturating_sub(blank_lines(&waiting));
        let fits = |above, was| above + height(&with(was)) + below <= rows;
        let gains = |above| !fits(above, &self.was) && fits(above, &self.returned);
        // Below the prose, or at least by itself.
        let brief = gains(prose) || gains(0);
        let was = if brief { &self.returned } else { &self.was };
        let with_was = || with(was);
        let needed = self.taken + height(&waiting) + height(&told.blocks) + below;
        let printed = if needed + height(&extra) <= rows {
            Printed::now([extra, waiting, told.blocks].concat())
        } else if needed <= rows {
            Printed::now([waiting, told.blocks].concat())
        } else if self.must_be_read || height(&with_was()) + below > rows {
            let room = self.taken + height(&extra) < rows;
            // What came behind the result may have pushed it off the screen.
            let gone = self.taken >= rows;
            Printed {
                now: match self.was.clone().filter(|_| gone) {
                    Some(was) => vec![field(say!("label-was"), was)],
                    None if room => extra,
                    None => Vec::new(),
                },
                later: [waiting, with_was()].concat(),
            }
        } else {
            Printed::now([waiting, with_was()].concat())
        };
        self.must_be_read = false;
        let all = [&printed.now[..], &printed.later].concat();
        let was = all.iter().rposition(is_was);
        self.taken = was.map_or(self.taken + height(&all), |at| height(&all[at..]));
        printed
    }

    /// All that is told, in its order.
    fn everything(&mut self, told: Told) -> Vec<Block> {
        let before = told.blocks.last().map_or(self.ends_seen, is_seen);
        self.ends_seen = told.extra.last().map_or(before, is_seen);
        self.ends_seen &= told.before_next.is_empty();
        let extra = under_one_label(told.extra, before);
        [told.blocks, extra, told.before_next].concat()
    }
}

fn is_labelled(block: &Block, word: &str) -> bool {
    matches!(block, Block::Field { label, .. } if label == word)
}

/// How many lines on top are empty.
fn blank_lines(blocks: &[Block]) -> usize {
    let is_blank = |block: &&Block| matches!(block, Block::Blank);
    blocks.iter().take_while(is_blank).count()
}

fn is_was(block: &Block) -> bool {
    is_labelled(block, &say!("label-was"))
}

fn is_seen(block: &Block) -> bool {
    is_labelled(block, &say!("label-seen"))
}

/// What can be seen elsewhere goes on below such without a label of its own; `below`
/// says whether such stands above the first.
fn under_one_label(mut blocks: Vec<Block>, mut below: bool) -> Vec<Block> {
    for block in &mut blocks {
        let seen = is_seen(block);
        if let (true, true, Block::Field { label, .. }) = (below, seen, block) {
            label.clear();
        }
        below = seen;
    }
    blocks
}

/// The result in one line, just above the next call.
fn above_next(was: Option<Block>, blocks: &[Block]) -> Vec<Block> {
    let is_next = |block: &Block| is_labelled(block, &say!("label-next"));
    let at = blocks.iter().position(is_next).unwrap_or(0);
    let mut all = blocks.to_vec();
    all.splice(at..at, was);
    all
}
