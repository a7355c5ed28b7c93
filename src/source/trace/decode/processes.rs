//! Processes: clone(2), clone3(2), execve(2), wait4(2).

use super::constants::{CLONE_FLAGS, WAIT_OPTIONS};
use super::memory::Memory;
use super::raw::Raw;
use crate::model::{Arg, Param, Status, flags, quoted, signal_name, strace_string};

/// So many words of an argument list strace prints.
const SHOWN: usize = 32;
/// The longest argument list that is read.
const MOST: usize = 4096;

/// What a new process or thread shares with its maker.
#[derive(Clone, Copy, Default)]
pub(crate) struct CloneFlags(u64);

impl CloneFlags {
    /// Is it a thread of the same process?
    pub(crate) fn is_thread(self) -> bool {
        self.has(libc::CLONE_THREAD)
    }

    /// Does it use the same table of descriptors?
    pub(crate) fn shares_files(self) -> bool {
        self.has(libc::CLONE_FILES)
    }

    fn has(self, flag: i32) -> bool {
        self.0 & u64::from(flag.cast_unsigned()) != 0
    }
}

/// What is shared by what the call makes.
pub(crate) fn clone_flags(call: &Raw) -> CloneFlags {
    CloneFlags(match call.syscall.name {
        "clone" => call.args[0],
        "clone3" => call.memory.word(call.args[0]).unwrap_or(0),
        _ => 0,
    })
}

pub(super) fn passed(call: &Raw, param: Param, raw: u64) -> Arg {
    let memory = call.memory;
    let has = |flags: i32| call.args[0] & u64::from(flags.cast_unsigned()) != 0;
    match param {
        Param::ChildStack => Arg::pointer(raw),
        Param::CloneFlags => Arg::Constant {
            raw: raw.cast_signed(),
            name: cloned(raw),
        },
        Param::ParentTid if !has(libc::CLONE_PARENT_SETTID | libc::CLONE_PIDFD) => Arg::Unused,
        Param::ParentTid if raw != 0 => Arg::Pending,
        Param::Tls if !has(libc::CLONE_SETTLS) => Arg::Unused,
        Param::ChildTid if !has(libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID) => {
            Arg::Unused
        }
        Param::CloneArgs => clone_args(memory, raw).unwrap_or_else(|| Arg::pointer(raw)),
        Param::Folder if raw as i32 == libc::AT_FDCWD => Arg::constant(libc::AT_FDCWD, "AT_FDCWD"),
        Param::Folder => Arg::Int((raw as i32).into()),
        Param::Path => match memory.string(raw) {
            Some(path) => Arg::Shown(quoted(&path)),
            None => Arg::pointer(raw),
        },
        Param::Words => words(memory, raw).map_or_else(|| Arg::pointer(raw), Arg::Shown),
        Param::Environment => environment(memory, raw),
        Param::ExecFlags => {
            let known = &[(0x1000, "AT_EMPTY_PATH"), (0x100, "AT_SYMLINK_NOFOLLOW")];
            Arg::constant(raw as i32, flags(known, raw.cast_signed(), "AT_???"))
        }
        Param::WaitOptions => {
            let number = i64::from(raw as u32);
            Arg::constant(raw as i32, flags(WAIT_OPTIONS, number, "W???"))
        }
        _ => Arg::pointer(raw),
    }
}

pub(super) fn filled(call: &Raw, param: Param, raw: u64, arg: &Arg, value: i64) -> Option<Arg> {
    let memory = call.memory;
    match (param, arg) {
        (Param::ParentTid, Arg::Pending) => Some(match memory.int(raw) {
            Some(tid) => Arg::IntAt(tid.into()),
            None => Arg::pointer(raw),
        }),
        // Nobody was waited for.
        (Param::StatusOut, Arg::Pending) if value == 0 => Some(Arg::pointer(raw)),
        (Param::StatusOut, Arg::Pending) => Some(match memory.int(raw) {
            Some(status) => Arg::Status(Status(status)),
            None => Arg::pointer(raw),
        }),
        (Param::CloneArgs, Arg::Shown(given)) => {
            let words = memory.words(raw, 8)?;
            let number = |flag: i32, name: &str, pointer: u64| {
                let asked = words[0] & u64::from(flag.cast_unsigned()) != 0;
                let number = asked.then(|| memory.int(pointer)).flatten()?;
                Some(format!("{name}=[{number}]"))
            };
            let filled = [
                number(libc::CLONE_PIDFD, "pidfd", words[1]),
                number(libc::CLONE_PARENT_SETTID, "parent_tid", words[3]),
            ];
            let filled: Vec<String> = filled.into_iter().flatten().collect();
            let text = format!("{given} => {{{}}}", filled.join(", "));
            (!filled.is_empty()).then_some(Arg::Shown(text))
        }
        _ => None,
    }
}

/// `CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD`: the last byte is a signal.
fn cloned(raw: u64) -> String {
    let (made, signal) = (raw & !0xff, (raw & 0xff) as i32);
    let shown = flags(CLONE_FLAGS, made.cast_signed(), "CLONE_???");
    match (made, signal) {
        (_, 0) => shown,
        (0, signal) => signal_name(signal),
        (_, signal) => format!("{shown}|{}", signal_name(signal)),
    }
}

/// struct clone_args.
fn clone_args(memory: Memory, pointer: u64) -> Option<Arg> {
    let words = memory.words(pointer, 8)?;
    let [made, pidfd, child_tid, parent_tid, signal, stack, size, tls] = words[..] else {
        return None;
    };
    let has = |flags: i32| made & u64::from(flags.cast_unsigned()) != 0;
    let shown = |pointer: u64| Arg::pointer(pointer).to_string();
    let mut parts = vec![format!(
        "flags={}",
        flags(CLONE_FLAGS, made.cast_signed(), "CLONE_???")
    )];
    if has(libc::CLONE_PIDFD) {
        parts.push(format!("pidfd={}", shown(pidfd)));
    }
    if has(libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID) {
        parts.push(format!("child_tid={}", shown(child_tid)));
    }
    if has(libc::CLONE_PARENT_SETTID) {
        parts.push(format!("parent_tid={}", shown(parent_tid)));
    }
    let signal = match signal {
        0 => "0".into(),
        signal => signal_name(signal as i32),
    };
    parts.push(format!("exit_signal={signal}, stack={}", shown(stack)));
    parts.push(format!(
        "stack_size={}",
        if size == 0 {
            "0".into()
        } else {
            format!("{size:#x}")
        }
    ));
    if has(libc::CLONE_SETTLS) {
        parts.push(format!("tls={}", shown(tls)));
    }
    Some(Arg::Shown(format!("{{{}}}", parts.join(", "))))
}

/// The pointers of a list that ends with a null pointer.
fn pointers(memory: Memory, pointer: u64) -> Option<Vec<u64>> {
    let mut all = Vec::new();
    for at in 0..MOST as u64 {
        match memory.word(pointer + at * 8)? {
            0 => break,
            word => all.push(word),
        }
    }
    Some(all)
}

/// `["true", "a b"]`
fn words(memory: Memory, pointer: u64) -> Option<String> {
    let all = pointers(memory, pointer)?;
    let mut shown: Vec<String> = all
        .iter()
        .take(SHOWN)
        .map(|word| match memory.string(*word) {
            Some(text) => strace_string(&text, text.len()),
            None => Arg::pointer(*word).to_string(),
        })
        .collect();
    if all.len() > SHOWN {
        shown.push("...".into());
    }
    Some(format!("[{}]", shown.join(", ")))
}

/// `0x7ffe1234 /* 20 vars */`
fn environment(memory: Memory, pointer: u64) -> Arg {
    match pointers(memory, pointer).map(|all| all.len()) {
        Some(1) => Arg::Shown(format!("{pointer:#x} /* 1 var */")),
        Some(count) => Arg::Shown(format!("{pointer:#x} /* {count} vars */")),
        None => Arg::pointer(pointer),
    }
}
