//! What a thread does again and again is told twice, then counted.

use std::collections::HashMap;
use std::mem::take;

use crate::model::{Event, MachineEvent};
use crate::render::doc::{Block, Line, Role, muted, span};
use crate::words::say;

/// What was told of each thread last, by thread.
#[derive(Default)]
pub(super) struct Repeats(HashMap<u32, Last>);

/// Lines without the time and the name before them.
#[derive(Default)]
struct Last {
    /// A call that has returned.
    returned: Line,
    /// A call that sleeps, told since.
    asleep: Line,
    /// Is the same call only counted now?
    counts: bool,
    /// How often it has returned so since it was told.
    untold: u32,
}

/// A row begins with the time, the thread's name, and spaces.
const BEFORE_CALL: usize = 4;

impl Repeats {
    /// What is told of an event of a thread, where `told` is what would be if it had no past.
    /// `row` makes a row of what is said of it.
    pub(super) fn fold(
        &mut self,
        event: &Event,
        machine: &MachineEvent,
        mut told: Vec<Block>,
        row: impl FnOnce(Line) -> Block,
    ) -> Vec<Block> {
        if told.is_empty() {
            return told;
        }
        let is_asleep = matches!(machine, MachineEvent::Blocked(_));
        let is_call = matches!(machine, MachineEvent::Exit { .. } | MachineEvent::Look(_));
        let line = match told.as_slice() {
            [Block::Row(line)] if is_asleep || is_call => line.get(BEFORE_CALL..),
            _ => None,
        };
        let line = line.unwrap_or_default().to_vec();
        let last = self.0.entry(event.who.tid).or_default();
        let known = if is_asleep {
            &last.asleep
        } else {
            &last.returned
        };
        if *known == line && !line.is_empty() {
            if is_asleep || last.counts {
                last.untold += u32::from(is_call);
                return Vec::new();
            }
            last.counts = true;
            if let [Block::Row(line)] = told.as_mut_slice() {
                line.push(span(Role::Muted, " · "));
                line.push(muted(say!("repeats-again")));
            }
            return told;
        }
        let untold = take(&mut last.untold);
        if is_asleep {
            last.asleep = line;
        } else {
            *last = Last {
                returned: line,
                ..Last::default()
            };
        }
        if untold > 0 {
            told.insert(0, row(vec![muted(say!("repeats-more", count = untold))]));
        }
        told
    }
}
