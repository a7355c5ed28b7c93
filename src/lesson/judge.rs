//! What the last look and the last call say to a predicate.

use super::facets::{judge_facets, row_field, socket_field};
use super::lesson::Lesson;
use super::verdict::Verdict;
use crate::error::Error;
use crate::model::{Fact, KernelRow, Listing, Moment, Outcome, Relation, SocketView, World};
use crate::observe;
use crate::run::Watched;
use crate::script::{Facet, Predicate};

/// What is kept of a step's call, to hold conditions against.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub outcome: Outcome,
    /// How many bytes it offered or asked for, if it moves bytes.
    pub offered: Option<u64>,
    pub took: std::time::Duration,
    /// Processor time of its process before and after, in milliseconds.
    pub cpu_ms: (Option<u64>, Option<u64>),
}

/// Shorter than this, a blocked call does not show whether it used the processor:
/// the kernel counts in steps of 10 ms.
const TELLING: std::time::Duration = std::time::Duration::from_millis(100);

impl Lesson<'_> {
    /// What the last look and the last call say to a predicate.
    pub(super) fn judge(&mut self, predicate: &Predicate) -> Result<Verdict, Error> {
        Ok(match predicate {
            Predicate::Socket { name, facets } => {
                if let Some(other) = &name.actor {
                    self.run.look_at(other, Moment::Checked)?;
                }
                let actor = name.actor.as_ref().unwrap_or(&self.run.acting);
                match self.of(actor)?.open(&name.socket) {
                    Some(view) => judge_facets(facets, |field| socket_field(view, field)),
                    None => Verdict::Not("the socket is not open".into()),
                }
            }
            Predicate::Returned { values } => match &self.made {
                Some(made) => made.returned(values),
                None => Verdict::Hidden,
            },
            Predicate::Failed { errnos } => match self.made.as_ref().map(|made| made.outcome) {
                Some(Outcome::Failed(errno)) if errnos.contains(&errno.name()) => Verdict::Held,
                Some(outcome) => Verdict::Not(format!("it returned {}", outcome.strace())),
                None => Verdict::Hidden,
            },
            Predicate::Slept => self.used(|cpu_ms, took_ms| cpu_ms * 10 <= took_ms),
            Predicate::Burned => self.used(|cpu_ms, took_ms| cpu_ms * 2 >= took_ms),
            Predicate::Refuses { addr } => self.refuses(addr)?,
            Predicate::Queued { counts } => self.count(Relation::Queued, counts)?,
            Predicate::Outside { counts } => self.count(Relation::Connecting, counts)?,
            Predicate::PathLeft { path } => match observe::file_stands_at(path) {
                true => Verdict::Held,
                false => Verdict::Not("nothing is there".into()),
            },
            Predicate::PathGone { path } => match observe::file_stands_at(path) {
                false => Verdict::Held,
                true => Verdict::Not("a file is there".into()),
            },
            Predicate::Process { actor, facets } => {
                let pid = self.run.actors.find(actor).map(|it| it.task.pid);
                let state = match pid.map(observe::process) {
                    Some(Fact::Seen(value, _)) => value.state.to_string(),
                    _ => "gone".into(),
                };
                judge_facets(facets, |_| Some(Some(state.clone())))
            }
            of_kernel => self.of(&self.run.acting)?.judge(of_kernel),
        })
    }

    /// An actor, and the last look at it.
    fn of(&self, actor: &str) -> Result<LastSeen<'_>, Error> {
        Ok(LastSeen {
            actor: self.run.actors.get(actor)?,
            world: self.run.seen_of(actor)?,
        })
    }

    /// Holds the processor time of the last call against `fits`.
    fn used(&self, fits: impl Fn(u64, u64) -> bool) -> Verdict {
        let Some(made) = &self.made else {
            return Verdict::Hidden;
        };
        match made.cpu_ms {
            (Some(before), Some(after)) if made.took >= TELLING => {
                let (used, took) = (after.saturating_sub(before), made.took.as_millis() as u64);
                match fits(used, took) {
                    true => Verdict::Held,
                    false => Verdict::Not(format!("it used {used} of {took} ms")),
                }
            }
            _ => Verdict::Hidden,
        }
    }

    fn refuses(&mut self, addr: &str) -> Result<Verdict, Error> {
        let Ok(addr) = addr.parse() else {
            return Ok(Verdict::Hidden);
        };
        let observer = &mut self.run.actors.get_mut(&self.run.acting)?.observer;
        Ok(match observer.refuses(addr) {
            Ok(true) => Verdict::Held,
            Ok(false) => Verdict::Not("somebody can connect".into()),
            Err(_) => Verdict::Hidden,
        })
    }

    fn count(&mut self, relation: Relation, counts: &[String]) -> Result<Verdict, Error> {
        let lead = self.lead();
        if self.run.acting != lead {
            self.run.look_at(lead, Moment::Checked)?;
        }
        Ok(match &self.run.seen_of(lead)?.others {
            Fact::None | Fact::Unknown(_) => Verdict::Hidden,
            Fact::Seen(value, _) => {
                let count = value.iter().filter(|row| row.relation == relation).count();
                match counts.contains(&count.to_string()) {
                    true => Verdict::Held,
                    false => Verdict::Not(format!("there are {count}")),
                }
            }
        })
    }
}

impl Made {
    fn returned(&self, values: &[String]) -> Verdict {
        let Outcome::Value(value) = self.outcome else {
            return Verdict::Not("the call failed".into());
        };
        let count = u64::try_from(value).ok();
        let fits = |wanted: &String| match wanted.as_str() {
            "*" => true,
            "all" => count == self.offered,
            "less" => count < self.offered,
            number => number == value.to_string(),
        };
        match values.iter().any(fits) {
            true => Verdict::Held,
            false => Verdict::Not(format!("it returned {value}")),
        }
    }
}

/// An actor, and the last look at it.
struct LastSeen<'a> {
    actor: &'a Watched,
    world: &'a World,
}

impl LastSeen<'_> {
    /// The open socket of that name.
    fn open(&self, name: &str) -> Option<&SocketView> {
        self.world.socket(self.actor.actor.fd(name)?)
    }

    /// What the last look at this actor says.
    fn judge(&self, predicate: &Predicate) -> Verdict {
        match predicate {
            Predicate::Peer { name, facets } => self.judge_row(name, facets, Relation::Peer),
            Predicate::Left { name, facets } => self.judge_row(name, facets, Relation::Left),
            Predicate::Gone { name } => {
                match (&self.world.others, self.row(name, Relation::Left)) {
                    (Fact::Unknown(_), _) => Verdict::Hidden,
                    (_, None) => Verdict::Held,
                    (_, Some(row)) => Verdict::Not(format!("a row in {} is left", row.state)),
                }
            }
            Predicate::NoFd { name } => match (self.actor.last_seen(name), &self.world.fds) {
                (_, Fact::Unknown(_)) => Verdict::Hidden,
                (Some(view), Fact::Seen(value, _))
                    if value.iter().any(|entry| is_entry_of(view, &entry.target)) =>
                {
                    Verdict::Not(format!("fd {} is still in the table", view.fd))
                }
                _ => Verdict::Held,
            },
            Predicate::Unlisted { name } => {
                self.judge_listing(name, |listing| matches!(listing, Listing::Nowhere))
            }
            Predicate::BoundOnly { name } => {
                self.judge_listing(name, |listing| matches!(listing, Listing::BoundOnly))
            }
            Predicate::Listed { name } => {
                self.judge_listing(name, |listing| matches!(listing, Listing::Row { .. }))
            }
            // What the others say was asked before.
            _ => Verdict::Hidden,
        }
    }

    fn judge_row(&self, name: &str, facets: &[Facet], relation: Relation) -> Verdict {
        if self.world.others.value().is_none() {
            return Verdict::Hidden;
        }
        match self.row(name, relation) {
            Some(row) => judge_facets(facets, |field| Some(row_field(row, field))),
            None => Verdict::Not("there is no such row".into()),
        }
    }

    fn judge_listing(&self, name: &str, fits: impl Fn(&Listing) -> bool) -> Verdict {
        match self.open(name).map(|view| &view.listing) {
            None => Verdict::Not("the socket is not open".into()),
            Some(Fact::None | Fact::Unknown(_)) => Verdict::Hidden,
            Some(Fact::Seen(value, _)) if fits(value) => Verdict::Held,
            Some(Fact::Seen(value, _)) => Verdict::Not(match value {
                Listing::Nowhere => "the kernel lists it nowhere".into(),
                Listing::BoundOnly => "it is listed as bound only".into(),
                Listing::Row { state, .. } => format!("it is listed in {state}"),
            }),
        }
    }

    fn row(&self, name: &str, relation: Relation) -> Option<&KernelRow> {
        let view = self.actor.last_seen(name)?;
        find_row(self.world, view, relation)
    }
}

fn find_row<'w>(world: &'w World, view: &SocketView, relation: Relation) -> Option<&'w KernelRow> {
    let cookie = view.cookie.value().copied();
    world.rows().iter().find(|row| {
        row.relation == relation
            && match relation {
                Relation::Peer => row.is_other_end_of(view),
                _ => Some(row.cookie) == cookie,
            }
    })
}

fn is_entry_of(view: &SocketView, target: &str) -> bool {
    view.inode
        .value()
        .is_some_and(|inode| target == format!("socket:[{inode}]"))
}
