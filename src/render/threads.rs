//! What the threads of a program wait for, in words.

use super::crowd::tally;
use super::doc::{Line, changed, fact, muted};
use super::fact::reason;
use super::facts::place;
use crate::model::{Asleep, Fact, Program, Thread};
use crate::words::say;

/// So many lines are told of threads, and so many descriptors of a call.
const SHOWN: usize = 8;

/// What each thread waits for. Those that do the same are counted.
pub(super) fn threads(program: &Program) -> Vec<Line> {
    let all = match &program.threads {
        Fact::Seen(all, _) => all,
        Fact::None => return vec![vec![muted(say!("threads-none"))]],
        Fact::Unknown(why) => {
            let text = say!("not-available", why = reason(why));
            return vec![vec![muted(text)]];
        }
    };
    let groups = tally(all.iter().map(|thread| doing(program, thread)));
    let line = |(words, count): &(String, usize)| {
        let mut of_group = all.iter().filter(|thread| doing(program, thread) == *words);
        let who = match (of_group.next(), count) {
            (Some(thread), 1) => named(program, thread),
            _ => say!("threads-many", count = count),
        };
        vec![muted(format!("{who}: ")), fact(words.clone())]
    };
    let mut lines: Vec<Line> = groups.iter().take(SHOWN).map(line).collect();
    if let more @ 1.. = groups.len().saturating_sub(SHOWN) {
        lines.push(vec![muted(say!("and-others", count = more))]);
    }
    lines
}

/// Those that wait for something else now, and those that are new or gone.
pub(super) fn threads_changed(before: &Program, now: &Program) -> Vec<Line> {
    let of = |program: &Program| program.threads.value().cloned().unwrap_or_default();
    let (old, new) = (of(before), of(now));
    let same = |one: &Thread, all: &[Thread]| all.iter().find(|it| it.tid == one.tid).cloned();
    let others = new
        .iter()
        .filter(|thread| same(thread, &old).is_none_or(|old| old.call != thread.call));
    let others = others.map(|thread| (named(now, thread), doing(now, thread)));
    let gone = old.iter().filter(|thread| same(thread, &new).is_none());
    let gone = gone.map(|thread| (named(before, thread), say!("thread-ended")));
    let all: Vec<(String, String)> = others.chain(gone).collect();
    let lines = all
        .iter()
        .take(SHOWN)
        .map(|(who, words)| vec![muted(format!("{who}: ")), changed(words.clone())]);
    let mut lines: Vec<Line> = lines.collect();
    if let more @ 1.. = all.len().saturating_sub(SHOWN) {
        lines.push(vec![muted(say!("and-others", count = more))]);
    }
    lines
}

/// `main thread`, `tid 4243 (worker)`: its name where it is not the program's.
fn named(program: &Program, thread: &Thread) -> String {
    if thread.tid == program.seen.pid {
        say!("thread-main")
    } else if thread.name == program.name {
        format!("tid {}", thread.tid)
    } else {
        format!("tid {} ({})", thread.tid, thread.name)
    }
}

/// `sleeps in accept on fd 3 (S in inet_csk_accept)`
fn doing(program: &Program, thread: &Thread) -> String {
    let place = place(&thread.doing);
    match &thread.call {
        Fact::Seen(call, _) => {
            let what = asleep(program, call);
            if matches!(thread.doing.state, 'T' | 't') {
                say!("thread-stopped-in", what = what, place = place)
            } else {
                say!("thread-sleeps", what = what, place = place)
            }
        }
        Fact::None => match thread.doing.state {
            'R' => say!("thread-runs"),
            'T' | 't' => say!("thread-stopped"),
            _ => say!("thread-outside", place = place),
        },
        Fact::Unknown(why) => say!("thread-unknown", why = reason(why), place = place),
    }
}

/// `epoll_wait on fd 4, watching fds 3, 5, 7`
fn asleep(program: &Program, call: &Asleep) -> String {
    let mut words = match call.call {
        Some(known) => known.book_name.to_string(),
        None => say!("call-number", number = call.number),
    };
    if let Some(fd) = call.fd {
        words.push_str(&say!("on-fd", fd = descriptor(program, fd)));
    }
    match &call.watching {
        Fact::None => {}
        Fact::Unknown(why) => {
            words.push_str(&say!("watching-unknown", why = reason(why)));
        }
        Fact::Seen(fds, _) => words.push_str(&watched(fds)),
    }
    words
}

fn watched(fds: &[i32]) -> String {
    let shown: Vec<String> = fds.iter().take(SHOWN).map(i32::to_string).collect();
    let more = match fds.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => say!("and-more-bytes", count = more),
    };
    match fds.len() {
        0 => say!("watching-none"),
        1 => say!("watching-one", fd = shown.join(", ")),
        _ => say!("watching-many", fds = shown.join(", "), more = more),
    }
}

/// `fd 3`; of what is no socket also what it is: `fd 0 (/dev/pts/0)`.
fn descriptor(program: &Program, fd: i32) -> String {
    let mut entries = program.seen.fds.value().into_iter().flatten();
    match entries.find(|entry| entry.fd == fd) {
        Some(entry) if !entry.target.starts_with("socket:") => {
            format!(
                "fd {fd} ({})",
                entry.target.trim_start_matches("anon_inode:")
            )
        }
        _ => format!("fd {fd}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_descriptors_are_cut() {
        assert_eq!(watched(&[]), ", watching no fd");
        assert_eq!(watched(&[3]), ", watching fd 3");
        let many: Vec<i32> = (3..1003).collect();
        assert_eq!(
            watched(&many),
            ", watching fds 3, 4, 5, 6, 7, 8, 9, 10 and 992 more"
        );
    }
}
