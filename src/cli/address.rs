//! The address of `--addr`, and what to write in place of what is none.

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

use crate::model::Address;

/// A path, or `HOST:PORT`. A port alone is one of 127.0.0.1. The error says in a line what
/// to write instead.
pub(super) fn address(text: &str) -> Result<Address, String> {
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split('/').next().unwrap_or_default();
        let wanted = if host.contains(':') {
            host.to_string()
        } else {
            with_port(host)
        };
        return Err(format!("that is a URL: write its host and port, {wanted}"));
    }
    if text.contains('/') {
        // What begins so is an option to nc and to others that one pastes it to.
        return match text.strip_prefix('-') {
            Some(_) => Err(format!(
                "a path that begins with - is an option to others: write ./{text}"
            )),
            None => text.parse(),
        };
    }
    if let Ok(addr) = text.parse() {
        return Ok(Address::Inet(addr));
    }
    if text.chars().all(|c| c.is_ascii_digit()) && !text.is_empty() {
        return Ok(Address::Inet((Ipv4Addr::LOCALHOST, port(text)?).into()));
    }
    // `::1` and `fe80::1%lo` without a port have colons, too.
    let is_ipv6 = |host: &str| host.matches(':').count() > 1;
    match text.rsplit_once(':') {
        Some((host, _)) if is_ipv6(text) && !host.ends_with(']') => Err(no_port(text)),
        Some(("" | "*", port)) => Err(format!(
            "there is no host: write 127.0.0.1:{port}, or 0.0.0.0:{port} for every interface"
        )),
        Some((host, digits)) => resolved(host.trim_matches(['[', ']']), port(digits)?),
        None => Err(no_port(text)),
    }
}

fn port(digits: &str) -> Result<u16, String> {
    digits.parse().map_err(|_| {
        format!("'{digits}' is no port: write a number from 0 to 65535; 0 lets the kernel choose")
    })
}

fn no_port(host: &str) -> String {
    format!(
        "there is no port: write {}; or a path with a / in it",
        with_port(host)
    )
}

/// A host with the port of every example; an IPv6 address has brackets.
fn with_port(host: &str) -> String {
    let host = host.trim_matches(['[', ']']);
    match host {
        "" => "127.0.0.1:6789".into(),
        ipv6 if ipv6.contains(':') => format!("[{ipv6}]:6789"),
        host => format!("{host}:6789"),
    }
}

/// A name's address. IPv4 is preferred, for that is what `nc HOST PORT` tries in the end
/// on every machine. Of `fe80::1%lo` the C library knows the interface's number.
fn resolved(host: &str, port: u16) -> Result<Address, String> {
    let found = (host, port).to_socket_addrs();
    let found: Vec<SocketAddr> = match found {
        Ok(found) => found.collect(),
        Err(_) if host.contains('%') => {
            return Err(format!(
                "'{host}' has no interface of this machine behind %, or is not link-local: \
                 write one that `ip addr` lists, such as [fe80::1%lo]:{port}"
            ));
        }
        Err(error) => return Err(format!("the name '{host}' has no address: {error}")),
    };
    let ipv4 = found.iter().find(|addr| addr.is_ipv4());
    let first = ipv4.or(found.first());
    first
        .map(|addr| Address::Inet(*addr))
        .ok_or_else(|| format!("the name '{host}' has no address"))
}

/// Where the page is served if nobody says.
pub(super) const PAGE: &str = "127.0.0.1:0";

/// An address for browsers.
pub(super) fn page(text: &str) -> Result<SocketAddr, String> {
    let none = || "browsers want a host and a port, such as 127.0.0.1:8080".into();
    address(text)?.inet().ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn what_is_an_address_is_taken() {
        for (text, wanted) in [
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("7120", "127.0.0.1:7120"),
            ("[::1]:6789", "[::1]:6789"),
            ("[fe80::1%1]:6789", "[fe80::1%1]:6789"),
            ("[fe80::1%lo]:6789", "[fe80::1%1]:6789"),
            ("localhost:80", "127.0.0.1:80"),
            ("./-x", "./-x"),
            ("/tmp/a:1", "/tmp/a:1"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_none_is_told_with_what_to_write() {
        for (text, wanted) in [
            ("-/x", "write ./-/x"),
            (
                "http://127.0.0.1:80",
                "that is a URL: write its host and port, 127.0.0.1:80",
            ),
            ("http://localhost/x", "localhost:6789"),
            ("https://[::1]:80/x", "[::1]:80"),
            ("127.0.0.1", "there is no port: write 127.0.0.1:6789"),
            ("localhost", "write localhost:6789"),
            ("::1", "write [::1]:6789"),
            ("[::1]", "write [::1]:6789"),
            ("fe80::1%lo", "write [fe80::1%lo]:6789"),
            ("::1:6789", "there is no port: write [::1:6789]:6789"),
            ("", "write 127.0.0.1:6789"),
            ("x.sock", "a path with a / in it"),
            ("99999", "'99999' is no port"),
            ("127.0.0.1:99999", "0 to 65535"),
            ("127.0.0.1:", "'' is no port"),
            ("127.0.0.1:http", "'http' is no port"),
            (":80", "write 127.0.0.1:80, or 0.0.0.0:80"),
            ("*:80", "0.0.0.0:80 for every interface"),
            ("[fe80::1%nowhere]:80", "`ip addr` lists"),
        ] {
            let said = address(text).unwrap_err();
            assert!(said.contains(wanted), "{text}: {said}");
            assert!(!said.contains('\n'), "{text}: {said}");
        }
    }
}
