//! The terminal: printing, painting, keys, menus. The only user of console and
//! dialoguer.

mod clock;
mod keys;
mod menu;
mod numbered;
mod paint;
mod screen;
mod waiter;

pub use clock::Clock;
pub use keys::Keys;
pub use menu::pick;
pub use paint::Colour;
pub use screen::{Screen, Shared, print_to_stderr};
