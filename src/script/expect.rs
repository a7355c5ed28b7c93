//! The language of an expectation: one line is one statement about the live kernel.

use super::known::known;
use super::want::{Want, alternatives, named, wants};
use crate::model::{
    CALLS, CROSSED_FIELDS, Crossed, KernelRow, PROCESS_FIELDS, Process, ROW_FIELDS, Relation,
    SOCKET_FIELDS, SocketView, Syscall,
};

/// What the live kernel must show after a call. Placeholders stand in it as written:
/// they are filled in when it is judged.
#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    /// `NAME field=value …`: the socket of that name, through its fd; `ACTOR/NAME …`:
    /// that of another actor. `listed NAME`, `bound-only NAME` and `unlisted NAME` are
    /// short for what its field `listing` says.
    Socket {
        actor: Option<String>,
        name: String,
        wants: Vec<Want<SocketView>>,
    },
    /// `packets NAME field=value …`, `packets ACTOR/NAME field=value …`: what has crossed the
    /// wire of its connection.
    Packets {
        actor: Option<String>,
        name: String,
        wants: Vec<Want<Crossed>>,
    },
    /// `peer NAME field=value …`: the kernel's row of the other end;
    /// `left NAME field=value …`: the row that outlives the closed fd.
    Row {
        relation: Relation,
        name: String,
        wants: Vec<Want<KernelRow>>,
    },
    /// `gone NAME`: no row is left of a socket whose fd was closed.
    Gone(String),
    /// `no-fd NAME`: the descriptor is out of the fd table.
    NoFd(String),
    /// `returned VALUE|…`: the call succeeded with one of these: a number, `*`,
    /// `all` (as many bytes as offered or asked for), `less`.
    Returned(Vec<String>),
    /// `failed ERRNO|…`
    Failed(Vec<String>),
    /// `told TEXT`: what the call has filled in, as strace prints it, has that in it.
    Told(String),
    /// `slept`: the call blocked, and the process used no processor time.
    Slept,
    /// `burned`: it blocked, and used the processor meanwhile.
    Burned,
    /// `refuses ADDRESS`: nobody can connect to it now.
    Refuses(String),
    /// `queued N|…`: so many finished connections wait in the accept queues; `half-open
    /// N|…`: so many handshakes are not finished;
    /// `outside N|…`: so many clients hang in SYN-SENT before the full queue.
    Waiting(Relation, Vec<String>),
    /// `path-left PATH`: a file stands there; `path-gone PATH`: none does.
    Path { path: String, stands: bool },
    /// `called CALL NAME returned VALUE|…`: a program has made a call that does that, on
    /// the socket of that name: of a goal alone.
    Called(Called),
    /// `received NAME COUNT|…`, `sent NAME COUNT|…`: a program has moved so many bytes on
    /// the socket of that name, in all its calls together: of a goal alone.
    Moved {
        /// recv or send
        does: &'static str,
        name: String,
        counts: Vec<String>,
    },
    /// `makes CALL,CALL… PROGRAM…`: each of these programs that is installed makes these
    /// calls, traced now; each is one word, which is split as a shell does. `lacks CALL,CALL…
    /// PROGRAM…`: one of them does not.
    Makes {
        all: bool,
        calls: Vec<String>,
        programs: Vec<Vec<String>>,
    },
    /// `process ACTOR state=Z`: its process (proc(5)); the state is `gone` when there
    /// is none.
    Process {
        actor: String,
        wants: Vec<Want<Process>>,
    },
}

/// The call that a program is to have made. Without a result it is to have succeeded, or
/// to be under way.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    /// What it does: [`Syscall::does`].
    pub does: String,
    pub socket: Option<String>,
    pub result: CallResult,
}

/// What a call of a program is to have come to.
#[derive(Clone, Debug)]
pub(crate) enum CallResult {
    Success,
    Returned(Vec<String>),
    Failed(Vec<String>),
}

impl Predicate {
    /// Parses one line.
    pub(crate) fn parse(line: &str) -> Result<Predicate, String> {
        let words = shell_words::split(line).map_err(|error| error.to_string())?;
        let (head, rest) = words.split_first().ok_or("an empty line")?;
        let only = |what: &str| match rest {
            [word] => Ok(word.clone()),
            [] => Err(format!("a {what} is missing")),
            [_, extra, ..] => Err(format!("'{extra}' is one word too many")),
        };
        let values = || only("value").map(|word| alternatives(&word));
        let listing = |it: &str| socket(&only("name")?, &[format!("listing={it}")]);
        let row = |relation| {
            let (name, wants) = named(rest, ROW_FIELDS)?;
            Ok(Predicate::Row {
                relation,
                name,
                wants,
            })
        };
        match head.as_str() {
            "packets" => {
                let (of, wants) = named(rest, CROSSED_FIELDS)?;
                let (actor, name) = of_actor(&of);
                Ok(Predicate::Packets { actor, name, wants })
            }
            "peer" => row(Relation::Peer),
            "left" => row(Relation::Left),
            "gone" => only("name").map(Predicate::Gone),
            "no-fd" => only("name").map(Predicate::NoFd),
            "listed" => listing("listed"),
            "bound-only" => listing("bound-only"),
            "unlisted" => listing("nowhere"),
            "returned" => values().map(Predicate::Returned),
            "failed" => values().map(Predicate::Failed),
            "told" => only("text").map(Predicate::Told),
            "slept" if rest.is_empty() => Ok(Predicate::Slept),
            "burned" if rest.is_empty() => Ok(Predicate::Burned),
            "slept" | "burned" => Err(format!("'{}' is one word too many", rest[0])),
            "refuses" => only("address").map(Predicate::Refuses),
            "queued" => values().map(|counts| Predicate::Waiting(Relation::Queued, counts)),
            "half-open" => values().map(|counts| Predicate::Waiting(Relation::HalfOpen, counts)),
            "outside" => values().map(|counts| Predicate::Waiting(Relation::Connecting, counts)),
            "path-left" => only("path").map(|path| Predicate::Path { path, stands: true }),
            "path-gone" => only("path").map(|path| Predicate::Path {
                path,
                stands: false,
            }),
            "received" => moved("recv", rest),
            "sent" => moved("send", rest),
            "called" => called(rest).map(Predicate::Called),
            "makes" => makes(rest, true),
            "lacks" => makes(rest, false),
            "process" => {
                let (actor, wants) = named(rest, PROCESS_FIELDS)?;
                Ok(Predicate::Process { actor, wants })
            }
            name => socket(name, rest),
        }
    }

    /// The socket it is about, if it is about one, and whose that is if not that of
    /// the one who made the call.
    pub(crate) fn socket(&self) -> Option<(Option<&str>, &str)> {
        match self {
            Predicate::Socket { actor, name, .. } | Predicate::Packets { actor, name, .. } => {
                Some((actor.as_deref(), name))
            }
            Predicate::Row { name, .. }
            | Predicate::Moved { name, .. }
            | Predicate::Gone(name)
            | Predicate::NoFd(name) => Some((None, name)),
            Predicate::Called(called) => called.socket.as_deref().map(|name| (None, name)),
            _ => None,
        }
    }

    /// Is it about connections whose handshake is under way?
    pub(crate) fn is_about_half_open(&self) -> bool {
        matches!(self, Predicate::Waiting(Relation::HalfOpen, _))
    }

    /// Must it hold at once? What the other end or the network has a hand in may
    /// take a moment.
    pub(crate) fn is_immediate(&self) -> bool {
        !matches!(
            self,
            Predicate::Row { .. }
                | Predicate::Gone(_)
                | Predicate::Waiting(..)
                | Predicate::Process { .. }
        )
    }
}

/// `NAME field=value …` or `ACTOR/NAME field=value …`
fn socket(name: &str, rest: &[String]) -> Result<Predicate, String> {
    let (actor, name) = of_actor(name);
    let wants = wants(rest, SOCKET_FIELDS)?;
    Ok(Predicate::Socket { actor, name, wants })
}

/// `ACTOR/NAME`, or `NAME` alone.
fn of_actor(name: &str) -> (Option<String>, String) {
    match name.split_once('/') {
        Some((actor, name)) => (Some(actor.into()), name.into()),
        None => (None, name.into()),
    }
}

/// `NAME COUNT`
fn moved(does: &'static str, rest: &[String]) -> Result<Predicate, String> {
    match rest {
        [name, counts] => Ok(Predicate::Moved {
            does,
            name: name.clone(),
            counts: alternatives(counts),
        }),
        _ => Err("NAME and a count of bytes are expected".into()),
    }
}

/// `CALL,CALL… PROGRAM…`
fn makes(rest: &[String], all: bool) -> Result<Predicate, String> {
    let [calls, programs @ ..] = rest else {
        return Err("calls are missing".into());
    };
    let calls: Vec<String> = calls.split(',').map(str::to_string).collect();
    for call in &calls {
        known("call", call, CALLS, |known| known.name)?;
    }
    let split = |program: &String| match shell_words::split(program) {
        Ok(words) if !words.is_empty() => Ok(words),
        Ok(_) => Err("a program is missing".to_string()),
        Err(error) => Err(error.to_string()),
    };
    let programs: Vec<_> = programs.iter().map(split).collect::<Result<_, _>>()?;
    if programs.is_empty() {
        return Err("a program is missing".into());
    }
    Ok(Predicate::Makes {
        all,
        calls,
        programs,
    })
}

/// `CALL [NAME] [returned VALUE | failed ERRNO]`
fn called(rest: &[String]) -> Result<Called, String> {
    let (call, rest) = rest.split_first().ok_or("a call is missing")?;
    let mut words: Vec<&str> = CALLS.iter().map(Syscall::does).collect();
    words.sort_unstable();
    words.dedup();
    let does = known("call", call, &words, |word| word)?.to_string();
    let (socket, rest) = match rest {
        [word, rest @ ..] if !["returned", "failed"].contains(&word.as_str()) => {
            (Some(word.clone()), rest)
        }
        rest => (None, rest),
    };
    let result = match rest {
        [] => CallResult::Success,
        [word, value] if word == "returned" => CallResult::Returned(alternatives(value)),
        [word, value] if word == "failed" => CallResult::Failed(alternatives(value)),
        _ => return Err("behind a call stands NAME, then returned VALUE or failed ERRNO".into()),
    };
    Ok(Called {
        does,
        socket,
        result,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited_text};

    #[test]
    fn lines_parse() {
        let line = Predicate::parse("child/conn state=CLOSED|LISTEN rtt_us=-").unwrap();
        assert_eq!(line.socket(), Some((Some("child"), "conn")));
        let Predicate::Socket { wants, .. } = line else {
            panic!("{line:?}")
        };
        let names: Vec<&str> = wants.iter().map(|want| want.field.name).collect();
        assert_eq!(names, ["state", "rtt_us"]);
        assert_eq!(wants[0].values, ["CLOSED", "LISTEN"]);
        for (line, socket, immediate) in [
            ("server cookie=*", Some("server"), true),
            ("packets child/conn out=2.. unasked=0", Some("conn"), true),
            ("peer conn owner=* timer=-", Some("conn"), false),
            ("left conn state=TIME-WAIT", Some("conn"), false),
            ("gone conn", Some("conn"), false),
            ("no-fd conn", Some("conn"), true),
            ("listed server", Some("server"), true),
            ("returned 3|all", None, true),
            ("failed EAGAIN", None, true),
            ("told '[ECONNREFUSED]'", None, true),
            ("slept", None, true),
            ("refuses {addr}", None, true),
            ("queued 1|2", None, false),
            ("path-left {path}", None, true),
            ("process child state=Z", None, false),
            ("called recv conn returned 1..|0", Some("conn"), true),
            ("called fork", None, true),
            ("received conn 10..", Some("conn"), true),
            ("makes socket,bind 'nc -l 0' 'perl -e 1'", None, true),
            ("lacks socket true", None, true),
        ] {
            let predicate = Predicate::parse(line).unwrap();
            let named = predicate.socket().map(|(_, name)| name);
            assert_eq!((named, predicate.is_immediate()), (socket, immediate));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, wanted) in [
            ("", "empty"),
            ("server", "nothing is expected"),
            ("server stat=LISTEN", "no field 'stat'"),
            ("server LISTEN", "not field=value"),
            ("packets conn segs_out=0", "no field 'segs_out'"),
            ("gone", "name is missing"),
            ("no-fd conn conn", "one word too many"),
            ("peer conn domain=x", "no field 'domain'"),
            ("slept well", "one word too many"),
            ("returned", "value is missing"),
            ("process child fd=3", "no field 'fd'"),
            ("called", "call is missing"),
            ("makes", "calls are missing"),
            ("makes socket", "program is missing"),
            ("makes socket ''", "program is missing"),
            ("makes sokcet true", "no call 'sokcet'"),
            ("sent conn", "count of bytes"),
            ("called bnid", "no call 'bnid'"),
            ("called recv conn 0", "returned VALUE or failed ERRNO"),
        ] {
            let error = Predicate::parse(line).unwrap_err();
            assert!(error.contains(wanted), "{line}: {error}");
        }
    }

    proptest! {
        #![proptest_config(config(2_000))]
        #[test]
        fn fuzzed_expectations_are_read_or_refused(line in edited_text(
            &[
                "child/conn state=CLOSED|LISTEN rtt_us=-",
                "peer conn owner=* timer=-",
                "returned 3|all",
                "refuses {addr}",
                "queued 1|2",
                "process child state=Z",
                "called recv conn returned 1..",
                "makes socket,bind 'nc -l 0'",
            ],
            &[" ", "=", "|", "*", "-", "/", "\"", "'", "{", "}", "state", "\0"],
        )) {
            match Predicate::parse(&line) {
                Ok(predicate) => drop(predicate.socket()),
                Err(why) => prop_assert!(!why.trim().is_empty()),
            }
        }
    }
}
