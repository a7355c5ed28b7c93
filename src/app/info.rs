//! What a run says of itself when it begins.

use std::ffi::OsString;
use std::time::Duration;

use rustix::system::uname;

use crate::model::{RunInfo, RunKind, WalkInfo};
use crate::sys;

/// What a run of that kind says of itself.
pub(super) fn info(argv: &[OsString], kind: RunKind, walk: Option<WalkInfo>) -> RunInfo {
    let words = argv.iter().map(|word| word.to_string_lossy().into_owned());
    RunInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        kernel: uname().release().to_string_lossy().into_owned(),
        argv: words.collect(),
        // No finer than it is saved.
        began: Duration::from_micros(sys::time_of_day().as_micros() as u64),
        kind,
        walk,
    }
}
