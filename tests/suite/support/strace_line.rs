//! A line that strace has written.

/// What the C library's fork(2) makes of it.
const FORK: &str = "flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD";

/// What observation may do with an fd of the lesson: read, without effect.
pub const LOOKS: [&str; 5] = [
    "getsockopt",
    "getsockname",
    "getpeername",
    "ioctl(FIONREAD)",
    "ioctl(TIOCOUTQ)",
];

/// One line of strace.
pub struct StraceLine {
    pub name: String,
    pub args: String,
    pub result: String,
}

impl StraceLine {
    pub fn parse(line: &str) -> Option<StraceLine> {
        let (name, rest) = line.split_once('(')?;
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let (args, result) = rest.rsplit_once(" = ")?;
        let args = args.trim_end().strip_suffix(')')?;
        Some(StraceLine {
            name: name.into(),
            args: args.into(),
            result: result.into(),
        })
    }

    /// A signal has ended its sleep: the call goes on, or fails with EINTR.
    pub fn was_interrupted(&self) -> bool {
        self.result.starts_with("? ERESTART")
    }

    pub fn fd(&self) -> Option<&str> {
        let first = self.args.split(',').next()?;
        Some(first.strip_prefix("[{fd=").unwrap_or(first))
    }

    /// Is it a call of the lesson's that is about no fd: about processes, or a
    /// path? An actor makes none of these for itself.
    pub fn is_about_no_fd(&self) -> bool {
        match self.name.as_str() {
            "clone" => self.args.contains(FORK),
            name => [
                "exit_group",
                "wait4",
                "unlink",
                "unlinkat",
                "pselect6",
                "kill",
                "rt_sigaction",
            ]
            .contains(&name),
        }
    }

    /// No observation does.
    pub fn asks_for_the_mark(&self) -> bool {
        self.args.contains(", SIOCATMARK, ")
    }

    /// Is it one that both a lesson and an observation make?
    pub fn may_be_a_look(&self) -> bool {
        let name = match self.name.as_str() {
            "ioctl" => format!("ioctl({})", self.args.split(", ").nth(1).unwrap_or("")),
            // It reads the flags; a lesson's fcntl sets them.
            "fcntl" if self.args.ends_with("F_GETFL") => return true,
            // A process sets its handlers when it starts, too.
            "rt_sigaction" => return true,
            name => name.to_string(),
        };
        LOOKS.contains(&name.as_str())
    }

    /// The whole call. A buffer that the kernel left alone is a bare address,
    /// which is `...` to socklab; behind an errno's name stands its text, behind
    /// the count of a poll what it found.
    pub fn call(&self) -> String {
        let args: Vec<String> = self.args.split(", ").map(without_address).collect();
        let result = if self.was_interrupted() {
            "-1 EINTR"
        } else if self.result.starts_with('-') {
            self.result.split(" (").next().unwrap()
        } else {
            &self.result
        };
        format!("{}({}) = {result}", self.name, args.join(", "))
    }
}

pub fn without_address(arg: &str) -> String {
    let bare = arg.trim_end_matches(['}', ']']);
    match bare.rsplit_once("0x") {
        Some((before, digits)) if digits.chars().all(|c| c.is_ascii_hexdigit()) => {
            format!("{before}...{}", &arg[bare.len()..])
        }
        _ => arg.into(),
    }
}
