//! Reads a line of the script: clap gives each verb its help and its errors.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::action::{Action, Payload, Place, Words, Written};
use super::constants::{DIRECTIONS, OPTIONS, SockOpt};
use super::text::unescape;
use super::verbs::{VERBS, Verb, Word};
use super::words::{DomainWord, KindWord};
use crate::model::UnixAddr;

/// The most sockets of one poll: more than that strace does not print.
const MAX_POLLED: usize = 32;

/// The most that one recv may ask for, in bytes: the actor's buffer.
const MAX_RECV: i64 = 1 << 20;

/// The most zeros that one send may offer. They take no memory until the kernel
/// has copied them.
const MAX_ZEROS: i64 = 1 << 30;

impl Action {
    /// Parses one line; placeholders stay what they are. The error is one or two
    /// plain sentences.
    pub fn parse(line: &str) -> Result<Action, String> {
        let words = shell_words::split(line).map_err(|error| error.to_string())?;
        let matches = language(words.first().map_or("", String::as_str))
            .try_get_matches_from(words)
            .map_err(|error| first_lines(&error))?;
        let (verb, given) = matches
            .subcommand()
            .and_then(|(word, given)| Some((Verb::named(word)?, given)))
            .ok_or("an empty line")?;
        let words = read(given);
        if let Some(Payload::Text(text)) = &words.payload {
            unescape(text)?;
        }
        Ok(Action { verb, words })
    }
}

/// The language as clap's command: of a line that begins with a verb, that verb alone;
/// of others all, so that the nearest one can be suggested.
fn language(first: &str) -> Command {
    let verbs = Verb::named(first).map_or(VERBS, std::slice::from_ref);
    let verb = |verb: &'static Verb| {
        let args = verb.words.iter().flat_map(|word| args(*word));
        Command::new(verb.word)
            .about(verb.about)
            .disable_help_flag(true)
            .args(args)
    };
    Command::new("action")
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommands(verbs.iter().map(verb))
}

/// How clap reads a word.
fn args(word: Word) -> Vec<Arg> {
    let required = |id: &'static str| Arg::new(id).required(true).value_name(id);
    let words = |words: Vec<&'static str>| PossibleValuesParser::new(words);
    let options = |fits: fn(&SockOpt) -> bool| {
        words(
            OPTIONS
                .iter()
                .filter(|it| fits(it))
                .map(|it| it.word)
                .collect(),
        )
    };
    let number = |id: &'static str, least: i64, most: i64| {
        required(id)
            .allow_negative_numbers(least < 0)
            .value_parser(value_parser!(i64).range(least..=most))
    };
    let address = "`127.0.0.1:6789`, `[::1]:6789`, or a path with a `/`";
    match word {
        Word::Socket => vec![required("SOCKET")],
        Word::Sockets => vec![required("SOCKETS").num_args(1..=MAX_POLLED)],
        Word::As => vec![
            required("as")
                .value_parser(["as"])
                .requires("NAME")
                .value_name("as"),
            required("NAME")
                .value_parser(name)
                .help("What the script will call it"),
        ],
        Word::Actor => vec![required("ACTOR")],
        Word::Domain => vec![required("DOMAIN").value_parser(value_parser!(DomainWord))],
        Word::Type => vec![required("TYPE").value_parser(value_parser!(KindWord))],
        Word::Address | Word::Target => {
            vec![required("ADDRESS").value_parser(Place::parse).help(address)]
        }
        Word::Destination => vec![
            required("ADDRESS")
                .value_parser(Place::parse_or_sender)
                .help(format!(
                    "{address}; or `sender`: who sent what was received last"
                )),
        ],
        Word::From => Vec::new(),
        Word::Setting => vec![required("OPTION").value_parser(options(|it| it.is_switch))],
        Word::Reading => vec![required("OPTION").value_parser(options(|it| !it.is_switch))],
        Word::Switch => vec![required("VALUE").value_parser(["on", "off"])],
        Word::Backlog => vec![number("BACKLOG", i32::MIN.into(), i32::MAX.into())],
        Word::Max => vec![number("MAX", 1, MAX_RECV).help("How many bytes at the most")],
        Word::Message => vec![text("received"), received()],
        Word::Data => vec![
            text("received").required_unless_present_any(["received", "zeros"]),
            received(),
            Arg::new("zeros")
                .long("zeros")
                .value_name("N")
                .conflicts_with_all(["TEXT", "received"])
                .value_parser(value_parser!(i64).range(1..=MAX_ZEROS))
                .help("Send that many zero bytes"),
        ],
        Word::Direction => {
            let known = DIRECTIONS.iter().map(|(word, ..)| *word).collect();
            vec![required("HOW").value_parser(words(known))]
        }
        Word::Path => vec![required("PATH").value_parser(path_with_slash)],
        Word::Code => vec![
            number("CODE", 0, 255)
                .required(false)
                .default_value("0")
                .help("What its parent is told"),
        ],
        Word::Timeout => vec![
            number("timeout", -1, i32::MAX.into())
                .required(false)
                .long("timeout")
                .value_name("MS")
                .default_value("-1")
                .help("How long at the most, in milliseconds; -1 for ever"),
        ],
    }
}

fn text(other: &'static str) -> Arg {
    Arg::new("TEXT")
        .required_unless_present(other)
        .conflicts_with(other)
        .help(r"The text, with the escapes \n \r \t \0 \\ \xHH")
}

fn received() -> Arg {
    Arg::new("received")
        .long("received")
        .action(ArgAction::SetTrue)
        .help("Send what the last recv on this socket received")
}

/// What clap has read.
fn read(given: &ArgMatches) -> Words {
    let word = |id: &str| -> Option<String> {
        let word = given.try_get_one::<String>(id).ok()?;
        word.cloned()
    };
    let several = given.try_get_many::<String>("SOCKETS").ok().flatten();
    let sockets = match several {
        Some(names) => names.cloned().collect(),
        None => word("SOCKET").into_iter().collect(),
    };
    let number = |id: &str| given.try_get_one::<i64>(id).ok().flatten().copied();
    let flag = |id: &str| given.try_get_one::<bool>(id).ok().flatten() == Some(&true);
    let payload = match (word("TEXT"), number("zeros")) {
        (Some(text), _) => Some(Payload::Text(text)),
        (None, Some(count)) => Some(Payload::Zeros(count.unsigned_abs())),
        (None, None) => flag("received").then_some(Payload::Received),
    };
    let numbers = ["BACKLOG", "MAX", "CODE", "timeout"];
    Words {
        sockets,
        actor: word("ACTOR"),
        makes: word("NAME"),
        domain: given.try_get_one("DOMAIN").ok().flatten().copied(),
        kind: given.try_get_one("TYPE").ok().flatten().copied(),
        address: given.try_get_one("ADDRESS").ok().flatten().cloned(),
        option: word("OPTION").and_then(|word| SockOpt::named(&word)),
        on: word("VALUE").map(|word| word == "on"),
        direction: word("HOW").and_then(|how| DIRECTIONS.iter().find(|(it, ..)| *it == how)),
        number: numbers.iter().find_map(|id| number(id)),
        path: given.try_get_one("PATH").ok().flatten().cloned(),
        payload,
    }
}

fn name(text: &str) -> Result<String, String> {
    let fine = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fine {
        Ok(text.into())
    } else {
        Err("a name is lower-case letters, digits and hyphens".into())
    }
}

/// A path, or one with placeholders.
fn path_with_slash(text: &str) -> Result<Written, String> {
    if text.contains('{') {
        return Ok(Written::Template(text.into()));
    }
    if !text.contains('/') {
        return Err("a path has a / in it, such as ./name".into());
    }
    UnixAddr::path(text).map(|_| Written::AsIs(text.into()))
}

/// The part of clap's message that says what is wrong, on one line.
fn first_lines(error: &clap::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let end = text.find("\n\nUsage").unwrap_or(text.len());
    let said: Vec<&str> = text[..end].split_whitespace().collect();
    let said = said.join(" ");
    match said.find(" For more information") {
        Some(end) => said[..end].to_string(),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::fuzz::{config, edited_text};
    use crate::model::Address;
    use crate::script::{Action, Payload, Vars};

    #[test]
    fn every_verb_parses() {
        for line in [
            "socket inet stream as server",
            "setsockopt server reuseaddr on",
            "bind server 127.0.0.1:6789",
            "listen server -1",
            "accept server as conn",
            "connect c [::1]:6789",
            "recv conn 10000",
            r#"send conn "OK\n""#,
            "send conn --received",
            "shutdown conn write",
            "close conn",
            "nonblock conn off",
            "socket unix dgram as server",
            "setsockopt server v6only off",
            "setsockopt conn nodelay on",
            "getsockopt conn peercred",
            "bind server /tmp/x.sock",
            "connect c ./x.sock",
            "send conn --zeros 50000000",
            "recvfrom server 2048",
            r#"sendto c 127.0.0.1:6789 "OK\n""#,
            "sendto server sender --received",
            "sendto server /tmp/x.sock hello",
        ] {
            let action = Action::parse(line).unwrap();
            let names = action.uses().iter().map(String::as_str);
            assert!(names.chain(action.creates()).any(|name| !name.is_empty()));
        }
        let unlink = Action::parse("unlink /tmp/x.sock").unwrap();
        assert!(unlink.uses().is_empty());
        for (line, wanted) in [
            ("send c --zeros 9", Payload::Zeros(9)),
            ("sendto c sender --received", Payload::Received),
            (r#"send c "OK\n""#, Payload::Text("OK\\n".into())),
        ] {
            assert_eq!(Action::parse(line).unwrap().words.payload, Some(wanted));
        }
        assert_eq!(
            Action::parse("accept server as conn").unwrap().creates(),
            Some("conn")
        );
    }

    #[test]
    fn verbs_without_a_socket_parse() {
        let fork = Action::parse("fork as child").unwrap();
        assert_eq!(
            (fork.creates_actor(), fork.creates()),
            (Some("child"), None)
        );
        let wait = Action::parse("wait child").unwrap();
        assert_eq!((wait.actor(), wait.uses().len()), (Some("child"), 0));
        for (line, wanted) in [("exit", 0), ("exit 0", 0), ("exit 255", 255)] {
            assert_eq!(Action::parse(line).unwrap().words.number, Some(wanted));
        }
        for (line, wanted) in [
            ("poll server", -1),
            ("poll server --timeout -1", -1),
            ("poll server --timeout 0", 0),
            ("poll --timeout=250 server", 250),
        ] {
            let words = Action::parse(line).unwrap().words;
            assert_eq!(
                (words.sockets, words.number),
                (vec!["server".into()], Some(wanted))
            );
        }
        let poll = Action::parse("poll server conn --timeout 5").unwrap();
        assert_eq!(poll.uses(), ["server", "conn"]);
        assert_eq!(
            Action::parse("accept server as conn").unwrap().uses(),
            ["server"]
        );
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (line, wanted) in [
            ("bnid server 1", "unrecognized subcommand 'bnid'"),
            ("bind server nonsense", "invalid value 'nonsense'"),
            ("listen server", "<BACKLOG>"),
            ("accept server as", "<NAME>"),
            ("accept server to conn", "invalid value 'to'"),
            ("recv conn 0", "0 is not in"),
            ("send conn \"a", "missing closing quote"),
            (r"send conn '\q'", "no escape"),
            ("socket inet stream as 9x", "lower-case"),
            ("fork child", "invalid value 'child'"),
            ("fork as", "<NAME>"),
            ("exit 256", "256 is not in 0..=255"),
            ("exit -1", "unexpected argument '-1'"),
            ("wait", "<ACTOR>"),
            ("nonblock conn maybe", "invalid value 'maybe'"),
            ("poll", "<SOCKETS>"),
            ("poll conn --timeout -2", "-2 is not in -1.."),
            ("send conn", "<TEXT>"),
            ("send conn a --zeros 9", "cannot be used with"),
            ("send conn --zeros 0", "0 is not in"),
            ("sendto c nonsense x", "a path with a /"),
            ("sendto c sender", "<TEXT>"),
            (r"sendto c sender '\q'", "no escape"),
            ("unlink name", "has a / in it"),
            ("getsockopt c error", "invalid value 'error'"),
        ] {
            let error = Action::parse(line).unwrap_err();
            assert!(error.contains(wanted), "{line}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    proptest! {
        #![proptest_config(config(2_000))]
        #[test]
        fn fuzzed_lines_are_read_or_refused(line in edited_text(
            &[
                "socket inet stream as server",
                "setsockopt server reuseaddr on",
                "bind server {addr}",
                "listen server -1",
                "accept server as conn",
                r#"send conn "OK\n""#,
                "send conn --zeros 50000000",
                "sendto server sender --received",
                "poll server conn --timeout 100",
                "unlink {path}",
            ],
            &[" ", "\"", "'", "\\", "\\x", "--", "-1", "{", "}", "{addr}", "as", "\0", "/"],
        )) {
            match Action::parse(&line) {
                Ok(action) => {
                    // What is refused is so for a reason that is said.
                    let addr: Address = "127.0.0.1:6789".parse().unwrap();
                    let planned = action.check(&Vars { addr, pid: Some(1) });
                    prop_assert!(planned.err().is_none_or(|why| !why.is_empty()));
                }
                Err(why) => prop_assert!(!why.trim().is_empty()),
            }
        }
    }
}
