//! Addresses, as people and as strace write them.

use std::net::{SocketAddr, SocketAddrV6};

use crate::model::{Address, UnixAddr};

/// As an address is shown: `127.0.0.1:6789`, a path, `@name`, `unnamed`.
pub(super) fn shown(text: &str) -> Option<Address> {
    if let Ok(addr) = text.parse::<SocketAddr>() {
        return Some(addr.into());
    }
    if let Some(family) = text.strip_prefix("address family ") {
        let family = family.parse().ok()?;
        return Some(Address::Other { family });
    }
    let name = match text.strip_prefix('@') {
        Some(name) => [vec![0], unescaped(name, 16)?].concat(),
        None if text == "unnamed" => Vec::new(),
        None => unescaped(text, 16)?,
    };
    UnixAddr::of(&name).map(Address::Unix)
}

/// As strace writes it: `{sa_family=AF_INET, sin_port=htons(6789), …}`.
pub(super) fn strace(text: &str) -> Option<Address> {
    let family = text.strip_prefix("{sa_family=")?;
    let between = |before: &str, after: char| {
        let (_, rest) = text.split_once(before)?;
        rest.split(after).next()
    };
    if family.starts_with("AF_INET,") {
        let port = between("sin_port=htons(", ')')?.parse().ok()?;
        let ip = between("inet_addr(\"", '"')?.parse().ok()?;
        return Some(SocketAddr::new(ip, port).into());
    }
    if family.starts_with("AF_INET6,") {
        let port = between("sin6_port=htons(", ')')?.parse().ok()?;
        let flow = between("sin6_flowinfo=htonl(", ')')?.parse().ok()?;
        let ip = between("inet_pton(AF_INET6, \"", '"')?.parse().ok()?;
        let scope = between("sin6_scope_id=", '}')?.parse().ok()?;
        return Some(SocketAddr::V6(SocketAddrV6::new(ip, port, flow, scope)).into());
    }
    if let Some(rest) = family.strip_prefix("AF_UNIX") {
        let name = match rest.strip_prefix(", sun_path=") {
            None => Vec::new(),
            Some(name) => match name.strip_prefix('@') {
                Some(name) => [vec![0], quoted(name)?.0].concat(),
                None => quoted(name)?.0,
            },
        };
        return UnixAddr::of(&name).map(Address::Unix);
    }
    let family = family.split([',', '}']).next()?.parse().ok()?;
    Some(Address::Other { family })
}

/// The bytes of a string in quotes with the escapes of C, and what stands behind it.
pub(super) fn quoted(text: &str) -> Option<(Vec<u8>, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inside.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    Some((unescaped(&inside[..end], 8)?, &inside[end + 1..]))
}

/// The bytes that `\n`, `\x1b`, `\u{202e}` stand for, and numbers of that radix.
fn unescaped(text: &str, radix: u32) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let first = rest.chars().next()?;
        let plain = |it: &str| it.chars().take_while(|c| c.is_digit(radix)).take(3).count();
        let (byte, taken) = match first {
            'n' => (b'\n', 1),
            'r' => (b'\r', 1),
            't' => (b'\t', 1),
            'v' => (0x0b, 1),
            'f' => (0x0c, 1),
            '"' | '\\' | '\'' => (first as u8, 1),
            'x' => (u8::from_str_radix(rest.get(1..3)?, 16).ok()?, 3),
            'u' => {
                let end = rest.find('}')?;
                let code = u32::from_str_radix(rest.get(2..end)?, 16).ok()?;
                let c = char::from_u32(code)?;
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[end + 1..];
                continue;
            }
            _ => {
                let digits = plain(rest);
                (u8::from_str_radix(rest.get(..digits)?, radix).ok()?, digits)
            }
        };
        bytes.push(byte);
        rest = rest.get(taken..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Arg;

    #[test]
    fn an_address_comes_back_from_both_spellings() {
        let names: [&[u8]; 5] = [
            b"",
            b"/tmp/q\"\\\n\xc3\xa9\xff1",
            b"\0abs\x01name",
            "/é\u{202e}".as_bytes(),
            &[b'x'; 107],
        ];
        let unix = names.map(|name| Address::Unix(UnixAddr::of(name).unwrap()));
        let inet = ["127.0.0.1:6789", "[::1]:0", "[fe80::1%3]:80"];
        let inet = inet.map(|text| text.parse::<SocketAddr>().unwrap().into());
        let all = unix.into_iter().chain(inet);
        for addr in all.chain([Address::Other { family: 16 }]) {
            assert_eq!(shown(&addr.to_string()), Some(addr), "{addr}");
            let text = Arg::Addr(addr).to_string();
            assert_eq!(strace(&text), Some(addr), "{text}");
        }
    }
}
