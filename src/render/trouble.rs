//! Failed calls, taught.

use super::doc::{Block, Line, bad, call, fact, field, fields, paragraph, plain};
use super::rows::ticking;
use crate::model::{Call, Fact, Failure, Holder, TcpState};
use crate::words::say;

/// How many of those who hold an address are shown.
const SHOWN: usize = 4;

/// A failed call, taught: what it means, what was found, what to do.
pub(super) fn failure(failure: &Failure) -> Vec<Block> {
    let mut found: Vec<Line> = failure.holders.iter().take(SHOWN).map(holder).collect();
    if failure.holders.len() > SHOWN {
        let more = failure.holders.len() - SHOWN;
        found.push(plain(say!("and-more-alone", count = more)).into());
    }
    found.extend(failure.found.iter().map(|text| fact(text).into()));
    let mut blocks = vec![field(say!("label-means"), bad(&failure.meaning))];
    if !found.is_empty() {
        blocks.push(fields(say!("label-found"), found));
    }
    let advice = failure.advice.iter().map(|text| plain(text).into());
    blocks.push(fields(say!("label-do"), advice.collect()));
    blocks
}

/// The failure by itself, for stderr: what was tried comes first.
pub(crate) fn report(what: &Failure) -> Vec<Block> {
    let tried = what.call.as_ref().map_or_else(String::new, Call::textbook);
    let errno = what.errno.map(|errno| format!(" = -1 {errno}"));
    let tried = vec![
        bad(say!("failed-call")),
        call(tried),
        bad(errno.unwrap_or_default()),
    ];
    let mut blocks = vec![paragraph(tried)];
    blocks.extend(failure(what));
    blocks
}

/// Who holds an address, in one line.
pub(super) fn holder(holder: &Holder) -> Line {
    let Holder {
        state, local, uid, ..
    } = holder;
    let who = match &holder.owner {
        Fact::Seen(owner, _) => say!("held-by", name = owner.name, pid = owner.pid),
        Fact::None if *state == TcpState::TimeWait => {
            say!("held-time-wait")
        }
        Fact::None => match state {
            TcpState::Established => say!("held-unaccepted"),
            TcpState::CloseWait => say!("held-closed"),
            TcpState::SynReceived => say!("held-syn"),
            _ => say!("held-ending"),
        },
        Fact::Unknown(_) => {
            say!("held-hidden", uid = uid)
        }
    };
    vec![
        fact(format!("{local} {state}")),
        plain(who),
        fact(ticking(holder.timer)),
    ]
}
