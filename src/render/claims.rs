//! What the kernel has said to a claim.

use super::doc::{Block, Line, changed, fact, fields, muted, plain, strong};
use crate::model::Claimed;
use crate::words::say;

/// The verdict with its evidence, and behind it the lines that explain it.
pub(super) fn verdict(claimed: &Claimed, why: Vec<Line>) -> Block {
    let so = match claimed.holds {
        Some(true) => changed(say!("verdict-true")),
        Some(false) => changed(say!("verdict-false")),
        None => plain(say!("verdict-unseen")),
    };
    let mut body = vec![vec![so, plain(" "), strong(&claimed.claim)]];
    if claimed.holds.is_some() {
        let evidence = format!(" ({})", claimed.evidence.join(" · "));
        body.push(vec![fact(&claimed.text), muted(evidence)]);
    }
    body.extend(why);
    fields(say!("label-verdict"), body)
}
