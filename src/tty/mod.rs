//! The terminal: printing, painting, keys, menus. The only user of console and
//! dialoguer.

mod clock;
mod editor;
mod history;
mod input;
mod keys;
mod list;
mod menu;
mod output;
mod paint;
mod piped;
mod poller;
mod port;
mod screen;

pub(crate) use clock::Clock;
pub(crate) use editor::Editor;
pub(crate) use keys::{Keys, pick};
pub(crate) use output::Output;
pub(crate) use paint::Colour;
pub(crate) use piped::Piped;
pub(crate) use poller::{Poller, Woken};
pub(crate) use screen::{Looks, Screen, Shared, print_to_stderr};
