//! Calls, as strace prints them.

use super::address::{quoted, strace};
use super::fields::{Fields, errno};
use crate::model::{Arg, Bytes, Call, Outcome, Param, Syscall};

/// The call of an object that has `call` and `args`.
pub(super) fn call(fields: Fields<'_>) -> Result<Call, String> {
    let syscall = fields.read("call", Syscall::named)?;
    let given: Vec<&str> = fields.get("args")?;
    let mut given = given.into_iter().peekable();
    let mut args = Vec::new();
    for param in syscall.params {
        let label = param.label();
        // What a call does not take is not printed.
        let next = given.next_if(|text| text.starts_with(label));
        args.push(next.map_or(Arg::Unused, |text| arg(*param, &text[label.len()..])));
    }
    if given.next().is_some() {
        return Err(format!("\"args\": {} takes fewer", syscall.name));
    }
    Ok(Call {
        syscall,
        args,
        note: None,
    })
}

/// The call of an exit, and what it returned.
pub(super) fn returned(fields: Fields<'_>) -> Result<(Call, Outcome), String> {
    let mut call = call(fields)?;
    call.note = fields.get("note")?;
    if let Some((head, _)) = fields.get::<Option<&str>>("data")?.and_then(quoted) {
        for arg in &mut call.args {
            if let Arg::Bytes(bytes) | Arg::Parts { bytes, .. } = arg {
                bytes.len = bytes.len.max(head.len());
                bytes.head.clone_from(&head);
            }
        }
    }
    let outcome = match (fields.get("ret")?, fields.read_if("errno", errno)?) {
        (_, Some(errno)) => Outcome::Failed(errno),
        (Some(value), None) => Outcome::Value(value),
        // A call that never returns ends the process; which of the kernel's numbers says
        // that another is made again is not told.
        (None, None) if call.name() == "exit_group" => Outcome::Never,
        (None, None) => Outcome::Again(fields.get::<Option<i32>>("restart")?.unwrap_or(512)),
    };
    Ok((call, outcome))
}

/// `bind(3, …) = 0`: the call without its arguments.
pub(super) fn in_short(text: &str) -> Option<(Call, Outcome)> {
    let (name, rest) = text.split_once('(')?;
    let (_, result) = rest.rsplit_once(" = ")?;
    let mut words = result.split(' ');
    let outcome = match (words.next()?, words.next()) {
        ("-1", Some(name)) => Outcome::Failed(errno(name)?),
        ("?", _) => Outcome::Never,
        (value, _) => Outcome::Value(value.parse().ok()?),
    };
    let call = Call {
        syscall: Syscall::named(name)?,
        args: Vec::new(),
        note: None,
    };
    Some((call, outcome))
}

/// An argument: what is only shown stays as it is printed.
fn arg(param: Param, text: &str) -> Arg {
    match text {
        "NULL" => return Arg::Null,
        "{...}" => return Arg::Pending,
        "..." => return Arg::Untouched,
        "IPPROTO_IP" => return Arg::constant(0, text),
        _ => {}
    }
    let known = match param {
        Param::Fd | Param::EpollFd => text.parse().ok().map(Arg::Fd),
        Param::Address | Param::AddressOut => strace(text).map(Arg::Addr),
        Param::Bytes | Param::BytesOut => bytes(text).map(Arg::Bytes),
        Param::AddressOutLen => length(text),
        Param::Pair => pair(text),
        Param::Message | Param::MessageOut | Param::Vector | Param::VectorOut => Some(parts(text)),
        Param::Messages | Param::MessagesOut => Some(parts(text)),
        _ => text.parse().ok().map(Arg::Int),
    };
    known.unwrap_or_else(|| Arg::Shown(text.into()))
}

/// `"hello\n"`, and `...` behind it where there are more.
pub(super) fn bytes(text: &str) -> Option<Bytes> {
    let (head, more) = quoted(text)?;
    let len = head.len() + usize::from(more == "...");
    Some(Bytes { head, len })
}

/// `[16]`, `[28 => 16]`
fn length(text: &str) -> Option<Arg> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let (given, taken) = inside.split_once(" => ").unwrap_or((inside, inside));
    let (given, taken) = (given.parse().ok()?, taken.parse().ok());
    Some(Arg::LengthAt { given, taken })
}

/// `[3, 4]`
fn pair(text: &str) -> Option<Arg> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let (one, other) = inside.split_once(", ")?;
    Some(Arg::Pair(one.parse().ok()?, other.parse().ok()?))
}

/// The descriptors that go with a message.
fn passed(text: &str) -> Vec<i32> {
    let fds = text.split_once("SCM_RIGHTS, cmsg_data=[");
    let fds = fds.and_then(|(_, fds)| fds.split_once(']'));
    let fds = fds.map_or("", |(fds, _)| fds).split(", ");
    fds.filter_map(|fd| fd.parse().ok()).collect()
}

/// A message or a vector; which bytes it moves stands beside it.
fn parts(text: &str) -> Arg {
    let name = text.split_once("msg_name=").and_then(|(_, name)| {
        let end = name.find('}')?;
        strace(&name[..=end])
    });
    Arg::Parts {
        shown: text.into(),
        bytes: Bytes::of(&[]),
        name,
        fds: passed(text),
    }
}
