//! Messages and vectors: sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2), readv(2),
//! writev(2).

use super::constants::MESSAGE_FLAGS;
use super::memory::Memory;
use super::raw::Raw;
use super::{address, waits};
use crate::model::{
    Address, Arg, Bytes, Header as Shown, Param, controls, controls_shown, flags, part_shown,
    strace_string,
};

/// So many elements of an array strace prints.
const SHOWN: usize = 32;
/// The largest vector that the kernel takes: IOV_MAX.
const MOST: u64 = 1024;
/// The size of struct mmsghdr: a struct msghdr and the length.
const MMSGHDR: u64 = 64;

/// struct msghdr.
struct Header {
    name: u64,
    name_len: u32,
    vector: u64,
    count: u64,
    control: u64,
    control_len: u64,
    flags: i32,
}

impl Header {
    fn read(memory: Memory, pointer: u64) -> Option<Header> {
        let words = memory.words(pointer, 7)?;
        Some(Header {
            name: words[0],
            name_len: words[1] as u32,
            vector: words[2],
            count: words[3],
            control: words[4],
            control_len: words[5],
            flags: words[6] as i32,
        })
    }
}

/// What is shown, and what it moves.
#[derive(Default)]
struct Parts {
    shown: String,
    bytes: Vec<u8>,
    len: usize,
    name: Option<Address>,
    fds: Vec<i32>,
}

impl From<Parts> for Arg {
    fn from(parts: Parts) -> Arg {
        let Parts {
            shown,
            mut bytes,
            len,
            name,
            fds,
        } = parts;
        bytes.truncate(Bytes::HEAD);
        let bytes = Bytes { head: bytes, len };
        Arg::Parts {
            shown,
            bytes,
            name,
            fds,
        }
    }
}

pub(super) fn passed(call: &Raw, param: Param, raw: u64) -> Arg {
    let memory = call.memory;
    let parts = match param {
        Param::Message => message(memory, raw, None),
        Param::Vector => vector(memory, raw, call.of(Param::Size), u64::MAX),
        // Its header says how much room there is for a name.
        Param::MessageOut => match Header::read(memory, raw) {
            Some(header) => return Arg::Room(header.name_len),
            None => None,
        },
        _ if raw != 0 => return Arg::Pending,
        _ => None,
    };
    parts.map_or_else(|| Arg::pointer(raw), Arg::from)
}

/// The header of a message that was not received.
pub(super) fn failed(arg: &Arg) -> Option<Arg> {
    match arg {
        Arg::Room(room) => Some(Arg::Shown(format!("{{msg_namelen={room}}}"))),
        _ => None,
    }
}

pub(super) fn filled(call: &Raw, param: Param, raw: u64, arg: &Arg, value: i64) -> Option<Arg> {
    let memory = call.memory;
    let count = value.cast_unsigned();
    let parts = match (param, arg) {
        (Param::MessageOut, Arg::Room(room)) => message(memory, raw, Some((*room, count))),
        (Param::VectorOut, Arg::Pending) => vector(memory, raw, call.of(Param::Size), count),
        (Param::Messages | Param::MessagesOut, Arg::Pending) => {
            messages(memory, raw, count, param == Param::MessagesOut)
        }
        _ => return None,
    };
    Some(parts.map_or_else(|| Arg::pointer(raw), Arg::from))
}

/// An array of messages that were not sent, as strace shows them.
pub(super) fn unsent(call: &Raw, raw: u64) -> Option<Arg> {
    let count = call.of(Param::Size).min(MOST);
    let mut shown = Vec::new();
    for at in 0..count.min(SHOWN as u64) {
        let part = message(call.memory, raw + at * MMSGHDR, None)?;
        shown.push(format!("{{msg_hdr={}}}", part.shown));
    }
    Some(Arg::Shown(format!("[{}]", shown.join(", "))))
}

/// A vector that nothing was read into.
pub(super) fn unread(call: &Raw, raw: u64) -> Option<Arg> {
    let count = call.of(Param::Size).min(MOST) as usize;
    let words = call.memory.words(raw, count * 2)?;
    let part = |[base, len]: &[u64; 2]| {
        let base = Arg::pointer(*base).to_string();
        part_shown(&base, *len)
    };
    let parts: Vec<String> = words.as_chunks().0.iter().map(part).collect();
    Some(Arg::Shown(format!("[{}]", parts.join(", "))))
}

/// How much time recvmmsg(2) left.
pub(super) fn time_left(call: &Raw, value: i64) -> Option<String> {
    let left = waits::time(call.memory, call.of(Param::Time))?;
    Some(match value {
        0 => "Timeout".into(),
        _ => format!("left {left}"),
    })
}

fn messages(memory: Memory, pointer: u64, count: u64, received: bool) -> Option<Parts> {
    let mut all = Parts::default();
    let mut shown = Vec::new();
    for at in 0..count.min(MOST) {
        let pointer = pointer + at * MMSGHDR;
        let len = memory.int(pointer + MMSGHDR - 8)?.cast_unsigned();
        let received = received.then(|| {
            let room = Header::read(memory, pointer).map_or(0, |header| header.name_len);
            (room, len.into())
        });
        let part = message(memory, pointer, received)?;
        if shown.len() < SHOWN {
            shown.push(format!("{{msg_hdr={}, msg_len={len}}}", part.shown));
        }
        all.bytes.extend(part.bytes);
        all.len += part.len;
        all.name = all.name.or(part.name);
        all.fds.extend(part.fds);
    }
    if count > SHOWN as u64 {
        shown.push("...".into());
    }
    all.shown = format!("[{}]", shown.join(", "));
    Some(all)
}

/// A message; of one that was received, how much room there was for its sender's name,
/// and how many bytes came.
fn message(memory: Memory, pointer: u64, received: Option<(u32, u64)>) -> Option<Parts> {
    let header = Header::read(memory, pointer)?;
    let (room, count) = received.unwrap_or((header.name_len, u64::MAX));
    let name_len = header.name_len.min(room);
    let name = address::address(memory, header.name, name_len.into());
    let vector = vector(memory, header.vector, header.count, count);
    let control = control(memory, &header);
    let control_shown = control.as_ref().map_or_else(
        || Arg::pointer(header.control).to_string(),
        |it| controls_shown(it),
    );
    let shown = Shown {
        name: name.to_string(),
        room,
        name_len: header.name_len,
        vector: match &vector {
            Some(vector) => vector.shown.clone(),
            None => Arg::pointer(header.vector).to_string(),
        },
        count: header.count,
        control: (header.control_len > 0).then_some(control_shown),
        control_len: header.control_len,
        flags: flags(MESSAGE_FLAGS, header.flags.into(), "MSG_???"),
    };
    let name = match name {
        Arg::Addr(name) => Some(name),
        _ => None,
    };
    let control = control.unwrap_or_default();
    let fds = controls(&control).flat_map(|it| it.descriptors().collect::<Vec<_>>());
    Some(Parts {
        shown: shown.to_string(),
        name,
        fds: fds.collect(),
        ..vector.unwrap_or_default()
    })
}

/// The bytes of the control messages: cmsg(3).
fn control(memory: Memory, header: &Header) -> Option<Vec<u8>> {
    memory.exactly(header.control, header.control_len.min(4096) as usize)
}

/// A vector, of which `count` bytes are moved.
fn vector(memory: Memory, pointer: u64, parts: u64, mut count: u64) -> Option<Parts> {
    let words = memory.words(pointer, parts.min(MOST) as usize * 2);
    let words = match parts {
        0 => Vec::new(),
        _ => words?,
    };
    let mut all = Parts::default();
    let mut shown = Vec::new();
    for part in words.as_chunks::<2>().0 {
        let [base, len] = *part;
        let moved = len.min(count);
        count -= moved;
        let bytes = memory.bytes(base, moved);
        let text = match &bytes {
            Some(bytes) => strace_string(&bytes.head, bytes.len),
            None => Arg::pointer(base).to_string(),
        };
        if shown.len() < SHOWN {
            shown.push(part_shown(&text, len));
        }
        let bytes = bytes.map_or(Vec::new(), |bytes| bytes.head);
        // What lies between two heads is not kept.
        if all.bytes.len() == all.len {
            all.bytes.extend(bytes);
        }
        all.len += moved as usize;
    }
    if parts > SHOWN as u64 {
        shown.push("...".into());
    }
    all.shown = format!("[{}]", shown.join(", "));
    Some(all)
}
