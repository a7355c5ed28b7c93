//! What a program waits for: poll(2), select(2), epoll(7).

use super::constants::{EPOLL_EVENTS, EPOLL_FLAGS, EPOLL_OPERATIONS};
use super::memory::Memory;
use super::raw::Raw;
use crate::model::{Arg, Param, flags, named, poll_note, signal_name};

/// The most descriptors that are read of one poll, and the largest fd_set.
const MOST: u64 = 1024;

/// The size of struct epoll_event, which is packed on one architecture.
const EVENT: usize = size_of::<libc::epoll_event>();

pub(super) fn passed(call: &Raw, param: Param, raw: u64) -> Arg {
    let memory = call.memory;
    let number = i64::from(raw as u32);
    let shown = match param {
        Param::EpollFlags => {
            return Arg::constant(raw as i32, flags(EPOLL_FLAGS, number, "EPOLL_???"));
        }
        Param::EpollOperation => {
            let name = named(EPOLL_OPERATIONS, number, "EPOLL_CTL_???");
            return Arg::constant(raw as i32, name);
        }
        Param::EpollEvents if raw != 0 => return Arg::Pending,
        Param::PollFds => return poll_fds(call, raw),
        Param::EpollEvent if call.of(Param::EpollOperation) as i32 != libc::EPOLL_CTL_DEL => {
            memory.exactly(raw, EVENT).map(|event| epoll_event(&event))
        }
        Param::Time => time(memory, raw),
        Param::TimeVal => timeval(memory, raw),
        Param::Mask => mask(memory, raw, call.of(Param::Size)),
        Param::MaskAndSize => mask_and_size(memory, raw),
        Param::FdSet => fd_set(call, raw),
        _ => None,
    };
    shown.map_or_else(|| Arg::pointer(raw), Arg::Shown)
}

/// What strace prints behind the value of a call that waits.
pub(super) fn note(call: &Raw, value: i64) -> Option<String> {
    match call.syscall.name {
        "poll" | "ppoll" => {
            let reported = polled(call, call.of(Param::PollFds))?;
            let reported: Vec<(i32, i16)> = reported.iter().map(|it| (it.0, it.2)).collect();
            let note = poll_note(&reported);
            let left = time(call.memory, call.of(Param::Time)).filter(|_| value > 0);
            Some(match left {
                Some(left) => format!("{note}, left {left}"),
                None => note,
            })
        }
        "select" | "pselect6" if value == 0 => Some("Timeout".into()),
        "select" | "pselect6" => {
            let sets = [("in", 1), ("out", 2), ("except", 3)].into_iter();
            let mut parts: Vec<String> = sets
                .filter_map(|(name, place)| {
                    let set = fd_set(call, call.args[place])?;
                    (set != "[]").then(|| format!("{name} {set}"))
                })
                .collect();
            let left = match call.syscall.name {
                "select" => timeval(call.memory, call.args[4]),
                _ => time(call.memory, call.args[4]),
            };
            parts.extend(left.map(|left| format!("left {left}")));
            Some(parts.join(", "))
        }
        _ => None,
    }
}

/// Descriptor, what is asked for, and what there is: struct pollfd.
fn polled(call: &Raw, pointer: u64) -> Option<Vec<(i32, i16, i16)>> {
    let count = call.of(Param::PollCount).min(MOST) as usize;
    if count == 0 {
        return Some(Vec::new());
    }
    let words = call.memory.words(pointer, count)?;
    let entry = |word: u64| (word as i32, (word >> 32) as i16, (word >> 48) as i16);
    Some(words.into_iter().map(entry).collect())
}

fn poll_fds(call: &Raw, pointer: u64) -> Arg {
    match polled(call, pointer) {
        Some(fds) => Arg::PollFds(fds.iter().map(|it| (it.0, it.1)).collect()),
        None => Arg::pointer(pointer),
    }
}

/// `{events=EPOLLIN, data={u32=5, u64=5}}`
fn epoll_event(bytes: &[u8]) -> String {
    let events = bytes.first_chunk().map_or(0, |it| u32::from_ne_bytes(*it));
    let data = bytes.last_chunk().map_or(0, |it| u64::from_ne_bytes(*it));
    shown_event(events, data)
}

/// The same of its parts.
pub(crate) fn shown_event(events: u32, data: u64) -> String {
    let events = flags(EPOLL_EVENTS, events.into(), "EPOLL???");
    format!(
        "{{events={events}, data={{u32={}, u64={data}}}}}",
        data as u32
    )
}

/// The events that were reported.
pub(super) fn epoll_events(call: &Raw, pointer: u64, count: i64) -> Arg {
    let count = usize::try_from(count).unwrap_or(0);
    if pointer == 0 {
        return Arg::Null;
    }
    let Some(bytes) = call.memory.exactly(pointer, count * EVENT) else {
        return Arg::pointer(pointer);
    };
    let mut shown: Vec<String> = bytes
        .chunks_exact(EVENT)
        .take(32)
        .map(epoll_event)
        .collect();
    if count > 32 {
        shown.push("...".into());
    }
    Arg::Shown(format!("[{}]", shown.join(", ")))
}

/// `{tv_sec=1, tv_nsec=0}`
pub(super) fn time(memory: Memory, pointer: u64) -> Option<String> {
    let words = memory.words(pointer, 2)?;
    Some(format!(
        "{{tv_sec={}, tv_nsec={}}}",
        words[0].cast_signed(),
        words[1]
    ))
}

fn timeval(memory: Memory, pointer: u64) -> Option<String> {
    let words = memory.words(pointer, 2)?;
    Some(format!(
        "{{tv_sec={}, tv_usec={}}}",
        words[0].cast_signed(),
        words[1]
    ))
}

/// `[INT USR1]`; where more than two thirds are in it, those that are not: `~[KILL]`.
fn mask(memory: Memory, pointer: u64, size: u64) -> Option<String> {
    let mask = memory.word(pointer).filter(|_| size == 8)?;
    let most = mask.count_ones() > 42;
    let listed = if most { !mask } else { mask };
    let signals = (1..=64).filter(|signal| listed >> (signal - 1) & 1 == 1);
    let name = |signal| {
        let name = match signal {
            32 => "RTMIN".into(),
            33.. => format!("RT_{}", signal - 32),
            _ => signal_name(signal),
        };
        name.trim_start_matches("SIG").to_string()
    };
    let names: Vec<String> = signals.map(name).collect();
    let sign = if most { "~" } else { "" };
    Some(format!("{sign}[{}]", names.join(" ")))
}

/// The last argument of pselect6(2).
fn mask_and_size(memory: Memory, pointer: u64) -> Option<String> {
    let words = memory.words(pointer, 2)?;
    let mask =
        mask(memory, words[0], words[1]).unwrap_or_else(|| Arg::pointer(words[0]).to_string());
    Some(format!("{{sigmask={mask}, sigsetsize={}}}", words[1]))
}

/// `[3 4]`
fn fd_set(call: &Raw, pointer: u64) -> Option<String> {
    let count = call.args[0].min(MOST);
    let words = call.memory.words(pointer, count.div_ceil(64) as usize)?;
    let is_in = |fd: &u64| words[(fd / 64) as usize] >> (fd % 64) & 1 == 1;
    let fds: Vec<String> = (0..count).filter(is_in).map(|fd| fd.to_string()).collect();
    Some(format!("[{}]", fds.join(" ")))
}

/// The descriptors that a call waits for.
pub(crate) fn waited_for(call: &Raw) -> Vec<i32> {
    match call.syscall.name {
        "poll" | "ppoll" => {
            let polled = polled(call, call.of(Param::PollFds)).unwrap_or_default();
            polled.iter().map(|it| it.0).collect()
        }
        "select" | "pselect6" => {
            let sets = call.args[1..4].iter().filter_map(|set| fd_set(call, *set));
            let text = sets.collect::<Vec<_>>().join(" ");
            let fds = text.split(['[', ']', ' ']);
            fds.filter_map(|fd| fd.parse().ok()).collect()
        }
        _ => Vec::new(),
    }
}
