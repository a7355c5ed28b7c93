//! Events in, text out: pure. A document is written with roles ("label",
//! "call", "bad"), laid out to a width, and painted by whoever prints it.

mod calls;
mod changes;
mod check;
mod clean;
mod columns;
mod crowd;
mod doc;
mod fact;
mod facts;
mod files;
mod fit;
mod grades;
mod json;
mod languages;
mod layout;
mod listing;
mod lists;
mod markdown;
mod narrate;
mod program;
mod progress;
mod rows;
mod tables;
mod threads;
mod trouble;

pub use check::{fault, judged, review, score};
pub use clean::{clean, clean_json, clean_lines};
pub use doc::{Block, Line, NO_BREAK, Role, Span, label, muted, paragraph, plain, strong};
pub use fit::{Fit, Printed, Room};
pub use grades::{gradescope, junit};
pub use json::{json_line, json_schema, sight_line};
pub use layout::{Page, layout};
pub use lists::{chapter_text, greeting, guide, track_lines, track_list};
pub use narrate::{Narrator, ProgramNarrator};
pub use program::sight;
pub use progress::progress;
pub use trouble::report;
