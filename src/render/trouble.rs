//! Failed calls, taught.

use super::doc::{Block, Line, Role, field, fields, span};
use super::rows::ticking;
use crate::model::{Call, Fact, Failure, Holder, TcpState};

/// How many of those who hold an address are shown.
const SHOWN: usize = 4;

/// A failed call, taught: what it means, what was found, what to do.
pub fn failure(failure: &Failure) -> Vec<Block> {
    let meaning = vec![span(Role::Bad, failure.meaning.clone())];
    let mut blocks = vec![field("means", meaning)];
    let mut found: Vec<Line> = failure.holders.iter().take(SHOWN).map(holder).collect();
    if failure.holders.len() > SHOWN {
        let more = format!("and {} more", failure.holders.len() - SHOWN);
        found.push(vec![span(Role::Plain, more)]);
    }
    found.extend(
        failure
            .found
            .iter()
            .map(|text| vec![span(Role::Fact, text.clone())]),
    );
    if !found.is_empty() {
        blocks.push(fields("found", found));
    }
    let advice = failure
        .advice
        .iter()
        .map(|text| vec![span(Role::Plain, text.clone())])
        .collect();
    blocks.push(fields("do", advice));
    blocks
}

/// The failure by itself, for stderr: what was tried comes first.
pub fn report(what: &Failure) -> Vec<Block> {
    let mut tried = vec![
        span(Role::Bad, "socklab: failed: "),
        span(
            Role::Call,
            what.call.as_ref().map_or_else(String::new, Call::textbook),
        ),
    ];
    if let Some(errno) = what.errno {
        tried.push(span(Role::Bad, format!(" = -1 {errno}")));
    }
    let mut blocks = vec![Block::Paragraph(tried)];
    blocks.extend(failure(what));
    blocks
}

/// Who holds an address, in one line.
pub fn holder(holder: &Holder) -> Line {
    let mut line = vec![span(
        Role::Fact,
        format!("{} {}", holder.local, holder.state),
    )];
    let who = match (&holder.owner, holder.state) {
        (Fact::Seen(owner, _), _) => format!(" · held by {}, pid {}", owner.name, owner.pid),
        (Fact::None, TcpState::TimeWait) => {
            " · no process holds it: the kernel keeps it until the last segments are surely gone"
                .into()
        }
        (Fact::None, _) => " · no process holds it: the kernel ends the connection".into(),
        (Fact::Unknown(_), _) => format!(
            " · of user id {}; which process may not be seen by this user",
            holder.uid
        ),
    };
    line.push(span(Role::Plain, who));
    line.push(span(Role::Fact, ticking(holder.timer)));
    line
}
