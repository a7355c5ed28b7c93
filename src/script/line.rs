//! Reads a line of the script: a verb, and behind it the words that it takes.

use std::ops::RangeInclusive;

use super::action::{Action, Payload, Place, Words};
use super::constants::{
    Constant, DIRECTIONS, EVENTS, Flag, MAKE_FLAGS, OPERATIONS, POLL_FLAGS, RECV_FLAGS, REQUESTS,
    SEND_FLAGS, SIGNALS, SockOpt, readable, settable,
};
use super::known::known;
use super::option::OptionValue;
use super::text::unescape;
use super::verbs::{VERBS, Word};

/// The most sockets of one poll: more than that strace does not print.
const MAX_POLLED: usize = 32;

/// The largest number of a descriptor that a line may ask for.
const MAX_FD: i64 = 1023;

/// The most that one recv may ask for, in bytes: the actor's buffer.
const MAX_RECV: i64 = 1 << 20;

/// The most zeros that one send may offer. They take no memory until the kernel
/// has copied them.
const MAX_ZEROS: i64 = 1 << 30;

impl Action {
    /// Parses one line; placeholders stay what they are. The error is a plain sentence.
    pub(crate) fn parse(line: &str) -> Result<Action, String> {
        let split = shell_words::split(line).map_err(|error| error.to_string())?;
        let (first, rest) = split.split_first().ok_or("an empty line")?;
        let verb = known("action", first, VERBS, |verb| verb.word)?;
        let mut left = Left(rest);
        let mut words = Words::default();
        for word in verb.words {
            read(*word, &mut left, &mut words)?;
        }
        match left.0.first() {
            None => Ok(Action { verb, words }),
            Some(extra) => Err(format!("'{extra}' is one word too many")),
        }
    }
}

/// Reads what a verb takes next.
fn read(word: Word, left: &mut Left<'_>, words: &mut Words) -> Result<(), String> {
    match word {
        Word::From => {}
        Word::Socket => words.sockets = vec![left.word("NAME")?.into()],
        Word::Sockets => words.sockets = left.names()?,
        Word::As => {
            left.before_name()?;
            words.makes = vec![left.new_name()?];
        }
        Word::Pair => {
            left.before_name()?;
            words.makes = vec![left.new_name()?, left.new_name()?];
        }
        Word::Actor => words.actor = Some(left.word("ACTOR")?.into()),
        Word::Domain => {
            let domain = left.word("DOMAIN")?;
            words.domain = (domain != "{domain}").then(|| domain.parse()).transpose()?;
        }
        Word::Type => words.kind = Some(left.word("TYPE")?.parse()?),
        Word::Destination if left.option("sender") => words.address = Some(Place::Sender),
        Word::Address | Word::Target | Word::Destination => {
            words.address = Some(Place::parse(left.word("ADDRESS")?)?);
        }
        Word::Path => {
            let path = left.word("PATH")?;
            if !path.contains(['/', '{']) {
                return Err(format!("'{path}': a path has a / in it, such as ./name"));
            }
            words.address = Some(Place::parse(path)?);
        }
        Word::Switch => words.on = *left.one_of("value", &["on", "off"], |it| it)? == "on",
        Word::Direction => words.direction = Some(left.one_of("direction", DIRECTIONS, |it| it.0)?),
        Word::Backlog => {
            words.number = left.number("BACKLOG", i32::MIN.into()..=i32::MAX.into())?;
        }
        Word::Max => words.number = left.number("MAX", 1..=MAX_RECV)?,
        Word::Code if left.0.is_empty() => words.number = 0,
        Word::Code => words.number = left.number("CODE", 0..=255)?,
        Word::Timeout if left.option("--timeout") => {
            words.number = left.number("MS", -1..=i32::MAX.into())?;
        }
        Word::Timeout => words.number = -1,
        Word::Message | Word::Data if left.option("--received") => {
            words.payload = Some(Payload::Received);
        }
        Word::Data if left.option("--rest") => words.payload = Some(Payload::Rest),
        Word::Data if left.option("--zeros") => {
            let count = left.number("N", 1..=MAX_ZEROS)?;
            words.payload = Some(Payload::Zeros(count.unsigned_abs()));
        }
        Word::Message | Word::Data => {
            let text = left.word("TEXT")?;
            unescape(text)?;
            words.payload = Some(Payload::Text(text.into()));
        }
        other => return read_constant(other, left, words),
    }
    Ok(())
}

/// Reads an option, a flag, or another word that stands for a constant.
fn read_constant(word: Word, left: &mut Left<'_>, words: &mut Words) -> Result<(), String> {
    match word {
        Word::Setting => words.option = Some(left.option_of(settable().collect())?),
        Word::Reading => words.option = Some(left.option_of(readable().collect())?),
        Word::Value => {
            let value = left.word("VALUE")?;
            let kind = words.option.map(|option| option.kind);
            words.value = kind
                .map(|kind| OptionValue::parse(kind, value))
                .transpose()?;
        }
        Word::MakeFlags => words.flags = left.flags(MAKE_FLAGS),
        Word::RecvFlags => words.flags = left.flags(RECV_FLAGS),
        Word::SendFlags => words.flags = left.flags(SEND_FLAGS),
        Word::PollFlags => words.flags = left.flags(POLL_FLAGS),
        Word::Number => words.number = left.number("FD", 0..=MAX_FD)?,
        Word::Request => {
            let (_, raw, name) = left.one_of("request", REQUESTS, |it| it.0)?;
            words.constant = Some((i64::try_from(*raw).unwrap_or(-1), name));
        }
        Word::Signal => words.constant = Some(left.constant("signal", SIGNALS)?),
        Word::Operation => words.constant = Some(left.constant("operation", OPERATIONS)?),
        Word::Other => words.sockets.push(left.word("NAME")?.into()),
        Word::Events => words.flags = left.events()?,
        _ => {}
    }
    Ok(())
}

/// The words of a line that were not read yet.
struct Left<'l>(&'l [String]);

impl<'l> Left<'l> {
    /// The next one, which is to be there.
    fn word(&mut self, what: &str) -> Result<&'l str, String> {
        let (next, rest) = self.0.split_first().ok_or(format!("{what} is missing"))?;
        self.0 = rest;
        Ok(next)
    }

    /// Is that word the next one? Then it is read.
    fn option(&mut self, word: &str) -> bool {
        let found = self.0.split_first().filter(|(next, _)| *next == word);
        found.map(|(_, rest)| self.0 = rest).is_some()
    }

    fn one_of<T>(
        &mut self,
        what: &str,
        list: &'static [T],
        name: fn(&T) -> &str,
    ) -> Result<&'static T, String> {
        known(what, self.word(what)?, list, name)
    }

    fn number(&mut self, what: &str, fits: RangeInclusive<i64>) -> Result<i64, String> {
        let word = self.word(what)?;
        let number = word
            .parse()
            .map_err(|_| format!("{what} is a number, not '{word}'"))?;
        let fitting = Some(number).filter(|number| fits.contains(number));
        fitting.ok_or_else(|| format!("{what}: {number} is not in {fits:?}"))
    }

    /// The names of sockets, up to an option or the end.
    fn names(&mut self) -> Result<Vec<String>, String> {
        let is_option = |word: &String| word.starts_with("--");
        let count = self.0.iter().position(is_option).unwrap_or(self.0.len());
        let (names, rest) = self.0.split_at(count);
        self.0 = rest;
        let fits = (1..=MAX_POLLED).contains(&count);
        fits.then(|| names.to_vec())
            .ok_or_else(|| format!("{count} sockets; it takes 1 to {MAX_POLLED}"))
    }

    /// One of these options.
    fn option_of(&mut self, all: Vec<&'static SockOpt>) -> Result<&'static SockOpt, String> {
        known("option", self.word("OPTION")?, &all, |it| it.word).copied()
    }

    /// The flags that come next, in the order of their list.
    fn flags(&mut self, list: &'static [Flag]) -> Vec<Constant> {
        let mut given = Vec::new();
        while let Some((next, rest)) = self.0.split_first()
            && let Some((word, _)) = list.iter().find(|(word, _)| word == next)
        {
            given.push(*word);
            self.0 = rest;
        }
        let is_given = |flag: &&Flag| given.contains(&flag.0);
        list.iter().filter(is_given).map(|flag| flag.1).collect()
    }

    fn constant(
        &mut self,
        what: &str,
        list: &'static [Flag],
    ) -> Result<(i64, &'static str), String> {
        let (_, (raw, name)) = self.one_of(what, list, |it| it.0)?;
        Ok(((*raw).into(), name))
    }

    /// `in,out,et`
    fn events(&mut self) -> Result<Vec<Constant>, String> {
        let next = self.word("EVENTS").unwrap_or_default();
        let words: Vec<&str> = next.split(',').filter(|word| !word.is_empty()).collect();
        for word in &words {
            known("event", word, EVENTS, |it| it.0)?;
        }
        let is_given = |flag: &&Flag| words.contains(&flag.0);
        Ok(EVENTS.iter().filter(is_given).map(|flag| flag.1).collect())
    }

    /// What stands before a new name.
    fn before_name(&mut self) -> Result<(), String> {
        if self.word("as NAME")? != "as" {
            return Err("before a new NAME stands `as`".into());
        }
        Ok(())
    }

    fn new_name(&mut self) -> Result<String, String> {
        let name = self.word("NAME")?;
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fine) {
            Ok(name.into())
        } else {
            Err(format!(
                "'{name}': a name is lower-case letters, digits and hyphens"
            ))
        }
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
        let lines = "
            socket inet stream as server
            socket {domain} dgram as server
            setsockopt server v6only off
            setsockopt conn nodelay on
            setsockopt conn linger 0
            setsockopt conn rcvtimeo 0.5
            getsockopt conn error
            socketpair unix stream as x y --nonblock
            accept4 server as conn --cloexec --nonblock
            recv conn 9 --peek --dontwait
            send conn '!' --oob
            dup conn as other
            dup2 conn 9 as other
            ioctl conn nread
            epoll_create as ep
            epoll_ctl ep add conn in,out,et
            epoll_wait ep --timeout 0
            getsockopt conn peercred
            bind server 127.0.0.1:{port}
            bind server /tmp/x.sock
            listen server -1
            connect c [::1]:6789
            shutdown conn write
            close conn
            nonblock conn off
            recv conn 10000
            recvfrom server 2048
            getsockname server
            sendto c 127.0.0.1:6789 'OK'
            sendto server /tmp/x.sock --received";
        for line in lines.trim().lines() {
            let action = Action::parse(line).unwrap();
            let names = action.uses().iter().map(String::as_str);
            assert!(
                names
                    .chain(action.creates().iter().map(String::as_str))
                    .any(|name| !name.is_empty())
            );
        }
        let words = |line: &str| Action::parse(line).unwrap().words;
        for (line, number) in [
            ("exit", 0),
            ("exit 255", 255),
            ("poll server", -1),
            ("poll server --timeout 0", 0),
        ] {
            assert_eq!(words(line).number, number, "{line}");
        }
        for (line, payload) in [
            ("send c --zeros 9", Payload::Zeros(9)),
            ("sendto c sender --received", Payload::Received),
            ("send c --rest", Payload::Rest),
            (r#"send c "OK\n""#, Payload::Text(r"OK\n".into())),
        ] {
            assert_eq!(words(line).payload, Some(payload));
        }
    }

    #[test]
    fn a_line_says_what_it_uses_and_what_it_makes() {
        let of = |line: &str| {
            let action = Action::parse(line).unwrap();
            let creates = action.creates().first().map(String::as_str);
            let names = [action.actor(), creates, action.creates_actor()];
            format!("{} {names:?}", action.uses().join("+"))
        };
        let accept = of("accept server as conn");
        assert_eq!(accept, r#"server [None, Some("conn"), None]"#);
        assert_eq!(of("fork as child"), r#" [None, None, Some("child")]"#);
        assert_eq!(of("wait child"), r#" [Some("child"), None, None]"#);
        assert_eq!(of("poll a b --timeout 5"), "a+b [None, None, None]");
        assert_eq!(of("unlink /tmp/x"), " [None, None, None]");
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (line, wanted) in [
            ("bnid server 1", "no action 'bnid'"),
            ("bind server nonsense", "'nonsense': an address is"),
            ("listen server", "BACKLOG is missing"),
            ("accept server as", "NAME is missing"),
            ("accept server to conn", "stands `as`"),
            ("recv conn 0", "0 is not in 1..=1048576"),
            ("recv conn all", "MAX is a number, not 'all'"),
            ("send conn \"a", "missing closing quote"),
            (r"send conn '\q'", "no escape"),
            ("socket inet stream as 9x", "lower-case"),
            ("socket inet seq as s", "no type 'seq'; there are stream"),
            ("fork child", "stands `as`"),
            ("exit 256", "256 is not in 0..=255"),
            ("exit 0 0", "'0' is one word too many"),
            ("wait", "ACTOR is missing"),
            ("nonblock conn maybe", "no value 'maybe'; there are on, off"),
            ("poll --timeout 1", "0 sockets; it takes 1 to 32"),
            ("poll conn --timeout -2", "-2 is not in -1.."),
            ("send conn", "TEXT is missing"),
            ("send conn a --zeros 9", "one word too many"),
            ("send conn --zeros 0", "0 is not in"),
            ("sendto c nonsense x", "a path with a /"),
            (r"sendto c sender '\q'", "no escape"),
            ("unlink name", "has a / in it"),
            ("getsockopt c erro", "no option 'erro'"),
            ("setsockopt c error 0", "no option 'error'"),
            ("setsockopt c rcvbuf much", "a number, not 'much'"),
            ("socketpair unix stream as x", "NAME is missing"),
            ("epoll_ctl e add s in,on", "no event 'on'"),
            ("kill child HUP", "no signal 'HUP'"),
            ("send c x --peek", "one word too many"),
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
                    let filled = action.address(&Vars { addr, pid: Some(1) });
                    prop_assert!(filled.err().is_none_or(|why| !why.is_empty()));
                }
                Err(why) => prop_assert!(!why.trim().is_empty()),
            }
        }
    }
}
