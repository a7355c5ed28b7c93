//! What a learner has done: which chapters were finished, which beliefs were
//! met, missed and later answered right. A small file in the XDG state
//! directory, changed under a lock and replaced as a whole, so that it is never
//! half written and no run loses what another one kept.
//!
//! Nothing here stops a lesson: a file that cannot be read or written is said,
//! and the run goes on without it.

mod file;
mod held;
mod journal;
mod lock;
mod place;
mod read;
mod store;
mod trouble;
mod types;

pub use journal::{Answer, Journal};
pub use place::NoPlace;
pub use store::{Loaded, Store};
pub use trouble::Trouble;
pub use types::{Belief, Finished, Last, Progress, Standing, VERSION};
