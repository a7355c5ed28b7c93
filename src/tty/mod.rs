//! The terminal: printing, painting, keys, menus. The only user of console and
//! dialoguer.

mod clock;
mod hint;
mod input;
mod keys;
mod list;
mod menu;
mod output;
mod paint;
mod poller;
mod port;
mod screen;

pub use clock::Clock;
pub use keys::{Keys, pick};
pub use output::Output;
pub use paint::Colour;
pub use poller::{Poller, Woken};
pub use screen::{Looks, Screen, Shared, print_to_stderr};
