//! The report.

use std::io::{self, Write};

use crate::model::{Event, RunEvent, Scene, What};
use crate::render::Report;
use crate::run::Sink;
use crate::tty::Output;

/// The report, which is written when the run has ended.
pub(super) struct ReportFile {
    report: Report,
    /// `None`: it is written.
    out: Option<Output>,
}

impl ReportFile {
    /// Nothing has been told yet.
    pub(super) fn to(out: Output) -> ReportFile {
        ReportFile {
            report: Report::default(),
            out: Some(out),
        }
    }

    fn write(&mut self) -> io::Result<()> {
        match self.out.take() {
            Some(mut out) => out.write_all(self.report.page().as_bytes()),
            None => Ok(()),
        }
    }
}

impl Sink for ReportFile {
    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()> {
        self.report.take(event, scene);
        match &event.what {
            What::Run(RunEvent::End(_)) => self.write(),
            _ => Ok(()),
        }
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        // The run could not tell its end; nobody is left who would be told of an error.
        let _ = self.write();
    }
}
