//! How a try went.

use std::io;

use crate::model::{Errno, Examined};

/// What works, or the error that says why not.
pub(super) fn tried<T>(id: &'static str, works: &str, tried: io::Result<T>) -> Examined {
    match tried {
        Ok(_) => Examined::new(id, "works", works),
        Err(error) => Examined::new(id, "refused", said(&error)),
    }
}

/// The error's name.
pub(super) fn said(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(errno) => Errno(errno).name(),
        None => error.to_string(),
    }
}
