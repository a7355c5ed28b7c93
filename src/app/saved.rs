//! A saved run, read from its file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::print::complain;
use crate::error::Error;
use crate::model::{Event, Scene};
use crate::record::{Saved, Skipped};
use crate::words::say;

/// A line of a run is never so long, in bytes: what has no line breaks is no run.
const LONGEST: u64 = 64 << 20;

/// Gives every event of the file to `take`, with the scene as it is after it. What was
/// skipped is said.
pub(super) fn each(
    path: &Path,
    mut take: impl FnMut(Event, &Scene) -> Result<(), Error>,
) -> Result<(), Error> {
    let name = path.display();
    let reading = || Error::system(format!("reading {name}"));
    let mut file: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(path).map_err(reading())?))
    };
    let mut saved = Saved::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let mut part = Read::take(&mut file, LONGEST);
        if part.read_until(b'\n', &mut line).map_err(reading())? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let is_cut = line.last() != Some(&b'\n') && number > 1;
        match saved.take(&line) {
            Ok(Some(event)) => take(event, &saved.scene)?,
            Ok(None) => {}
            // The run was ended while it wrote.
            Err(_) if is_cut && (line.len() as u64) < LONGEST => {
                complain(say!("saved-cut-off", file = name, line = number));
            }
            Err(why) => return Err(Error::NotThere(format!("{name}:{number}: {why}"))),
        }
    }
    if !saved.has_begun() {
        return Err(Error::NotThere(format!("{name} has no line of a run")));
    }
    say_skipped(&saved.skipped);
    Ok(())
}

fn say_skipped(skipped: &Skipped) {
    let kinds = skipped
        .iter()
        .map(|(kind, count)| format!("{kind} ({count})"));
    let kinds: Vec<String> = kinds.collect();
    if !kinds.is_empty() {
        let kinds = kinds.join(", ");
        complain(say!("saved-unknown", kinds = kinds));
    }
}
