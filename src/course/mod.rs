//! The course as data: chapters are Markdown files with TOML front matter,
//! embedded in the binary or loaded from a teacher's folder.

mod about;
mod advice;
mod blocks;
mod built_in;
mod chapter;
mod check;
mod claim;
mod explain;
mod faults;
mod fenced;
mod file;
mod front;
mod goals;
mod language;
mod listed;
mod load;
mod parse;
mod problem;
mod question;
mod said;
mod texts;
mod topic;
mod track;
mod translation;
mod types;

pub(crate) use about::{Taught, Touched};
pub(crate) use chapter::{Chapter, RequiredPeer};
pub(crate) use check::{check, lacking, reaches};
pub(crate) use explain::Explanations;
pub(crate) use faults::Faults;
pub(crate) use goals::{Goal, Goals, Played};
pub(crate) use load::{embedded, from_dir, translations};
pub(crate) use problem::Problem;
pub(crate) use question::Question;
pub(crate) use topic::Topic;
pub(crate) use track::{Course, Track, Wanted};
pub(crate) use types::{Step, When};
