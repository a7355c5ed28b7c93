//! Inputs that are almost right, for the unit tests of parsers.
//!
//! Every run of the tests tries the same inputs. For others, and more of them:
//! `PROPTEST_RNG_SEED=$RANDOM PROPTEST_CASES=100000 cargo test --release fuzzed`.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed};

/// A fixed seed, unless the environment has another; `cases` likewise.
pub(crate) fn config(cases: u32) -> Config {
    let chosen = Config::default();
    let rng_seed = match chosen.rng_seed {
        RngSeed::Random => RngSeed::Fixed(6789),
        fixed => fixed,
    };
    let cases = match std::env::var_os("PROPTEST_CASES") {
        None => cases,
        Some(_) => chosen.cases,
    };
    Config {
        cases,
        rng_seed,
        // A failure is mended or becomes a test of its own.
        failure_persistence: None,
        ..chosen
    }
}

/// One of these inputs with some edits: pieces of it removed, repeated, moved, cut off,
/// and pieces of `tokens` or anything at all put between.
pub(crate) fn edited(
    originals: Vec<Vec<u8>>,
    tokens: &'static [&'static str],
) -> BoxedStrategy<Vec<u8>> {
    let piece = prop_oneof![
        4 => select(tokens).prop_map(|token| token.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..8),
        1 => any::<char>().prop_map(|c| c.to_string().into_bytes()),
    ];
    let edit = (any::<[Index; 3]>(), piece, 0..5u8);
    (select(originals), vec(edit, 1..6))
        .prop_map(|(mut bytes, edits)| {
            for (places, piece, kind) in edits {
                bytes = apply(bytes, places, piece, kind);
            }
            bytes
        })
        .boxed()
}

/// The same as text: what is no UTF-8 is replaced.
pub(crate) fn edited_text(
    originals: &[&str],
    tokens: &'static [&'static str],
) -> impl Strategy<Value = String> + use<> {
    let originals = originals.iter().map(|text| text.as_bytes().to_vec());
    edited(originals.collect(), tokens).prop_map(|bytes| String::from_utf8_lossy(&bytes).into())
}

fn apply(mut bytes: Vec<u8>, places: [Index; 3], piece: Vec<u8>, kind: u8) -> Vec<u8> {
    let [from, to, at] = places.map(|place| place.index(bytes.len() + 1));
    let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 200));
    match kind {
        0 => drop(bytes.drain(from..to)),
        1 => drop(bytes.splice(at..at, bytes[from..to].to_vec())),
        2 => bytes.truncate(to),
        3 => drop(bytes.splice(from..to, piece)),
        _ => drop(bytes.splice(at..at, piece)),
    }
    bytes
}
