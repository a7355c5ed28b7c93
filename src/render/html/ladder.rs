//! The ladder as SVG.

use maud::{Markup, html};

use crate::picture::{Ladder, Mark, Place, Rung};
use crate::render::doc::Role;
use crate::render::ladder::{packet, said};
use crate::words::say;

/// How high a row is, in pixels.
const ROW: u32 = 20;
/// What a packet is, between the bars.
const BETWEEN: usize = 13;

/// How much room there is for it.
#[derive(Clone, Copy)]
pub(super) enum Size {
    Report,
    /// Beside the states, for those at the back.
    Page,
}

impl Size {
    /// Where the bars of both ends stand, and how wide all of it is, in pixels.
    fn columns(self) -> ([u32; 2], u32) {
        match self {
            Size::Report => ([430, 530], 960),
            Size::Page => ([268, 404], 672),
        }
    }

    /// Of a longer text the call itself tells the rest.
    fn longest(self) -> usize {
        match self {
            Size::Report => 52,
            Size::Page => 28,
        }
    }
}

/// The ladder as a picture.
pub(super) fn ladder(ladder: &Ladder, size: Size) -> Markup {
    let (bars, width) = size.columns();
    let rows = ladder.rungs.len() as u32 + 2;
    let height = rows * ROW;
    let view = format!("0 0 {width} {height}");
    let [left, right] = bars;
    let ends = &ladder.ends;
    html! {
        svg viewBox=(view) width=(width) height=(height) role="img" aria-labelledby="ladder-title ladder-desc" {
            title id="ladder-title" { (say!("html-ladder-title", left = ends[0], right = ends[1])) }
            desc id="ladder-desc" { (say!("html-ladder-about")) }
            @for bar in bars {
                line.bar x1=(bar) x2=(bar) y1=(ROW + 6) y2=(height - 4) {}
            }
            text.end x=(left + 4) y=(ROW) text-anchor="end" { (ends[0]) }
            text.end x=(right - 4) y=(ROW) text-anchor="start" { (ends[1]) }
            @for (at, rung) in ladder.rungs.iter().enumerate() {
                (row(ladder, rung, size, ROW * (at as u32 + 2)))
            }
        }
    }
}

fn row(ladder: &Ladder, rung: &Rung, size: Size, y: u32) -> Markup {
    let (bars, longest) = (size.columns().0, size.longest());
    if let Mark::Packet { header, carries } = &rung.mark {
        let (role, text) = packet(header, *carries, BETWEEN);
        let text = match rung.place {
            Place::Left => format!("{text} →"),
            Place::Right => format!("← {text}"),
        };
        let middle = (bars[0] + bars[1]) / 2;
        return html! {
            text class=(class(role)) x=(middle) y=(y) text-anchor="middle" { (text) }
        };
    }
    let (role, text) = said(ladder, rung);
    let text: String = if text.chars().count() > longest {
        text.chars().take(longest).chain(['…']).collect()
    } else {
        text
    };
    let (x, anchor) = match rung.place {
        Place::Left => (bars[0] - 10, "end"),
        Place::Right => (bars[1] + 10, "start"),
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
