//! A fact in words, and whose facts are told.

use crate::model::{Fact, Timer, Value, Why};
use crate::words::{name_of, say};

/// Whose facts are shown, and what the other end is called.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub actor: &'a str,
    /// Which end of the connections is told: what no process holds any more has this
    /// name, whoever closed it.
    pub side: &'a str,
    /// `None`: by the program that holds it.
    pub peer: Option<&'a str>,
}

/// Why something is not known, in the learner's language.
pub(super) fn reason(why: &Why) -> String {
    let said = why.to_string();
    let words = why.words().unwrap_or_default();
    let start = said.strip_suffix(words).unwrap_or_default();
    format!("{start}{}", name_of("why", words))
}

/// A fact as it is shown.
pub(super) fn or_why<T>(fact: &Fact<T>, show: impl Fn(&T) -> String) -> String {
    match fact {
        Fact::Unknown(why) => say!("not-available", why = reason(why)),
        known => known.as_ref().map(show).to_string(),
    }
}

/// A value as it is shown.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Switch(_) | Value::Is(_) => name_of("value", &value.to_string()),
        Value::Timer(timer) => timer_of(*timer),
        other => other.to_string(),
    }
}

/// `timewait in 59.9 s`
pub(super) fn timer_of(timer: Timer) -> String {
    let seconds = format!("{:.1}", f64::from(timer.expires_ms) / 1000.0);
    say!(
        "timer",
        kind = name_of("timer", timer.kind),
        seconds = seconds
    )
}
