//! Socket addresses in the memory of a process.

use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};

use super::constants::FAMILIES;
use super::memory::Memory;
use crate::model::{Address, Arg, UnixAddr, named, strace_string};

/// Room for any address: `struct sockaddr_storage`.
const LONGEST: u64 = 128;

/// The address of `len` bytes at a pointer.
pub(super) fn address(memory: Memory, pointer: u64, len: u64) -> Arg {
    let bytes = memory.exactly(pointer, len.min(LONGEST) as usize);
    match bytes.filter(|bytes| bytes.len() >= 2) {
        Some(bytes) => parse(&bytes),
        None => Arg::pointer(pointer),
    }
}

/// The number of a family.
fn family(bytes: &[u8]) -> u16 {
    u16::from_ne_bytes([bytes[0], bytes[1]])
}

fn parse(bytes: &[u8]) -> Arg {
    let port = |bytes: &[u8]| u16::from_be_bytes([bytes[2], bytes[3]]);
    match (i32::from(family(bytes)), bytes) {
        (libc::AF_INET, [_, _, _, _, a, b, c, d, ..]) if bytes.len() >= 16 => {
            Arg::Addr(SocketAddr::from(([*a, *b, *c, *d], port(bytes))).into())
        }
        (libc::AF_INET6, _) if bytes.len() >= 28 => Arg::Addr(Address::Inet(inet6(bytes))),
        (libc::AF_UNIX, _) => match UnixAddr::of(&bytes[2..]) {
            Some(addr) => Arg::Addr(addr.into()),
            None => raw(bytes),
        },
        (libc::AF_NETLINK, _) if bytes.len() >= 12 => {
            let number = |at: usize| {
                let bytes = &bytes[at..at + 4];
                u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
            };
            Arg::Shown(format!(
                "{{sa_family=AF_NETLINK, nl_pid={}, nl_groups={:08x}}}",
                number(4),
                number(8)
            ))
        }
        _ => raw(bytes),
    }
}

fn inet6(bytes: &[u8]) -> SocketAddr {
    let four = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    let mut ip = [0; 16];
    ip.copy_from_slice(&bytes[8..24]);
    SocketAddrV6::new(
        Ipv6Addr::from(ip),
        u16::from_be_bytes([bytes[2], bytes[3]]),
        u32::from_be_bytes(four(4)),
        u32::from_ne_bytes(four(24)),
    )
    .into()
}

/// `{sa_family=AF_UNSPEC, sa_data="…"}`
fn raw(bytes: &[u8]) -> Arg {
    let family = named(FAMILIES, family(bytes).into(), "AF_???");
    let data = &bytes[2..];
    Arg::Shown(if data.is_empty() {
        format!("{{sa_family={family}}}")
    } else {
        format!(
            "{{sa_family={family}, sa_data={}}}",
            strace_string(data, data.len())
        )
    })
}
