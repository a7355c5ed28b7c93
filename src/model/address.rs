//! Socket addresses of every family.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Domain, UnixAddr};

/// A socket address: ip(7), ipv6(7), unix(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Address {
    /// AF_INET or AF_INET6: an IP address and a port.
    Inet(SocketAddr),
    /// AF_UNIX: a path, an abstract name, or no name.
    Unix(UnixAddr),
    /// A family that socklab does not speak, by its `AF_` number.
    Other { family: u16 },
}

impl Address {
    /// The IP address and port, if it is of the internet.
    pub(crate) fn inet(self) -> Option<SocketAddr> {
        match self {
            Address::Inet(addr) => Some(addr),
            Address::Unix(_) | Address::Other { .. } => None,
        }
    }

    /// The port, if it is of the internet.
    pub(crate) fn port(self) -> Option<u16> {
        self.inet().map(|addr| addr.port())
    }

    /// The name, if it is of a unix socket.
    pub(crate) fn unix(self) -> Option<UnixAddr> {
        match self {
            Address::Unix(addr) => Some(addr),
            Address::Inet(_) | Address::Other { .. } => None,
        }
    }

    /// The file, if it is a path of a unix socket.
    pub(crate) fn path(self) -> Option<UnixAddr> {
        self.unix().filter(UnixAddr::is_path)
    }

    /// As a call takes it: a path with whatever bytes it has. Not for a terminal.
    pub(crate) fn bare(self) -> String {
        match self.path() {
            Some(path) => path.as_path().to_string_lossy().into_owned(),
            None => self.to_string(),
        }
    }

    /// The domain a socket must be of to have this address.
    pub(crate) fn domain(self) -> Domain {
        match self {
            Address::Inet(SocketAddr::V4(_)) => Domain::Inet,
            Address::Inet(SocketAddr::V6(_)) => Domain::Inet6,
            Address::Unix(_) => Domain::Unix,
            Address::Other { family } => Domain::Other(family.into()),
        }
    }

    /// Its length in bytes as a call passes or returns it.
    pub(crate) fn socklen(self) -> u32 {
        match self {
            // sizeof(struct sockaddr_in), sizeof(struct sockaddr_in6)
            Address::Inet(SocketAddr::V4(_)) => 16,
            Address::Inet(SocketAddr::V6(_)) => 28,
            Address::Unix(addr) => addr.socklen(),
            // Nobody passes one, and none is returned for a socket that was made here.
            Address::Other { .. } => 2,
        }
    }

    /// What `getsockname` answers for a socket that has no name yet: all zeros,
    /// or of a unix socket no name at all.
    pub(crate) fn is_unnamed(self) -> bool {
        match self {
            Address::Inet(addr) => addr.ip().is_unspecified() && addr.port() == 0,
            Address::Unix(addr) => addr == UnixAddr::UNNAMED,
            Address::Other { .. } => false,
        }
    }

    /// An address a client on this host can connect to: the wildcard
    /// (`0.0.0.0`, `::`) becomes loopback, everything else stays.
    pub(crate) fn reachable(mut addr: SocketAddr) -> SocketAddr {
        match addr.ip() {
            ip if !ip.is_unspecified() => {}
            IpAddr::V4(_) => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(_) => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
        }
        addr
    }

    /// The same for an address of any family.
    pub(crate) fn reached(self) -> Address {
        match self {
            Address::Inet(addr) => Address::Inet(Address::reachable(addr)),
            other => other,
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Inet(addr) => write!(f, "{addr}"),
            Address::Unix(addr) => write!(f, "{addr}"),
            Address::Other { family } => write!(f, "address family {family}"),
        }
    }
}

/// What has a `/` is a path; anything else is `HOST:PORT`.
impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        if text.contains('/') {
            return UnixAddr::path(text).map(Address::Unix);
        }
        text.parse().map(Address::Inet).map_err(|_| {
            "an address is an IP address and a port, such as 127.0.0.1:6789 or [::1]:6789, \
             or a path with a / in it"
                .into()
        })
    }
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Address {
        Address::Inet(addr)
    }
}

impl From<UnixAddr> for Address {
    fn from(addr: UnixAddr) -> Address {
        Address::Unix(addr)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited_text};

    #[test]
    fn a_slash_makes_a_path() {
        let parsed = |text: &str| text.parse::<Address>();
        assert_eq!(parsed("[::1]:6789").unwrap().domain(), Domain::Inet6);
        assert_eq!(parsed("127.0.0.1:1").unwrap().domain(), Domain::Inet);
        for path in ["/tmp/x", "./x", "127.0.0.1:1/x"] {
            let addr = parsed(path).unwrap();
            assert_eq!(addr.to_string(), path);
            assert!(addr.path().is_some());
        }
        assert!(parsed("nonsense").unwrap_err().contains("a path with a /"));
        assert!(parsed("127.0.0.1").is_err());
        let long = format!("/{}", "x".repeat(107));
        assert!(parsed(&long).unwrap_err().contains("107 bytes"));
    }

    proptest! {
        #![proptest_config(config(2_000))]
        #[test]
        fn fuzzed_addresses_are_refused_or_come_back(text in edited_text(
            &["127.0.0.1:6789", "[::1]:6789", "[fe80::1%1]:80", "/tmp/x.sock", "./x"],
            &["/", ":", "[", "]", "%", "0", "65536", "\0", "\n", "\u{202e}", "@"],
        )) {
            let parsed = text.parse::<Address>();
            if let Some(addr) = parsed.as_ref().ok().and_then(|parsed| parsed.inet()) {
                prop_assert_eq!(addr.to_string().parse(), Ok(addr));
            }
            if let Some(name) = parsed.ok().and_then(Address::unix) {
                prop_assert_eq!(name.sun_path(), text.as_bytes());
                let steers = |c: char| c.is_control() || c == '\u{202e}';
                prop_assert!(!name.to_string().contains(steers));
            }
        }
    }
}
