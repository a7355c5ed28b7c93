use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// A socket address: ip(7), ipv6(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Address {
    /// AF_INET or AF_INET6: an IP address and a port.
    Inet(SocketAddr),
    /// A family that socklab does not speak, by its `AF_` number.
    Other { family: u16 },
}

impl Address {
    /// The IP address and port, if it is of the internet.
    pub fn inet(self) -> Option<SocketAddr> {
        match self {
            Address::Inet(addr) => Some(addr),
            Address::Other { .. } => None,
        }
    }

    /// What `getsockname` answers for a socket that has no name yet: all zeros.
    pub fn is_unnamed(self) -> bool {
        matches!(self, Address::Inet(addr) if addr.ip().is_unspecified() && addr.port() == 0)
    }

    /// An address a client on this host can connect to: the wildcard
    /// (`0.0.0.0`, `::`) becomes loopback, everything else stays.
    pub fn reachable(addr: SocketAddr) -> SocketAddr {
        let ip = match addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        SocketAddr::new(ip, addr.port())
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Inet(addr) => write!(f, "{addr}"),
            Address::Other { family } => write!(f, "address family {family}"),
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Address {
        Address::Inet(addr)
    }
}
