//! Constants and flags by name, as strace prints them.

/// Constants with their names, in strace's order.
pub(crate) type Names = [(i64, &'static str)];

/// Names constants of libc for a table.
macro_rules! names {
    ($($name:ident),* $(,)?) => {
        &[$((libc::$name as i64, stringify!($name))),*]
    };
}

pub(crate) use names;

/// `AF_INET`, `0x63 /* AF_??? */`
pub(crate) fn named(names: &Names, value: i64, unknown: &str) -> String {
    match names.iter().find(|(known, _)| *known == value) {
        Some((_, name)) => (*name).into(),
        None => format!("{value:#x} /* {unknown} */"),
    }
}

/// `MSG_DONTWAIT|0x800000`, `0x800000 /* MSG_??? */`, `0`
pub(crate) fn flags(names: &Names, value: i64, unknown: &str) -> String {
    let mut found = Vec::new();
    let mut rest = value;
    for (flag, name) in names {
        if *flag != 0 && rest & flag == *flag {
            found.push((*name).to_string());
            rest &= !flag;
        }
    }
    match (found.is_empty(), rest) {
        (true, 0) => "0".into(),
        (true, _) => format!("{rest:#x} /* {unknown} */"),
        (false, 0) => found.join("|"),
        (false, _) => format!("{}|{rest:#x}", found.join("|")),
    }
}
