//! The terminal: printing, painting, keys, menus. The only user of console and
//! dialoguer.

mod clock;
mod input;
mod keys;
mod menu;
mod numbered_list;
mod paint;
mod poller;
mod screen;

pub use clock::Clock;
pub use keys::Keys;
pub use menu::pick;
pub use paint::Colour;
pub use screen::{Screen, Shared, print_to_stderr};
