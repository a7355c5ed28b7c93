//! What a line of a course touches that is not the walk's own.

use std::net::{IpAddr, SocketAddr};

use super::action::Action;
use super::expect::Predicate;
use super::vars::Vars;
use super::verbs::Word;
use crate::model::Address;

impl Action {
    /// What the call of this line touches beyond the walk's own address, paths that
    /// begin with the walk's own, and loopback: a course that nobody trusts may not.
    /// Whoever sent something may be answered.
    pub(crate) fn reaches(&self, vars: &Vars) -> Option<String> {
        if let Some(host) = self.host().filter(|host| !is_local(host)) {
            return Some(format!("the name {host}"));
        }
        let address = self.address(vars).ok()??;
        let what = if self.takes(Word::Path) {
            "file"
        } else {
            "address"
        };
        is_beyond(address, vars).then(|| format!("the {what} {address}"))
    }
}

impl Predicate {
    /// The same of an expectation: one of them tries to connect, another starts programs.
    pub(crate) fn reaches(&self, vars: &Vars) -> Option<String> {
        match self {
            Predicate::Refuses(addr) => {
                let addr = vars.fill_word(addr).parse().ok()?;
                let addr = Address::reached(addr);
                is_beyond(addr, vars).then(|| format!("the address {addr}"))
            }
            Predicate::Makes { programs, .. } => programs
                .iter()
                .flatten()
                .next()
                .map(|it| format!("the program {it}")),
            _ => None,
        }
    }
}

fn is_beyond(address: Address, vars: &Vars) -> bool {
    let own = [vars.addr, vars.addr.reached()];
    !(own.contains(&address)
        || match address {
            Address::Inet(addr) => is_loopback(addr),
            Address::Unix(name) => is_own_path(name.sun_path(), vars),
            Address::Other { .. } => false,
        })
}

/// Is it resolved without asking anybody?
fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok()
}

fn is_loopback(addr: SocketAddr) -> bool {
    addr.ip().to_canonical().is_loopback()
}

/// The path of the walk, or one beside it: `{path}.client`.
fn is_own_path(path: &[u8], vars: &Vars) -> bool {
    let Some(own) = vars.addr.path() else {
        return false;
    };
    // An abstract name begins with a null byte.
    let path = path.strip_prefix(b"\0").unwrap_or(path);
    match path.strip_prefix(own.sun_path()) {
        None => false,
        Some([]) => true,
        Some([first, rest @ ..]) => *first == b'.' && !rest.contains(&b'/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(addr: &str, line: &str) -> bool {
        let addr = addr.parse().unwrap();
        let vars = Vars { addr, pid: Some(7) };
        match Action::parse(line) {
            Ok(action) => action.reaches(&vars).is_some(),
            Err(_) => Predicate::parse(line).unwrap().reaches(&vars).is_some(),
        }
    }

    #[test]
    fn the_walks_own_address_and_loopback_are_free() {
        for addr in ["127.0.0.1:80", "192.0.2.1:80", "0.0.0.0:80", "[::]:80"] {
            for line in [
                "bind s {addr}",
                "connect s {addr}",
                "connect s 127.0.0.2:{port}",
                "sendto s sender hi",
                "bind s [::1]:0",
                "bind s [::ffff:127.0.0.1]:0",
                "refuses {addr}",
                "refuses 127.0.0.1:9",
                "socket inet stream as s",
            ] {
                assert!(!reaches(addr, line), "{addr}: {line}");
            }
            for line in [
                "bind s 0.0.0.0:0",
                "bind s [::]:{port}",
                "bind s 0.0.0.0:81",
                "connect s 192.0.2.1:81",
                "sendto s 192.0.2.7:{port} hi",
                "refuses 192.0.2.7:80",
                "unlink /etc/passwd",
                "unlink ./{port}",
                "bind s /tmp/x.sock",
                "bind s @x",
                "resolve example.org",
                "open /etc/passwd as f",
                "sendmsg s x --to 192.0.2.7:80",
                "makes socket true",
            ] {
                let own = line == "bind s [::]:{port}" && addr == "[::]:80";
                assert_eq!(reaches(addr, line), !own, "{addr}: {line}");
            }
        }
    }

    #[test]
    fn paths_beside_the_walks_own_are_free() {
        for line in [
            "bind s {path}",
            "unlink {path}",
            "unlink {path}.client",
            "connect s {addr}",
            "sendto s {path}.a.b hi",
            "bind s @{path}.a",
            "resolve localhost",
        ] {
            assert!(!reaches("/tmp/x", line), "{line}");
        }
        for line in [
            "unlink {path}/x",
            "unlink {path}./../y",
            "unlink {path}y",
            "unlink /tmp/y",
            "unlink /tmp/../{path}",
            "bind s /tmp/y",
            "connect s 192.0.2.1:80",
        ] {
            assert!(reaches("/tmp/x", line), "{line}");
        }
    }
}
