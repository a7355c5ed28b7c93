//! Free play: any call, typed or read, by any actor. What happens in what order.

mod act;
mod ask;
mod expect;
mod line;
mod save;
#[allow(
    clippy::module_inception,
    reason = "the struct Shell has a file of its own"
)]
mod shell;
mod state;
mod what;

pub(crate) use shell::Shell;
pub(crate) use state::Plan;
