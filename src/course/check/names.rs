//! Names: each socket that a line uses must have been made by an earlier one.

use std::net::{Ipv4Addr, SocketAddr};

use super::Finder;
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
                if let Err(message) = action.check(&sample(self.track)) {
                    self.at(at, message);
                }
                for name in action.uses() {
                    if !names.has(by, name) {
                        self.unknown(at, name);
                    }
                }
                names.learn(by, action);
            }
            let by = step.by.as_deref().unwrap_or(lead);
            let conditions = step
                .question
                .iter()
                .flat_map(|question| question.choices.iter().flat_map(|choice| &choice.when));
            for expectation in step.expects.iter().chain(conditions) {
                if let Some((actor, name)) = expectation.predicate.socket()
                    && !names.has(actor.unwrap_or(by), name)
                {
                    self.unknown(&expectation.at, name);
                }
            }
        }
    }

    fn unknown(&mut self, line: &Line, name: &str) {
        // A line that could not be read may have made it.
        if !self.chapter.problems().is_empty() {
            return;
        }
        self.at(line, format!("no earlier step makes a socket '{name}'"));
    }
}

/// Which actors have made sockets of which names.
#[derive(Default)]
struct Names(Vec<(String, String)>);

impl Names {
    fn has(&self, actor: &str, name: &str) -> bool {
        self.0
            .iter()
            .any(|(by, known)| by == actor && known == name)
    }

    fn learn(&mut self, actor: &str, action: &Action) {
        if let Some(name) = action.creates() {
            self.0.push((actor.into(), name.into()));
        }
        // A child has what its parent had.
        if let Some(child) = action.creates_actor() {
            let of_parent = self.0.iter().filter(|(by, _)| by == actor);
            let born: Vec<_> = of_parent
                .map(|(_, name)| (child.to_string(), name.clone()))
                .collect();
            self.0.extend(born);
        }
    }
}

/// The action lines of a step in the order they are played, and who plays them.
fn lines_of<'s>(
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
    Vars {
        addr: match track.domain {
            Domain::Unix => "/tmp/socklab.sock".parse().unwrap_or(inet),
            _ => inet,
        },
        pid: None,
    }
}
