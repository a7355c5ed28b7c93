//! What a run was, as far as it was told: a fold over its events.

use std::rc::Rc;

use super::ladder::{Mark, Rung};
use super::lives::{Life, Lives, Place};
use super::machine::Shape;
use crate::model::{Event, MachineEvent, Scope, Side, Task, TcpState, What};

/// What a run was, as far as it was told.
#[derive(Debug, Default)]
pub(crate) struct Story {
    lives: Lives,
    rungs: Vec<Rung>,
    /// What stands at the left and at the right.
    ends: Option<[String; 2]>,
}

/// Both ends of a conversation, and what happened between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ladder {
    /// What stands at the left and at the right.
    pub ends: [String; 2],
    /// How many rungs came before these.
    pub before: usize,
    pub rungs: Vec<Rung>,
}

/// The states of both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct States {
    pub ends: [String; 2],
    pub shape: Shape,
    /// The sockets that matter now: at each side the one that waits for others, and the
    /// last of those that do not.
    pub lives: Vec<Life>,
}

impl Story {
    /// Takes in the next event.
    pub(crate) fn take(&mut self, event: &Event) {
        let What::Machine(machine) = &event.what else {
            return;
        };
        // It was on the wire before that event, whose scope says nothing of it.
        if let MachineEvent::Packet(packet) = machine {
            let place = if packet.leaves {
                Place::Left
            } else {
                Place::Right
            };
            return self.push(event, place, Mark::packet(packet));
        }
        if event.scope.aside {
            return;
        }
        if self.ends.is_none() {
            self.ends = Some(ends(&event.scope, &event.who));
        }
        self.lives.name(&event.who);
        let place = place(&event.scope, &event.who.name);
        match machine {
            MachineEvent::Exit { call, outcome, .. } if !call.touched(*outcome).is_empty() => {
                let held = call.fd().and_then(|fd| self.lives.at(event.who.pid, fd));
                let mark = Mark::Call {
                    who: Rc::clone(&event.who.name),
                    call: Box::new(call.clone()),
                    outcome: *outcome,
                };
                self.push(event, held.map_or(place, |life| life.place), mark);
            }
            MachineEvent::Look(look) => {
                for at in self.lives.take(&event.who, place, look, event.seq) {
                    let life = &self.lives.all()[at];
                    let mark = Mark::State {
                        name: life.name.clone(),
                        state: life.now().filter(|_| !life.is_gone),
                    };
                    self.push(event, life.place, mark);
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, event: &Event, place: Place, mark: Mark) {
        self.rungs.push(Rung {
            seq: event.seq,
            at: event.at,
            place,
            mark,
        });
    }

    /// How many states were passed: more than before is news.
    pub(crate) fn passed(&self) -> usize {
        self.lives.all().iter().map(|life| life.way.len()).sum()
    }

    /// Every socket that was seen.
    pub(crate) fn lives(&self) -> &[Life] {
        self.lives.all()
    }

    /// The last so many rungs.
    pub(crate) fn ladder(&self, most: usize) -> Ladder {
        let before = self.rungs.len().saturating_sub(most);
        Ladder {
            ends: self.ends.clone().unwrap_or_default(),
            before,
            rungs: self.rungs[before..].to_vec(),
        }
    }

    /// The states of both ends: one picture for each shape that there is.
    pub(crate) fn states(&self) -> Vec<States> {
        let of = |shape| {
            let lives: Vec<Life> = [Place::Left, Place::Right]
                .into_iter()
                .flat_map(|place| self.now(shape, place))
                .collect();
            (!lives.is_empty()).then(|| States {
                ends: self.ends.clone().unwrap_or_default(),
                shape,
                lives,
            })
        };
        let all = [Shape::Tcp, Shape::Stream, Shape::Datagram];
        all.into_iter().filter_map(of).collect()
    }

    fn now(&self, shape: Shape, place: Place) -> Vec<Life> {
        let mut of: Vec<&Life> = self.lives.all().iter().collect();
        of.retain(|life| life.shape == shape && life.place == place);
        let listens = |life: &&&Life| life.passed(TcpState::Listen);
        let listener = of.iter().rfind(listens);
        let last = of.iter().rfind(|life| !listens(life));
        [listener, last]
            .into_iter()
            .flatten()
            .copied()
            .cloned()
            .collect()
    }
}

/// Where someone of that name stands.
fn place(scope: &Scope, name: &str) -> Place {
    // A program may be called client, too.
    if scope.server.is_none() || scope.lead.of(name) == scope.lead {
        Place::Left
    } else {
        Place::Right
    }
}

/// What stands at both sides: of a lesson its ends, of a program itself and the others.
fn ends(scope: &Scope, who: &Task) -> [String; 2] {
    let word = |side: Side| side.word().to_string();
    match scope.server {
        Some(_) => [word(scope.lead), word(scope.lead.other())],
        None => [who.name.to_string(), "others".into()],
    }
}
