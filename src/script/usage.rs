//! How a verb is used, in a line, and what may stand next in one.

use super::constants::{
    DIRECTIONS, DISPOSITIONS, Flag, MAKE_FLAGS, OPERATIONS, POLL_FLAGS, RECV_FLAGS, REQUESTS,
    SEND_FLAGS, SIGNALS, TYPES,
};
use super::sockopt::{readable, settable};
use super::verbs::{VERBS, Verb, Word};

impl Word {
    /// How the word is written in a usage line; nothing where no word is written.
    fn usage(self) -> &'static str {
        match self {
            Word::Socket => "NAME",
            Word::Sockets => "NAME…",
            Word::As => "as NAME",
            Word::Actor => "ACTOR",
            Word::Domain => "DOMAIN",
            Word::Type => "TYPE",
            Word::Address | Word::Target => "ADDRESS",
            Word::Destination => "ADDRESS|sender",
            Word::From => "",
            Word::Setting | Word::Reading => "OPTION",
            Word::Switch => "on|off",
            Word::Value => "VALUE",
            Word::MakeFlags => "[--nonblock] [--cloexec]",
            Word::RecvFlags => "[--peek…]",
            Word::SendFlags => "[--oob…]",
            Word::Pair => "as NAME NAME",
            Word::Number => "FD",
            Word::Request => "nread|outq|atmark",
            Word::Signal => "SIGNAL",
            Word::Operation => "add|mod|del",
            Word::Other => "NAME",
            Word::Events => "[in,out…]",
            Word::Backlog => "BACKLOG",
            Word::Max => "MAX",
            Word::Message => "TEXT|--received",
            Word::Data => "TEXT|--received|--rest|--zeros N",
            Word::Direction => "read|write|both",
            Word::Path => "PATH",
            Word::Code => "[CODE]",
            Word::Timeout => "[--timeout MS]",
            Word::Room => "MAX",
            Word::Rooms => "MAX…",
            Word::Size => "COUNT",
            Word::Texts => "TEXT…",
            Word::Passed => "[--to ADDRESS] [--fd NAME…] [--creds]",
            Word::Taken => "[as NAME…] [--creds] [--from]",
            Word::Sets => "NAME… [--write NAME…] [--except NAME…]",
            Word::PollFlags => "[--in] [--out] [--pri] [--rdhup]",
            Word::Disposition => "[interrupt|restart|ignore|default]",
            Word::Stop | Word::Continue => "",
            Word::Host => "HOST",
        }
    }

    /// The words that it can be, but for names.
    fn choices(self) -> Vec<&'static str> {
        match self {
            Word::As | Word::Pair => vec!["as"],
            Word::Domain => vec!["inet", "inet6", "unix"],
            Word::Type => TYPES.iter().map(|it| it.0).collect(),
            Word::PollFlags => flags(POLL_FLAGS),
            Word::Disposition => DISPOSITIONS.iter().map(|it| it.0).collect(),
            Word::Passed => vec!["--to", "--fd", "--creds"],
            Word::Taken => vec!["as", "--creds", "--from"],
            Word::Host => vec!["localhost"],
            Word::Address | Word::Target => vec!["{addr}", "127.0.0.1:"],
            Word::Destination => vec!["sender", "{addr}", "127.0.0.1:"],
            Word::Setting => settable().map(|option| option.word).collect(),
            Word::Reading => readable().map(|option| option.word).collect(),
            Word::Switch | Word::Value => vec!["on", "off"],
            Word::MakeFlags => flags(MAKE_FLAGS),
            Word::RecvFlags => flags(RECV_FLAGS),
            Word::SendFlags => flags(SEND_FLAGS),
            Word::Signal => flags(SIGNALS),
            Word::Operation => flags(OPERATIONS),
            Word::Request => REQUESTS.iter().map(|it| it.0).collect(),
            Word::Direction => DIRECTIONS.iter().map(|it| it.0).collect(),
            Word::Message => vec!["--received"],
            Word::Data => vec!["--received", "--rest", "--zeros"],
            Word::Timeout => vec!["--timeout"],
            Word::Path => vec!["{path}"],
            _ => Vec::new(),
        }
    }
}

fn flags(list: &[Flag]) -> Vec<&'static str> {
    list.iter().map(|flag| flag.0).collect()
}

impl Verb {
    /// The words that a line has behind it: `NAME ADDRESS`.
    pub(crate) fn usage(&self) -> String {
        let words = self.words.iter().map(|word| word.usage());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }
}

/// What the verbs are called.
pub(crate) fn verbs() -> impl Iterator<Item = &'static Verb> {
    VERBS.iter()
}

/// What is still missing behind a line that was begun.
pub(crate) fn missing(line: &str) -> String {
    let mut typed = line.split_whitespace();
    let Some(verb) = typed.next().and_then(Verb::named) else {
        return String::new();
    };
    let usage = verb.usage();
    let wanted = usage.split(' ').filter(|word| !word.is_empty());
    let missing: Vec<&str> = wanted.skip(typed.count()).collect();
    missing.join(" ")
}

/// The words that could go on a line which ends where the cursor stands, the last of
/// which is begun. `sockets` and `actors` are the names there are.
pub(crate) fn next_words(before: &str, sockets: &[String], actors: &[String]) -> Vec<String> {
    let begun = before.split_whitespace().count();
    let place = if before.ends_with(char::is_whitespace) {
        begun
    } else {
        begun.saturating_sub(1)
    };
    let last = if place == begun {
        ""
    } else {
        before.split_whitespace().next_back().unwrap_or("")
    };
    let own = |words: Vec<&str>| words.into_iter().map(String::from).collect();
    let all: Vec<String> = if place == 0 {
        own(VERBS.iter().map(|verb| verb.word).collect())
    } else {
        let verb = before.split_whitespace().next().and_then(Verb::named);
        let words = verb.map_or(&[][..], |verb| verb.words).iter();
        let mut words = words.filter(|word| **word != Word::From);
        match words.clone().nth(place - 1) {
            Some(Word::Socket | Word::Sockets | Word::Sets | Word::Other) => sockets.to_vec(),
            Some(Word::Actor) => actors.to_vec(),
            Some(word) => own(word.choices()),
            None if words.any(|word| matches!(word, Word::Sockets | Word::Sets)) => {
                sockets.to_vec()
            }
            None => Vec::new(),
        }
    };
    all.into_iter()
        .filter(|word| word.starts_with(last))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_begun_says_what_is_missing() {
        assert_eq!(missing("bind s"), "ADDRESS");
        assert_eq!(missing("listen "), "NAME BACKLOG");
        assert_eq!(missing("bind s 127.0.0.1:1"), "");
        assert_eq!(missing("bnid s"), "");
    }

    #[test]
    fn words_go_on_a_line() {
        let names = ["server".to_string(), "conn".to_string()];
        let words = |before: &str| next_words(before, &names, &["child".into()]).join(" ");
        assert_eq!(words("bi"), "bind");
        assert_eq!(words("shutdown "), "server conn");
        assert_eq!(words("shutdown c"), "conn");
        assert_eq!(words("shutdown conn w"), "write");
        assert_eq!(words("setsockopt conn nod"), "nodelay nodefrag");
        assert_eq!(words("wait "), "child");
        assert_eq!(words("nonsense "), "");
    }
}
