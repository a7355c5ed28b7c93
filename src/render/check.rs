//! Goals met and missed, and what a reviewer would say.

use super::doc::{
    Block, Line, bad, call, changed, field, fields, heading, muted, paragraph, plain, strong,
};
use super::markdown::field_body;
use super::wire::{self, Wire};
use crate::model::{Event, Judged, MachineEvent, Remark, RunEvent, What};
use crate::words::say;

/// How much of what shows a goal is told.
const SHOWN: usize = 4;

/// So many of the packets of a goal are told.
const PACKETS: usize = 20;

/// Tells what a check finds.
#[derive(Default)]
pub(crate) struct CheckNarrator {
    goals: Vec<Judged>,
    /// A fault was told.
    has_fault: bool,
    wire: Wire,
    /// The packets since the last goal was judged: how many, and what is told of them.
    packets: (usize, Vec<Block>),
}

impl CheckNarrator {
    /// What an event adds to the screen.
    pub(crate) fn tell(&mut self, event: &Event) -> Vec<Block> {
        match &event.what {
            What::Run(RunEvent::Judged(goal)) => {
                self.goals.push((**goal).clone());
                let mut blocks = judged(goal);
                blocks.extend(self.crossed());
                blocks
            }
            What::Machine(MachineEvent::Packet(packet)) => {
                self.packets.0 += 1;
                if self.packets.0 <= PACKETS {
                    self.packets.1.extend(self.wire.told(packet));
                }
                Vec::new()
            }
            What::Run(RunEvent::Packets(seeing)) => wire::seeing(seeing),
            What::Run(RunEvent::Private { enter }) => wire::private(enter),
            What::Run(RunEvent::Fault(found)) => {
                let first = !std::mem::replace(&mut self.has_fault, true);
                let mut blocks = if first { review() } else { Vec::new() };
                blocks.extend(fault(found));
                blocks
            }
            What::Run(RunEvent::End(_)) => score(&self.goals),
            _ => Vec::new(),
        }
    }

    /// The packets of the goal.
    fn crossed(&mut self) -> Vec<Block> {
        let (count, mut blocks) = std::mem::take(&mut self.packets);
        if let more @ 1.. = count.saturating_sub(PACKETS) {
            let text = say!("packets-more", count = more);
            blocks.push(field(say!("label-wire"), muted(text)));
        }
        blocks
    }
}

/// A goal that was judged.
pub(super) fn judged(judged: &Judged) -> Vec<Block> {
    let mark = if judged.met {
        changed("✓ ")
    } else {
        bad("✗ ")
    };
    let points = if judged.met { judged.points } else { 0 };
    let text = vec![
        strong(judged.id.clone()),
        plain(format!("  {}", judged.title)),
        muted(format!("  {points}/{}", judged.points)),
    ];
    let mut blocks = vec![Block::Item { mark, text }];
    let lines = judged.evidence.iter().take(SHOWN);
    let lines: Vec<Line> = lines.map(|line| call(line).into()).collect();
    if judged.met && !lines.is_empty() {
        blocks.push(fields(say!("label-seen"), lines));
    }
    if !judged.about.is_empty() {
        blocks.push(fields(say!("label-goal"), field_body(&judged.about)));
    }
    if !judged.met {
        let instead = judged.instead.iter().map(|line| plain(line).into());
        blocks.push(fields(say!("label-but"), instead.collect()));
    }
    if !judged.hint.is_empty() {
        blocks.push(fields(say!("label-try"), field_body(&judged.hint)));
        blocks.push(field(
            say!("label-read"),
            plain(format!("socklab read {}", judged.read)),
        ));
    }
    blocks
}

/// What stands before the faults.
pub(super) fn review() -> Vec<Block> {
    vec![Block::Blank, paragraph(heading(say!("reviewer")))]
}

/// A fault that was found.
pub(super) fn fault(fault: &Remark) -> Vec<Block> {
    let text = vec![
        strong(fault.id.clone()),
        plain(format!("  {}", fault.title)),
    ];
    let mark = bad("! ");
    let evidence = fault.evidence.iter().map(|line| call(line).into());
    let mut blocks = vec![
        Block::Item { mark, text },
        fields(say!("label-seen"), evidence.collect()),
        fields(say!("label-means"), field_body(&fault.means)),
        fields(say!("label-do"), field_body(&fault.advice)),
    ];
    if !fault.read.is_empty() {
        blocks.push(field(
            say!("label-read"),
            plain(format!("socklab read {}", fault.read)),
        ));
    }
    blocks
}

/// The last line of a check.
fn score(goals: &[Judged]) -> Vec<Block> {
    let met = goals.iter().filter(|goal| goal.met).count();
    let (score, most) = points(goals);
    let all = goals.len();
    let text = say!(
        "goals-met",
        met = met,
        all = all,
        score = score,
        most = most
    );
    vec![Block::Blank, paragraph(strong(text))]
}

/// The points that were reached, and those that there are.
pub(super) fn points(goals: &[Judged]) -> (u32, u32) {
    let met = goals.iter().filter(|goal| goal.met);
    let sum = met.map(|goal| goal.points).sum();
    (sum, goals.iter().map(|goal| goal.points).sum())
}
