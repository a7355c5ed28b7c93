//! A failed call, and what a look at the kernel found out about it.

use super::{Address, Call, Errno, Fact, Owner, TcpState, Timer};

/// A call that failed, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// `None` when there was none yet.
    pub call: Option<Call>,
    /// `None` when the call never returned.
    pub errno: Option<Errno>,
    /// What it means for this call, in a sentence.
    pub meaning: String,
    /// What was found out by looking, a sentence each.
    pub found: Vec<String>,
    /// Who holds the address, when that is the cause.
    pub holders: Vec<Holder>,
    /// What to do, a sentence each.
    pub advice: Vec<String>,
}

/// What a look found out about a call that failed or has not returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Its word in a topic of explain.toml: one of [`Finding::WORDS`].
    pub word: &'static str,
    /// What its placeholders stand for.
    pub values: Vec<(&'static str, String)>,
    /// The socket that holds what is wanted, if that was found.
    pub holder: Option<Holder>,
}

/// A socket that holds the port or the path somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub state: TcpState,
    pub local: Address,
    /// Who, where the kernel lets us see it; nobody, of a socket that was closed.
    pub owner: Fact<Owner>,
    /// The owner is a process of this run.
    pub ours: bool,
    /// The user id the socket belongs to.
    pub uid: u32,
    pub timer: Option<Timer>,
}

impl Finding {
    /// Their words, with the placeholders that each brings. Of the sockets that hold a
    /// port, the first word is the surest cause.
    pub(crate) const WORDS: [(&'static str, &'static [&'static str]); 19] = [
        ("ours", &["program", "holder"]),
        ("process", &["program", "holder"]),
        ("hidden", &["uid"]),
        ("connection", &["program", "holder"]),
        ("closing", &["state"]),
        ("time-wait", &["seconds"]),
        ("free", &[]),
        ("unseen", &["why"]),
        // At the path stands what no socket made: removing it would lose it.
        ("file", &["file"]),
        // At the path stands the file of a socket that is no more.
        ("left", &["file", "uid"]),
        ("privileged", &["limit"]),
        ("no-ipv6", &[]),
        ("ipv6-off", &[]),
        ("lo-down", &[]),
        // Somebody listens at the port that has the same two bytes the other way round.
        ("swapped", &["other"]),
        ("blocked", &[]),
        // An unattended run has waited as long as it may.
        ("never-returned", &["seconds"]),
        // The process that made the call was ended from outside, maybe by a signal.
        ("ended", &["actor"]),
        ("killed", &["actor", "signal"]),
    ];

    /// What looks wrong with a program that runs. Nothing is said of a call there.
    pub(crate) const FAULTS: [(&'static str, &'static [&'static str]); 10] = [
        // By a signal: every thread.
        ("stopped", &["pid"]),
        ("full-queue", &["local", "queue"]),
        // Clients found no room in the queue of a listener.
        ("turned-away", &["local", "drops"]),
        // Clients wait, and every thread sleeps elsewhere.
        ("not-accepting", &["local", "count"]),
        // The other end has closed, this one has not.
        ("left-open", &["count", "seconds"]),
        ("unread", &["count"]),
        ("time-wait-pile", &["local", "count"]),
        // Without SO_REUSEADDR, beside TIME-WAIT.
        ("no-restart", &["local", "count"]),
        ("every-interface", &["local"]),
        // Datagrams found no room.
        ("lost", &["drops"]),
    ];

    /// One that is no socket's.
    pub(crate) fn new<const N: usize>(
        word: &'static str,
        values: [(&'static str, String); N],
    ) -> Finding {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let mut known = Finding::WORDS.iter().chain(&Finding::FAULTS);
        debug_assert!(known.any(|known| *known == (word, &names)));
        Finding {
            word,
            values: values.into(),
            holder: None,
        }
    }
}

impl From<Holder> for Finding {
    fn from(holder: Holder) -> Finding {
        let found = match (&holder.owner, holder.state) {
            (_, TcpState::TimeWait) => {
                let seconds = |timer: Timer| timer.expires_ms.div_ceil(1000).to_string();
                // Without a timer: TCP_TIMEWAIT_LEN of include/net/tcp.h.
                let seconds = holder.timer.map_or("up to 60".into(), seconds);
                Finding::new("time-wait", [("seconds", seconds)])
            }
            (Fact::Unknown(_), _) => Finding::new("hidden", [("uid", holder.uid.to_string())]),
            (Fact::None, state) => Finding::new("closing", [("state", state.to_string())]),
            (Fact::Seen(owner, _), state) => {
                use TcpState::{Closed, Connected, Listen, Unconnected};
                let word = match state {
                    _ if holder.ours => "ours",
                    Closed | Connected | Listen | Unconnected => "process",
                    _ => "connection",
                };
                let (program, pid) = (owner.name.clone(), owner.pid.to_string());
                Finding::new(word, [("program", program), ("holder", pid)])
            }
        };
        Finding {
            holder: Some(holder),
            ..found
        }
    }
}
