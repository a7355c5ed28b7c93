use super::doc::{Block, Line, NO_BREAK, Role, fields, span};
use crate::model::{Fact, FdEntry, World};

/// The lowest descriptor of a lesson: below it are socklab's channel and stderr.
const FIRST: i32 = 3;

/// The fd tables of several processes side by side: a line for each number that
/// one of them has in use.
pub fn tables(worlds: &[(&str, &World)]) -> Block {
    let mut rows = vec![
        worlds
            .iter()
            .map(|(name, world)| title(name, world))
            .collect(),
    ];
    let mut numbers: Vec<i32> = worlds
        .iter()
        .flat_map(|(_, world)| entries(world))
        .map(|entry| entry.fd)
        .filter(|fd| *fd >= FIRST)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let cell = |world: &World, fd| match (&world.fds, holds(world, fd)) {
        (Fact::Unknown(_), _) => "?".to_string(),
        (_, Some(entry)) => entry.target.clone(),
        (_, None) => "—".to_string(),
    };
    for fd in &numbers {
        rows.push(worlds.iter().map(|(_, world)| cell(world, *fd)).collect());
    }
    let widths: Vec<usize> = (0..worlds.len())
        .map(|at| {
            rows.iter()
                .map(|row: &Vec<String>| row[at].chars().count())
                .max()
        })
        .map(Option::unwrap_or_default)
        .collect();
    let numbers = std::iter::once(String::new()).chain(numbers.iter().map(i32::to_string));
    let lines = numbers.zip(&rows).map(|(number, row)| {
        let role = if number.is_empty() {
            Role::Muted
        } else {
            Role::Fact
        };
        let mut text = format!("{number:<3}");
        for (cell, width) in row.iter().zip(&widths) {
            text.push_str(&format!("{cell:<width$}  "));
        }
        // Columns hold together by no-break spaces.
        let line: Line = vec![span(role, text.trim_end().replace(' ', NO_BREAK))];
        line
    });
    fields("fds", lines.collect())
}

/// `child, pid 8122 (Z)`: the state only where it is a remarkable one.
fn title(name: &str, world: &World) -> String {
    match world.process.value() {
        Some(process) if process.state == 'Z' => {
            format!("{name}, pid {} (zombie)", world.pid)
        }
        _ => format!("{name}, pid {}", world.pid),
    }
}

fn entries(world: &World) -> &[FdEntry] {
    world.fds.value().map_or(&[], Vec::as_slice)
}

fn holds(world: &World, fd: i32) -> Option<&FdEntry> {
    entries(world).iter().find(|entry| entry.fd == fd)
}
