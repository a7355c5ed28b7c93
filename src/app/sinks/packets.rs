//! A file of packets.

use std::fs::File;
use std::io::{self, Write};

use crate::error::Error;
use crate::model::{Event, Scene};
use crate::render::Pcapng;
use crate::run::Sink;

/// A file of packets.
pub(super) struct Packets {
    file: File,
    pcapng: Pcapng,
}

impl Packets {
    /// In a file that is there already.
    pub(super) fn in_file(file: &File) -> Result<Packets, Error> {
        let file = file.try_clone();
        let mut file = file.map_err(Error::output("writing packets"))?;
        let mut pcapng = Pcapng::default();
        let begun = file.write_all(&pcapng.head());
        begun.map_err(Error::output("writing packets"))?;
        Ok(Packets { file, pcapng })
    }
}

impl Sink for Packets {
    fn emit(&mut self, event: &Event, _: &Scene) -> io::Result<()> {
        self.file.write_all(&self.pcapng.take(event))
    }
}
