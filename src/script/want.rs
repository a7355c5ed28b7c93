//! What is wanted of the fields of something: `field=value`, by the table of its fields.

use super::known::known;
use crate::model::Field;

/// A `field=value`. Values separated by `|` are alternatives; `-` is
/// "nothing", `*` is "anything but nothing".
#[derive(Clone, Debug)]
pub(crate) struct Want<T: 'static> {
    pub field: &'static Field<T>,
    pub values: Vec<String>,
}

/// A name, and what is wanted of what has it.
pub(super) fn named<T>(
    rest: &[String],
    fields: &'static [Field<T>],
) -> Result<(String, Vec<Want<T>>), String> {
    let (name, rest) = rest.split_first().ok_or("a name is missing")?;
    Ok((name.clone(), wants(rest, fields)?))
}

pub(super) fn wants<T>(
    words: &[String],
    fields: &'static [Field<T>],
) -> Result<Vec<Want<T>>, String> {
    if words.is_empty() {
        return Err("nothing is expected of it; write field=value".into());
    }
    let want = |word: &String| {
        let split = word.split_once('=');
        let (name, value) = split.ok_or_else(|| format!("'{word}' is not field=value"))?;
        Ok(Want {
            field: known("field", name, fields, |field| field.name)?,
            values: alternatives(value),
        })
    };
    words.iter().map(want).collect()
}

pub(super) fn alternatives(value: &str) -> Vec<String> {
    value.split('|').map(str::to_string).collect()
}
