//! Reads a line of the script: a verb, and behind it the words that it takes.

use super::action::{Action, Payload, Place, Words};
use super::constants::{
    DIRECTIONS, DISPOSITIONS, MAKE_FLAGS, OPERATIONS, POLL_FLAGS, RECV_FLAGS, REQUESTS, SEND_FLAGS,
    SIGNALS, TYPES,
};
use super::known::known;
use super::left::Left;
use super::option::OptionValue;
use super::text::unescape;
use super::verbs::{VERBS, Word};

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
        Word::Type => {
            let (_, kind, is_icmp) = left.one_of("type", TYPES, |it| it.0)?;
            (words.kind, words.is_icmp) = (Some(*kind), *is_icmp);
        }
        Word::Address | Word::Target | Word::Destination | Word::Path => {
            words.address = Some(place(word, left)?);
        }
        Word::Switch => words.on = *left.one_of("value", &["on", "off"], |it| it)? == "on",
        Word::Direction => words.direction = Some(left.one_of("direction", DIRECTIONS, |it| it.0)?),
        Word::Backlog => {
            words.number = left.number("BACKLOG", i32::MIN.into()..=i32::MAX.into())?;
        }
        Word::Max => words.number = left.number("MAX", 1..=MAX_RECV)?,
        Word::Size => words.number = left.number("COUNT", 1..=MAX_ZEROS)?,
        Word::Room => words.sizes = vec![left.number("MAX", 1..=MAX_RECV)?],
        Word::Rooms => {
            while !left.is_at_end() || words.sizes.is_empty() {
                words.sizes.push(left.number("MAX", 1..=MAX_RECV)?);
            }
        }
        Word::Code if left.0.is_empty() => words.number = 0,
        Word::Code => words.number = left.number("CODE", 0..=255)?,
        Word::Timeout if left.option("--timeout") => {
            words.number = left.number("MS", -1..=i32::MAX.into())?;
        }
        Word::Timeout => words.number = -1,
        Word::Texts => {
            while words.texts.is_empty() || !left.is_at_end() {
                let text = left.word("TEXT")?;
                unescape(text)?;
                words.texts.push(text.into());
            }
        }
        Word::Message | Word::Data => words.payload = Some(payload(word, left)?),
        other => return read_constant(other, left, words),
    }
    Ok(())
}

/// Reads an address or a path.
fn place(word: Word, left: &mut Left<'_>) -> Result<Place, String> {
    if word == Word::Destination && left.option("sender") {
        return Ok(Place::Sender);
    }
    if word != Word::Path {
        return Place::parse(left.word("ADDRESS")?);
    }
    let path = left.word("PATH")?;
    if !path.contains(['/', '{']) {
        return Err(format!("'{path}': a path has a / in it, such as ./name"));
    }
    Place::parse(path)
}

/// Reads what is sent.
fn payload(word: Word, left: &mut Left<'_>) -> Result<Payload, String> {
    if left.option("--received") {
        return Ok(Payload::Received);
    }
    if word == Word::Data && left.option("--rest") {
        return Ok(Payload::Rest);
    }
    if word == Word::Data && left.option("--zeros") {
        let count = left.number("N", 1..=MAX_ZEROS)?;
        return Ok(Payload::Zeros(count.unsigned_abs()));
    }
    let text = left.word("TEXT")?;
    unescape(text)?;
    Ok(Payload::Text(text.into()))
}

/// Reads an option, a flag, or another word that stands for a constant.
fn read_constant(word: Word, left: &mut Left<'_>, words: &mut Words) -> Result<(), String> {
    match word {
        Word::Setting => words.option = Some(left.setting()?),
        Word::Reading => words.option = Some(left.reading()?),
        Word::Value => {
            let value = left.word("VALUE")?;
            let kind = words.option.map(|option| option.kind);
            words.value = kind
                .map(|kind| OptionValue::parse(kind, value))
                .transpose()?;
        }
        Word::Passed => left.passed(words)?,
        Word::Taken => {
            if left.option("as") {
                while !left.is_at_end() {
                    words.makes.push(left.new_name()?);
                }
            }
            left.room(words);
        }
        Word::Sets => {
            words.sets[0] = left.names_up_to_option();
            while let Some(place) = ["--write", "--except"]
                .iter()
                .position(|it| left.option(it))
            {
                words.sets[place + 1] = left.names_up_to_option();
            }
            words.sockets = words.sets.concat();
            left.fits(words.sockets.len())?;
        }
        Word::PollFlags => words.flags = left.flags(POLL_FLAGS),
        Word::Disposition if left.is_at_end() => words.disposition = Some(&DISPOSITIONS[0]),
        Word::Disposition => {
            words.disposition = Some(left.one_of("way", DISPOSITIONS, |it| it.0)?);
        }
        Word::Stop => words.constant = Some((libc::SIGSTOP.into(), "SIGSTOP")),
        Word::Continue => words.constant = Some((libc::SIGCONT.into(), "SIGCONT")),
        Word::Host => words.texts = vec![left.word("NAME")?.into()],
        Word::MakeFlags => words.flags = left.flags(MAKE_FLAGS),
        Word::RecvFlags => words.flags = left.flags(RECV_FLAGS),
        Word::SendFlags => words.flags = left.flags(SEND_FLAGS),
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
            writev conn 'one' 'two'
            readv conn 3 100
            sendmsg conn 'x' --to {addr} --fd server --creds --nosignal
            recvmsg conn 100 as one two --creds --from --peek
            select conn server --write conn --except conn --timeout 0
            poll conn --out --timeout 0
            open /proc/self/exe as file
            sendfile conn file 100
            socket unix seqpacket as s
            socket inet raw as s
            socket inet6 ping as s
            bind server @a-name
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
            ("writev c", "TEXT is missing"),
            ("readv c 5 0", "0 is not in"),
            ("sendmsg c x --fd", "NAME is missing"),
            ("recvmsg c 9 as 9", "lower-case"),
            ("select --timeout 0", "0 sockets"),
            ("handle USR1 maybe", "no way 'maybe'"),
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
            ("kill child BUS", "no signal 'BUS'"),
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
                "sendmsg conn 'x' --to {addr} --fd server --creds --nosignal",
                "recvmsg conn 100 as one two --creds --from --peek",
                "select conn --write conn --timeout 0",
                "writev conn 'one' 'two'",
                "readv conn 3 100",
                "handle PIPE ignore",
                "resolve localhost",
                "setsockopt s membership 239.1.2.3@127.0.0.1",
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
