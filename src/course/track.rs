//! Tracks: the ways through a course.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::advice::Advice;
use super::chapter::Chapter;
use super::explain::Explanations;
use super::faults::Faults;
use super::goals::{GoalFile, Goals};
use super::language::{Idiom, LanguageFile};
use super::problem::{Problem, SourceFile};
use super::types::Step;
use crate::model::{ChapterMode, Domain, Kind, Part, Side, StepId};

/// The whole course: what can be walked.
#[derive(Debug)]
pub(crate) struct Course {
    /// At least one.
    pub tracks: Vec<Track>,
    /// What a program of the learner's can be checked for.
    pub(super) goals: Vec<GoalFile>,
    /// What is said of its faults.
    pub faults: Faults,
    /// What is said of the machine.
    pub advice: Advice,
    /// What the screen says of itself: the built-in words, and behind them others, which
    /// win.
    pub words: Vec<SourceFile>,
    /// The translation that it was read in; `None` is its own language.
    pub(super) language: Option<String>,
    /// The languages of people that the course is translated into.
    pub translations: Vec<String>,
}

/// One way through a socket's life: chapters in teaching order, for one role, one
/// domain and one type.
#[derive(Debug)]
pub(crate) struct Track {
    /// The word of lists.
    pub id: String,
    pub title: String,
    /// Whose life is walked.
    pub role: Side,
    pub domain: Domain,
    pub kind: Kind,
    /// Those of the walk, then those that stand by themselves, the claims of textbooks
    /// last. Tracks share chapters.
    pub chapters: Vec<Rc<Chapter>>,
    /// How many chapters the walk has.
    pub walk: usize,
    /// How many of the others are claims.
    pub claims: usize,
    /// How programming languages write the same steps.
    pub languages: Rc<Vec<LanguageFile>>,
    /// What errnos mean, and what to do.
    pub explain: Rc<Explanations>,
    /// The mistaken beliefs that questions can ask for: id and what is believed.
    pub beliefs: Rc<BTreeMap<String, String>>,
}

/// What a learner asks for; `None` is "whichever".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted<'a> {
    pub role: Option<Side>,
    pub domain: Option<Domain>,
    pub kind: Option<Kind>,
    pub chapter: Option<&'a str>,
}

impl Course {
    /// The languages of people that it is there in.
    pub(crate) fn spoken(&self) -> Vec<&str> {
        let translations = self.translations.iter().map(String::as_str);
        ["en"].into_iter().chain(translations).collect()
    }

    /// The goals of every file. They are read when somebody asks: a walk needs none.
    pub(crate) fn goals(&self) -> Result<Vec<Goals>, Vec<Problem>> {
        self.goals.iter().map(Goals::read).collect()
    }

    /// The first track that has what is wanted. One for IPv4 serves IPv6 where
    /// there is none of its own.
    pub(crate) fn choose(&self, wanted: Wanted<'_>) -> Option<&Track> {
        let fits = |track: &Track| {
            wanted.role.is_none_or(|role| role == track.role)
                && wanted.kind.is_none_or(|kind| kind == track.kind)
                && wanted.chapter.is_none_or(|id| track.chapter(id).is_some())
        };
        let of = |domain: Option<Domain>| {
            let here = |track: &&Track| domain.is_none_or(|domain| domain == track.domain);
            self.tracks.iter().filter(here).find(|track| fits(track))
        };
        of(wanted.domain).or_else(|| match wanted.domain {
            Some(Domain::Inet6) => of(Some(Domain::Inet)),
            _ => None,
        })
    }

    /// The chapters, each once, though tracks share some.
    pub(crate) fn every_chapter(&self) -> Vec<&Chapter> {
        self.first_of_each(|chapter| &chapter.file)
    }

    /// The chapters in the order of the tracks; of several with one id the first.
    pub(crate) fn chapters(&self) -> Vec<&Chapter> {
        self.first_of_each(|chapter| &chapter.id)
    }

    fn first_of_each(&self, key: impl Fn(&Chapter) -> &str) -> Vec<&Chapter> {
        let mut found: Vec<&Chapter> = Vec::new();
        for chapter in self.tracks.iter().flat_map(|track| &track.chapters) {
            if found.iter().all(|known| key(known) != key(chapter)) {
                found.push(chapter);
            }
        }
        found
    }
}

impl Track {
    /// The chapters of the walk.
    pub(super) fn walked(&self) -> &[Rc<Chapter>] {
        &self.chapters[..self.walk]
    }

    /// The name of the socket that listens, if one does.
    pub(super) fn listener(&self) -> Option<&String> {
        let mut steps = self.walked().iter().flat_map(|chapter| chapter.steps());
        let listens = steps.find_map(|step| {
            let action = &step.action.as_ref()?.action;
            let listens = action.syscall()?.name == "listen" && step.fails.is_empty();
            listens.then_some(action)
        });
        listens?.uses().first()
    }

    /// The chapter of that id.
    pub(crate) fn chapter(&self, id: &str) -> Option<&Chapter> {
        let found = self.chapters.iter().find(|chapter| chapter.id == id)?;
        Some(found)
    }

    /// The step of that id.
    pub(crate) fn step(&self, id: &StepId) -> Option<&Step> {
        self.chapter(&id.chapter)?.steps().get(id.index)
    }

    /// A chapter's number in the track, from 1.
    pub(crate) fn number(&self, id: &str) -> Option<usize> {
        Some(self.chapters.iter().position(|chapter| chapter.id == id)? + 1)
    }

    /// The languages that have something to say of a chapter, and what.
    pub(crate) fn languages(&self, chapter: &str) -> Vec<(String, Idiom)> {
        let Some(chapter) = self.chapter(chapter) else {
            return Vec::new();
        };
        let languages = self.languages.iter();
        let says = |file: &LanguageFile| file.says(chapter.name());
        languages.filter_map(says).collect()
    }

    /// Those that stand by themselves and claim nothing.
    pub(crate) fn extras(&self) -> &[Rc<Chapter>] {
        &self.chapters[self.walk..self.chapters.len() - self.claims]
    }

    /// Is the chapter at that place, from 0, a claim that is put to the kernel?
    pub(crate) fn is_claim(&self, at: usize) -> bool {
        at >= self.chapters.len() - self.claims
    }

    /// The chapters that must have run before `id`, in the track's order.
    pub(crate) fn before(&self, id: &str) -> Vec<&Chapter> {
        let mut needed = vec![id];
        let mut at = 0;
        while at < needed.len() {
            if let Some(chapter) = self.chapter(needed[at]) {
                for need in &chapter.needs {
                    if !needed.contains(&need.as_str()) {
                        needed.push(need);
                    }
                }
            }
            at += 1;
        }
        let wanted =
            |chapter: &&Rc<Chapter>| chapter.id != id && needed.contains(&chapter.id.as_str());
        let found = self.chapters.iter().filter(wanted);
        found.map(Rc::as_ref).collect()
    }

    /// What the walk plays.
    pub(crate) fn whole_walk(&self) -> Vec<Part> {
        let chapters = self.walked().iter();
        chapters.map(|chapter| Part::taught(&chapter.id)).collect()
    }

    /// The chapters of another round: `from` and those behind it, up to `to`.
    pub(crate) fn round(&self, from: &str, to: &str) -> Vec<Part> {
        let (first, last) = (self.number(from).unwrap_or(1), self.number(to).unwrap_or(0));
        let chapters = self.chapters.iter().take(last).skip(first - 1);
        chapters.map(|chapter| Part::taught(&chapter.id)).collect()
    }

    /// What one chapter plays: it, after those it needs.
    pub(crate) fn one_chapter(&self, id: &str) -> Vec<Part> {
        let fresh = self.chapter(id).is_some_and(|chapter| chapter.fresh);
        let done = |earlier: &&Chapter| Part {
            mode: ChapterMode::DoneForYou,
            ..Part::taught(&earlier.id)
        };
        let before = self.before(id);
        let mut parts: Vec<Part> = before.iter().map(done).collect();
        parts.push(Part::taught(id));
        if let Some(first) = parts.first_mut() {
            first.fresh = fresh;
        }
        parts
    }
}
