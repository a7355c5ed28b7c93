//! JSON lines.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::rc::Rc;

use crate::error::Error;
use crate::model::{Event, Scene};
use crate::render::{clean_json, json_line};
use crate::run::Sink;
use crate::sys::Signals;
use crate::tty::{Output, Shared};

/// JSON lines.
pub(crate) struct JsonLines {
    out: Box<dyn Write>,
    /// The one that is written: to make room for each would take long.
    line: Vec<u8>,
    /// Where the learner is asked, if that may be the same terminal.
    asking: Option<Shared>,
}

impl JsonLines {
    /// Writes each there at once.
    pub(crate) fn to(
        to: &impl AsFd,
        signals: &Rc<Signals>,
        asking: Option<Shared>,
    ) -> Result<JsonLines, Error> {
        let out = Box::new(output(to, signals)?);
        Ok(JsonLines::writing(out, asking))
    }

    /// Writes them there many at a time.
    pub(crate) fn in_bulk(to: &impl AsFd, signals: &Rc<Signals>) -> Result<JsonLines, Error> {
        let out = Box::new(BufWriter::with_capacity(BULK, output(to, signals)?));
        Ok(JsonLines::writing(out, None))
    }

    pub(super) fn writing(out: Box<dyn Write>, asking: Option<Shared>) -> JsonLines {
        let line = Vec::new();
        JsonLines { out, line, asking }
    }
}

/// So many bytes of lines are kept back at the most.
const BULK: usize = 64 * 1024;

pub(super) fn output(to: &impl AsFd, signals: &Rc<Signals>) -> Result<Output, Error> {
    let out = Output::new(to.as_fd(), Some(signals.clone()));
    out.map_err(Error::output("writing to the output"))
}

impl Sink for JsonLines {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        if let Some(asking) = &self.asking {
            asking.borrow_mut().clear_below()?;
        }
        self.line.clear();
        json_line(event, &mut self.line);
        let line = str::from_utf8(&self.line).unwrap_or_default();
        if let Cow::Owned(cleaned) = clean_json(line) {
            self.line = cleaned.into_bytes();
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
