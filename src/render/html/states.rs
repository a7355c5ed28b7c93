//! The states of both ends as SVG.

use maud::{Markup, html};

use crate::model::TcpState;
use crate::picture::{Edge, Life, Shape, States};
use crate::render::clean::clean;
use crate::words::say;

/// Where a state stands, from its middle, in pixels; the end of a connection stands
/// elsewhere than its beginning.
fn at(shape: Shape, state: TcpState, is_end: bool) -> (i32, i32) {
    match (shape, state) {
        (Shape::Tcp, TcpState::Closed) if is_end => (520, 590),
        (Shape::Tcp, TcpState::Closed) => (340, 30),
        (Shape::Tcp, TcpState::Listen) => (160, 110),
        (Shape::Tcp, TcpState::SynSent) => (520, 110),
        (Shape::Tcp, TcpState::SynReceived) => (160, 210),
        (Shape::Tcp, TcpState::Established) => (340, 300),
        (Shape::Tcp, TcpState::FinWait1) => (160, 390),
        (Shape::Tcp, TcpState::CloseWait) => (520, 390),
        (Shape::Tcp, TcpState::FinWait2) => (70, 490),
        (Shape::Tcp, TcpState::Closing) => (310, 490),
        (Shape::Tcp, TcpState::LastAck) => (520, 490),
        (Shape::Tcp, TcpState::TimeWait) => (220, 590),
        (_, TcpState::Unconnected) => (340, 30),
        (_, TcpState::Listen) => (160, 130),
        (Shape::Datagram, _) => (340, 130),
        (_, _) => (520, 130),
    }
}

/// The states of both ends as a picture; `nth` makes its names its own.
pub(super) fn states(states: &States, nth: usize) -> Markup {
    let height = if states.shape == Shape::Tcp { 630 } else { 175 };
    let view = format!("0 0 680 {height}");
    let (title, desc) = (format!("states-{nth}-title"), format!("states-{nth}-desc"));
    let labelled = format!("{title} {desc}");
    let edges = states.shape.edges();
    // A listener that is closed leaves the picture.
    let drawn = edges
        .iter()
        .filter(|edge| (edge.from, edge.to) != (TcpState::Listen, TcpState::Closed));
    html! {
        svg viewBox=(view) width="680" height=(height) role="img" aria-labelledby=(labelled) {
            title id=(title) { (say!("html-states-title", left = clean(&states.ends[0]), right = clean(&states.ends[1]))) }
            desc id=(desc) { @for life in &states.lives { (clean(&told(life))) " " } }
            defs {
                marker id={ "arrow-" (nth) } viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto" {
                    path.head d="M0 0 L8 4 L0 8 z" {}
                }
            }
            @for edge in drawn { (line(states.shape, edge, nth)) }
            @for (state, is_end) in places(states.shape) { (node(states, state, is_end)) }
        }
    }
}

/// Every state, and where it stands for the end.
fn places(shape: Shape) -> Vec<(TcpState, bool)> {
    let mut all: Vec<(TcpState, bool)> = Vec::new();
    for edge in shape.edges() {
        for place in [(edge.from, false), (edge.to, edge.to == TcpState::Closed)] {
            if !all.contains(&place) {
                all.push(place);
            }
        }
    }
    all
}

/// Half of a state's height and width.
const HALF: (i32, i32) = (62, 15);

fn line(shape: Shape, edge: &Edge, nth: usize) -> Markup {
    let (x1, y1) = at(shape, edge.from, false);
    let (x2, y2) = at(shape, edge.to, edge.to == TcpState::Closed);
    // From the edge of one to that of the other.
    let (from, to) = if (y1 - y2).abs() < HALF.1 * 2 {
        let towards = (x2 - x1).signum() * HALF.0;
        ((x1 + towards, y1), (x2 - towards, y2))
    } else {
        let down = (y2 - y1).signum() * HALF.1;
        ((x1, y1 + down), (x2, y2 - down))
    };
    // Nearer to where it leads: the names of who is there stand below where it begins.
    let along = |from: i32, to: i32| from + (to - from) * 3 / 5;
    let (x, y) = (along(from.0, to.0), along(from.1, to.1) - 4);
    let text = match edge.sends {
        "" => edge.cause.word().to_string(),
        segment => format!("{}: {segment}", edge.cause.word()),
    };
    html! {
        line.edge x1=(from.0) y1=(from.1) x2=(to.0) y2=(to.1) marker-end={ "url(#arrow-" (nth) ")" } {}
        text.label x=(x) y=(y) text-anchor="middle" { (text) }
    }
}

fn node(states: &States, state: TcpState, is_end: bool) -> Markup {
    let is_closed = state == TcpState::Closed;
    let here = |life: &&Life| life.now() == Some(state) && (!is_closed || life.is_gone == is_end);
    let there: Vec<&Life> = states.lives.iter().filter(here).collect();
    let was = |life: &Life| life.passed(state) && (!is_closed || !is_end || life.is_gone);
    let class = if !there.is_empty() {
        "node now"
    } else if states.lives.iter().any(was) {
        "node was"
    } else {
        "node"
    };
    let (x, y) = at(states.shape, state, is_end);
    let names: Vec<String> = there.iter().map(|life| clean(&life.name)).collect();
    html! {
        g class=(class) {
            rect x=(x - HALF.0) y=(y - HALF.1) width=(HALF.0 * 2) height=(HALF.1 * 2) rx="4" {}
            text x=(x) y=(y + 5) text-anchor="middle" { (state.name()) }
            @if !names.is_empty() {
                text.who x=(x) y=(y + HALF.1 + 14) text-anchor="middle" { (names.join(" · ")) }
            }
        }
    }
}

/// `server fd 4: (SYN-RECEIVED), ESTABLISHED, now CLOSE-WAIT.`
pub(super) fn told(life: &Life) -> String {
    let way = life.way.iter().map(|passed| {
        if passed.seen {
            passed.state.to_string()
        } else {
            format!("({})", passed.state)
        }
    });
    let way: Vec<String> = way.collect();
    let end = if life.is_gone {
        say!("is-gone")
    } else {
        String::new()
    };
    format!("{}: {}{end}.", life.name, way.join(" → "))
}
