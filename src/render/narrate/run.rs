//! What is told of the run itself.

use crate::model::{Address, RunEvent};
use crate::render::calls;
use crate::render::doc::{Block, field, plain};
use crate::render::wire;
use crate::words::say;

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
            let text = say!("tidied", path = path);
            vec![field(say!("label-tidied"), plain(text))]
        }
        RunEvent::Strangers { first, count } => {
            vec![field(say!("label-aside"), plain(strangers(*first, *count)))]
        }
        RunEvent::End(ended) => calls::ended(*ended),
    }
}

fn strangers(first: Address, count: u32) -> String {
    match count {
        1 => say!("stranger", first = first),
        _ => say!("strangers", first = first, count = count),
    }
}
