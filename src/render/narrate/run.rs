//! What is told of the run itself.

use super::wire;
use crate::model::{Address, RunEvent};
use crate::render::calls;
use crate::render::doc::{Block, field, plain};

/// What one of its events adds to the screen.
pub(super) fn told(run: &RunEvent) -> Vec<Block> {
    match run {
        // A trace and a check have narrators of their own, and doctor tells no run.
        RunEvent::Begin(_)
        | RunEvent::Traced(_)
        | RunEvent::Judged(_)
        | RunEvent::Fault(_)
        | RunEvent::Examined(_) => Vec::new(),
        RunEvent::Packets(seeing) => wire::seeing(seeing),
        RunEvent::Private { enter } => wire::private(enter),
        RunEvent::Tidied { path } => {
            let text = format!("socklab removed {path}: a program that just ends leaves it");
            vec![field("tidied", plain(text))]
        }
        RunEvent::Strangers { first, count } => {
            vec![field("aside", plain(strangers(*first, *count)))]
        }
        RunEvent::End(ended) => calls::ended(*ended),
    }
}

fn strangers(first: Address, count: u32) -> String {
    let who = match count {
        1 => format!("a client that is none of this chapter's, {first}, connected: its"),
        _ => format!(
            "{count} clients that are none of this chapter's, {first} first, connected: each"
        ),
    };
    format!("{who} connection was accepted and closed again")
}
