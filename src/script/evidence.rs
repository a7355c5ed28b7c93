//! What has shown that an expectation holds: the values that were seen, in its own words.

use super::expect::Predicate;
use super::source::Expectation;
use super::verdict::Seen;
use super::want::Want;
use crate::model::{Crossed, Fact, Outcome, Source, Value};

/// What was seen of that which `held` is about. Where its words leave nothing open, they
/// say it.
pub(crate) fn evidence(held: &Expectation, seen: &Seen<'_>) -> String {
    let found = match &held.predicate {
        Predicate::Socket { actor, name, wants } => seen.open(name).map(|view| {
            let actor = actor.as_ref().map(|actor| format!("{actor}/"));
            let name = actor.unwrap_or_default() + name;
            values(&name, wants, |want| (want.field.get)(view))
        }),
        Predicate::Packets { actor, name, wants } => seen.crossed.as_ref().map(|crossed| {
            let actor = actor.as_ref().map(|actor| format!("{actor}/"));
            let name = actor.unwrap_or_default() + name;
            let get = |want: &Want<Crossed>| (want.field.get)(crossed);
            match crossed.out {
                Fact::Seen(_, Source::Packets) => values(&format!("packets {name}"), wants, get),
                _ => values(&format!("counters {name}"), wants, get),
            }
        }),
        Predicate::Row {
            relation,
            name,
            wants,
        } => seen.row(name, *relation).value().map(|row| {
            let name = format!("{} {name}", relation.word());
            values(&name, wants, |want| (want.field.get)(row))
        }),
        Predicate::Returned(_) | Predicate::Failed(_) => seen.made.map(|made| match made.outcome {
            Outcome::Failed(errno) => format!("failed {}", errno.name()),
            outcome => format!("returned {}", outcome.strace()),
        }),
        _ => None,
    };
    found.unwrap_or_else(|| seen.vars.fill(&held.at.text))
}

/// `NAME field=value …`
fn values<T>(name: &str, wants: &[Want<T>], get: impl Fn(&Want<T>) -> Fact<Value>) -> String {
    let shown = wants.iter().map(|want| {
        let field = want.field.name;
        match get(want) {
            Fact::Seen(value, _) => format!(" {field}={value}"),
            Fact::None => format!(" {field}=-"),
            Fact::Unknown(_) => String::new(),
        }
    });
    name.to_string() + &shown.collect::<String>()
}
