//! What has crossed the wire of a connection, as one of its ends counts it.

use super::fact::{Fact, Source, Why};
use super::field::{Field, Value};
use super::socket::SocketView;

/// What one end of a TCP connection has sent and got: seen as packets, or else by the
/// kernel's counters of the socket.
#[derive(Clone, Debug)]
pub(crate) struct Crossed {
    /// Segments that it has sent, as the kernel counts them: what a server sends for the
    /// handshake comes before there is a socket.
    pub out: Fact<u32>,
    /// Segments that have come to it, counted so.
    pub arrived: Fact<u32>,
    /// Of those it has sent all but acknowledgements of what has come.
    pub unasked: Fact<u32>,
}

/// What can be said of it.
#[rustfmt::skip]
pub(crate) const CROSSED_FIELDS: &[Field<Crossed>] = &[
    Field::new("out", "segments sent", |it| it.out.show(number),
        "segments that it has sent, counted as `segs_out` is"),
    Field::new("in", "segments received", |it| it.arrived.show(number),
        "segments that have come, counted as `segs_in` is"),
    Field::new("unasked", "sent unasked", |it| it.unasked.show(number),
        "of those sent all that do more than acknowledge what has come"),
];

fn number(number: u32) -> Value {
    Value::Number(number.into())
}

impl Crossed {
    /// What the kernel's counters say of it. They do not tell an acknowledgement from what
    /// nobody has asked for.
    pub(crate) fn counted(view: &SocketView) -> Crossed {
        let unasked = view.segs_out.as_ref().and_then(|&count, via| {
            let why = || Why::new(via, None, Some("some may be acknowledgements".into()));
            if count == 0 {
                Fact::Seen(0, via)
            } else {
                Fact::Unknown(why())
            }
        });
        Crossed {
            out: view.segs_out.clone(),
            arrived: view.segs_in.clone(),
            unasked,
        }
    }

    /// What its packets say: sent, received, sent unasked.
    pub(crate) fn seen([out, arrived, unasked]: [u32; 3]) -> Crossed {
        let seen = |count| Fact::Seen(count, Source::Packets);
        Crossed {
            out: seen(out),
            arrived: seen(arrived),
            unasked: seen(unasked),
        }
    }

    /// Its packets say nothing, for that reason.
    pub(crate) fn unseen(why: &'static str) -> Crossed {
        let unknown = || Fact::Unknown(Why::new(Source::Packets, None, Some(why.into())));
        Crossed {
            out: unknown(),
            arrived: unknown(),
            unasked: unknown(),
        }
    }
}
