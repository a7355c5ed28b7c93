//! The states of both ends, as a picture and in words.

use super::doc::{
    Block, Line, NO_BREAK, Role, Span, changed, fact, field, fields, muted, plain, span,
};
use crate::model::TcpState;
use crate::picture::{Cause, Edge, Life, Place, Shape, States};
use crate::words::say;

/// RFC 9293, figure 5; behind a colon stands what is sent.
const TCP: &[&str] = &[
    "                          CLOSED",
    "            listen ┌────────┴────────┐ connect: SYN",
    "                LISTEN           SYN-SENT",
    "      SYN: SYN,ACK │                 │ SYN,ACK: ACK",
    "             SYN-RECEIVED            │",
    "               ACK └────────┬────────┘",
    "                       ESTABLISHED",
    "        close: FIN ┌────────┴────────┐ FIN: ACK",
    "              FIN-WAIT-1         CLOSE-WAIT",
    "         ACK ┌─────┴─────┐ FIN: ACK  │ close: FIN",
    "        FIN-WAIT-2    CLOSING     LAST-ACK",
    "    FIN: ACK └─────┬─────┘ ACK       │ ACK",
    "               TIME-WAIT          CLOSED",
    "                   └ 60 s: CLOSED",
];

const STREAM: &[&str] = &[
    "                   UNCONNECTED",
    "       listen ┌────────┴────────┐ connect",
    "           LISTEN           CONNECTED",
    "              └ accept gives a socket that is CONNECTED",
];

const DATAGRAM: &[&str] = &[
    "      UNCONNECTED",
    "           │ connect: only from and to that address",
    "       CONNECTED",
    "           └ connect to AF_UNSPEC: UNCONNECTED",
];

/// The states of both ends: where they are, where they were, what can come next.
pub(super) fn states(all: &[States]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for states in all {
        let words = states.lives.iter().flat_map(|life| sentences(states, life));
        blocks.push(Block::Blank);
        blocks.push(Block::Picture {
            drawn: vec![drawn(states)],
            words: words.collect(),
        });
        blocks.extend(states.lives.iter().flat_map(way));
    }
    if blocks.is_empty() {
        blocks.push(fields(
            say!("label-states"),
            vec![plain(say!("states-none")).into()],
        ));
    }
    blocks
}

/// The letters of both ends.
fn letters(states: &States) -> [char; 2] {
    let letter = |name: &String| name.chars().next().filter(char::is_ascii_alphanumeric);
    let [left, right] = &states.ends;
    let left = letter(left).unwrap_or('1');
    let right = letter(right).filter(|it| *it != left).unwrap_or('2');
    [left, right]
}

fn drawn(states: &States) -> Vec<Line> {
    let template = match states.shape {
        Shape::Tcp => TCP,
        Shape::Stream => STREAM,
        Shape::Datagram => DATAGRAM,
    };
    let mut has_closed = false;
    let mut lines: Vec<Line> = template
        .iter()
        .map(|row| {
            let mut line = Line::new();
            let mut rest = *row;
            while let Some((at, state)) = next_state(rest) {
                let is_end = state == TcpState::Closed && std::mem::replace(&mut has_closed, true);
                let mark = marked(states, state, is_end);
                // The brackets stand in the blanks around a name.
                line.push(muted(rest[..at].strip_suffix(' ').unwrap_or(&rest[..at])));
                line.push(mark.0);
                line.push(mark.1);
                let after = &rest[at + state.name().len()..];
                let taken = line[line.len() - 1].text.len();
                rest = after.get(taken..).unwrap_or("");
            }
            line.push(muted(rest));
            line
        })
        .collect();
    let [left, right] = letters(states);
    let [one, other] = &states.ends;
    let key = say!(
        "states-key",
        left = left,
        one = one,
        right = right,
        other = other
    );
    lines.push(muted(key).into());
    for piece in lines.iter_mut().flatten() {
        piece.text = piece.text.replace(' ', NO_BREAK);
    }
    lines
}

/// The first state that a row names as a place of its own: alone between blanks.
fn next_state(row: &str) -> Option<(usize, TcpState)> {
    let named = |state: &TcpState| {
        let at = row.find(state.name())?;
        let before = row[..at].chars().next_back();
        let after = row[at + state.name().len()..].chars().next();
        // Not in what is said beside a line.
        let is_place = before == Some(' ') && after.is_none_or(|c| c == ' ');
        let is_said = row[..at].trim_end().ends_with([':', 's']);
        (is_place && !is_said).then_some((at, *state))
    };
    let found = TcpState::ALL.iter().filter_map(named);
    found.min_by_key(|(at, state)| (*at, std::cmp::Reverse(state.name().len())))
}

/// A state with the mark before it and the letters behind it.
fn marked(states: &States, state: TcpState, is_end: bool) -> (Span, Span) {
    let is_closed = state == TcpState::Closed;
    let here = |life: &&Life| life.now() == Some(state) && (!is_closed || life.is_gone == is_end);
    let was = |life: &Life| life.passed(state) && (!is_closed || life.is_gone || !is_end);
    let there: Vec<&Life> = states.lives.iter().filter(here).collect();
    let (name, letters) = (state.name(), letters(states));
    if !there.is_empty() {
        let of = |place: Place| there.iter().any(|life| life.place == place);
        let places = [Place::Left, Place::Right].into_iter().zip(letters);
        let who: String = places
            .filter(|(place, _)| of(*place))
            .map(|it| it.1)
            .collect();
        return (changed(format!("[{name}")), changed(format!("]{who}")));
    }
    let passed = states.lives.iter().any(was);
    if passed && (!is_end || states.lives.iter().any(|life| life.is_gone)) {
        return (span(Role::Strong, format!("*{name}")), plain(""));
    }
    (muted(format!(" {name}")), plain(""))
}

/// The way of one socket: `CLOSED → LISTEN`, and what can come next.
fn way(life: &Life) -> Vec<Block> {
    let mut line = vec![muted(format!("{}: ", life.name))];
    for (at, passed) in life.way.iter().enumerate() {
        if at > 0 {
            line.push(muted(" → "));
        }
        let is_last = at + 1 == life.way.len() && !life.is_gone;
        line.push(match (passed.seen, is_last) {
            // It was there between two looks.
            (false, _) => muted(format!("({})", passed.state)),
            (true, true) => changed(passed.state.to_string()),
            (true, false) => fact(passed.state.to_string()),
        });
    }
    if life.is_gone {
        line.push(muted(say!("is-gone")));
    }
    let then: Vec<String> = next(life).map(told).collect();
    let then = (!then.is_empty()).then(|| field(say!("label-then"), plain(then.join(" · "))));
    [field(say!("label-way"), line)]
        .into_iter()
        .chain(then)
        .collect()
}

/// What can come next.
fn next(life: &Life) -> impl Iterator<Item = &'static Edge> {
    let now = life.now().filter(|_| !life.is_gone);
    now.into_iter().flat_map(|now| life.shape.next(now))
}

/// As the picture has it: `close: FIN → FIN-WAIT-1`
fn told(edge: &Edge) -> String {
    let (cause, to) = (edge.cause.word(), edge.to);
    match edge.sends {
        "" => format!("{cause} → {to}"),
        segment => format!("{cause}: {segment} → {to}"),
    }
}

/// A socket's place in the picture, read aloud.
fn sentences(states: &States, life: &Life) -> Vec<Line> {
    let end = match life.place {
        Place::Left => &states.ends[0],
        Place::Right => &states.ends[1],
    };
    let whose = if life.name.starts_with(end.as_str()) {
        life.name.clone()
    } else {
        format!("{end}, {}", life.name)
    };
    let now = life
        .now()
        .map_or_else(String::new, |state| state.to_string());
    if life.is_gone {
        return vec![fact(format!("{whose} is gone.")).into()];
    }
    let leads = next(life).map(|edge| {
        let cause = match edge.cause {
            Cause::Call(name) => format!("the call {name}"),
            Cause::Packet(what) => format!("an arriving {what}"),
            Cause::Time(how_long) => format!("the end of {how_long}"),
        };
        let sends = match edge.sends {
            "" => String::new(),
            segment => format!(" and sends {segment}"),
        };
        format!(" Then {cause} leads to {}{sends}.", edge.to)
    });
    let leads: String = leads.collect();
    vec![vec![
        fact(format!("{whose} is in {now} now.")),
        plain(leads),
    ]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_place_in_a_screen() {
        for (shape, rows) in [
            (Shape::Tcp, TCP),
            (Shape::Stream, STREAM),
            (Shape::Datagram, DATAGRAM),
        ] {
            assert!(rows.iter().all(|row| row.chars().count() <= 58) && rows.len() <= 14);
            for edge in shape.edges() {
                for state in [edge.from, edge.to] {
                    let named = |row: &&&str| next_state(row).is_some();
                    let text: String = rows.iter().filter(named).copied().collect();
                    assert!(text.contains(state.name()), "{state}");
                }
            }
        }
    }
}
