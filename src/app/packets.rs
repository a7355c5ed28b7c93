//! Packets, where they are asked for.

use crate::cli::Options;
use crate::run::Packets;
use crate::source::Capture;

/// What is seen of the wire, if somebody wants to know.
pub(super) fn asked(options: &Options) -> Option<Packets> {
    options.packets.then(|| match Capture::open() {
        Ok(capture) => Packets::Seen(Box::new(capture)),
        Err(error) => Packets::Unseen(error.to_string()),
    })
}
