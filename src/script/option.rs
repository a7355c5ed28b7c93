//! The value of an option: as a line says it, as the kernel takes it, as strace prints it.

use std::net::Ipv4Addr;

use super::constants::{OPTIONS, OptionKind};
use crate::model::{Arg, Bytes, Cred, Errno};

/// What an option is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OptionValue {
    Number(i32),
    /// In microseconds.
    Time(i64),
    /// A group, at whichever interface leads to it.
    Group(Ipv4Addr),
    /// Seconds; `None` is off.
    Linger(Option<i32>),
}

/// The longest time, in seconds.
const LONGEST: f64 = 1e9;

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
                let group: Result<Ipv4Addr, _> = word.parse();
                let group =
                    group.map_err(|_| format!("'{word}' is no group, such as 239.1.2.3"))?;
                OptionValue::Group(group)
            }
            OptionKind::Linger if word == "off" => OptionValue::Linger(None),
            OptionKind::Linger => OptionValue::Linger(Some(number(word)?)),
            _ => OptionValue::Number(number(word)?),
        })
    }

    /// As the kernel takes it.
    pub(super) fn bytes(self) -> Vec<u8> {
        match self {
            OptionValue::Number(number) => number.to_ne_bytes().to_vec(),
            OptionValue::Time(micros) => {
                let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
                [seconds.to_ne_bytes(), rest.to_ne_bytes()].concat()
            }
            OptionValue::Group(group) => [group.octets(), [0; 4]].concat(),
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
        (Some(OptionKind::Error), [errno]) if *errno != 0 => {
            Arg::Shown(format!("[{}]", Errno(*errno).name()))
        }
        (Some(OptionKind::Cred), [pid, uid, gid]) => Arg::Cred(Cred {
            pid: pid.cast_unsigned(),
            uid: uid.cast_unsigned(),
            gid: gid.cast_unsigned(),
        }),
        (_, [number]) => Arg::IntAt((*number).into()),
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
        let time = shown(libc::SO_RCVTIMEO, &set(OptionKind::Time, "1"));
        assert!(time.starts_with(r#""\1\0\0\0"#), "{time}");
        assert!(OptionValue::parse(OptionKind::Time, "-1").is_err());
        assert!(OptionValue::parse(OptionKind::Switch, "1").is_err());
    }
}
