//! Messages and vectors as strace prints them: struct msghdr, struct iovec, struct
//! cmsghdr.

use super::{Names, named, strace_string};

/// struct msghdr, its parts as they are shown.
pub(crate) struct Header {
    pub name: String,
    /// The room that is offered for a name, and how long it was.
    pub room: u32,
    pub name_len: u32,
    pub vector: String,
    /// How many parts it has.
    pub count: u64,
    /// The control messages, and how many bytes they take.
    pub control: Option<String>,
    pub control_len: u64,
    pub flags: String,
}

impl std::fmt::Display for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{msg_name={}, msg_namelen={}", self.name, self.room)?;
        if self.name_len != self.room {
            write!(f, " => {}", self.name_len)?;
        }
        write!(f, ", msg_iov={}, msg_iovlen={}", self.vector, self.count)?;
        if let Some(control) = &self.control {
            write!(f, ", msg_control={control}")?;
        }
        let (len, flags) = (self.control_len, &self.flags);
        write!(f, ", msg_controllen={len}, msg_flags={flags}}}")
    }
}

/// struct iovec, its bytes or its pointer as it is shown.
pub(crate) fn part_shown(base: &str, len: u64) -> String {
    format!("{{iov_base={base}, iov_len={len}}}")
}

/// The levels of control messages and of options.
pub(crate) const LEVELS: &Names = &[
    (0, "SOL_IP"),
    (1, "SOL_SOCKET"),
    (6, "SOL_TCP"),
    (17, "SOL_UDP"),
    (41, "SOL_IPV6"),
    (58, "SOL_ICMPV6"),
    (132, "SOL_SCTP"),
    (136, "SOL_UDPLITE"),
    (255, "SOL_RAW"),
    (263, "SOL_PACKET"),
    (270, "SOL_NETLINK"),
    (284, "SOL_MPTCP"),
];

const CONTROLS: &Names = &[
    (1, "SCM_RIGHTS"),
    (2, "SCM_CREDENTIALS"),
    (3, "SCM_SECURITY"),
];

/// A control message: cmsg(3).
pub(crate) struct Control<'b> {
    pub len: usize,
    pub level: i32,
    pub kind: i32,
    pub data: &'b [u8],
}

impl Control<'_> {
    /// The length of its head: struct cmsghdr.
    pub(crate) const HEAD: usize = size_of::<usize>() + 8;

    /// The descriptors that it passes: SCM_RIGHTS of unix(7).
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = i32> {
        let passes = (self.level, self.kind) == (libc::SOL_SOCKET, libc::SCM_RIGHTS);
        ints(if passes { self.data } else { &[] })
    }
}

impl std::fmt::Display for Control<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Control {
            len,
            level,
            kind,
            data,
        } = self;
        let level_name = named(LEVELS, (*level).into(), "SOL_??");
        let (kind_name, data) = match (*level, *kind) {
            (libc::SOL_SOCKET, libc::SCM_RIGHTS) => {
                let fds: Vec<String> = ints(data).map(|fd| fd.to_string()).collect();
                ("SCM_RIGHTS".into(), format!("[{}]", fds.join(", ")))
            }
            (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) if data.len() >= 12 => {
                let ids: Vec<i32> = ints(data).collect();
                let text = format!("{{pid={}, uid={}, gid={}}}", ids[0], ids[1], ids[2]);
                ("SCM_CREDENTIALS".into(), text)
            }
            (libc::SOL_SOCKET, kind) => (
                named(CONTROLS, kind.into(), "SCM_???"),
                strace_string(data, data.len()),
            ),
            (_, kind) => (format!("{kind:#x}"), strace_string(data, data.len())),
        };
        write!(
            f,
            "{{cmsg_len={len}, cmsg_level={level_name}, cmsg_type={kind_name}"
        )?;
        match data.as_str() {
            "[]" | "\"\"" => f.write_str("}"),
            data => write!(f, ", cmsg_data={data}}}"),
        }
    }
}

/// The control messages in a buffer: each begins with its length, its level and its
/// type, and is filled up to whole words.
pub(crate) fn controls(bytes: &[u8]) -> impl Iterator<Item = Control<'_>> {
    const WORD: usize = size_of::<usize>();
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let len = usize::from_ne_bytes(*rest.first_chunk()?);
        let head: Vec<i32> = ints(rest.get(WORD..Control::HEAD)?).collect();
        let data = rest.get(Control::HEAD..len.min(rest.len()))?;
        let next = len.max(Control::HEAD).next_multiple_of(WORD);
        rest = rest.get(next..).unwrap_or(&[]);
        Some(Control {
            len,
            level: head[0],
            kind: head[1],
            data,
        })
    })
}

/// A control message of the level SOL_SOCKET as a call passes it.
pub(crate) fn control_bytes(kind: i32, data: &[i32]) -> Vec<u8> {
    let len = Control::HEAD + size_of_val(data);
    let mut bytes = len.to_ne_bytes().to_vec();
    for number in [libc::SOL_SOCKET, kind].iter().chain(data) {
        bytes.extend(number.to_ne_bytes());
    }
    bytes.resize(len.next_multiple_of(size_of::<usize>()), 0);
    bytes
}

/// `[{cmsg_len=…}]`
pub(crate) fn controls_shown(bytes: &[u8]) -> String {
    let shown: Vec<String> = controls(bytes).map(|it| it.to_string()).collect();
    format!("[{}]", shown.join(", "))
}

fn ints(bytes: &[u8]) -> impl Iterator<Item = i32> {
    let chunks = bytes.as_chunks::<4>().0.iter();
    chunks.map(|bytes| i32::from_ne_bytes(*bytes))
}
