//! The fd tables of several processes side by side.

use super::columns::columns;
use super::doc::{Block, Line, NO_BREAK, fact, fields, muted};
use crate::model::{Fact, World};
use crate::words::say;

/// The lowest descriptor of a lesson: below it are socklab's channel and stderr.
const FIRST: i32 = 3;

/// The fd tables of several processes: a line for each number that one of them has in
/// use.
pub(super) fn tables(worlds: &[(&str, &World)]) -> Block {
    let entries = worlds.iter().filter_map(|(_, world)| world.fds.value());
    let mut numbers: Vec<i32> = entries.flatten().map(|entry| entry.fd).collect();
    numbers.retain(|fd| *fd >= FIRST);
    numbers.sort_unstable();
    numbers.dedup();
    let titles = worlds.iter().map(|(name, world)| title(name, world));
    let mut rows: Vec<Vec<String>> = vec![[String::new()].into_iter().chain(titles).collect()];
    for fd in numbers {
        let cells = worlds.iter().map(|(_, world)| cell(world, fd));
        rows.push([fd.to_string()].into_iter().chain(cells).collect());
    }
    // Columns hold together by no-break spaces.
    let lines = columns(&rows).into_iter().enumerate();
    let line = |(at, line): (usize, String)| -> Line {
        let line = line.replace(' ', NO_BREAK);
        if at == 0 { muted(line) } else { fact(line) }.into()
    };
    fields(say!("label-fds"), lines.map(line).collect())
}

/// `child, pid 8122 (zombie)`: the state only where it is a remarkable one.
fn title(name: &str, world: &World) -> String {
    let process = world.process.value();
    let is_zombie = process.is_some_and(|process| process.state == 'Z');
    let note = if is_zombie { " (zombie)" } else { "" };
    say!("pid-of", name = name, pid = world.pid) + note
}

/// What a process has at that number.
fn cell(world: &World, fd: i32) -> String {
    match &world.fds {
        Fact::Unknown(_) => "?".into(),
        fds => {
            let mut entries = fds.value().into_iter().flatten();
            let entry = entries.find(|entry| entry.fd == fd);
            entry.map_or("—".into(), |entry| entry.target.clone())
        }
    }
}
