//! What the kernel has said to a claim.

use super::doc::{Block, Line, changed, fact, fields, muted, plain, strong};
use crate::model::Claimed;

/// The verdict with its evidence, and behind it the lines that explain it.
pub(super) fn verdict(claimed: &Claimed, why: Vec<Line>) -> Block {
    let so = match claimed.holds {
        Some(true) => changed("true here: "),
        Some(false) => changed("false: "),
        None => plain("not observed this time: "),
    };
    let mut body = vec![vec![so, strong(&claimed.claim)]];
    if claimed.holds.is_some() {
        let evidence = format!(" ({})", claimed.evidence.join(" · "));
        body.push(vec![fact(&claimed.text), muted(evidence)]);
    }
    body.extend(why);
    fields("verdict", body)
}
