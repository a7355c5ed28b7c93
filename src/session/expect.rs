use std::time::{Duration, Instant};

use super::cast::Player;
use super::pace::{Prompt, Wake};
use super::walk::Session;
use crate::error::Error;
use crate::model::{Ended, KernelRow, Known, Listing, Moment, Relation, SocketView, World};
use crate::script::{Expectation, Facet, Predicate};

/// What the live kernel says to an expectation.
pub(super) enum Verdict {
    Held,
    /// What it shows instead.
    Not(String),
    /// It cannot be seen on this machine.
    Hidden,
    /// The run ended while waiting for it.
    End(Ended),
}

/// How long the other end and the network may take.
const SETTLE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(5);

impl Session<'_> {
    /// Holds an expectation against the kernel; what the peer has a hand in is
    /// given a moment to settle.
    pub(super) fn verdict(&mut self, expectation: &Expectation) -> Result<Verdict, Error> {
        let began = Instant::now();
        loop {
            let verdict = self.cast.get(&self.acting)?.judge(&expectation.predicate);
            let settled = expectation.is_immediate() || began.elapsed() > SETTLE;
            if settled || !matches!(verdict, Verdict::Not(_)) {
                return Ok(verdict);
            }
            let wake = self
                .pace
                .wait(&Prompt::Busy, &[], Some(POLL))
                .map_err(Error::output("waiting"))?;
            match wake {
                Wake::Interrupted(signal) => {
                    return Ok(Verdict::End(Ended::Interrupted { signal }));
                }
                Wake::Key(_) | Wake::Look => self.look_outside(Moment::Changed)?,
            }
        }
    }
}

impl Player {
    fn judge(&self, predicate: &Predicate) -> Verdict {
        match predicate {
            Predicate::Socket { name, facets } => match self.open(name) {
                Some(view) => judge_facets(facets, |field| socket_field(view, field)),
                None => Verdict::Not("the socket is not open".into()),
            },
            Predicate::Peer { name, facets } => self.judge_row(name, facets, Relation::Peer),
            Predicate::Left { name, facets } => self.judge_row(name, facets, Relation::Left),
            Predicate::Gone { name } => {
                match (&self.world.others, self.row(name, Relation::Left)) {
                    (Known::Unavailable(_), _) => Verdict::Hidden,
                    (_, None) => Verdict::Held,
                    (_, Some(row)) => Verdict::Not(format!("a row in {} is left", row.state)),
                }
            }
            Predicate::NoFd { name } => match (self.last_seen(name), &self.world.fds) {
                (_, Known::Unavailable(_)) => Verdict::Hidden,
                (Some(view), Known::Seen { value, .. })
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
            Some(Known::Unavailable(_)) => Verdict::Hidden,
            Some(Known::Seen { value, .. }) if fits(value) => Verdict::Held,
            Some(Known::Seen { value, .. }) => Verdict::Not(match value {
                Listing::Nowhere => "the kernel lists it nowhere".into(),
                Listing::BoundOnly => "it is listed as bound only".into(),
                Listing::Row { state, .. } => format!("it is listed in {state}"),
            }),
        }
    }

    fn row(&self, name: &str, relation: Relation) -> Option<&KernelRow> {
        let view = self.last_seen(name)?;
        find_row(&self.world, view, relation)
    }
}

fn find_row<'w>(world: &'w World, view: &SocketView, relation: Relation) -> Option<&'w KernelRow> {
    let cookie = view.cookie.value().copied();
    let peer = view.peer.value().copied().flatten();
    world.rows().iter().find(|row| {
        row.relation == relation
            && match relation {
                Relation::Peer => Some(row.local) == peer,
                _ => Some(row.cookie) == cookie,
            }
    })
}

fn is_entry_of(view: &SocketView, target: &str) -> bool {
    view.inode
        .value()
        .is_some_and(|inode| target == format!("socket:[{inode}]"))
}

/// A field's value: `None` when it cannot be seen, `Some(None)` when it is empty.
type Field = Option<Option<String>>;

fn judge_facets(facets: &[Facet], field: impl Fn(&str) -> Field) -> Verdict {
    let mut hidden = false;
    for facet in facets {
        match field(&facet.field) {
            None => hidden = true,
            Some(seen) if facet.accepts(seen.as_deref()) => {}
            Some(seen) => {
                return Verdict::Not(format!(
                    "{} is {}",
                    facet.field,
                    seen.as_deref().unwrap_or("nothing")
                ));
            }
        }
    }
    if hidden {
        Verdict::Hidden
    } else {
        Verdict::Held
    }
}

fn socket_field(view: &SocketView, field: &str) -> Field {
    fn text<T>(fact: &Known<T>, show: impl Fn(&T) -> Option<String>) -> Field {
        fact.value().map(show)
    }
    match field {
        "state" => text(&view.state, |state| Some(state.to_string())),
        "local" => text(&view.local, |local| local.map(|addr| addr.to_string())),
        "peer" => text(&view.peer, |peer| peer.map(|addr| addr.to_string())),
        "domain" => text(&view.domain, |domain| Some(domain.word())),
        "type" => text(&view.kind, |kind| Some(kind.word())),
        "protocol" => text(&view.protocol, |protocol| Some(protocol.word())),
        "recv_q" => text(&view.recv_q, |bytes| Some(bytes.to_string())),
        "send_q" => text(&view.send_q, |bytes| Some(bytes.to_string())),
        "accept_queue" => text(&view.accept_queue, |queue| {
            queue.map(|queue| queue.to_string())
        }),
        _ => None,
    }
}

fn row_field(row: &KernelRow, field: &str) -> Option<String> {
    match field {
        "state" => Some(row.state.to_string()),
        "recv_q" => Some(row.recv_q.to_string()),
        "send_q" => Some(row.send_q.to_string()),
        "inode" => (row.inode != 0).then(|| row.inode.to_string()),
        _ => None,
    }
}
