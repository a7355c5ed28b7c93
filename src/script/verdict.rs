//! What was seen says to an expectation: pure.

use std::time::Duration;

use super::expect::{CallResult, Called, Predicate};
use super::vars::Vars;
use super::want::Want;
use crate::model::{
    Call, Crossed, Fact, KernelRow, Outcome, Process, Relation, SocketView, Source, Value, World,
};
use crate::words::say;

/// What the live kernel says to an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Held,
    /// What it shows instead.
    Not(String),
    /// It cannot be seen on this machine.
    Hidden,
}

impl Verdict {
    fn of(held: bool, otherwise: String) -> Verdict {
        if held {
            Verdict::Held
        } else {
            Verdict::Not(otherwise)
        }
    }
}

/// What was seen, to hold an expectation against.
pub(crate) struct Seen<'a> {
    /// The last look at the one whose socket or queue it is about.
    pub world: &'a World,
    /// Its sockets by their names in the script, each as it was when last open.
    pub sockets: &'a [(String, SocketView)],
    /// The last call of a step.
    pub made: Option<&'a Made>,
    /// The calls of a program, of those about a socket: about the one that is named.
    pub calls: &'a [Traced],
    /// Is that address refused, does a file stand at that path, do those programs make
    /// those calls? Asked for this
    /// expectation alone; `None` if it could not be told.
    pub answer: Option<bool>,
    /// What has crossed the wire of the connection that it is about; `None` without one.
    pub crossed: Option<Crossed>,
    /// The process that it is about.
    pub process: Fact<Process>,
    pub vars: Vars,
}

/// A call of a program that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    /// [`Syscall::does`](crate::model::Syscall::does), and of splice(2) which way.
    pub does: &'static str,
    pub call: Call,
    pub outcome: Outcome,
}

/// What is kept of a step's call.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub outcome: Outcome,
    /// The call as strace prints it, with what the kernel filled in.
    pub told: String,
    /// How many bytes it offered or asked for, if it moves bytes.
    pub offered: Option<u64>,
    pub took: Duration,
    /// Processor time of its process before and after, in milliseconds.
    pub cpu_ms: (Option<u64>, Option<u64>),
}

/// Shorter than this, a blocked call does not show whether it used the processor:
/// the kernel counts in steps of 10 ms.
const TELLING: Duration = Duration::from_millis(100);

/// What was seen says to `predicate`.
pub(crate) fn verdict(predicate: &Predicate, seen: &Seen<'_>) -> Verdict {
    match predicate {
        Predicate::Socket { name, wants, .. } => match seen.open(name) {
            Some(view) => seen.all(wants, |want| (want.field.get)(view)),
            None => Verdict::Not(say!("found-closed")),
        },
        Predicate::Packets { wants, .. } => match &seen.crossed {
            Some(crossed) => seen.all(wants, |want| (want.field.get)(crossed)),
            None => Verdict::Not(say!("found-closed")),
        },
        Predicate::Row {
            relation,
            name,
            wants,
        } => match seen.row(name, *relation) {
            Fact::Seen(row, _) => seen.all(wants, |want| (want.field.get)(row)),
            Fact::None => Verdict::Not(say!("found-no-row")),
            Fact::Unknown(_) => Verdict::Hidden,
        },
        Predicate::Gone(name) => match seen.row(name, Relation::Left) {
            Fact::Seen(row, _) => Verdict::Not(say!("found-row", state = row.state)),
            Fact::None => Verdict::Held,
            Fact::Unknown(_) => Verdict::Hidden,
        },
        Predicate::NoFd(name) => seen.no_fd(name),
        Predicate::Returned(values) => seen.returned(values),
        Predicate::Failed(errnos) => match seen.made.map(|made| made.outcome) {
            Some(Outcome::Failed(errno)) if seen.any(errnos, &errno.name()) => Verdict::Held,
            Some(outcome) => Verdict::Not(say!("found-returned", value = outcome.strace())),
            None => Verdict::Hidden,
        },
        Predicate::Told(text) => match seen.made {
            Some(made) => Verdict::of(
                made.told.contains(text),
                say!("found-told", call = made.told),
            ),
            None => Verdict::Hidden,
        },
        Predicate::Slept => seen.used(|cpu_ms, took_ms| cpu_ms * 10 <= took_ms),
        Predicate::Burned => seen.used(|cpu_ms, took_ms| cpu_ms * 2 >= took_ms),
        Predicate::Refuses(_) => seen.answered(true, say!("found-connects")),
        Predicate::Waiting(relation, counts) => seen.waiting(*relation, counts),
        Predicate::Path { stands: true, .. } => seen.answered(true, say!("found-nothing-there")),
        Predicate::Path { stands: false, .. } => seen.answered(false, say!("found-file")),
        Predicate::Makes { all: true, .. } => seen.answered(true, say!("found-other-calls")),
        Predicate::Makes { all: false, .. } => seen.answered(false, say!("found-these-calls")),
        Predicate::Called(called) => seen.called(called),
        Predicate::Moved { does, counts, .. } => {
            let count = seen.moved(does);
            let found = say!("bytes", count = count);
            Verdict::of(seen.any(counts, &count.to_string()), found)
        }
        Predicate::Process { wants, .. } => seen.all(wants, |want| match &seen.process {
            Fact::None if want.field.name == "state" => {
                Fact::Seen(Value::Word("gone".into()), Source::Proc)
            }
            process => process.as_ref().and_then(|it, _| (want.field.get)(it)),
        }),
    }
}

impl Seen<'_> {
    /// Is `word` one of the alternatives? Their placeholders are filled in here.
    fn any(&self, values: &[String], word: &str) -> bool {
        let fits = |value: &String| {
            let value = self.vars.fill_value(value);
            value == word || reaches(&value, word)
        };
        values.iter().any(fits)
    }

    /// The last call of a program that fits.
    pub(crate) fn call(&self, called: &Called) -> Option<&Traced> {
        let fits = |traced: &&Traced| {
            traced.does == called.does
                && match (&called.result, traced.outcome) {
                    (CallResult::Success, Outcome::Value(_)) => true,
                    (CallResult::Success, Outcome::Failed(errno)) => errno.0 == libc::EINPROGRESS,
                    (CallResult::Returned(values), Outcome::Value(value)) => {
                        self.any(values, &value.to_string())
                    }
                    (CallResult::Failed(errnos), Outcome::Failed(errno)) => {
                        self.any(errnos, &errno.name())
                    }
                    _ => false,
                }
        };
        self.calls.iter().rfind(fits)
    }

    /// How many bytes the calls that do that have moved.
    pub(crate) fn moved(&self, does: &str) -> i64 {
        let counts = self.calls.iter().map(|traced| match traced.outcome {
            Outcome::Value(count) if traced.does == does => count,
            _ => 0,
        });
        counts.sum()
    }

    fn called(&self, called: &Called) -> Verdict {
        if self.call(called).is_some() {
            return Verdict::Held;
        }
        let mut calls = self.calls.iter().rev();
        let other = calls.find(|traced| traced.does == called.does);
        Verdict::Not(match other {
            Some(traced) => traced.call.returned(traced.outcome),
            None => say!("found-no-call", call = called.does),
        })
    }

    /// Does all that is wanted hold?
    fn all<T>(&self, wants: &[Want<T>], get: impl Fn(&Want<T>) -> Fact<Value>) -> Verdict {
        let mut verdict = Verdict::Held;
        for want in wants {
            let name = want.field.name;
            let written = |sign: &str| want.values.iter().any(|value| value == sign);
            match get(want) {
                Fact::Unknown(_) => verdict = Verdict::Hidden,
                Fact::None if written("-") => {}
                Fact::None => return Verdict::Not(say!("found-none", name = name)),
                Fact::Seen(..) if written("*") => {}
                // Of a peer process nothing can be written down but its number.
                Fact::Seen(Value::Cred(cred), _)
                    if self.any(&want.values, &cred.pid.to_string()) => {}
                Fact::Seen(value, _) if self.any(&want.values, &value.to_string()) => {}
                Fact::Seen(value, _) => {
                    return Verdict::Not(say!("found-is", name = name, value = value));
                }
            }
        }
        verdict
    }

    /// The socket of that name as it was when last open.
    fn last(&self, name: &str) -> Option<&SocketView> {
        let (_, view) = self.sockets.iter().find(|(known, _)| known == name)?;
        Some(view)
    }

    /// The same, if it is open now.
    pub(super) fn open(&self, name: &str) -> Option<&SocketView> {
        self.world.same_socket(self.last(name)?)
    }

    /// The row that stands in that relation to the socket of that name.
    pub(super) fn row(&self, name: &str, relation: Relation) -> Fact<&KernelRow> {
        self.world.others.as_ref().and_then(|rows, via| {
            let Some(view) = self.last(name) else {
                return Fact::None;
            };
            let mut rows = rows.iter();
            if relation == Relation::Peer {
                return Fact::of_option(rows.find(|row| row.is_other_end_of(view)), via);
            }
            view.cookie.as_ref().and_then(|&cookie, _| {
                let is_left = |row: &&KernelRow| row.relation == relation && row.cookie == cookie;
                Fact::of_option(rows.find(is_left), via)
            })
        })
    }

    fn no_fd(&self, name: &str) -> Verdict {
        let Some(view) = self.last(name) else {
            return Verdict::Held;
        };
        let (Some(entries), Some(&inode)) = (self.world.fds.value(), view.inode.value()) else {
            return Verdict::Hidden;
        };
        let target = Value::Inode(inode).to_string();
        let held = entries.iter().any(|entry| entry.target == target);
        Verdict::of(!held, say!("found-fd", fd = view.fd))
    }

    fn returned(&self, values: &[String]) -> Verdict {
        let Some(made) = self.made else {
            return Verdict::Hidden;
        };
        let Outcome::Value(value) = made.outcome else {
            return Verdict::Not(say!("found-failed"));
        };
        let count = u64::try_from(value).ok();
        let fits = |wanted: &String| match wanted.as_str() {
            "*" => true,
            "all" => count == made.offered,
            "less" => count < made.offered,
            number => number == value.to_string() || reaches(number, &value.to_string()),
        };
        Verdict::of(
            values.iter().any(fits),
            say!("found-returned", value = value),
        )
    }

    /// Holds the processor time of the last call against `fits`.
    fn used(&self, fits: impl Fn(u64, u64) -> bool) -> Verdict {
        let Some(made) = self.made.filter(|made| made.took >= TELLING) else {
            return Verdict::Hidden;
        };
        let (Some(before), Some(after)) = made.cpu_ms else {
            return Verdict::Hidden;
        };
        let (used, took) = (after.saturating_sub(before), made.took.as_millis() as u64);
        Verdict::of(
            fits(used, took),
            say!("found-used", used = used, took = took),
        )
    }

    /// Is the answer to what was asked for this expectation the one that is wanted?
    fn answered(&self, wanted: bool, otherwise: String) -> Verdict {
        let answer = self.answer;
        answer.map_or(Verdict::Hidden, |answer| {
            Verdict::of(answer == wanted, otherwise)
        })
    }

    fn waiting(&self, relation: Relation, counts: &[String]) -> Verdict {
        let Some(rows) = self.world.others.value() else {
            return Verdict::Hidden;
        };
        let count = rows.iter().filter(|row| row.relation == relation).count();
        Verdict::of(
            self.any(counts, &count.to_string()),
            say!("found-count", count = count),
        )
    }
}

/// `2..`: is the number at least that?
fn reaches(value: &str, number: &str) -> bool {
    let least = value
        .strip_suffix("..")
        .and_then(|it| it.parse::<i64>().ok());
    least.is_some_and(|least| number.parse::<i64>().is_ok_and(|number| number >= least))
}

#[cfg(test)]
mod tests;
