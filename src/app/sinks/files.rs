//! What is written beside what is shown.

use std::fs::File;
use std::path::Path;
use std::rc::Rc;

use super::super::page::Page;
use super::lines::{JsonLines, output};
use super::packets::Packets;
use super::report::ReportFile;
use crate::cli::Options;
use crate::error::Error;
use crate::model::Address;
use crate::run::Sink;
use crate::sys::Signals;

/// What is written beside what is shown: files, and the page for the class.
pub(crate) struct Files {
    json: Option<File>,
    report: Option<File>,
    packets: Option<File>,
    page: Option<Page>,
}

impl Files {
    /// Creates them: before signals are watched, for to open a pipe that nobody reads
    /// takes for ever. `addr` is that of the run, if it has one.
    pub(crate) fn create(
        options: &Options,
        addr: Option<Address>,
        page: Option<Page>,
    ) -> Result<Files, Error> {
        if let Some(page) = &page {
            page.announce(options, addr)?;
        }
        Ok(Files {
            json: options.json_file().map(create).transpose()?,
            report: options.report.as_deref().map(create).transpose()?,
            packets: options.pcap.as_deref().map(create).transpose()?,
            page,
        })
    }

    /// Who writes them, each event at once.
    pub(crate) fn sinks(self, signals: &Rc<Signals>) -> Result<Vec<Box<dyn Sink>>, Error> {
        self.written(signals, |file| JsonLines::to(file, signals, None))
    }

    /// The same, many events at a time.
    pub(crate) fn in_bulk(self, signals: &Rc<Signals>) -> Result<Vec<Box<dyn Sink>>, Error> {
        self.written(signals, |file| JsonLines::in_bulk(file, signals))
    }

    fn written(
        self,
        signals: &Rc<Signals>,
        lines: impl Fn(&File) -> Result<JsonLines, Error>,
    ) -> Result<Vec<Box<dyn Sink>>, Error> {
        let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
        if let Some(file) = &self.json {
            sinks.push(Box::new(lines(file)?));
        }
        if let Some(file) = &self.report {
            sinks.push(Box::new(ReportFile::to(output(file, signals)?)));
        }
        if let Some(file) = &self.packets {
            sinks.push(Box::new(Packets::in_file(file)?));
        }
        if let Some(page) = self.page {
            sinks.push(Box::new(JsonLines::writing(Box::new(page), None)));
        }
        Ok(sinks)
    }
}

/// Creates a file, or empties it.
pub(crate) fn create(path: &Path) -> Result<File, Error> {
    File::create(path).map_err(Error::system(format!("writing to {}", path.display())))
}
