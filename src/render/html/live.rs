//! The page of a run that goes on: what the report shows, of now, in parts that are
//! replaced one by one.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::calls::{lately, question};
use super::ladder::{Size, ladder};
use super::now::Now;
use super::page::{Report, STYLE, STYLE_HASH, head, sockets, table};
use super::states::states;
use crate::model::{Ended, Event, Scene};
use crate::picture::{Life, Place};
use crate::render::clean::clean;
use crate::words::{name_of, say};

/// What differs from the report: its size. Both hashes stand in the policy.
const LIVE_STYLE: &str = include_str!("live.css");
const LIVE_STYLE_HASH: &str = "sha256-r/1AHnWcaS1X4RBHzWv4nbiiWPyBnjgS1py78UEosg0=";
/// Takes the parts that change, and sends answers; without it the page is loaded again.
const SCRIPT: &str = include_str!("live.js");
const SCRIPT_HASH: &str = "sha256-oIcp+DUZucijWRmcLOJNk+eU3SZ0r8trmWFfsAjiTjI=";

/// So many rungs of the ladder fit beside the states.
const RUNGS: usize = 16;

/// What the page may do: show what stands in it, and ask who has sent it.
pub(crate) fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{STYLE_HASH}' '{LIVE_STYLE_HASH}'; \
         script-src '{SCRIPT_HASH}'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// A part of the page, by the id of its element.
pub(crate) type Part = (&'static str, String);

/// A run that goes on, as far as it was told.
#[derive(Default)]
pub(crate) struct Live {
    report: Report,
    now: Now,
    /// Whoever told it is gone.
    is_over: bool,
}

impl Live {
    /// Takes in the next event; the scene is as it is after it.
    pub(crate) fn take(&mut self, event: &Event, scene: &Scene) {
        self.report.take(event, scene);
        self.now.take(event);
    }

    /// Nothing more is told.
    pub(crate) fn end(&mut self) {
        self.is_over = true;
    }

    /// The question of now: which one of the run, and how many choices it has.
    pub(crate) fn asked(&self) -> Option<(usize, usize)> {
        let asked = self.report.entries.asked()?;
        Some((asked.number, asked.choices.len()))
    }

    /// May it be answered still?
    pub(crate) fn is_open(&self) -> bool {
        let asked = self.report.entries.asked();
        let is_over = self.is_over || self.report.ended.is_some();
        asked.is_some_and(|it| it.answer.is_none()) && !is_over
    }

    /// Every part as it is now. `raised` says how many browsers have chosen what.
    pub(crate) fn parts(&self, scene: &Scene, raised: &[usize]) -> Vec<Part> {
        let report = &self.report;
        let all = [
            ("place", self.place()),
            ("now", self.happened()),
            ("question", self.question(raised)),
            ("raised", self.raised(raised)),
            ("findings", report.findings()),
            ("ends", self.ends()),
            ("machines", self.machines()),
            ("ladder", self.ladder()),
            ("facts", facts(scene)),
        ];
        all.map(|(id, part)| (id, part.into_string())).into()
    }

    /// The whole page with these parts; `at` is where it is found.
    pub(crate) fn page(&self, parts: &[Part], at: &str) -> String {
        let part = |id: &str| {
            let found = parts.iter().find(|(known, _)| *known == id);
            PreEscaped(found.map_or("", |(_, part)| part))
        };
        let title = self.report.title();
        let page = html! {
            (DOCTYPE)
            html lang=(say!("language")) {
                head {
                    (head(&title, None))
                    noscript { meta http-equiv="refresh" content="2"; }
                    style { (PreEscaped(STYLE)) }
                    style { (PreEscaped(LIVE_STYLE)) }
                }
                body {
                    header {
                        h1 { (title) }
                        p #place { (part("place")) }
                        p #lost role="status" data-words=(say!("html-lost")) {}
                    }
                    main {
                        section aria-label=(say!("html-happens")) {
                            div #now aria-live="polite" { (part("now")) }
                            div #question aria-live="polite" { (part("question")) }
                            p #raised { (part("raised")) }
                        }
                        div #findings { (part("findings")) }
                        div #ends { (part("ends")) }
                        div.pictures {
                            section aria-label=(say!("html-states")) {
                                div.wide #machines tabindex="0" role="group" aria-label=(say!("html-states-scroll")) { (part("machines")) }
                            }
                            section aria-label=(say!("html-ladder")) {
                                div.wide #ladder tabindex="0" role="group" aria-label=(say!("html-ladder-scrolls")) { (part("ladder")) }
                            }
                        }
                        section aria-label=(say!("html-sockets")) {
                            div.wide #facts tabindex="0" role="group" aria-label=(say!("html-sockets-scroll")) { (part("facts")) }
                        }
                    }
                    footer { p { (say!("html-here", url = at)) } }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        page.into_string() + "\n"
    }

    /// Where the run is, or how it has ended.
    fn place(&self) -> Markup {
        match self.report.ended {
            Some(ended) => {
                html! { strong { (say!("html-ended", how = name_of("outcome", Ended::word(ended)))) } }
            }
            None if self.is_over => html! { strong { (say!("html-gone")) } },
            None => self.now.place(),
        }
    }

    fn happened(&self) -> Markup {
        html! {
            (lately(&self.report.entries.all))
            (self.now.calls())
        }
    }

    /// The question of now, to be answered while it is open.
    fn question(&self, raised: &[usize]) -> Markup {
        let Some(asked) = self.report.entries.asked() else {
            return html! {};
        };
        if !self.is_open() {
            return question(asked, raised);
        }
        html! {
            form.question method="post" action="answer" {
                p { strong { (say!("html-question")) " " } (clean(&asked.text)) }
                input type="hidden" name="question" value=(asked.number);
                @for (at, choice) in asked.choices.iter().enumerate() {
                    button name="choice" value=(at) { (clean(choice)) }
                }
            }
        }
    }

    /// How many have answered. What they have chosen is shown with what was observed.
    fn raised(&self, raised: &[usize]) -> Markup {
        let count: usize = raised.iter().sum();
        html! {
            @if self.is_open() {
                @if count == 1 { (say!("html-answer")) } @else { (say!("html-answers", count = count)) }
            }
        }
    }

    /// The sockets that matter now, each with the state it was seen in last.
    fn ends(&self) -> Markup {
        let states = self.report.story.states();
        let of = |place: Place| {
            let lives = states.iter().flat_map(|states| &states.lives);
            lives.filter(move |life| life.place == place)
        };
        html! {
            @for place in [Place::Left, Place::Right] {
                ul { @for life in of(place) { (end(life)) } }
            }
        }
    }

    fn machines(&self) -> Markup {
        let all = self.report.story.states();
        html! { @for (nth, picture) in all.iter().enumerate() { (states(picture, nth)) } }
    }

    fn ladder(&self) -> Markup {
        let drawn = self.report.story.ladder(RUNGS);
        html! { @if !drawn.rungs.is_empty() { (ladder(&drawn, Size::Page)) } }
    }
}

/// `server fd 4 ESTABLISHED`
fn end(life: &Life) -> Markup {
    let state = life.now().map(|state| state.to_string());
    html! {
        li {
            (clean(&life.name)) " "
            @if life.is_gone { span.muted { (say!("html-is-gone")) } }
            @else { b.changed { (state.unwrap_or_default()) } }
        }
    }
}

/// Every socket as it was seen last.
fn facts(scene: &Scene) -> Markup {
    let rows = sockets(scene);
    html! { @if !rows.is_empty() { (table(&rows, &say!("html-last"))) } }
}
