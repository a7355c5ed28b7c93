//! The value of an option: as a line says it, as the kernel takes it, as strace prints it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::sockopt::{OPTIONS, OptionKind};
use crate::model::{Arg, Bytes, Cred, Errno};

/// What an option is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OptionValue {
    Number(i32),
    /// In microseconds.
    Time(i64),
    /// Of groups and interfaces, and of one sender: the addresses as they are passed.
    Addresses(Vec<Ipv4Addr>),
    /// A group, and the number of an interface; 0 is whichever leads to it.
    Group6(Ipv6Addr, u32),
    /// A name.
    Text(String),
    /// One instruction of BPF: what arrives gets through, or nothing does.
    Filter([u8; 8]),
    /// Seconds; `None` is off.
    Linger(Option<i32>),
}

/// `BPF_STMT(BPF_RET|BPF_K, 0)`, as struct sock_filter: filter.txt of the kernel.
const DROP: [u8; 8] = u64::to_le_bytes(6);

/// The same with as many bytes as there are.
const PASS: [u8; 8] = u64::to_le_bytes(0xffff_ffff_0000_0006);

/// The longest time, in seconds.
const LONGEST: f64 = 1e9;

/// A name has at most so many bytes: IFNAMSIZ, without the null byte behind it.
const LONGEST_TEXT: usize = 15;

fn address(word: &str) -> Result<Ipv4Addr, String> {
    word.parse()
        .map_err(|_| format!("'{word}' is no IPv4 address, such as 239.1.2.3 or 127.0.0.1"))
}

impl OptionValue {
    /// Reads what a line says of an option of that kind.
    pub(super) fn parse(kind: OptionKind, word: &str) -> Result<OptionValue, String> {
        let number = |word: &str| {
            let number = word.parse();
            number.map_err(|_| format!("VALUE is a number, not '{word}'"))
        };
        Ok(match kind {
            OptionKind::Switch => match word {
                "on" => OptionValue::Number(1),
                "off" => OptionValue::Number(0),
                _ => return Err(format!("no value '{word}'; there are on, off")),
            },
            OptionKind::Time => {
                let seconds = word.parse().ok().filter(|it| (0.0..=LONGEST).contains(it));
                let seconds: f64 = seconds.ok_or("VALUE is a number of seconds, such as 0.5")?;
                OptionValue::Time((seconds * 1e6) as i64)
            }
            OptionKind::Group => {
                let (group, interface) = word.split_once('@').unwrap_or((word, "0.0.0.0"));
                OptionValue::Addresses(vec![address(group)?, address(interface)?])
            }
            OptionKind::Source => {
                let (group, interface) = word.split_once('@').unwrap_or((word, "0.0.0.0"));
                let (group, source) = group
                    .split_once(',')
                    .ok_or("VALUE is a group and a sender: 239.1.2.3,127.0.0.1")?;
                let all = [group, interface, source].map(address);
                OptionValue::Addresses(all.into_iter().collect::<Result<_, _>>()?)
            }
            OptionKind::Address => OptionValue::Addresses(vec![address(word)?]),
            OptionKind::Group6 => {
                let (group, interface) = word.split_once('@').unwrap_or((word, "0"));
                let group = group
                    .parse()
                    .map_err(|_| format!("'{group}' is no group, such as ff15::1@lo"))?;
                // The loopback interface is the first of every network namespace.
                let interface = if interface == "lo" { "1" } else { interface };
                let number = interface
                    .parse()
                    .map_err(|_| format!("'{interface}': an interface is lo, or a number"))?;
                OptionValue::Group6(group, number)
            }
            OptionKind::Text if word.len() > LONGEST_TEXT => {
                return Err(format!("VALUE: '{word}' is too long"));
            }
            OptionKind::Text => OptionValue::Text(word.into()),
            OptionKind::Filter => OptionValue::Filter(match word {
                "drop" => DROP,
                "pass" => PASS,
                _ => return Err(format!("no value '{word}'; there are drop, pass")),
            }),
            OptionKind::Linger if word == "off" => OptionValue::Linger(None),
            OptionKind::Linger => OptionValue::Linger(Some(number(word)?)),
            _ => OptionValue::Number(number(word)?),
        })
    }

    /// How many bytes the kernel is told that it has: of a filter the length of
    /// struct sock_fprog, which leads to it.
    pub(super) fn size(&self) -> usize {
        match self {
            OptionValue::Filter(_) => size_of::<libc::sock_fprog>(),
            value => value.bytes().len(),
        }
    }

    /// As the kernel takes it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            OptionValue::Number(number) => number.to_ne_bytes().to_vec(),
            OptionValue::Time(micros) => {
                let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
                [seconds.to_ne_bytes(), rest.to_ne_bytes()].concat()
            }
            OptionValue::Addresses(all) => all.iter().flat_map(Ipv4Addr::octets).collect(),
            OptionValue::Group6(group, interface) => {
                [&group.octets()[..], &interface.to_ne_bytes()].concat()
            }
            OptionValue::Text(text) => [text.as_bytes(), b"\0"].concat(),
            OptionValue::Filter(instruction) => instruction.to_vec(),
            OptionValue::Linger(seconds) => {
                let on = i32::from(seconds.is_some());
                [on.to_ne_bytes(), seconds.unwrap_or(0).to_ne_bytes()].concat()
            }
        }
    }
}

/// The value of an option as strace prints it, by what the kernel takes or gives.
pub(crate) fn shown(level: i32, name: i32, bytes: &[u8]) -> Arg {
    let known = OPTIONS.iter();
    let known = known.filter(|it| (it.level.0, it.name.0) == (level, name));
    let kind = known.map(|it| it.kind).next();
    let ints: Vec<i32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|it| i32::from_ne_bytes(*it))
        .collect();
    match (kind, ints.as_slice()) {
        (Some(OptionKind::Linger), [on, seconds]) => {
            Arg::Shown(format!("{{l_onoff={on}, l_linger={seconds}}}"))
        }
        (Some(OptionKind::Group), [group, interface]) => {
            let [group, interface] = [group, interface].map(|it| Ipv4Addr::from(it.to_ne_bytes()));
            Arg::Shown(format!(
                "{{imr_multiaddr=inet_addr(\"{group}\"), imr_interface=inet_addr(\"{interface}\")}}"
            ))
        }
        (Some(OptionKind::Filter), _) if bytes == DROP => {
            Arg::Shown("{len=1, filter=[BPF_STMT(BPF_RET|BPF_K, 0)]}".into())
        }
        (Some(OptionKind::Filter), _) if bytes == PASS => {
            Arg::Shown("{len=1, filter=[BPF_STMT(BPF_RET|BPF_K, 0xffffffff)]}".into())
        }
        (Some(OptionKind::Error), [errno]) if *errno != 0 => {
            Arg::Shown(format!("[{}]", Errno(*errno).name()))
        }
        (Some(OptionKind::Cred), [pid, uid, gid]) => Arg::Cred(Cred {
            pid: pid.cast_unsigned(),
            uid: uid.cast_unsigned(),
            gid: gid.cast_unsigned(),
        }),
        (Some(OptionKind::Group6), [.., interface]) if bytes.len() == 20 => {
            let group = bytes[..16]
                .try_into()
                .map_or(Ipv6Addr::UNSPECIFIED, <Ipv6Addr as From<[u8; 16]>>::from);
            let interface = match interface {
                1 => "if_nametoindex(\"lo\")".into(),
                other => other.to_string(),
            };
            Arg::Shown(format!(
                "{{inet_pton(AF_INET6, \"{group}\", &ipv6mr_multiaddr), ipv6mr_interface={interface}}}"
            ))
        }
        (Some(kind), [number]) if kind != OptionKind::Text => Arg::IntAt((*number).into()),
        (None, [number]) => Arg::IntAt((*number).into()),
        _ => Arg::Bytes(Bytes::of(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_strace_writes_them() {
        let set = |kind, word: &str| OptionValue::parse(kind, word).unwrap().bytes();
        let shown = |name, bytes: &[u8]| shown(libc::SOL_SOCKET, name, bytes).to_string();
        let linger = set(OptionKind::Linger, "5");
        assert_eq!(shown(libc::SO_LINGER, &linger), "{l_onoff=1, l_linger=5}");
        let off = set(OptionKind::Linger, "off");
        assert_eq!(shown(libc::SO_LINGER, &off), "{l_onoff=0, l_linger=0}");
        assert_eq!(
            shown(libc::SO_RCVBUF, &set(OptionKind::Number, "-1")),
            "[-1]"
        );
        assert_eq!(
            shown(libc::SO_ERROR, &111i32.to_ne_bytes()),
            "[ECONNREFUSED]"
        );
        let group = set(OptionKind::Group, "239.1.2.3@127.0.0.1");
        assert_eq!(group, [239, 1, 2, 3, 127, 0, 0, 1]);
        assert!(OptionValue::parse(OptionKind::Group, "239.1.2.3@lo").is_err());
        let time = shown(libc::SO_RCVTIMEO, &set(OptionKind::Time, "1"));
        assert!(time.starts_with(r#""\1\0\0\0"#), "{time}");
        assert!(OptionValue::parse(OptionKind::Time, "-1").is_err());
        assert!(OptionValue::parse(OptionKind::Switch, "1").is_err());
    }
}
