//! Many of a kind: the first are told one by one, the rest is counted.

/// So many rows are told one by one, whatever they are.
const ROWS: usize = 20;

/// Tells the first of each group, all together [`ROWS`], and how many more there are.
/// Of a small group all are told: a crowd leaves room for what is not of it.
pub(super) fn told<T, B>(
    groups: &[&[T]],
    tell: impl Fn(&T) -> B,
    more: impl Fn(&[T]) -> B,
) -> Vec<B> {
    let mut by_size: Vec<usize> = (0..groups.len()).collect();
    by_size.sort_by_key(|&at| groups[at].len());
    let (mut shares, mut room) = (vec![0; groups.len()], ROWS);
    for (nth, at) in by_size.into_iter().enumerate() {
        shares[at] = groups[at].len().min(room / (groups.len() - nth));
        room -= shares[at];
    }
    let mut all = Vec::new();
    for (group, share) in groups.iter().zip(shares) {
        let (first, rest) = group.split_at(share);
        all.extend(first.iter().map(&tell));
        if !rest.is_empty() {
            all.push(more(rest));
        }
    }
    all
}

/// `980 ESTABLISHED, 2 CLOSE-WAIT`: how many of each there are, the most frequent first.
pub(super) fn counted(words: impl IntoIterator<Item = String>) -> String {
    let counts = tally(words).into_iter();
    let counts: Vec<String> = counts.map(|(word, n)| format!("{n} {word}")).collect();
    counts.join(", ")
}

/// How many of each there are, the most frequent first.
pub(super) fn tally(words: impl IntoIterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_leaves_room_for_the_few() {
        let (crowd, few) = (vec![1; 500], vec![2; 3]);
        let tell = |item: &i32| item.to_string();
        let more = |rest: &[i32]| format!("and {} more", rest.len());
        let lines = told(&[&crowd, &few], tell, more);
        assert_eq!(lines.iter().filter(|line| *line == "1").count(), 17);
        assert_eq!(lines.iter().filter(|line| *line == "2").count(), 3);
        assert_eq!(lines[17], "and 483 more");
        assert_eq!(lines.len(), 21);
        assert_eq!(told(&[&few], tell, more), ["2", "2", "2"]);
        assert_eq!(told(&[&crowd[..20]], tell, more).len(), 20);
        assert_eq!(told(&[&crowd, &crowd, &crowd], tell, more).len(), 23);
    }

    #[test]
    fn what_is_many_is_counted() {
        let words = ["ESTABLISHED", "CLOSE-WAIT", "ESTABLISHED"].map(String::from);
        assert_eq!(counted(words), "2 ESTABLISHED, 1 CLOSE-WAIT");
    }
}
