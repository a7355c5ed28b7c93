//! Snippets put together to programs, in the frame of their language.

use std::fs;
use std::path::Path;

use toml::Table;

use crate::support::shipped;

/// A program: its name, and the sections of the language's table that it has.
pub struct Program {
    pub name: &'static str,
    pub sections: &'static [&'static str],
}

const fn program(name: &'static str, sections: &'static [&'static str]) -> Program {
    Program { name, sections }
}

/// One for each track, and one for each chapter that stands by itself.
pub const PROGRAMS: [Program; 27] = [
    program(
        "server",
        &["create", "bind", "listen", "accept", "exchange", "close"],
    ),
    program("serve", &["create", "bind", "listen", "serve"]),
    program("dual", &["inet6/dual", "accept", "exchange", "close"]),
    program(
        "client",
        &[
            "client/create",
            "client/connect",
            "client/exchange",
            "client/close",
        ],
    ),
    program(
        "udp",
        &["udp/create", "udp/bind", "udp/exchange", "udp/close"],
    ),
    program("datagrams", &["udp/create", "udp/bind", "udp/datagrams"]),
    program(
        "unix",
        &[
            "unix/create",
            "unix/bind",
            "unix/listen",
            "unix/accept",
            "unix/exchange",
            "unix/close",
        ],
    ),
    program(
        "unix_dgram",
        &[
            "unix-dgram/create",
            "unix-dgram/bind",
            "unix-dgram/exchange",
            "unix-dgram/close",
        ],
    ),
    program("names", &["practice/names"]),
    program(
        "framing",
        &["create", "bind", "listen", "accept", "practice/framing"],
    ),
    program(
        "partial",
        &["create", "bind", "listen", "accept", "practice/partial"],
    ),
    program("queues", &["create", "practice/queues"]),
    program(
        "events",
        &["create", "bind", "listen", "accept", "practice/events"],
    ),
    program(
        "timeouts",
        &["client/create", "client/connect", "client/timeouts"],
    ),
    program("backlog", &["surprises/backlog"]),
    program(
        "bytes",
        &["create", "bind", "listen", "accept", "surprises/bytes"],
    ),
    program(
        "endings",
        &["create", "bind", "listen", "accept", "surprises/endings"],
    ),
    program("ports", &["surprises/ports"]),
    program("share", &["surprises/share"]),
    program(
        "reset",
        &["create", "bind", "listen", "accept", "surprises/reset"],
    ),
    program(
        "options",
        &["create", "bind", "listen", "accept", "surprises/options"],
    ),
    program(
        "peek",
        &["create", "bind", "listen", "accept", "surprises/peek"],
    ),
    program("broadcast", &["udp/create", "udp/broadcast"]),
    program("multicast", &["udp/multicast"]),
    program(
        "udp_client",
        &[
            "udp-client/create",
            "udp-client/exchange",
            "udp-client/connect",
            "udp-client/close",
        ],
    ),
    program(
        "unix_client",
        &[
            "unix-client/create",
            "unix-client/connect",
            "unix-client/exchange",
            "unix-client/close",
        ],
    ),
    program("yours", &["yours"]),
];

/// A comment in whose place the snippets that follow belong.
const FOLLOWS_HERE: &str = "// for each client:";

/// The snippets of a language, and what stands around them.
pub struct Language {
    snippets: Table,
    frame: Table,
}

fn table(path: &Path) -> Table {
    let text = fs::read_to_string(path).unwrap();
    text.parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Language {
    /// That of `chapters/languages/NAME.toml`.
    pub fn read(name: &str) -> Language {
        let frames = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/snippets/frames");
        Language {
            snippets: table(&shipped().join(format!("languages/{name}.toml"))),
            frame: table(&frames.join(format!("{name}.toml"))),
        }
    }

    /// What it has snippets for.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        let keys = self.snippets.keys().map(String::as_str);
        keys.filter(|key| *key != "name")
    }

    fn snippet(&self, section: &str) -> &str {
        self.snippets[section]["code"].as_str().unwrap().trim()
    }

    /// What the frame has before or after a section.
    fn beside(&self, place: &str, section: &str) -> String {
        let text = self.frame.get(place).and_then(|list| list.get(section));
        let text = text.and_then(toml::Value::as_str).unwrap_or_default();
        self.filled(text.trim_matches('\n'), "", "")
    }

    /// These snippets, each with what the frame has beside it.
    fn body(&self, sections: &[&str]) -> String {
        let Some((first, others)) = sections.split_first() else {
            return String::new();
        };
        let [before, after] = ["before", "after"].map(|place| self.beside(place, first));
        let code = format!("{before}\n{}\n{after}", self.snippet(first));
        let others = self.body(others);
        let here = |line: &&str| line.trim_start().starts_with(FOLLOWS_HERE);
        match code.lines().find(here) {
            Some(line) => code.replace(line, &others),
            None => format!("{code}\n{others}"),
        }
    }

    /// With the body, the name and the snippets for which a line of it stands.
    fn filled(&self, text: &str, name: &str, body: &str) -> String {
        let mut lines = Vec::new();
        for line in text.lines() {
            let word = line.trim_start();
            let indent = &line[..line.len() - word.len()];
            let key = word.strip_prefix('@').and_then(|key| key.strip_suffix('@'));
            let block = match key {
                None => line.replace("@name@", name),
                Some("body") => indented(body, indent),
                Some(section) => indented(self.snippet(section), indent),
            };
            lines.push(block);
        }
        lines.join("\n")
    }

    /// The program's text, at a port and a path of its own; none where the language
    /// has comments only.
    pub fn text(&self, program: &Program, port: u16, path: &str) -> Option<String> {
        let mut lines = program
            .sections
            .iter()
            .flat_map(|section| self.snippet(section).lines());
        if lines.all(|line| line.starts_with("//")) {
            return None;
        }
        let text = match program.name {
            // It is whole already. A class is found by its name.
            "yours" => self.snippet("yours").replace("class Server", "class yours"),
            name => {
                let frame = self.frame["frame"].as_str().unwrap();
                self.filled(frame, name, &self.body(program.sections))
            }
        };
        let text = text.replace("6789", &port.to_string());
        Some(text.replace("/tmp/x.sock", path))
    }
}

fn indented(text: &str, indent: &str) -> String {
    let lines = text.lines().map(|line| format!("{indent}{line}"));
    lines.collect::<Vec<_>>().join("\n")
}
