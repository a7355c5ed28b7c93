//! The language of an expectation: one line is one statement about the live kernel.

use crate::model::{
    Field, KernelRow, PROCESS_FIELDS, Process, ROW_FIELDS, Relation, SOCKET_FIELDS, SocketView,
};

/// What the live kernel must show after a call. Placeholders stand in it as written:
/// they are filled in when it is judged.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// `NAME field=value …`: the socket of that name, through its fd.
    /// `ACTOR/NAME …`: that of another actor.
    Socket {
        actor: Option<String>,
        name: String,
        facets: Vec<Facet<SocketView>>,
    },
    /// `peer NAME field=value …`: the kernel's row of the other end;
    /// `left NAME field=value …`: the row that outlives the closed fd.
    Row {
        relation: Relation,
        name: String,
        facets: Vec<Facet<KernelRow>>,
    },
    /// `gone NAME`: no row is left of a socket whose fd was closed.
    Gone { name: String },
    /// `no-fd NAME`: the descriptor is out of the fd table.
    NoFd { name: String },
    /// `listed NAME`, `bound-only NAME`, `unlisted NAME`: where the kernel lists it, as
    /// the field `listing` says it.
    Listed { name: String, listing: &'static str },
    /// `returned VALUE|…`: the call succeeded with one of these: a number, `*`,
    /// `all` (as many bytes as offered or asked for), `less`.
    Returned { values: Vec<String> },
    /// `failed ERRNO|…`
    Failed { errnos: Vec<String> },
    /// `slept`: the call blocked, and the process used no processor time.
    Slept,
    /// `burned`: it blocked, and used the processor meanwhile.
    Burned,
    /// `refuses ADDRESS`: nobody can connect to it now.
    Refuses { addr: String },
    /// `queued N|…`: so many finished connections wait in the accept queues;
    /// `outside N|…`: so many clients hang in SYN-SENT before the full queue.
    Waiting {
        relation: Relation,
        counts: Vec<String>,
    },
    /// `path-left PATH`: a file stands there; `path-gone PATH`: none does.
    Path { path: String, stands: bool },
    /// `process ACTOR state=Z`: its process (proc(5)); the state is `gone` when there
    /// is none.
    Process {
        actor: String,
        facets: Vec<Facet<Process>>,
    },
}

/// One `field=value`. Values separated by `|` are alternatives; `-` is
/// "nothing", `*` is "anything but nothing".
#[derive(Clone, Debug)]
pub struct Facet<T: 'static> {
    pub field: &'static Field<T>,
    pub values: Vec<String>,
}

impl Predicate {
    /// Parses one line.
    pub fn parse(line: &str) -> Result<Predicate, String> {
        let words = shell_words::split(line).map_err(|error| error.to_string())?;
        let (head, rest) = words.split_first().ok_or("an empty line")?;
        let listed = |listing| {
            let name = only(rest)?;
            Ok(Predicate::Listed { name, listing })
        };
        let waiting = |relation| {
            let counts = alternatives(rest)?;
            Ok(Predicate::Waiting { relation, counts })
        };
        let path = |stands| {
            let path = only(rest)?;
            Ok(Predicate::Path { path, stands })
        };
        match head.as_str() {
            "peer" => row(Relation::Peer, rest),
            "left" => row(Relation::Left, rest),
            "gone" => Ok(Predicate::Gone { name: only(rest)? }),
            "no-fd" => Ok(Predicate::NoFd { name: only(rest)? }),
            "unlisted" => listed("nowhere"),
            "bound-only" => listed("bound-only"),
            "listed" => listed("listed"),
            "returned" => Ok(Predicate::Returned {
                values: alternatives(rest)?,
            }),
            "failed" => Ok(Predicate::Failed {
                errnos: alternatives(rest)?,
            }),
            "slept" => nothing(rest, Predicate::Slept),
            "burned" => nothing(rest, Predicate::Burned),
            "refuses" => Ok(Predicate::Refuses { addr: only(rest)? }),
            "queued" => waiting(Relation::Queued),
            "outside" => waiting(Relation::Connecting),
            "path-left" => path(true),
            "path-gone" => path(false),
            "process" => {
                let (actor, facets) = rest.split_first().ok_or("an actor's name is missing")?;
                Ok(Predicate::Process {
                    actor: actor.clone(),
                    facets: parse_facets(facets, PROCESS_FIELDS)?,
                })
            }
            name => {
                let (actor, name) = match name.split_once('/') {
                    Some((actor, name)) => (Some(actor.into()), name),
                    None => (None, name),
                };
                Ok(Predicate::Socket {
                    actor,
                    name: name.into(),
                    facets: parse_facets(rest, SOCKET_FIELDS)?,
                })
            }
        }
    }

    /// The socket it is about, if it is about one, and whose that is if not that of
    /// the one who made the call.
    pub fn socket(&self) -> Option<(Option<&str>, &str)> {
        match self {
            Predicate::Socket { actor, name, .. } => Some((actor.as_deref(), name)),
            Predicate::Row { name, .. }
            | Predicate::Gone { name }
            | Predicate::NoFd { name }
            | Predicate::Listed { name, .. } => Some((None, name)),
            _ => None,
        }
    }

    /// Must it hold at once? What the other end or the network has a hand in may
    /// take a moment.
    pub fn is_immediate(&self) -> bool {
        !matches!(
            self,
            Predicate::Row { .. }
                | Predicate::Gone { .. }
                | Predicate::Waiting { .. }
                | Predicate::Process { .. }
        )
    }
}

fn row(relation: Relation, rest: &[String]) -> Result<Predicate, String> {
    let (name, facets) = rest.split_first().ok_or("a socket's name is missing")?;
    Ok(Predicate::Row {
        relation,
        name: name.clone(),
        facets: parse_facets(facets, ROW_FIELDS)?,
    })
}

fn alternatives(rest: &[String]) -> Result<Vec<String>, String> {
    let [word] = rest else {
        return Err("one value is missing, or several joined by |".into());
    };
    Ok(word.split('|').map(str::to_string).collect())
}

fn nothing(rest: &[String], predicate: Predicate) -> Result<Predicate, String> {
    match rest.first() {
        None => Ok(predicate),
        Some(extra) => Err(format!("'{extra}' is one word too many")),
    }
}

fn only(rest: &[String]) -> Result<String, String> {
    match rest {
        [name] => Ok(name.clone()),
        [] => Err("a socket's name is missing".into()),
        [_, extra, ..] => Err(format!("'{extra}' is one word too many")),
    }
}

fn parse_facets<T>(words: &[String], fields: &'static [Field<T>]) -> Result<Vec<Facet<T>>, String> {
    let names = || {
        let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        names.join(", ")
    };
    if words.is_empty() {
        return Err(format!(
            "nothing is expected of it; write field=value with one of {}",
            names()
        ));
    }
    words
        .iter()
        .map(|word| {
            let (name, value) = word
                .split_once('=')
                .ok_or_else(|| format!("'{word}' is not field=value"))?;
            let field = fields.iter().find(|field| field.name == name);
            Ok(Facet {
                field: field.ok_or_else(|| format!("no field '{name}'; there are {}", names()))?,
                values: value.split('|').map(str::to_string).collect(),
            })
        })
        .collect()
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
        let Predicate::Socket { facets, .. } = line else {
            panic!("{line:?}")
        };
        let names: Vec<&str> = facets.iter().map(|facet| facet.field.name).collect();
        assert_eq!(names, ["state", "rtt_us"]);
        assert_eq!(facets[0].values, ["CLOSED", "LISTEN"]);
        for (line, socket, immediate) in [
            ("server cookie=*", Some("server"), true),
            ("peer conn owner=* timer=-", Some("conn"), false),
            ("left conn state=TIME-WAIT", Some("conn"), false),
            ("gone conn", Some("conn"), false),
            ("no-fd conn", Some("conn"), true),
            ("listed server", Some("server"), true),
            ("returned 3|all", None, true),
            ("failed EAGAIN", None, true),
            ("slept", None, true),
            ("refuses {addr}", None, true),
            ("queued 1|2", None, false),
            ("path-left {path}", None, true),
            ("process child state=Z", None, false),
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
            ("gone", "name is missing"),
            ("no-fd conn conn", "one word too many"),
            ("peer conn domain=x", "no field 'domain'"),
            ("slept well", "one word too many"),
            ("returned", "value is missing"),
            ("process child fd=3", "no field 'fd'"),
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
