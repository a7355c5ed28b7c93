//! The course as data: chapters are Markdown files with TOML front matter,
//! embedded in the binary or loaded from a teacher's folder.

mod blocks;
mod chapter;
mod check;
mod explain;
mod faults;
mod file;
mod goals;
mod language;
mod load;
mod parse;
mod problem;
mod question;
mod topic;
mod track;
mod types;

pub use chapter::{Chapter, RequiredPeer};
pub use check::{check, reaches};
pub use explain::Explanations;
pub use faults::Faults;
pub use goals::{Goal, Goals, Played};
pub use load::{embedded, from_dir};
pub use problem::Problem;
pub use question::Question;
pub use topic::Topic;
pub use track::{Course, Track, Wanted};
pub use types::{Step, When};
