//! The director of a lesson: chapters, steps, questions, expectations, and what can
//! be done about a failure, in their order.

mod chapters;
mod diagnose;
mod failure;
#[allow(
    clippy::module_inception,
    reason = "the struct Lesson has a file of its own"
)]
mod lesson;
mod question;
mod step;
mod verdict;

pub(crate) use lesson::{Lesson, Plan};
