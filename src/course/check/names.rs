//! Names: each socket that a line uses must have been made by an earlier one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};

use super::{Finder, missing_needs};
use crate::course::chapter::Chapter;
use crate::course::track::Track;
use crate::course::types::{Step, When};
use crate::model::Domain;
use crate::script::{Action, Line, Scripted, Vars};

impl Finder<'_> {
    /// Every socket that a line names must have been made by an earlier one.
    pub(super) fn names(&mut self) {
        let (lead, peer) = (self.track.role.word(), self.track.role.other().word());
        let mut names = Names::default();
        for earlier in self.track.before(&self.chapter.id) {
            for step in earlier.steps() {
                for (line, by) in lines_of(step, lead, peer) {
                    names.learn(by, &line.action);
                }
            }
        }
        for step in self.chapter.steps() {
            for (line, by) in lines_of(step, lead, peer) {
                let Scripted { action, at } = line;
                if let Err(message) = action.address(&sample(self.track)) {
                    self.at(at, message);
                }
                for name in action.uses() {
                    self.must_have(&mut names, by, name, at);
                }
                names.learn(by, action);
                if action.creates_actor().is_some() && names.children.len() > MOST_CHILDREN {
                    let message = format!("more than {MOST_CHILDREN} processes at once");
                    self.at(at, message);
                }
            }
            let by = step.by.as_deref().unwrap_or(lead);
            for expectation in step.held() {
                if let Some((actor, name)) = expectation.predicate.socket() {
                    self.must_have(&mut names, actor.unwrap_or(by), name, &expectation.at);
                }
            }
        }
    }

    /// Is the socket of that name there? If not, this is told once, however often it is
    /// used.
    fn must_have(&mut self, names: &mut Names, by: &str, name: &str, line: &Line) {
        if names.has(by, name) {
            return;
        }
        names.add(by, name);
        // A line that could not be read may have made it, or a chapter that is not there.
        let before = self.track.before(&self.chapter.id);
        let mut chapters = before.into_iter().chain([self.chapter]);
        let is_whole = |chapter: &Chapter| {
            chapter.problems().is_empty() && missing_needs(self.track, chapter).next().is_none()
        };
        if chapters.all(is_whole) {
            self.at(line, format!("no earlier step makes a socket '{name}'"));
        }
    }
}

/// Which actors have made sockets of which names.
#[derive(Default)]
struct Names {
    sockets: BTreeMap<String, BTreeSet<String>>,
    /// Those that were forked and nobody has waited for.
    children: BTreeSet<String>,
}

/// How many forked processes a course may have at once.
const MOST_CHILDREN: usize = 8;

impl Names {
    fn has(&self, actor: &str, name: &str) -> bool {
        self.sockets
            .get(actor)
            .is_some_and(|names| names.contains(name))
    }

    fn add(&mut self, actor: &str, name: &str) {
        let names = self.sockets.entry(actor.into()).or_default();
        names.insert(name.into());
    }

    fn learn(&mut self, actor: &str, action: &Action) {
        for name in action.creates() {
            self.add(actor, name);
        }
        // A child has what its parent had.
        if let Some(child) = action.creates_actor() {
            let of_parent = self.sockets.get(actor).cloned().unwrap_or_default();
            let names = self.sockets.entry(child.into()).or_default();
            names.extend(of_parent);
            self.children.insert(child.into());
        }
        if let Some(ended) = action.actor() {
            self.children.remove(ended);
        }
    }
}

/// The action lines of a step in the order they are played, and who plays them.
pub(super) fn lines_of<'s>(
    step: &'s Step,
    lead: &'s str,
    peer: &'s str,
) -> impl Iterator<Item = (&'s Scripted, &'s str)> {
    let peers = move |when| {
        step.peer
            .iter()
            .filter(move |part| part.when == when)
            .flat_map(|part| &part.actions)
            .map(move |line| (line, peer))
    };
    let by = step.by.as_deref().unwrap_or(lead);
    peers(When::Before)
        .chain(step.action.iter().map(move |line| (line, by)))
        .chain(peers(When::During))
        .chain(peers(When::After))
}

/// Values to fill placeholders with while checking.
fn sample(track: &Track) -> Vars {
    let inet = SocketAddr::from((Ipv4Addr::LOCALHOST, 6789)).into();
    let addr = match track.domain {
        Domain::Unix => "/tmp/socklab.sock".parse().unwrap_or(inet),
        _ => inet,
    };
    Vars { addr, pid: None }
}
