//! Do the fields of what was seen fit?

use super::verdict::Verdict;
use crate::model::{Fact, KernelRow, SocketView};
use crate::script::Facet;

/// A field's value: `None` when it cannot be seen, `Some(None)` when it is empty.
type Field = Option<Option<String>>;

/// Do all facets fit the fields?
pub(super) fn judge_facets(facets: &[Facet], field: impl Fn(&str) -> Field) -> Verdict {
    let mut hidden = false;
    for facet in facets {
        match field(&facet.field) {
            None => hidden = true,
            Some(seen) if facet.accepts(seen.as_deref()) => {}
            Some(seen) => {
                return Verdict::Not(format!(
                    "{} is {}",
                    facet.field,
                    seen.as_deref().unwrap_or("nothing")
                ));
            }
        }
    }
    if hidden {
        Verdict::Hidden
    } else {
        Verdict::Held
    }
}

/// A field of a socket, as the JSON view spells it.
pub(super) fn socket_field(view: &SocketView, field: &str) -> Field {
    fn text<T>(fact: &Fact<T>, show: impl Fn(&T) -> String) -> Field {
        match fact {
            Fact::None => Some(None),
            Fact::Seen(value, _) => Some(Some(show(value))),
            Fact::Unknown(_) => None,
        }
    }
    match field {
        "state" => text(&view.state, |state| state.to_string()),
        "local" => text(&view.local, |addr| addr.to_string()),
        "peer" => text(&view.peer, |addr| addr.to_string()),
        "domain" => text(&view.domain, |domain| domain.word()),
        "type" => text(&view.kind, |kind| kind.word()),
        "protocol" => text(&view.protocol, |protocol| protocol.word()),
        "recv_q" => text(&view.recv_q, |bytes| bytes.to_string()),
        "send_q" => text(&view.send_q, |bytes| bytes.to_string()),
        "accept_queue" => text(&view.accept_queue, |queue| queue.to_string()),
        "cred" => text(&view.cred, |cred| cred.pid.to_string()),
        "segs_out" => text(&view.segs_out, |segs| segs.to_string()),
        "segs_in" => text(&view.segs_in, |segs| segs.to_string()),
        _ => None,
    }
}

/// A field of a row of the kernel's.
pub(super) fn row_field(row: &KernelRow, field: &str) -> Option<String> {
    match field {
        "state" => Some(row.state.to_string()),
        "recv_q" => Some(row.recv_q.to_string()),
        "send_q" => Some(row.send_q.to_string()),
        "inode" => (row.inode != 0).then(|| row.inode.to_string()),
        _ => None,
    }
}
