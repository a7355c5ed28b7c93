//! `socklab inspect`: looks, prints, and with `--watch` looks again.

use std::time::{Duration, Instant};

use super::print::{print_json, screen};
use super::terminal::watched;
use crate::cli::Options;
use crate::course::Course;
use crate::error::Error;
use crate::inspect::Inspection;
use crate::model::{Ended, Target};
use crate::render::{sight, sight_line};
use crate::sys;
use crate::tty::{Poller, Woken};

/// Looks at the programs that were asked for, once or after each `watch` again.
pub(super) fn inspect(
    course: &Course,
    target: Target,
    watch: Option<Duration>,
    options: &Options,
) -> Result<Ended, Error> {
    let began = Instant::now();
    // Every track has the same explanations.
    let Some(track) = course.tracks.first() else {
        return Err(Error::Course("the course has no track".into()));
    };
    let signals = watch.map(|_| watched()).transpose()?;
    let mut screen = screen(options, signals.clone())?;
    let poller = signals.map(Poller::new);
    let mut inspection = Inspection::new(target, &track.explain);
    let mut seq = 0;
    loop {
        let at = began.elapsed();
        let is_first = seq == 0;
        for seen in inspection.look()?.iter().filter(|seen| seen.is_news()) {
            if options.json_only() {
                print_json(&[sight_line(seq, at, seen)])?;
            } else {
                let blocks = sight(course, at, seen);
                let printed = screen.print(&blocks);
                printed.map_err(Error::output("writing to the output"))?;
            }
            seq += 1;
        }
        if let Some(missing) = inspection.missing().filter(|_| is_first) {
            return Err(missing);
        }
        let (Some(poller), Some(pause), false) = (&poller, watch, inspection.is_over()) else {
            return Ok(Ended::Done);
        };
        if let Some(signal) = rest(poller, pause)? {
            return Ok(Ended::Interrupted { signal });
        }
    }
}

/// Lets that time pass. A signal that asks to end is given back.
fn rest(poller: &Poller, pause: Duration) -> Result<Option<i32>, Error> {
    let began = Instant::now();
    loop {
        let left = pause.saturating_sub(began.elapsed());
        // That nobody reads the output any more is seen between two waits.
        let woken = poller.wait(&[], Some(left.min(Duration::from_secs(1))));
        match woken.map_err(Error::output("waiting for the next look"))? {
            Woken::Interrupted(signal) => return Ok(Some(signal)),
            Woken::Stop => sys::stop_self(),
            Woken::Ready(_) if began.elapsed() >= pause => return Ok(None),
            Woken::Ready(_) => {}
        }
    }
}
