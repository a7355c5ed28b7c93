//! What a message or a vector is, before the call is made.

use super::action::{Payload, Words};
use crate::model::{
    Address, Arg, Bytes, Control, Cred, Header, control_bytes, controls_shown, part_shown,
    strace_string,
};

/// What a line passes that is made of parts; `fds` are the descriptors behind the first.
pub(super) fn payload(words: &Words, texts: Vec<Vec<u8>>, fds: &[i32], cred: Cred) -> Payload {
    Payload::Message {
        parts: texts,
        fds: fds.to_vec(),
        cred: words.credentials.then_some(cred),
    }
}

/// What a line has room for.
pub(super) fn room(words: &Words) -> Payload {
    Payload::Room {
        sizes: words.sizes.iter().map(|size| *size as u32).collect(),
        fds: words.makes.len(),
        cred: words.credentials,
        sender: words.asks_sender,
    }
}

/// The control messages that go with a message: cmsg(3).
pub(crate) fn control(fds: &[i32], cred: Option<Cred>) -> Vec<u8> {
    let mut control = Vec::new();
    if !fds.is_empty() {
        control.extend(control_bytes(libc::SCM_RIGHTS, fds));
    }
    if let Some(Cred { pid, uid, gid }) = cred {
        let ids = [pid, uid, gid].map(u32::cast_signed);
        control.extend(control_bytes(libc::SCM_CREDENTIALS, &ids));
    }
    control
}

/// How many bytes of control messages such a room takes.
pub(crate) fn control_room(fds: usize, cred: bool) -> usize {
    let space = |data: usize| match data {
        0 => 0,
        data => Control::HEAD + data.next_multiple_of(size_of::<usize>()),
    };
    space(fds * size_of::<i32>()) + space(usize::from(cred) * size_of::<libc::ucred>())
}

/// `[{iov_base="hi", iov_len=2}]`, and the bytes of all of it.
fn vector(parts: &[Vec<u8>]) -> (String, Bytes) {
    let shown = parts.iter().map(|part| {
        let text = strace_string(part, part.len());
        part_shown(&text, part.len() as u64)
    });
    let shown: Vec<String> = shown.collect();
    (
        format!("[{}]", shown.join(", ")),
        Bytes::of(&parts.concat()),
    )
}

/// A vector or a message that is passed, as strace prints it.
pub(super) fn passed(payload: Option<&Payload>, to: Option<Address>, is_message: bool) -> Arg {
    let Some(Payload::Message { parts, fds, cred }) = payload else {
        return Arg::Null;
    };
    let (vector, bytes) = vector(parts);
    let control = control(fds, *cred);
    let room = to.map_or(0, Address::socklen);
    let header = || Header {
        name: to.map_or(Arg::Null, Arg::Addr).to_string(),
        room,
        name_len: room,
        vector: vector.clone(),
        count: parts.len() as u64,
        control: (!control.is_empty()).then(|| controls_shown(&control)),
        control_len: control.len() as u64,
        flags: "0".into(),
    };
    Arg::Parts {
        shown: if is_message {
            header().to_string()
        } else {
            vector.clone()
        },
        bytes,
        name: to,
        fds: Vec::new(),
    }
}
