//! `socklab report`: a saved run as an HTML page.

use std::io::{self, Write};
use std::path::Path;

use super::saved;
use super::sinks::create;
use crate::error::Error;
use crate::render::Report;

/// Makes the page of a saved run, in that file or on the standard output.
pub(super) fn report(run: &Path, to: Option<&Path>) -> Result<(), Error> {
    let mut report = Report::default();
    saved::each(run, |event, scene| {
        report.take(&event, scene);
        Ok(())
    })?;
    let page = report.page();
    let mut out: Box<dyn Write> = match to {
        Some(path) => Box::new(create(path)?),
        None => Box::new(io::stdout()),
    };
    let written = out.write_all(page.as_bytes()).and_then(|()| out.flush());
    written.map_err(Error::output("writing the report"))
}
