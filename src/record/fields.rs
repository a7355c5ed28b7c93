//! The fields of a JSON object, by name.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::model::{Errno, Fact, Source, Why};

/// An object of JSON. What is missing reads as null.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub &'a Map<String, Json>);

impl<'a> Fields<'a> {
    /// The object that `json` is.
    pub(super) fn of(json: &'a Json) -> Result<Fields<'a>, String> {
        json.as_object().map(Fields).ok_or("no object".into())
    }

    pub(super) fn json(&self, name: &str) -> &'a Json {
        self.0.get(name).unwrap_or(&Json::Null)
    }

    /// A field as the type that is wanted.
    pub(super) fn get<T: Deserialize<'a>>(&self, name: &str) -> Result<T, String> {
        T::deserialize(self.json(name)).map_err(|error| format!("\"{name}\": {error}"))
    }

    /// A switch, which is off where it is not said.
    pub(super) fn is(&self, name: &str) -> bool {
        self.json(name) == &Json::Bool(true)
    }

    /// A string that `read` can read.
    pub(super) fn read<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        let word: &str = self.get(name)?;
        read(word).ok_or_else(|| format!("\"{name}\": '{word}' says nothing here"))
    }

    /// The same, or null.
    pub(super) fn read_if<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        if self.json(name).is_null() {
            return Ok(None);
        }
        self.read(name, read).map(Some)
    }

    /// Objects of an array, each read by `read`.
    pub(super) fn all<T>(
        &self,
        name: &str,
        read: impl Fn(Fields<'a>) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let Json::Array(all) = self.json(name) else {
            return Err(format!("\"{name}\": no array"));
        };
        let all = all.iter().map(|it| Fields::of(it).and_then(&read));
        let all: Result<Vec<T>, String> = all.collect();
        all.map_err(|error| format!("\"{name}\": {error}"))
    }

    /// What is known of a fact; its reason stands under `unknown`, its source under `via`.
    pub(super) fn fact<T>(
        &self,
        name: &str,
        read: impl Fn(&'a Json) -> Option<T>,
    ) -> Result<Fact<T>, String> {
        let json = self.json(name);
        if !json.is_null() {
            let value =
                read(json).ok_or_else(|| format!("\"{name}\": {json} says nothing here"))?;
            let via = self.json("via")[name].as_str();
            let via = via.and_then(Source::of_word).unwrap_or(Source::Proc);
            return Ok(Fact::Seen(value, via));
        }
        let why = self.json("unknown")[name].as_str();
        Ok(why.map_or(Fact::None, |why| Fact::Unknown(reason(why))))
    }

    /// A fact that is a number.
    pub(super) fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<Fact<T>, String> {
        self.fact(name, |json| T::try_from(json.as_u64()?).ok())
    }

    /// A fact that is on or off, or so or not so.
    pub(super) fn flag(&self, name: &str) -> Result<Fact<bool>, String> {
        self.fact(name, Json::as_bool)
    }

    /// A fact that is a word.
    pub(super) fn word<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Fact<T>, String> {
        self.fact(name, |json| read(json.as_str()?))
    }
}

/// `sock_diag: EPERM: what that means here`
fn reason(why: &str) -> Why {
    let (via, rest) = why.split_once(": ").unwrap_or((why, ""));
    let (name, note) = rest.split_once(": ").unwrap_or((rest, ""));
    let errno = errno(name);
    let note = if errno.is_some() { note } else { rest };
    let note = (!note.is_empty()).then(|| note.to_string().into());
    let via = Source::of_word(via).unwrap_or(Source::Proc);
    Why::new(via, errno, note)
}

/// `EPERM`, or `errno 999` of one that has no name.
pub(super) fn errno(name: &str) -> Option<Errno> {
    let number = || name.strip_prefix("errno ")?.parse().ok().map(Errno);
    Errno::from_name(name).or_else(number)
}
