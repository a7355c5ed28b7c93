//! What is said of a fault that a program was seen to have: the texts of faults.toml.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::texts::TextFile;
use crate::model::{FAULTS, Found, Remark};

/// The texts of a course, by the ids of the faults.
#[derive(Debug)]
pub(crate) struct Faults {
    /// The built-in ones, and behind them a teacher's, which win.
    pub(super) files: Vec<TextFile>,
}

/// What a file says.
pub(super) type Entries = BTreeMap<String, Texts>;

/// What is said of one fault.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    /// It, in a few words.
    title: String,
    /// What happens because of it.
    means: String,
    #[serde(rename = "do")]
    advice: String,
    /// The chapter that teaches it.
    pub(super) read: String,
}

impl Faults {
    /// Says in the course's words what was found.
    pub(crate) fn explain(&self, found: &[Found]) -> Vec<Remark> {
        // They were checked when the course was; one that cannot be read says nothing.
        let files = self.files.iter().filter_map(|file| file.parse().ok());
        let texts: Entries = files.flat_map(Entries::into_iter).collect();
        let fault = |found: &Found| {
            let texts = texts.get(found.id).cloned().unwrap_or_else(|| Texts {
                title: found.id.into(),
                means: String::new(),
                advice: String::new(),
                read: String::new(),
            });
            Remark {
                id: found.id.into(),
                title: texts.title,
                means: texts.means,
                advice: texts.advice,
                read: texts.read,
                evidence: found.evidence.clone(),
            }
        };
        found.iter().map(fault).collect()
    }
}

/// Is there a fault of that id?
pub(super) fn is_fault(id: &str) -> bool {
    FAULTS.contains(&id)
}
