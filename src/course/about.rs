//! Finds the prose for a call that no chapter has made: by what the call is about.

use super::chapter::Chapter;
use super::track::{Course, Track, Wanted};
use super::types::Step;
use crate::model::{Call, Domain, Errno, Kind, Side};

/// The socket of a call, as far as it decides what is to be said.
#[derive(Clone, Copy)]
pub(crate) struct Touched {
    /// Which end of the conversation makes the call.
    pub side: Side,
    pub domain: Domain,
    pub kind: Kind,
    pub is_listening: bool,
    pub is_connected: bool,
}

/// A step that teaches a call, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Taught<'c> {
    pub track: &'c Track,
    pub chapter: &'c Chapter,
    pub step: &'c Step,
}

impl Course {
    /// The step that teaches a call which came out so. A walk is about the usual; what
    /// other chapters say holds elsewhere only where it is about an option or a direction.
    pub(crate) fn step_about(
        &self,
        call: &Call,
        errno: Option<Errno>,
        of: Touched,
    ) -> Option<Taught<'_>> {
        let track = self.choose(Wanted {
            role: Some(of.side),
            domain: Some(of.domain),
            kind: Some(of.kind),
            chapter: None,
        })?;
        // There is no connection to end.
        if call.name() == "close" && of.kind == Kind::Stream && !of.is_listening && !of.is_connected
        {
            return None;
        }
        let closes_such = |step: &Step| {
            let closed = step.action.as_ref();
            let closed = closed.and_then(|line| line.action.uses().first());
            (closed == track.listener()) == of.is_listening
        };
        let purpose = call.purpose();
        let is_so = |step: &Step| {
            let Some(action) = step.action.as_ref().map(|line| &line.action) else {
                return false;
            };
            let came_out = match errno {
                Some(errno) => step.fails.contains(&errno.name()),
                None => step.fails.is_empty(),
            };
            let is_same = || {
                let made = action.syscall().map(|made| made.name);
                made == Some(call.name()) && action.purpose() == purpose
            };
            came_out && step.by.is_none() && is_same()
        };
        let others = self.tracks.iter();
        let others = others.filter(|it| (it.domain, it.kind) == (of.domain, of.kind));
        let everywhere = std::iter::once(track).chain(others);
        let everywhere = everywhere.filter(|_| !purpose.is_empty());
        let walked = track.walked().iter().map(|chapter| (track, chapter));
        let everywhere = everywhere.flat_map(|track| {
            let chapters = track.chapters.iter();
            chapters.map(move |chapter| (track, chapter))
        });
        let mut steps = walked.chain(everywhere).flat_map(|(track, chapter)| {
            let steps = chapter.steps().iter();
            steps.map(move |step| Taught {
                track,
                chapter,
                step,
            })
        });
        steps.find(|it| is_so(it.step) && (call.name() != "close" || closes_such(it.step)))
    }
}
