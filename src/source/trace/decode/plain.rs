//! Numbers, constants, bytes and addresses.

use super::address;
use super::constants::{
    ACCESS, COMMANDS, DIRECTIONS, FAMILIES, FILE_FLAGS, MAKE_FLAGS, MESSAGE_FLAGS, NETLINKS,
    PROTOCOLS, REQUESTS, SPLICE_FLAGS, TYPES,
};
use super::raw::Raw;
use crate::model::{Arg, Call, Names, Param, flags, named, signal_name};

/// Of prctl(2): the process puts itself under a filter.
const PR_SET_SECCOMP: i64 = 22;

/// A constant of that name.
fn constant(raw: u64, name: String) -> Arg {
    let raw = i64::from(raw as i32);
    Arg::Constant { raw, name }
}

pub(super) fn passed(call: &Raw, param: Param, raw: u64) -> Arg {
    let int = raw as i32;
    let number = i64::from(raw as u32);
    match param {
        Param::Fd | Param::EpollFd => Arg::Fd(int),
        Param::Domain => constant(raw, named(FAMILIES, number, "AF_???")),
        Param::Type => constant(raw, kind(number)),
        Param::Protocol => protocol(call, raw),
        Param::Address => address::address(call.memory, raw, call.of(Param::AddressLen)),
        Param::Bytes => bytes(call, raw, call.of(Param::BytesLen)),
        Param::AddressOutLen | Param::ValueOutLen => match call.memory.int(raw) {
            Some(given) => Arg::LengthAt {
                given: given.cast_unsigned(),
                taken: None,
            },
            None => Arg::pointer(raw),
        },
        Param::AddressOut | Param::BytesOut | Param::ValueOut | Param::Pair | Param::StatusOut
            if raw != 0 =>
        {
            Arg::Pending
        }
        Param::Flags => constant(raw, flags(MESSAGE_FLAGS, number, "MSG_???")),
        Param::MakeFlags => constant(raw, flags(MAKE_FLAGS, number, "SOCK_???")),
        Param::DupFlags => constant(raw, flags(FILE_FLAGS, number, "O_???")),
        Param::SpliceFlags => constant(raw, flags(SPLICE_FLAGS, number, "SPLICE_F_???")),
        Param::RangeFlags => {
            let known = &[(2, "CLOSE_RANGE_UNSHARE"), (4, "CLOSE_RANGE_CLOEXEC")];
            constant(raw, flags(known, number, "CLOSE_RANGE_???"))
        }
        Param::Operation => constant(raw, operation(call, number)),
        Param::Direction => constant(raw, named(DIRECTIONS, number, "SHUT_???")),
        Param::Command => constant(raw, named(COMMANDS, number, "F_???")),
        Param::FileFlags => of_command(call, raw),
        Param::Signal => constant(raw, signal_name(int)),
        Param::Request => constant(raw, request(number)),
        Param::RequestValue => of_request(call, raw),
        Param::Offset => match call.memory.word(raw) {
            Some(offset) => Arg::IntAt(offset.cast_signed()),
            None => Arg::pointer(raw),
        },
        Param::AddressLen
        | Param::Backlog
        | Param::ValueLen
        | Param::Timeout
        | Param::Pid
        | Param::ExitCode
        | Param::Number
        | Param::SetCount => Arg::Int(int.into()),
        Param::BytesLen | Param::Max | Param::PollCount | Param::Size => {
            Arg::Int(raw.cast_signed())
        }
        _ => Arg::pointer(raw),
    }
}

pub(super) fn filled(
    raw_call: &Raw,
    param: Param,
    raw: u64,
    call: &Call,
    arg: &Arg,
    value: i64,
) -> Option<Arg> {
    let memory = raw_call.memory;
    match (param, arg) {
        (Param::BytesOut, Arg::Pending) => Some(bytes(raw_call, raw, value.cast_unsigned())),
        (Param::Pair, Arg::Pending) => Some(pair(raw_call, raw)),
        (Param::AddressOut, Arg::Pending) => {
            let room = match call.arg(Param::AddressOutLen) {
                Some(Arg::LengthAt { given, .. }) => *given,
                _ => 0,
            };
            let taken = memory.int(raw_call.of(Param::AddressOutLen)).unwrap_or(0);
            let len = room.min(taken.cast_unsigned());
            Some(address::address(memory, raw, len.into()))
        }
        (Param::AddressOutLen | Param::ValueOutLen, Arg::LengthAt { given, .. }) => {
            Some(Arg::LengthAt {
                given: *given,
                taken: memory.int(raw).map(i32::cast_unsigned),
            })
        }
        (Param::Offset, Arg::IntAt(was)) if raw_call.syscall.name == "sendfile" && value > 0 => {
            let now = memory.word(raw)?;
            Some(Arg::Shown(format!("[{was}] => [{now}]")))
        }
        (Param::RequestValue, Arg::Pending) => Some(match memory.int(raw) {
            Some(value) => Arg::IntAt(value.into()),
            None => Arg::pointer(raw),
        }),
        _ => None,
    }
}

/// What fcntl(2) returned, if that is flags.
pub(super) fn flags_returned(call: &Raw, value: i64) -> Option<String> {
    match call.of(Param::Command) as i32 {
        libc::F_GETFL => Some(format!("flags {}", file_flags(value))),
        libc::F_GETFD if value != 0 => Some("flags FD_CLOEXEC".into()),
        _ => None,
    }
}

fn bytes(call: &Raw, pointer: u64, len: u64) -> Arg {
    match call.memory.bytes(pointer, len) {
        Some(bytes) => Arg::Bytes(bytes),
        None => Arg::pointer(pointer),
    }
}

fn pair(call: &Raw, pointer: u64) -> Arg {
    match (call.memory.int(pointer), call.memory.int(pointer + 4)) {
        (Some(one), Some(other)) => Arg::Pair(one, other),
        _ => Arg::pointer(pointer),
    }
}

/// `SOCK_STREAM|SOCK_CLOEXEC`
fn kind(number: i64) -> String {
    let made = i64::from(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK);
    let kind = named(TYPES, number & !made, "SOCK_???");
    match number & made {
        0 => kind,
        made => format!("{kind}|{}", flags(MAKE_FLAGS, made, "SOCK_???")),
    }
}

fn protocol(call: &Raw, raw: u64) -> Arg {
    let number = i64::from(raw as u32);
    match call.of(Param::Domain) as i32 {
        // strace's socketpair(2) tells none.
        libc::AF_INET | libc::AF_INET6 if call.syscall.name == "socket" => {
            constant(raw, named(PROTOCOLS, number, "IPPROTO_???"))
        }
        libc::AF_NETLINK => constant(raw, named(NETLINKS, number, "NETLINK_???")),
        libc::AF_PACKET => {
            let ether = u16::from_be(number as u16);
            let known = &[
                (3, "ETH_P_ALL"),
                (0x800, "ETH_P_IP"),
                (0x86dd, "ETH_P_IPV6"),
            ];
            let name = named(known, ether.into(), "ETH_P_???");
            constant(raw, format!("htons({name})"))
        }
        _ => Arg::Int(number),
    }
}

/// F_SETSIG and F_GETSIG of fcntl(2), which libc has not on every architecture.
const SETSIG: i32 = 10;
const GETSIG: i32 = 11;

/// The third argument of fcntl(2), which not every command has.
fn of_command(call: &Raw, raw: u64) -> Arg {
    let int = i64::from(raw as i32);
    match call.of(Param::Command) as i32 {
        libc::F_GETFD | libc::F_GETFL | libc::F_GETOWN | GETSIG => Arg::Unused,
        libc::F_SETFL => constant(raw, file_flags(int)),
        libc::F_SETFD => constant(raw, flags(&[(1, "FD_CLOEXEC")], int, "FD_???")),
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC | libc::F_SETOWN => Arg::Int(int),
        SETSIG => constant(raw, signal_name(raw as i32)),
        _ => Arg::Pointer(raw),
    }
}

/// Of prctl(2) or seccomp(2).
fn operation(call: &Raw, number: i64) -> String {
    let known: &Names = match call.syscall.name {
        "prctl" => &[(PR_SET_SECCOMP, "PR_SET_SECCOMP")],
        _ => &[
            (0, "SECCOMP_SET_MODE_STRICT"),
            (1, "SECCOMP_SET_MODE_FILTER"),
        ],
    };
    named(known, number, "SECCOMP_???")
}

/// `O_RDWR|O_NONBLOCK`
fn file_flags(value: i64) -> String {
    let access = named(ACCESS, value & 3, "O_???");
    match value & !3 {
        0 => access,
        rest => format!("{access}|{}", flags(FILE_FLAGS, rest, "O_???")),
    }
}

/// The name of a request of ioctl(2), or what it is made of.
fn request(number: i64) -> String {
    if let Some((_, name)) = REQUESTS.iter().find(|(known, _)| *known == number) {
        return (*name).into();
    }
    let direction = [
        "_IOC_NONE",
        "_IOC_WRITE",
        "_IOC_READ",
        "_IOC_READ|_IOC_WRITE",
    ];
    // As printf's %#x: no 0x before a 0.
    let hex = |part: i64| match part {
        0 => "0".to_string(),
        part => format!("{part:#x}"),
    };
    let parts = [number >> 8 & 0xff, number & 0xff, number >> 16 & 0x3fff].map(hex);
    let direction = direction[(number >> 30 & 3) as usize];
    format!("_IOC({direction}, {})", parts.join(", "))
}

/// What ioctl(2) is given, or will fill in.
fn of_request(call: &Raw, raw: u64) -> Arg {
    match call.of(Param::Request) {
        0x5450 | 0x5451 => Arg::Unused,
        0x5421 | 0x5452 | 0x8901 => match call.memory.int(raw) {
            Some(value) => Arg::IntAt(value.into()),
            None => Arg::pointer(raw),
        },
        0x5411 | 0x541b | 0x8903 | 0x8905 | 0x894b if raw != 0 => Arg::Pending,
        _ => Arg::pointer(raw),
    }
}
