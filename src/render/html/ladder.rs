//! The ladder as SVG.

use maud::{Markup, html};

use crate::picture::{Ladder, Mark, Place};
use crate::render::doc::Role;
use crate::render::ladder::{packet, said};

/// Where the bars of both ends stand, how wide all of it is, and how high a row, in
/// pixels.
const BARS: [u32; 2] = [430, 530];
const WIDTH: u32 = 960;
const ROW: u32 = 20;
/// Of a longer text the call itself tells the rest.
const LONGEST: usize = 52;
/// What a packet is, between the bars.
const BETWEEN: usize = 13;

/// The ladder as a picture.
pub(super) fn ladder(ladder: &Ladder) -> Markup {
    let rows = ladder.rungs.len() as u32 + 2;
    let height = rows * ROW;
    let view = format!("0 0 {WIDTH} {height}");
    let [left, right] = BARS;
    let ends = &ladder.ends;
    html! {
        svg viewBox=(view) width=(WIDTH) height=(height) role="img" aria-labelledby="ladder-title ladder-desc" {
            title id="ladder-title" { "Who did what: " (ends[0]) " at the left, " (ends[1]) " at the right" }
            desc id="ladder-desc" { "Calls and states in the order in which they happened; the list of what happened tells the same in words." }
            @for bar in BARS {
                line.bar x1=(bar) x2=(bar) y1=(ROW + 6) y2=(height - 4) {}
            }
            text.end x=(left) y=(ROW) text-anchor="middle" { (ends[0]) }
            text.end x=(right) y=(ROW) text-anchor="middle" { (ends[1]) }
            @for (at, rung) in ladder.rungs.iter().enumerate() {
                (row(ladder, rung, ROW * (at as u32 + 2)))
            }
        }
    }
}

fn row(ladder: &Ladder, rung: &crate::picture::Rung, y: u32) -> Markup {
    if let Mark::Packet { header, carries } = &rung.mark {
        let (role, text) = packet(header, *carries, BETWEEN);
        let text = match rung.place {
            Place::Left => format!("{text} →"),
            Place::Right => format!("← {text}"),
        };
        let middle = (BARS[0] + BARS[1]) / 2;
        return html! {
            text class=(class(role)) x=(middle) y=(y) text-anchor="middle" { (text) }
        };
    }
    let (role, text) = said(ladder, rung);
    let text: String = if text.chars().count() > LONGEST {
        text.chars().take(LONGEST).chain(['…']).collect()
    } else {
        text
    };
    let (x, anchor) = match rung.place {
        Place::Left => (BARS[0] - 10, "end"),
        Place::Right => (BARS[1] + 10, "start"),
    };
    html! {
        text class=(class(role)) x=(x) y=(y) text-anchor=(anchor) { (text) }
    }
}

fn class(role: Role) -> &'static str {
    match role {
        Role::Changed => "state",
        Role::Bad => "failed",
        _ => "made",
    }
}
