//! What looks wrong with a running program, with the evidence.

use super::{Change, Finding, Holder, Program};

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub finding: Finding,
    /// The sockets that show it.
    pub fds: Vec<i32>,
    /// What of each shows it: names of [`super::SOCKET_FIELDS`].
    pub fields: &'static [&'static str],
}

/// A fault, and what the course says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    pub fault: Fault,
    /// What it means, in a sentence.
    pub meaning: String,
    /// What to do, a sentence each.
    pub advice: Vec<String>,
    /// The chapter that tells more, if the course has it.
    pub chapter: Option<String>,
    /// It looked just so before.
    pub is_known: bool,
}

/// A look at a running program.
#[derive(Clone, Debug)]
pub(crate) struct Inspected {
    pub program: Program,
    /// The look before.
    pub before: Option<Program>,
    /// What differs in its sockets.
    pub changes: Vec<Change>,
    pub diagnoses: Vec<Diagnosis>,
    /// What looked wrong before, and does not any more.
    pub over: Vec<Diagnosis>,
}

impl Inspected {
    /// Does it differ from the look before?
    fn is_news(&self) -> bool {
        let Some(before) = &self.before else {
            return true;
        };
        let is_new = |it: &Diagnosis| !it.is_known;
        !self.changes.is_empty()
            || !self.over.is_empty()
            || self.diagnoses.iter().any(is_new)
            || before.doing() != self.program.doing()
    }
}

/// What was seen where somebody looked.
#[derive(Clone, Debug)]
pub(crate) enum Sight {
    Program(Box<Inspected>),
    /// The program has ended since the look before.
    Ended {
        pid: u32,
        name: String,
    },
    /// What is at a port that no process holds that can be seen.
    Port {
        port: u16,
        others: Vec<Holder>,
    },
}

impl Sight {
    /// Does it differ from what was seen there before?
    pub(crate) fn is_news(&self) -> bool {
        match self {
            Sight::Program(inspected) => inspected.is_news(),
            Sight::Ended { .. } | Sight::Port { .. } => true,
        }
    }
}
