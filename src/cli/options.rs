//! The options that every command takes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::address::{PAGE, address, page};
use super::language::{is_c, locale_of, meant};
use crate::course::{Course, Wanted};
use crate::model::{Address, Domain, Kind, Side};
use crate::tty::Colour;

/// The options that every command takes.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The server's address, or its path in the unix domain; port 0 lets the kernel
    /// choose [default: 127.0.0.1:6789]
    #[arg(long, global = true, value_name = "HOST:PORT", value_parser = address)]
    pub addr: Option<Address>,
    /// Whose life is walked [default: server]
    #[arg(long, global = true, value_parser = words(ROLES))]
    pub role: Option<Side>,
    /// The address family [default: that of --addr]
    #[arg(long, global = true, value_parser = words(DOMAINS))]
    pub domain: Option<Domain>,
    /// A stream of bytes, or single messages [default: stream]
    #[arg(long = "type", global = true, value_name = "TYPE", value_parser = words(KINDS))]
    pub kind: Option<Kind>,
    /// Without keys: go on after SECONDS [default: 0]
    #[arg(long, global = true, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "0", value_parser = seconds)]
    pub auto: Option<Duration>,
    /// Who connects: you with nc, or a built-in client [default: nc; with --auto builtin]
    #[arg(long = "peer", global = true, value_name = "PEER", value_parser = words(PEERS))]
    pub builtin_peer: Option<bool>,
    /// One event a line on stdout, nothing else; of list, progress and inspect, what they show.
    /// With =FILE, into that file, beside the lesson
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = STDOUT)]
    pub json: Option<PathBuf>,
    /// Write the run into FILE as an HTML page that needs nothing else
    #[arg(long, global = true, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Show the run to browsers as it goes on, at an address that is printed. They only look,
    /// and answer questions [default: 127.0.0.1, a port that the kernel chooses]
    #[arg(long, global = true, value_name = "HOST:PORT", num_args = 0..=1, require_equals = true, default_missing_value = PAGE, value_parser = page)]
    pub page: Option<SocketAddr>,
    /// Tell the packets of the run's own sockets, too, on every interface. Needs
    /// CAP_NET_RAW, or --private
    #[arg(long, global = true)]
    pub packets: bool,
    /// Write them to FILE as well, each with the calls that were under way, for tcpdump
    /// and Wireshark
    #[arg(long, global = true, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
    /// In a network of its own, with a built-in client: nobody else can connect, and
    /// --packets needs no privilege
    #[arg(long, global = true)]
    pub private: bool,
    /// Why there is no network of its own, though it was asked for.
    #[arg(skip)]
    pub refused: Option<String>,
    /// Colours; auto also heeds NO_COLOR and CLICOLOR_FORCE
    #[arg(long = "color", global = true, value_name = "WHEN", default_value = "auto", value_parser = words(COLOURS))]
    pub colour: Colour,
    /// Only ASCII characters
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Columns to use [default: the terminal's]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(30..=500))]
    pub width: Option<u16>,
    /// The language that it is told in: de, en [default: that of LANG]. Of read also one
    /// to program in: only its code is shown, to be copied: python, go, c
    #[arg(long = "lang", global = true, value_name = "LANGUAGE")]
    pub languages: Vec<String>,
    /// Take the course from this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub chapters: Option<PathBuf>,
    /// Let that course touch other addresses and files than the walk's own and loopback
    #[arg(long, global = true)]
    pub trust_course: bool,
    /// Leave out the step that sets SO_REUSEADDR
    #[arg(long, global = true)]
    pub no_reuseaddr: bool,
    /// After a call that changes one, draw the states of both ends (as the key m does)
    #[arg(long, global = true)]
    pub states: bool,
    /// Ask no questions
    #[arg(long, global = true)]
    pub no_predict: bool,
    /// Nothing is rewritten, and menus are numbered lists; also by ACCESSIBLE=1
    #[arg(long, global = true)]
    pub plain: bool,
    /// Neither keep nor show which chapters were finished
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Do what is otherwise asked about first: remove a socket file that an earlier
    /// run left, forget progress
    #[arg(long, global = true)]
    pub force: bool,
    /// How long a call may block when nobody is at the keys
    #[arg(long, global = true, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub patience: Duration,
}

/// The file that stands for stdout, as everywhere.
const STDOUT: &str = "-";

/// The words that an option takes, and what each means.
type Words<T> = &'static [(&'static str, T)];

const ROLES: Words<Side> = &[("server", Side::Server), ("client", Side::Client)];
const DOMAINS: Words<Domain> = &[
    ("inet", Domain::Inet),
    ("inet6", Domain::Inet6),
    ("unix", Domain::Unix),
];
const KINDS: Words<Kind> = &[("stream", Kind::Stream), ("dgram", Kind::Dgram)];
const PEERS: Words<bool> = &[("nc", false), ("builtin", true)];
const COLOURS: Words<Colour> = &[
    ("auto", Colour::Auto),
    ("always", Colour::Always),
    ("never", Colour::Never),
];

fn words<T: Copy + Send + Sync + 'static>(known: Words<T>) -> impl TypedValueParser<Value = T> {
    let words = known.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words).map(move |word| {
        let meant = known.iter().find(|(known, _)| *known == word);
        // The parser takes no other word.
        meant.unwrap_or(&known[0]).1
    })
}

impl Options {
    /// The track that was asked for, as far as options say; `chapter` must be in it.
    pub(crate) fn wanted<'a>(&self, chapter: Option<&'a str>) -> Wanted<'a> {
        let of_addr = self.addr.map(Address::domain);
        // An IPv4 address is every inet track's.
        let of_addr = of_addr.filter(|domain| *domain != Domain::Inet);
        Wanted {
            role: self.role,
            domain: self.domain.or(of_addr),
            kind: self.kind,
            chapter,
        }
    }

    /// The folder of a course that the learner does not trust.
    pub(crate) fn untrusted(&self) -> Option<&Path> {
        self.chapters.as_deref().filter(|_| !self.trust_course)
    }

    /// Are packets asked for?
    pub(crate) fn wants_packets(&self) -> bool {
        self.packets || self.pcap.is_some()
    }

    /// Is stdout for JSON lines alone?
    pub(crate) fn json_only(&self) -> bool {
        self.json.as_deref() == Some(Path::new(STDOUT))
    }

    /// The file that JSON lines go to, beside the lesson.
    pub(crate) fn json_file(&self) -> Option<&Path> {
        self.json.as_deref().filter(|_| !self.json_only())
    }

    /// Lines only, as a screen reader wants them.
    pub(crate) fn wants_plain(&self) -> bool {
        self.plain || std::env::var("ACCESSIBLE").is_ok_and(|value| value == "1")
    }

    /// Does this run have to do with progress? That of a teacher's course would
    /// stand for the built-in one.
    pub(crate) fn keeps_progress(&self) -> bool {
        !self.no_progress && self.chapters.is_none()
    }

    /// The language to program in that was asked for; the others are those of people.
    pub(super) fn to_program_in(&self, course: &Course) -> Option<&String> {
        let is_one = |word: &&String| is_c(word) || meant(word, &course.translations).is_none();
        self.languages.iter().find(is_one)
    }

    /// The columns that were asked for.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.width.map(usize::from)
    }

    /// ASCII was asked for, or the locale names another character set than UTF-8.
    pub(crate) fn wants_ascii(&self) -> bool {
        let other = locale().is_some_and(|(_, name)| {
            let name = name.to_ascii_lowercase();
            !name.contains("utf-8") && !name.contains("utf8")
        });
        self.ascii || other
    }
}

/// The variable that says which characters the terminal knows, and what it says.
pub(crate) fn locale() -> Option<(&'static str, String)> {
    locale_of("LC_CTYPE", &|name| std::env::var(name).ok())
}

/// Seconds, with a fraction if need be.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| "write a number of seconds, such as 2 or 0.5".to_string())?;
    // A day is longer than any lesson.
    if (0.0..=86_400.0).contains(&value) {
        Ok(Duration::from_secs_f64(value))
    } else {
        Err("it must be from 0 to 86400 seconds".into())
    }
}
