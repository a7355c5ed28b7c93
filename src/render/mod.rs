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
mod html;
mod json;
mod ladder;
mod languages;
mod layout;
mod listing;
mod lists;
mod markdown;
mod narrate;
mod program;
mod progress;
mod prompt;
mod rows;
mod states;
mod tables;
mod threads;
mod trouble;

pub(crate) use check::CheckNarrator;
pub(crate) use clean::{clean, clean_json, clean_lines};
pub(crate) use doc::{Block, Line, NO_BREAK, Role, Span, label, muted, paragraph, plain, strong};
pub(crate) use fit::{Fit, Printed, Room};
pub(crate) use grades::{gradescope, junit};
pub(crate) use html::Report;
pub(crate) use json::{json_line, json_schema, sight_line};
pub(crate) use layout::{Page, layout};
pub(crate) use lists::{chapter_text, greeting, guide, track_lines, track_list};
pub(crate) use narrate::{Narrator, ProgramNarrator};
pub(crate) use program::sight;
pub(crate) use progress::progress;
pub(crate) use prompt::{hint, pause_line, prompt_line, replay_line};
pub(crate) use trouble::report;
