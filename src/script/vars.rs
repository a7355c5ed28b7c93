//! What the placeholders of a course stand for.

use crate::model::Address;

/// What the placeholders of a line and of the prose stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vars {
    /// The address of the walk: as asked for, and as bound once it is.
    pub addr: Address,
    /// The server's process, where there is one.
    pub pid: Option<u32>,
}

impl Vars {
    /// The placeholders there are.
    pub const NAMES: [&'static str; 6] = ["addr", "path", "host", "port", "domain", "pid"];

    /// Replaces every `{name}` that is a placeholder: `{addr}` the address,
    /// `{host}` and `{port}` where a client reaches it, `{domain}` its family,
    /// `{pid}` the server's process. In the unix domain `{path}` is the address
    /// again, and there is no host and no port: they become nothing, as `{path}`
    /// does elsewhere. A course writes one or the other. A path that a shell would
    /// split has quotes.
    pub fn fill(&self, text: &str) -> String {
        self.filled(text, |path| shell_words::quote(path).into_owned())
    }

    /// The same in one word of a line that was split already: no quotes.
    pub fn fill_word(&self, text: &str) -> String {
        self.filled(text, str::to_string)
    }

    fn filled(&self, text: &str, write_path: impl Fn(&str) -> String) -> String {
        let reachable = self.addr.inet().map(Address::reachable);
        let host = reachable.map_or(String::new(), |addr| addr.ip().to_string());
        let port = reachable.map_or(String::new(), |addr| addr.port().to_string());
        let path = self.addr.path().map_or(String::new(), |path| {
            write_path(&path.as_path().to_string_lossy())
        });
        let addr = match self.addr {
            Address::Unix(_) => path.clone(),
            other => other.to_string(),
        };
        let pid = self.pid.map_or("PID".to_string(), |pid| pid.to_string());
        text.replace("{host}", &host)
            .replace("{port}", &port)
            .replace("{domain}", &self.addr.domain().word())
            .replace("{pid}", &pid)
            .replace("{addr}", &addr)
            .replace("{path}", &path)
    }
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
        assert_eq!(filled("/tmp/x", line), "/tmp/x|/tmp/x|||unix|7");
    }

    #[test]
    fn a_path_stays_one_word_of_a_line() {
        let line = filled("/tmp/a b{pid}\"'", "bind server {addr}");
        let words = shell_words::split(&line).unwrap();
        assert_eq!(words, ["bind", "server", "/tmp/a b{pid}\"'"]);
    }
}
