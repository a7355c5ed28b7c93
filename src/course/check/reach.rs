//! What the lines of a chapter touch that is not the walk's own.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::names::lines_of;
use crate::course::built_in;
use crate::course::chapter::Chapter;
use crate::course::problem::Problem;
use crate::course::track::Track;
use crate::course::types::Step;
use crate::model::Domain;
use crate::script::{Expectation, Line, Vars};

/// Every line of these chapters that a learner must allow, in the course of that folder:
/// see [`Action::reaches`](crate::script::Action::reaches).
pub(crate) fn reaches<'c>(
    chapters: impl IntoIterator<Item = (&'c Track, &'c Chapter)>,
    dir: &Path,
) -> Vec<Problem> {
    let mut found: Vec<Problem> = Vec::new();
    for (track, chapter) in chapters {
        for problem in of_chapter(track, chapter) {
            let problem = problem.in_dir(dir);
            // Tracks share chapters.
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
    }
    found
}

fn of_chapter(track: &Track, chapter: &Chapter) -> Vec<Problem> {
    let vars = elsewhere(track);
    let (lead, peer) = (track.role.word(), track.role.other().word());
    let mut found = Vec::new();
    let mut tell = |at: &Line, what: Option<String>| {
        found.extend(what.map(|what| {
            let message = format!("'{}' touches {what}, which is not the walk's own", at.text);
            Problem::on(&chapter.file, at, message)
        }));
    };
    for step in chapter.steps() {
        for (line, _) in lines_of(step, lead, peer) {
            tell(&line.at, line.action.reaches(&vars));
        }
        for expectation in step.held() {
            let what = expectation.predicate.reaches(&vars);
            tell(
                &expectation.at,
                what.filter(|_| !is_shipped(chapter, expectation)),
            );
        }
    }
    found
}

/// Does the built-in chapter of that name expect it, too, word for word? A copy of the
/// course may look at no more than the course itself does.
fn is_shipped(chapter: &Chapter, expectation: &Expectation) -> bool {
    let text = built_in::text(&chapter.file);
    let shipped = text.map(|text| Chapter::outline(&chapter.file, text));
    let Ok(Ok(shipped)) = shipped else {
        return false;
    };
    let mut held = shipped.steps().iter().flat_map(Step::held);
    held.any(|it| it.at.text == expectation.at.text)
}

/// A walk whose own address is no loopback: what is free with it is free with any.
/// No host has these addresses, so a course gains nothing by naming them: RFC 1112
/// (class E), RFC 6666 (discard).
fn elsewhere(track: &Track) -> Vars {
    const PORT: u16 = 6789;
    let inet6 = Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 1);
    let inet = SocketAddr::from((Ipv4Addr::new(240, 0, 0, 1), PORT));
    let addr = match track.domain {
        Domain::Inet6 => SocketAddr::from((inet6, PORT)).into(),
        Domain::Unix => "/socklab.sock".parse().unwrap_or(inet.into()),
        _ => inet.into(),
    };
    Vars { addr, pid: None }
}
