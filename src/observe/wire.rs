//! The frame that every question to sock_diag and every answer has.
//! Layouts: include/uapi/linux/netlink.h.

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
pub(super) const NLM_F_REQUEST: u16 = 1;
pub(super) const NLM_F_DUMP: u16 = 0x300;
/// struct nlmsghdr
const HEADER: usize = 16;

/// One message of an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Answer<R> {
    Row(R),
    /// The end of a dump.
    Done,
    /// A refusal: the errno, 0 for an acknowledgement.
    Error(i32),
}

/// A request with that body.
pub(super) fn message(flags: u16, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + body.len());
    out.extend_from_slice(&((HEADER + body.len()) as u32).to_ne_bytes());
    out.extend_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    out.extend_from_slice(&flags.to_ne_bytes());
    out.extend_from_slice(&[0; 8]); // sequence and port: one question at a time
    out.extend_from_slice(body);
    out
}

/// Takes one datagram apart; `row` reads the body of a row. What is cut short or
/// of another kind is left out.
pub(super) fn answers<R>(datagram: &[u8], row: impl Fn(&[u8]) -> Option<R>) -> Vec<Answer<R>> {
    let mut found = Vec::new();
    let mut rest = datagram;
    while let (Some(len), Some(kind)) = (u32_at(rest, 0), u16_at(rest, 4)) {
        let len = len as usize;
        let Some(body) = rest.get(HEADER..len) else {
            break;
        };
        match kind {
            NLMSG_DONE => found.push(Answer::Done),
            NLMSG_ERROR => found.push(Answer::Error(
                u32_at(body, 0).map_or(0, |code| (code as i32).saturating_neg()),
            )),
            SOCK_DIAG_BY_FAMILY => found.extend(row(body).map(Answer::Row)),
            _ => {}
        }
        rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    found
}

/// The attributes behind the fixed part of a message: struct nlattr, type and value.
pub(super) fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    const ATTRIBUTE: usize = 4;
    std::iter::from_fn(move || {
        let len = usize::from(u16_at(rest, 0)?);
        let kind = u16_at(rest, 2)?;
        let value = rest.get(ATTRIBUTE..len)?;
        rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Two halves, low first: how sock_diag writes a cookie.
pub(super) fn cookie_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(u32_at(bytes, at)?) | u64::from(u32_at(bytes, at + 4)?) << 32)
}
