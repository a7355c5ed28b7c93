//! What the benches share: medians, and the table that judges them.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

/// One line of the table. Without a budget it is only told.
pub struct Row {
    pub what: String,
    pub ours: String,
    pub rival: String,
    pub ratio: Option<f64>,
    pub budget: Option<f64>,
}

impl Row {
    /// Our time against the rival's: `ours / rival` may be `budget` at the most.
    pub fn times(
        what: impl Into<String>,
        ours: Duration,
        rival: Duration,
        budget: impl Into<Option<f64>>,
    ) -> Row {
        Row {
            what: what.into(),
            ours: shown(ours),
            rival: shown(rival),
            ratio: Some(ours.as_secs_f64() / rival.as_secs_f64()),
            budget: budget.into(),
        }
    }

    fn broken(&self) -> bool {
        matches!((self.ratio, self.budget), (Some(ratio), Some(budget)) if ratio > budget)
    }
}

/// Prints the table. The exit status says whether every budget was kept.
pub fn report(rows: &[Row]) -> ExitCode {
    let number = |value: Option<f64>| {
        value.map_or(String::new(), |value| {
            let places = if value < 0.1 { 4 } else { 2 };
            format!("{value:.places$}")
        })
    };
    let head = ["what", "ours", "rival", "ratio", "budget", "ok"].map(String::from);
    let lines = rows.iter().map(|row| {
        let verdict = match (row.budget, row.broken()) {
            (None, _) => "",
            (_, false) => "yes",
            (_, true) => "NO",
        };
        [
            row.what.clone(),
            row.ours.clone(),
            row.rival.clone(),
            number(row.ratio),
            number(row.budget),
            verdict.into(),
        ]
    });
    for [what, ours, rival, ratio, budget, ok] in std::iter::once(head).chain(lines) {
        println!("{what:<58} | {ours:>9} | {rival:>9} | {ratio:>7} | {budget:>6} | {ok}");
    }
    ExitCode::from(u8::from(rows.iter().any(Row::broken)))
}

/// Is this `cargo bench`? `cargo test --benches` runs the same programs without
/// optimisation, where times mean nothing: they do nothing then.
pub fn is_bench() -> bool {
    let bench = std::env::args().any(|word| word == "--bench");
    if !bench {
        println!("measures only under cargo bench");
    }
    bench
}

/// The median time of each of `ways`, measured in turn `rounds` times after one
/// round that does not count, so that all see the same machine.
pub fn in_turn<const N: usize>(
    rounds: usize,
    mut ways: [&mut dyn FnMut() -> io::Result<Duration>; N],
) -> io::Result<[Duration; N]> {
    let mut times = [const { Vec::new() }; N];
    for round in 0..=rounds {
        for (way, times) in ways.iter_mut().zip(&mut times) {
            let took = way()?;
            if round > 0 {
                times.push(took);
            }
        }
    }
    Ok(times.map(median))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn shown(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    if us < 1000.0 {
        format!("{us:.1} µs")
    } else {
        format!("{:.2} ms", us / 1000.0)
    }
}
