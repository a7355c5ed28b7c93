//! The page of a report, from its head to its end.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::blocks::blocks;
use super::calls::{Entries, Entry, entries};
use super::ladder::{Size, ladder};
use super::states::{states, told};
use crate::model::{Ended, Event, Judged, Remark, RunEvent, RunInfo, RunKind, Scene, Traced, What};
use crate::picture::Story;
use crate::render::calls::time_of_day;
use crate::render::check::{fault, judged, points};
use crate::render::clean::clean;
use crate::render::doc::Block;
use crate::render::facts::told as told_fields;
use crate::render::narrate::recap;
use crate::words::{name_of, say};

/// What it looks like: its own hash stands in the content security policy, so that no
/// other style counts.
pub(super) const STYLE: &str = include_str!("style.css");
/// `openssl dgst -sha256 -binary style.css | base64`: a test holds it to the file.
pub(super) const STYLE_HASH: &str = "sha256-uyjGSjtRH2HC2kCMipcC3UWPWBO6Yc7JwUR7i+ySjig=";

/// Of a longer ladder the end is drawn.
const RUNGS: usize = 400;
/// Of more sockets the last are listed.
const SOCKETS: usize = 100;

/// A run, as far as it was told.
#[derive(Default)]
pub(crate) struct Report {
    info: Option<RunInfo>,
    pub(super) story: Story,
    pub(super) entries: Entries,
    goals: Vec<Judged>,
    faults: Vec<Remark>,
    traced: Option<Traced>,
    pub(super) ended: Option<Ended>,
    /// The sockets of each process at the end: a row each.
    sockets: Vec<[String; 3]>,
}

impl Report {
    /// Takes in the next event; the scene is as it is after it.
    pub(crate) fn take(&mut self, event: &Event, scene: &Scene) {
        self.story.take(event);
        self.entries.take(event, scene);
        match &event.what {
            What::Run(RunEvent::Begin(info)) => self.info = Some(info.clone()),
            What::Run(RunEvent::Judged(goal)) => self.goals.push((**goal).clone()),
            What::Run(RunEvent::Fault(fault)) => self.faults.push((**fault).clone()),
            What::Run(RunEvent::Traced(traced)) => self.traced = Some(traced.clone()),
            What::Run(RunEvent::End(ended)) => {
                self.ended = Some(*ended);
                self.sockets = sockets(scene);
            }
            _ => {}
        }
    }

    /// The whole page.
    pub(crate) fn page(&self) -> String {
        let policy = format!(
            "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'"
        );
        let title = self.title();
        let page = html! {
            (DOCTYPE)
            html lang=(say!("language")) {
                head {
                    (head(&title, Some(&policy)))
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { (title) }
                        (self.environment())
                    }
                    nav aria-label=(say!("html-parts")) { (self.parts()) }
                    main { (self.main()) }
                }
            }
        };
        page.into_string() + "\n"
    }

    pub(super) fn title(&self) -> String {
        let kind = self.info.as_ref().map(|info| &info.kind);
        match kind {
            Some(RunKind::Lesson { track }) => say!("html-lesson", track = clean(track)),
            Some(RunKind::Shell { .. }) => say!("html-by-hand"),
            Some(RunKind::Trace(_)) => say!("html-traced"),
            Some(RunKind::Check) => say!("html-checked"),
            None => say!("html-run"),
        }
    }

    fn environment(&self) -> Markup {
        let Some(info) = &self.info else {
            return html! {};
        };
        let ended = match self.ended {
            Some(ended) => name_of("outcome", ended.word()),
            None => say!("html-not-known"),
        };
        let words = info.argv.iter().map(|word| clean(word));
        let line = words.collect::<Vec<_>>().join(" ");
        html! {
            dl.environment {
                dt { (say!("html-command")) } dd { code { (line) } }
                dt { (say!("html-kernel")) } dd { "Linux " (clean(&info.kernel)) }
                dt { "socklab" } dd { (clean(&info.version)) }
                dt { (say!("html-began")) } dd { (time_of_day(info.began)) }
                dt { (say!("html-end")) } dd { (ended) }
            }
        }
    }

    /// Links to the parts that there are, and to the chapters.
    fn parts(&self) -> Markup {
        let chapters = self.entries.all.iter().filter_map(|entry| match entry {
            Entry::Chapter { id, anchor } => Some((id, anchor)),
            _ => None,
        });
        let has_findings = !self.goals.is_empty() || !self.faults.is_empty();
        html! {
            ul {
                @if has_findings { li { a href="#findings" { (say!("html-findings")) } } }
                @if self.has_sockets() {
                    li { a href="#states" { (say!("html-states-short")) } }
                    li { a href="#ladder" { (say!("html-ladder")) } }
                }
                @if self.has_calls() { li { a href="#calls" { (say!("html-happened")) } } }
                @for (id, anchor) in chapters {
                    li { a href={ "#" (anchor) } { (clean(id)) } }
                }
            }
        }
    }

    fn has_sockets(&self) -> bool {
        !self.story.lives().is_empty()
    }

    fn has_calls(&self) -> bool {
        !self.entries.all.is_empty() || self.traced.is_some()
    }

    fn main(&self) -> Markup {
        html! {
            (self.findings())
            @if self.has_sockets() {
                (self.states())
                section aria-labelledby="ladder" {
                    h2 id="ladder" { (say!("html-ladder")) }
                    @let drawn = self.story.ladder(RUNGS);
                    @if drawn.before > 0 { p { (say!("html-before", count = drawn.before)) } }
                    div.wide tabindex="0" role="group" aria-label=(say!("html-ladder-scrolls")) { (ladder(&drawn, Size::Report)) }
                }
            }
            @if self.has_calls() {
                section aria-labelledby="calls" {
                    h2 id="calls" { (say!("html-happened")) }
                    (entries(&self.entries.all))
                    @if let Some(traced) = &self.traced { (blocks(&recap(traced, |_| true))) }
                }
            }
        }
    }

    /// What a check or a trace has found.
    pub(super) fn findings(&self) -> Markup {
        if self.goals.is_empty() && self.faults.is_empty() {
            return html! {};
        }
        let (score, most) = points(&self.goals);
        let met = self.goals.iter().filter(|goal| goal.met).count();
        let goals: Vec<Block> = self.goals.iter().flat_map(judged).collect();
        let faults: Vec<Block> = self.faults.iter().flat_map(fault).collect();
        html! {
            section aria-labelledby="findings" {
                h2 id="findings" { (say!("html-findings")) }
                @if !self.goals.is_empty() {
                    p { strong { (say!("goals-met", met = met, all = self.goals.len(), score = score, most = most)) } }
                    (blocks(&goals))
                }
                @if !self.faults.is_empty() {
                    h3 { (say!("reviewer")) }
                    (blocks(&faults))
                }
            }
        }
    }

    /// Both ends: their pictures, the way of every socket, and how they stand at the end.
    fn states(&self) -> Markup {
        let lives = self.story.lives();
        let from = lives.len().saturating_sub(SOCKETS);
        html! {
            section aria-labelledby="states" {
                h2 id="states" { (say!("html-states")) }
                @for (nth, picture) in self.story.states().iter().enumerate() {
                    div.wide tabindex="0" role="group" aria-label=(say!("html-states-scroll")) { (states(picture, nth)) }
                }
                p { (say!("html-parentheses")) }
                @if from > 0 { p { (say!("html-of", count = lives.len())) } }
                ul { @for life in &lives[from..] { li { (clean(&told(life))) } } }
                @if !self.sockets.is_empty() {
                    div.wide tabindex="0" role="group" aria-label=(say!("html-sockets-scroll")) {
                        (table(&self.sockets, &say!("html-at-end")))
                    }
                }
            }
        }
    }
}

/// What stands in the head of every page; its policy, where no header says it.
pub(super) fn head(title: &str, policy: Option<&str>) -> Markup {
    html! {
        meta charset="utf-8";
        @if let Some(policy) = policy {
            meta http-equiv="Content-Security-Policy" content=(policy);
        }
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="referrer" content="no-referrer";
        title { (title) }
    }
}

/// The sockets of each process.
pub(super) fn table(sockets: &[[String; 3]], caption: &str) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr { th scope="col" { (say!("html-process")) } th scope="col" { "fd" } th scope="col" { (say!("html-socket")) } } }
            tbody {
                @for [who, fd, what] in sockets {
                    tr { th scope="row" { (who) } td { (fd) } td { (what) } }
                }
            }
        }
    }
}

/// Every socket that is open, a row each.
pub(super) fn sockets(scene: &Scene) -> Vec<[String; 3]> {
    let of = scene.tasks().flat_map(|(task, world)| {
        let who = clean(&format!("{}, pid {}", task.name, task.pid));
        let names = &["domain", "type", "state", "local", "peer", "accept_queue"];
        world.sockets.iter().map(move |socket| {
            let line = told_fields(socket, names);
            let text: String = line.iter().map(|piece| piece.text.as_str()).collect();
            [who.clone(), socket.fd.to_string(), clean(&text)]
        })
    });
    of.take(SOCKETS).collect()
}
