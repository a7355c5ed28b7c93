/// One line of an `expect` block: something the live kernel must show after the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The line as written.
    pub line: String,
    pub predicate: Predicate,
}

/// What is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// `NAME field=value …`: the socket of that name, through its fd.
    /// `ACTOR/NAME …`: that of another actor.
    Socket { name: Name, facets: Vec<Facet> },
    /// `peer NAME field=value …`: the kernel's row of the other end.
    Peer { name: String, facets: Vec<Facet> },
    /// `left NAME field=value …`: the row that outlives the closed fd.
    Left { name: String, facets: Vec<Facet> },
    /// `gone NAME`: no row is left of a socket whose fd was closed.
    Gone { name: String },
    /// `no-fd NAME`: the descriptor is out of the fd table.
    NoFd { name: String },
    /// `unlisted NAME`: the kernel lists it nowhere.
    Unlisted { name: String },
    /// `bound-only NAME`: only the table of bound ports has it (Linux 6.8 and later).
    BoundOnly { name: String },
    /// `listed NAME`: it has a row that ss shows.
    Listed { name: String },
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
    /// `queued N|…`: so many finished connections wait in the accept queues.
    Queued { counts: Vec<String> },
    /// `outside N|…`: so many clients hang in SYN-SENT before the full queue.
    Outside { counts: Vec<String> },
    /// `path-left PATH`: a file stands there.
    PathLeft { path: String },
    /// `path-gone PATH`: none does.
    PathGone { path: String },
    /// `process ACTOR state=Z`: its state letter (proc(5)), or `gone`.
    Process { actor: String, facets: Vec<Facet> },
}

/// A socket's name, and whose it is if not that of the one who made the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub actor: Option<String>,
    pub socket: String,
}

impl Name {
    fn parse(word: &str) -> Name {
        match word.split_once('/') {
            Some((actor, socket)) => Name {
                actor: Some(actor.into()),
                socket: socket.into(),
            },
            None => Name {
                actor: None,
                socket: word.into(),
            },
        }
    }
}

/// One `field=value`. Values separated by `|` are alternatives; `-` is
/// "nothing", `*` is "anything but nothing".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    pub field: String,
    pub values: Vec<String>,
}

impl Facet {
    /// Does what was seen fit?
    pub fn accepts(&self, seen: Option<&str>) -> bool {
        self.values
            .iter()
            .any(|value| match (value.as_str(), seen) {
                ("-", None) => true,
                ("*", Some(_)) => true,
                (wanted, Some(seen)) => wanted == seen,
                (_, None) => false,
            })
    }
}

/// The fields a facet can name, as the JSON view spells them.
const SOCKET_FIELDS: [&str; 12] = [
    "state",
    "local",
    "peer",
    "domain",
    "type",
    "protocol",
    "recv_q",
    "send_q",
    "accept_queue",
    "cred",
    "segs_out",
    "segs_in",
];
const ROW_FIELDS: [&str; 4] = ["state", "recv_q", "send_q", "inode"];

impl Expectation {
    /// Parses one line whose placeholders are already filled in.
    pub fn parse(line: &str) -> Result<Expectation, String> {
        let words = shell_words::split(line).map_err(|error| error.to_string())?;
        let (head, rest) = words.split_first().ok_or("an empty line")?;
        let predicate = match head.as_str() {
            "peer" | "left" => {
                let (name, facets) = rest.split_first().ok_or("a socket's name is missing")?;
                let (name, facets) = (name.clone(), parse_facets(facets, &ROW_FIELDS)?);
                if head == "peer" {
                    Predicate::Peer { name, facets }
                } else {
                    Predicate::Left { name, facets }
                }
            }
            "gone" => Predicate::Gone { name: only(rest)? },
            "no-fd" => Predicate::NoFd { name: only(rest)? },
            "unlisted" => Predicate::Unlisted { name: only(rest)? },
            "bound-only" => Predicate::BoundOnly { name: only(rest)? },
            "listed" => Predicate::Listed { name: only(rest)? },
            "returned" => Predicate::Returned {
                values: alternatives(rest)?,
            },
            "failed" => Predicate::Failed {
                errnos: alternatives(rest)?,
            },
            "slept" => nothing(rest, Predicate::Slept)?,
            "burned" => nothing(rest, Predicate::Burned)?,
            "refuses" => Predicate::Refuses { addr: only(rest)? },
            "queued" => Predicate::Queued {
                counts: alternatives(rest)?,
            },
            "outside" => Predicate::Outside {
                counts: alternatives(rest)?,
            },
            "path-left" => Predicate::PathLeft { path: only(rest)? },
            "path-gone" => Predicate::PathGone { path: only(rest)? },
            "process" => {
                let (actor, facets) = rest.split_first().ok_or("an actor's name is missing")?;
                Predicate::Process {
                    actor: actor.clone(),
                    facets: parse_facets(facets, &["state"])?,
                }
            }
            name => Predicate::Socket {
                name: Name::parse(name),
                facets: parse_facets(rest, &SOCKET_FIELDS)?,
            },
        };
        Ok(Expectation {
            line: line.into(),
            predicate,
        })
    }

    /// The socket it is about, if it is about one.
    pub fn socket(&self) -> Option<Name> {
        match &self.predicate {
            Predicate::Socket { name, .. } => Some(name.clone()),
            Predicate::Peer { name, .. }
            | Predicate::Left { name, .. }
            | Predicate::Gone { name }
            | Predicate::NoFd { name }
            | Predicate::Unlisted { name }
            | Predicate::BoundOnly { name }
            | Predicate::Listed { name } => Some(Name {
                actor: None,
                socket: name.clone(),
            }),
            _ => None,
        }
    }

    /// Must it hold at once? What the other end or the network has a hand in may
    /// take a moment.
    pub fn is_immediate(&self) -> bool {
        !matches!(
            self.predicate,
            Predicate::Peer { .. }
                | Predicate::Left { .. }
                | Predicate::Gone { .. }
                | Predicate::Queued { .. }
                | Predicate::Outside { .. }
                | Predicate::Process { .. }
        )
    }
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

fn parse_facets(words: &[String], fields: &[&str]) -> Result<Vec<Facet>, String> {
    if words.is_empty() {
        return Err(format!(
            "nothing is expected of it; write field=value with one of {}",
            fields.join(", ")
        ));
    }
    words
        .iter()
        .map(|word| {
            let (field, value) = word
                .split_once('=')
                .ok_or_else(|| format!("'{word}' is not field=value"))?;
            if !fields.contains(&field) {
                return Err(format!(
                    "no field '{field}'; there are {}",
                    fields.join(", ")
                ));
            }
            Ok(Facet {
                field: field.into(),
                values: value.split('|').map(str::to_string).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_parse_and_facets_judge() {
        let line = Expectation::parse("server state=CLOSED|LISTEN local=- peer=*").unwrap();
        assert_eq!(line.socket().unwrap().socket, "server");
        let Predicate::Socket { facets, .. } = line.predicate else {
            panic!("{line:?}")
        };
        assert!(facets[0].accepts(Some("LISTEN")) && !facets[0].accepts(Some("ESTABLISHED")));
        assert!(facets[1].accepts(None) && !facets[1].accepts(Some("x")));
        assert!(facets[2].accepts(Some("x")) && !facets[2].accepts(None));
    }

    #[test]
    fn what_a_call_gave_and_whose_socket_it_is_parse() {
        for (line, wanted) in [
            (
                "returned 3|all",
                Predicate::Returned {
                    values: vec!["3".into(), "all".into()],
                },
            ),
            ("slept", Predicate::Slept),
            (
                "refuses 127.0.0.1:1",
                Predicate::Refuses {
                    addr: "127.0.0.1:1".into(),
                },
            ),
        ] {
            assert_eq!(Expectation::parse(line).unwrap().predicate, wanted);
        }
        let other = Expectation::parse("child/conn state=ESTABLISHED").unwrap();
        assert_eq!(other.socket().unwrap().actor.as_deref(), Some("child"));
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
            ("peer conn local=x", "no field 'local'"),
            ("slept well", "one word too many"),
            ("returned", "value is missing"),
            ("process child fd=3", "no field 'fd'"),
        ] {
            let error = Expectation::parse(line).unwrap_err();
            assert!(error.contains(wanted), "{line}: {error}");
        }
    }
}
