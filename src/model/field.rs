//! What can be seen of a thing, field by field: the one list that JSON, changes,
//! expectations, the screen and the teacher's documentation read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{AcceptQueue, Address, Cred, Fact, Owner, PathFile, TcpState, Timer};

/// One field of a `T`.
#[derive(Debug)]
pub(crate) struct Field<T> {
    /// As JSON, changes and expectations spell it.
    pub name: &'static str,
    /// As the screen spells it.
    pub label: &'static str,
    pub get: fn(&T) -> Fact<Value>,
    /// A change of it is told. Timers and counters run by themselves: theirs is not.
    pub told: bool,
    /// What its values tell: chapters/README.md has the same words, as a test sees to.
    pub tells: &'static str,
}

impl<T> Field<T> {
    /// A field whose changes are not told.
    pub(crate) const fn new(
        name: &'static str,
        label: &'static str,
        get: fn(&T) -> Fact<Value>,
        tells: &'static str,
    ) -> Field<T> {
        let told = false;
        Field {
            name,
            label,
            get,
            told,
            tells,
        }
    }

    /// A field whose changes are told.
    pub(crate) const fn told(
        name: &'static str,
        label: &'static str,
        get: fn(&T) -> Fact<Value>,
        tells: &'static str,
    ) -> Field<T> {
        Field {
            told: true,
            ..Field::new(name, label, get, tells)
        }
    }
}

impl<T: Clone> Fact<T> {
    /// The same fact as the value of a field.
    pub(crate) fn show(&self, make: fn(T) -> Value) -> Fact<Value> {
        self.clone().map(make)
    }
}

/// The value of a field. Displayed, it is spelled as in changes and expectations;
/// serialized, as in JSON.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Number(u64),
    Micros(u32),
    /// An option: on or off.
    Switch(bool),
    /// A statement: yes or no.
    Is(bool),
    Word(Cow<'static, str>),
    /// A socket by its inode.
    Inode(u64),
    #[serde(serialize_with = "as_shown")]
    State(TcpState),
    #[serde(serialize_with = "as_shown")]
    Address(Address),
    Queue(AcceptQueue),
    Cred(Cred),
    Timer(Timer),
    Owner(Owner),
    /// A row as `ss` prints it.
    Listed {
        state: &'static str,
        recv_q: u32,
        send_q: u32,
    },
    File(PathFile),
}

impl Value {
    /// Is it what everything begins with: 0, or off?
    pub(crate) fn is_zero(&self) -> bool {
        matches!(self, Value::Number(0) | Value::Switch(false))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Micros(micros) => write!(f, "{micros} µs"),
            Value::Switch(on) => f.write_str(if *on { "on" } else { "off" }),
            Value::Is(true) => f.write_str("yes"),
            Value::Is(false) => f.write_str("no"),
            Value::Word(word) => f.write_str(word),
            Value::Inode(inode) => write!(f, "socket:[{inode}]"),
            Value::State(state) => write!(f, "{state}"),
            Value::Address(address) => write!(f, "{address}"),
            Value::Queue(queue) => write!(f, "{queue}"),
            Value::Cred(cred) => write!(f, "{cred}"),
            Value::Timer(timer) => write!(f, "{timer}"),
            Value::Owner(owner) => write!(f, "{owner}"),
            Value::Listed { .. } => f.write_str("listed"),
            Value::File(file) => write!(f, "{file}"),
        }
    }
}

fn as_shown<V: fmt::Display, S: Serializer>(value: &V, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// What is told as text, in JSON a string: written without making one first.
pub(crate) struct Shown<T>(pub T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        as_shown(&self.0, to)
    }
}

/// A thing as JSON, field by field: what is not there or not known is null, and why
/// it is not known stands under `unknown`.
pub(crate) struct Record<'a, T: 'static> {
    /// What it is known by, and its name there.
    pub own: Option<(&'static str, Value)>,
    pub fields: &'static [Field<T>],
    pub of: &'a T,
    /// Says under `via` which interface said what.
    pub via: bool,
}

impl<T> Serialize for Record<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        if let Some((name, own)) = &self.own {
            map.serialize_entry(name, own)?;
        }
        let (mut unknown, mut via) = (BTreeMap::new(), BTreeMap::new());
        for field in self.fields {
            let fact = (field.get)(self.of);
            map.serialize_entry(field.name, &fact.value())?;
            match fact {
                Fact::Seen(_, source) if self.via => drop(via.insert(field.name, source.name())),
                Fact::Unknown(why) => drop(unknown.insert(field.name, Shown(why))),
                Fact::None | Fact::Seen(..) => {}
            }
        }
        if !unknown.is_empty() {
            map.serialize_entry("unknown", &unknown)?;
        }
        if self.via {
            map.serialize_entry("via", &via)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CROSSED_FIELDS, PROCESS_FIELDS, ROW_FIELDS, SOCKET_FIELDS};

    /// The teachers' manual has exactly the rows of the table.
    fn assert_documented<T>(of: &str, fields: &[Field<T>]) {
        let mut table = format!("| field of {of} | values |\n|---|---|\n");
        for field in fields {
            table.push_str(&format!("| `{}` | {} |\n", field.name, field.tells));
        }
        table.push('\n');
        let manual = include_str!("../../chapters/README.md");
        assert!(manual.contains(&table), "chapters/README.md:\n{table}");
    }

    #[test]
    fn every_field_is_in_the_manual() {
        assert_documented("a socket", SOCKET_FIELDS);
        assert_documented("a row", ROW_FIELDS);
        assert_documented("a process", PROCESS_FIELDS);
        assert_documented("packets", CROSSED_FIELDS);
    }
}
