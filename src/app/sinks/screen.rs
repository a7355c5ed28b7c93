//! The screen.

use std::io;

use crate::cli::Options;
use crate::course::Track;
use crate::model::{Event, Scene, What};
use crate::render::{Block, Fit, Narrator, Printed};
use crate::run::Sink;
use crate::tty::Shared;

/// The screen.
pub(crate) struct Told<'a> {
    narrator: Narrator<'a>,
    /// `None` where the screen does not rest: all is printed at once.
    fit: Option<Fit>,
    screen: Shared,
}

impl Told<'_> {
    /// What the course says of it is told, too.
    pub(crate) fn on<'t>(screen: Shared, track: &'t Track, options: &Options) -> Told<'t> {
        Told {
            narrator: if options.states {
                Narrator::drawing_states(track)
            } else {
                Narrator::new(track)
            },
            fit: Some(Fit::default()),
            screen,
        }
    }

    /// The same where the screen never rests, and lines are typed below.
    pub(crate) fn at_once<'t>(screen: Shared, track: &'t Track, options: &Options) -> Told<'t> {
        Told {
            fit: None,
            ..Told::on(screen, track, options)
        }
    }
}

impl Sink for Told<'_> {
    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()> {
        let mut told = self.narrator.tell(event, scene);
        let live = told.live.take();
        let mut screen = self.screen.borrow_mut();
        let Some(fit) = &mut self.fit else {
            return screen.print(&Fit::default().take(told, None).now);
        };
        let Printed { now, later } = fit.take(told, screen.room());
        if screen.has_more() && matches!(event.what, What::Machine(_)) {
            // What waits was seen before.
            screen.print_later(now);
        } else {
            screen.print(&now)?;
        }
        screen.print_later(later);
        match live {
            Some(line) => screen.live(&line),
            None => Ok(()),
        }
    }
}

/// The screen, where all that is told is printed at once.
pub(crate) struct Printing<F> {
    /// What an event adds to it.
    pub tell: F,
    pub screen: Shared,
}

impl<F: FnMut(&Event, &Scene) -> Vec<Block>> Sink for Printing<F> {
    fn emit(&mut self, event: &Event, scene: &Scene) -> io::Result<()> {
        let blocks = (self.tell)(event, scene);
        self.screen.borrow_mut().print(&blocks)
    }
}
