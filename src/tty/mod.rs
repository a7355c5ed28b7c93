//! The terminal: printing, painting, keys, menus. The only user of console and
//! dialoguer.

mod clock;
mod editor;
mod hint;
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

pub use clock::Clock;
pub use editor::Editor;
pub use keys::{Keys, pick};
pub use output::Output;
pub use paint::Colour;
pub use piped::Piped;
pub use poller::{Poller, Woken};
pub use screen::{Looks, Screen, Shared, print_to_stderr};
