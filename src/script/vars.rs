//! What the placeholders of a course stand for.

use std::net::SocketAddr;

use crate::model::{Address, UnixAddr};
use crate::words::fill;

/// What the placeholders of a line and of the prose stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vars {
    /// The address of the walk: as asked for, and as bound once it is.
    pub addr: Address,
    /// The server's process, where there is one.
    pub pid: Option<u32>,
}

impl Vars {
    /// The placeholders there are.
    pub(crate) const NAMES: [&'static str; 6] = ["addr", "path", "host", "port", "domain", "pid"];

    /// Replaces every `{name}` that is a placeholder. A path that a shell would split
    /// has quotes.
    pub(crate) fn fill(&self, text: &str) -> String {
        fill(text, |name| self.word(name))
    }

    /// What one placeholder stands for, as a word of a command.
    pub(crate) fn word(&self, name: &str) -> Option<String> {
        self.value(name, |path| shell_words::quote(&bare(path)).into_owned())
    }

    /// The same in one word of a line that was split already: no quotes.
    pub(crate) fn fill_word(&self, text: &str) -> String {
        fill(text, |name| self.value(name, bare))
    }

    /// The same in a value that is held against what was seen: an address is written as
    /// it is shown, with its escapes.
    pub(crate) fn fill_value(&self, text: &str) -> String {
        fill(text, |name| self.value(name, |path| path.to_string()))
    }

    /// `{addr}` is the address, `{host}` and `{port}` where a client reaches it,
    /// `{domain}` its family, `{pid}` the server's process. In the unix domain
    /// `{path}` is the address again, and there is no host and no port: they become
    /// nothing, as `{path}` does elsewhere. A course writes one or the other.
    fn value(&self, name: &str, write_path: impl Fn(UnixAddr) -> String) -> Option<String> {
        let reachable = self.addr.inet().map(Address::reachable);
        // netcat takes an abstract name as it is shown: `nc -U @name`.
        let named = Some(self.addr).filter(|addr| !addr.is_unnamed());
        let path = named.and_then(Address::unix);
        let path = path.map_or(String::new(), write_path);
        Some(match name {
            "host" => reachable.map_or(String::new(), host),
            "port" => reachable.map_or(String::new(), |addr| addr.port().to_string()),
            "domain" => self.addr.domain().word().into_owned(),
            "pid" => self.pid.map_or("PID".to_string(), |pid| pid.to_string()),
            "path" => path,
            "addr" => match self.addr {
                Address::Unix(_) => path,
                other => other.to_string(),
            },
            _ => return None,
        })
    }
}

/// An IP address as programs take it; a link-local one needs its interface.
fn host(addr: SocketAddr) -> String {
    match addr {
        SocketAddr::V6(addr) if addr.scope_id() != 0 => {
            format!("{}%{}", addr.ip(), addr.scope_id())
        }
        addr => addr.ip().to_string(),
    }
}

fn bare(path: UnixAddr) -> String {
    Address::Unix(path).bare()
}

/// The words that stand in braces in a text. Braces around anything but one lower-case word
/// are prose.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let named = text.split('{').skip(1);
    let named = named.filter_map(|rest| Some(rest.split_once('}')?.0));
    named.filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase()))
}

/// What is wrong with the first placeholder of a text that is none of `known`.
pub(crate) fn strange_placeholder(text: &str, known: &[&str]) -> Option<String> {
    let strange = placeholders(text).find(|word| !known.contains(word))?;
    let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
    Some(format!(
        "no placeholder '{{{strange}}}' here; there are {}",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(addr: &str, text: &str) -> String {
        let addr = addr.parse().unwrap();
        Vars { addr, pid: Some(7) }.fill(text)
    }

    #[test]
    fn an_address_of_any_family_fills_a_line() {
        let line = "{addr}|{path}|{host}|{port}|{domain}|{pid}";
        assert_eq!(
            filled("0.0.0.0:6789", line),
            "0.0.0.0:6789||127.0.0.1|6789|inet|7"
        );
        assert_eq!(filled("[::]:1", line), "[::]:1||::1|1|inet6|7");
        let scoped = filled("[fe80::1%2]:1", line);
        assert_eq!(scoped, "[fe80::1%2]:1||fe80::1%2|1|inet6|7");
        assert_eq!(filled("/tmp/x", line), "/tmp/x|/tmp/x|||unix|7");
    }

    #[test]
    fn what_is_put_in_is_not_searched_again() {
        let value = |name: &str| (name == "a").then(|| "{a}".to_string());
        assert_eq!(fill("{{a} {b} {a", value), "{{a} {b} {a");
        let strange = strange_placeholder("{ } {x1} {b} {a}", &["b"]);
        assert_eq!(strange.unwrap(), "no placeholder '{a}' here; there are {b}");
    }

    #[test]
    fn a_path_stays_one_word_of_a_line() {
        let line = filled("/tmp/a b{pid}\"'", "bind server {addr}");
        let words = shell_words::split(&line).unwrap();
        assert_eq!(words, ["bind", "server", "/tmp/a b{pid}\"'"]);
    }

    #[test]
    fn a_path_is_expected_as_it_is_shown() {
        let addr: Address = "/tmp/\t\n\\|\u{202e}".parse().unwrap();
        let value = Vars { addr, pid: None }.fill_value("{path}");
        assert_eq!(value, r"/tmp/\x09\x0a\\|\u{202e}");
        assert_eq!(value, addr.to_string());
    }
}
