//! Circles among files that use each other.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::imports::Use;

/// The shortest way by which a file uses itself through others, if there is one.
pub fn circle(file: usize, uses: &BTreeSet<Use>) -> Option<Vec<usize>> {
    let mut reached_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut left = VecDeque::from([file]);
    while let Some(from) = left.pop_front() {
        for one in uses.iter().filter(|one| one.from == from) {
            if one.to == file {
                let mut way = vec![file, from];
                while let Some(before) = reached_from.get(&way[way.len() - 1]) {
                    way.push(*before);
                }
                way.reverse();
                return Some(way);
            }
            if let Entry::Vacant(place) = reached_from.entry(one.to) {
                place.insert(from);
                left.push_back(one.to);
            }
        }
    }
    None
}
