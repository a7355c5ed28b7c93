//! What this machine was asked before a lesson, and how it answered.

/// What it means for a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As a lesson wants it.
    Works,
    /// A lesson goes on, and shows less.
    Limited,
    /// No lesson without it.
    Missing,
}

impl Standing {
    /// The word of the screen and of the JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Standing::Works => "works",
            Standing::Limited => "limited",
            Standing::Missing => "missing",
        }
    }
}

/// One thing that the machine was asked by trying it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Examined {
    /// One of [`EXAMINED`], and one of its answers.
    pub id: &'static str,
    pub answer: &'static str,
    /// What was seen: a version, an error, a command line.
    pub seen: String,
}

/// The same in the course's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advised {
    pub examined: Examined,
    pub title: String,
    /// What it means for a lesson.
    pub means: String,
    /// What to change; nothing where all is well.
    pub advice: Option<String>,
}

impl Examined {
    pub(crate) fn new(id: &'static str, answer: &'static str, seen: impl Into<String>) -> Examined {
        let seen = seen.into();
        Examined { id, answer, seen }
    }

    /// What that answer means.
    pub(crate) fn standing(&self) -> Standing {
        standing(self.id, self.answer).unwrap_or(Standing::Missing)
    }
}

/// What that answer to that question means; `None` where there is no such.
pub(crate) fn standing(id: &str, answer: &str) -> Option<Standing> {
    let (_, answers) = EXAMINED.iter().find(|(known, _)| *known == id)?;
    let (_, standing) = answers.iter().find(|(known, _)| *known == answer)?;
    Some(*standing)
}

use Standing::{Limited, Missing, Works};

/// What is asked, in the order that it is told in, and what each answer means.
pub(crate) const EXAMINED: &[(&str, &[(&str, Standing)])] = &[
    ("kernel", &[("linux", Works)]),
    ("loopback", &[("up", Works), ("down", Missing)]),
    ("ipv6", &[("works", Works), ("refused", Limited)]),
    ("sock_diag", &[("works", Works), ("refused", Limited)]),
    (
        "bound",
        &[
            ("listed", Works),
            ("unlisted", Limited),
            ("refused", Limited),
        ],
    ),
    ("unix_diag", &[("works", Works), ("refused", Limited)]),
    (
        "proc",
        &[("all", Works), ("own", Limited), ("foreign", Limited)],
    ),
    ("pidfd_getfd", &[("works", Works), ("refused", Limited)]),
    ("inspect", &[("works", Works), ("refused", Limited)]),
    ("trace", &[("works", Works), ("refused", Limited)]),
    ("namespaces", &[("works", Works), ("refused", Limited)]),
    ("packets", &[("works", Works), ("refused", Limited)]),
    ("filters", &[("works", Works), ("refused", Limited)]),
    (
        "client",
        &[
            ("ctrl-d", Works),
            ("option", Works),
            ("ctrl-c", Limited),
            ("silent", Limited),
            ("none", Limited),
        ],
    ),
    (
        "terminal",
        &[("wide", Works), ("narrow", Limited), ("none", Limited)],
    ),
    ("colour", &[("on", Works), ("off", Limited)]),
    ("locale", &[("utf-8", Works), ("other", Limited)]),
];
