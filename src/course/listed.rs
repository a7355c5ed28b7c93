//! What a course's own file says: course.toml.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::translation::CourseWords;
use crate::model::{Domain, Kind, Side};

/// What a course's own file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CourseFile {
    pub title: String,
    /// The only track's files without `.md`, in teaching order.
    #[serde(default)]
    pub chapters: Vec<String>,
    /// Or several tracks.
    #[serde(default)]
    pub track: Vec<TrackEntry>,
    /// Files of the folder `languages`, without `.toml`, in the order to show.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Files of the folder `goals`, without `.toml`; none: `server` and `client`.
    #[serde(default)]
    pub goals: Vec<String>,
    /// What the course puts right: a belief's id and what is believed.
    #[serde(default)]
    pub beliefs: BTreeMap<String, String>,
}

/// One of its tracks.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrackEntry {
    pub id: String,
    pub title: String,
    pub role: Side,
    #[serde(deserialize_with = "parsed")]
    pub domain: Domain,
    #[serde(rename = "type", deserialize_with = "parsed")]
    pub kind: Kind,
    pub chapters: Vec<String>,
    #[serde(default)]
    pub extras: Vec<String>,
    #[serde(default)]
    pub claims: Vec<String>,
}

/// A word that stands for a `T`.
fn parsed<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

impl TrackEntry {
    /// Its files without `.md`.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.chapters.iter().chain(&self.extras).chain(&self.claims)
    }
}

impl CourseFile {
    /// What a translation may say otherwise.
    pub(super) fn names(&mut self) -> CourseWords<'_> {
        let tracks = self.track.iter_mut();
        CourseWords {
            title: &mut self.title,
            tracks: tracks.map(|it| (&*it.id, &mut it.title)).collect(),
            beliefs: &mut self.beliefs,
        }
    }

    /// Its tracks; a course that names none has one, a TCP server's.
    pub(super) fn tracks(&self) -> Vec<TrackEntry> {
        if !self.track.is_empty() {
            return self.track.clone();
        }
        vec![TrackEntry {
            id: "server".into(),
            title: self.title.clone(),
            role: Side::Server,
            domain: Domain::Inet,
            kind: Kind::Stream,
            chapters: self.chapters.clone(),
            extras: Vec::new(),
            claims: Vec::new(),
        }]
    }
}
