use clap::{CommandFactory, FromArgMatches, Parser};

use super::action::Action;
use super::text::unescape;

#[derive(Parser)]
#[command(no_binary_name = true, name = "action", disable_help_flag = true)]
struct Line {
    #[command(subcommand)]
    action: Action,
}

impl Action {
    /// Parses one line whose placeholders are already filled in. The error is
    /// one or two plain sentences.
    pub fn parse(line: &str) -> Result<Action, String> {
        let words = shell_words::split(line).map_err(|error| error.to_string())?;
        let matches = Line::command()
            .try_get_matches_from(words)
            .map_err(|error| first_lines(&error))?;
        let action = Line::from_arg_matches(&matches)
            .map_err(|error| first_lines(&error))?
            .action;
        if let Action::Send {
            text: Some(text), ..
        }
        | Action::Sendto {
            text: Some(text), ..
        } = &action
        {
            unescape(text)?;
        }
        Ok(action)
    }
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
    use crate::script::{Action, Payload};

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
            assert!(action.socket().is_some_and(|name| !name.is_empty()));
        }
        let unlink = Action::parse("unlink /tmp/x.sock").unwrap();
        assert_eq!((unlink.socket(), unlink.uses()), (None, vec![]));
        assert_eq!(
            Action::parse("send c --zeros 9").unwrap().payload(),
            Some(Payload::Zeros(9))
        );
        assert_eq!(
            Action::parse("sendto c sender --received")
                .unwrap()
                .payload(),
            Some(Payload::Received)
        );
        assert_eq!(
            Action::parse(r#"send c "OK\n""#).unwrap().payload(),
            Some(Payload::Bytes(b"OK\n".to_vec()))
        );
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
        assert_eq!((wait.actor(), wait.socket()), (Some("child"), None));
        for (line, wanted) in [("exit", 0), ("exit 0", 0), ("exit 255", 255)] {
            assert_eq!(Action::parse(line), Ok(Action::Exit { code: wanted }));
        }
        for (line, wanted) in [
            ("poll server", -1),
            ("poll server --timeout -1", -1),
            ("poll server --timeout 0", 0),
            ("poll --timeout=250 server", 250),
        ] {
            let sockets = vec!["server".to_string()];
            let timeout = wanted;
            assert_eq!(Action::parse(line), Ok(Action::Poll { sockets, timeout }));
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
}
