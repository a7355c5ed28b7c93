//! What socket(2) is asked for: domain, type and protocol.

use std::borrow::Cow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Numbers of the kernel's, some of which have names: a constant of the C library, the
/// word of scripts and of the JSON, and what a person says.
macro_rules! numbers {
    ($(#[$about:meta])* $name:ident, $what:literal:
        $($variant:ident = $constant:ident, $word:literal, $label:literal;)*) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum $name {
            $($variant,)*
            Other(i32),
        }

        #[allow(dead_code, reason = "nobody passes a protocol by its name")]
        impl $name {
            /// From the kernel's number.
            pub(crate) fn from_kernel(number: i32) -> $name {
                match number {
                    $(libc::$constant => $name::$variant,)*
                    other => $name::Other(other),
                }
            }

            /// The kernel's number.
            pub(crate) fn number(self) -> i32 {
                match self {
                    $($name::$variant => libc::$constant,)*
                    $name::Other(number) => number,
                }
            }

            /// The constant as strace prints it.
            pub(crate) fn constant(self) -> String {
                match self {
                    $($name::$variant => stringify!($constant).into(),)*
                    $name::Other(number) => number.to_string(),
                }
            }

            /// The word of the script and of the JSON.
            pub(crate) fn word(self) -> Cow<'static, str> {
                match self {
                    $($name::$variant => $word.into(),)*
                    $name::Other(number) => number.to_string().into(),
                }
            }

            /// What a person calls it.
            pub(crate) fn label(self) -> String {
                match self {
                    $($name::$variant => $label.into(),)*
                    $name::Other(number) => format!("{} {number}", $what),
                }
            }
        }

        impl From<i32> for $name {
            fn from(number: i32) -> $name {
                $name::from_kernel(number)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<$name, String> {
                match word {
                    $($word => Ok($name::$variant),)*
                    _ => {
                        let known = [$($word),*].join(", ");
                        Err(format!("no {} '{word}'; there are {known}", $what))
                    }
                }
            }
        }
    };
}

numbers! {
    /// The address family of socket(2), SO_DOMAIN; of AF_UNIX, AF_LOCAL is the older name.
    Domain, "domain":
    Unix = AF_UNIX, "unix", "Unix";
    Inet = AF_INET, "inet", "IPv4";
    Inet6 = AF_INET6, "inet6", "IPv6";
}

numbers! {
    /// The type of socket(2), SO_TYPE.
    Kind, "type":
    Stream = SOCK_STREAM, "stream", "stream";
    Dgram = SOCK_DGRAM, "dgram", "datagram";
    Seqpacket = SOCK_SEQPACKET, "seqpacket", "sequenced packet";
    Raw = SOCK_RAW, "raw", "raw";
}

numbers! {
    /// The protocol that the kernel chose, SO_PROTOCOL. A unix socket has none: 0.
    Protocol, "protocol":
    Tcp = IPPROTO_TCP, "tcp", "TCP";
    Udp = IPPROTO_UDP, "udp", "UDP";
    Mptcp = IPPROTO_MPTCP, "mptcp", "MPTCP";
    Icmp = IPPROTO_ICMP, "icmp", "ICMP";
    Icmpv6 = IPPROTO_ICMPV6, "icmpv6", "ICMPv6";
}
