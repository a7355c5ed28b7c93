//! Which expectations can never hold together: by their words alone.

use super::expect::Predicate;
use super::want::Want;
use crate::model::Relation;

impl Predicate {
    /// Does one of the two fail wherever the other holds? False where the words do not say.
    pub(crate) fn excludes(&self, other: &Predicate) -> bool {
        self.denies(other) || other.denies(self)
    }

    fn denies(&self, other: &Predicate) -> bool {
        use Predicate::{
            Burned, Failed, Gone, Makes, NoFd, Packets, Path, Process, Returned, Row, Slept,
            Socket, Waiting,
        };
        let is_same = self.about() == other.about();
        match (self, other) {
            (Returned(_), Failed(_)) | (Slept, Burned) => true,
            (Returned(one), Returned(two)) | (Failed(one), Failed(two)) => apart(one, two),
            (Waiting(_, one), Waiting(_, two)) => is_same && apart(one, two),
            (Socket { wants: one, .. }, Socket { wants: two, .. }) => is_same && differ(one, two),
            (Packets { wants: one, .. }, Packets { wants: two, .. }) => is_same && differ(one, two),
            (Row { wants: one, .. }, Row { wants: two, .. }) => is_same && differ(one, two),
            (Process { wants: one, .. }, Process { wants: two, .. }) => is_same && differ(one, two),
            (Path { stands: one, .. }, Path { stands: two, .. }) => is_same && one != two,
            (Makes { all: one, .. }, Makes { all: two, .. }) => is_same && one != two,
            (
                NoFd(name),
                Socket {
                    actor: None,
                    name: of,
                    ..
                },
            ) => name == of,
            (Gone(_), Row { .. }) => is_same,
            _ => false,
        }
    }

    /// What it is about, in words that are the same where that is the same.
    fn about(&self) -> Vec<String> {
        let relation = |relation: &Relation| relation.word().to_string();
        match self {
            Predicate::Socket { actor, name, .. } | Predicate::Packets { actor, name, .. } => {
                vec![actor.clone().unwrap_or_default(), name.clone()]
            }
            Predicate::Row {
                relation: of, name, ..
            } => vec![relation(of), name.clone()],
            Predicate::Gone(name) => vec![relation(&Relation::Left), name.clone()],
            Predicate::Waiting(of, _) => vec![relation(of)],
            Predicate::Process { actor, .. } => vec![actor.clone()],
            Predicate::Path { path, .. } => vec![path.clone()],
            Predicate::Makes {
                calls, programs, ..
            } => [vec![calls.join(",")], programs.concat()].concat(),
            _ => Vec::new(),
        }
    }
}

/// Is one field wanted to be two things?
fn differ<T>(wants: &[Want<T>], others: &[Want<T>]) -> bool {
    let is_other = |want: &Want<T>| {
        let mut same = others.iter().filter(|it| it.field.name == want.field.name);
        same.any(|other| apart(&want.values, &other.values))
    };
    wants.iter().any(is_other)
}

/// Have two lists of alternatives no value in common?
fn apart(values: &[String], others: &[String]) -> bool {
    let meets = |value: &String| others.iter().any(|other| meet(value, other));
    !values.iter().any(meets)
}

/// May a value be what both of these say?
fn meet(one: &str, two: &str) -> bool {
    match (range(one), range(two)) {
        _ if one == two => true,
        _ if one == "-" || two == "-" => false,
        _ if one == "*" || two == "*" => true,
        _ if one.contains('{') || two.contains('{') => {
            let (one, two) = (fixed(one), fixed(two));
            one.starts_with(two) || two.starts_with(one)
        }
        (Some(one), Some(two)) => one.0 <= two.1 && two.0 <= one.1,
        // `all` and `less` are some number.
        (Some(_), None) | (None, Some(_)) => {
            ["all", "less"].iter().any(|it| [one, two].contains(it))
        }
        (None, None) => false,
    }
}

/// What stands before the first placeholder.
fn fixed(value: &str) -> &str {
    value.split('{').next().unwrap_or_default()
}

/// From which number to which: `2`, or `2..`.
fn range(value: &str) -> Option<(i64, i64)> {
    match value.strip_suffix("..") {
        Some(least) => Some((least.parse().ok()?, i64::MAX)),
        None => value.parse().ok().map(|number| (number, number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_both_is_told_apart() {
        for (one, two, excludes) in [
            ("returned *", "failed EPIPE", true),
            ("failed EPIPE|EAGAIN", "failed EAGAIN", false),
            ("failed EPIPE", "failed EAGAIN|EINVAL", true),
            ("returned 1..", "returned 0", true),
            ("returned 1..", "returned 7", false),
            ("returned all", "returned less", true),
            ("returned all", "returned 3", false),
            ("s state=LISTEN", "s state=CLOSED|LISTEN", false),
            ("s state=LISTEN", "s state=CLOSED recv_q=0", true),
            ("s state=LISTEN", "client/s state=CLOSED", false),
            ("s local=*", "s local=-", true),
            ("s local={addr}", "s local=127.0.0.1:1", false),
            ("s local=0.0.0.0:{port}", "s local=127.0.0.2:{port}", true),
            ("no-fd s", "s state=CLOSED", true),
            ("listed s", "unlisted s", true),
            ("gone s", "left s state=TIME-WAIT", true),
            ("gone s", "peer s state=TIME-WAIT", false),
            ("queued 2", "queued 3..", true),
            ("queued 2", "outside 2", false),
            ("path-left /x", "path-gone /x", true),
            ("slept", "burned", true),
            ("makes bind nc", "lacks bind nc", true),
            ("makes bind nc", "lacks bind ncat", false),
            ("process child state=Z", "process child state=S", true),
        ] {
            let parse = |line| Predicate::parse(line).unwrap();
            assert_eq!(parse(one).excludes(&parse(two)), excludes, "{one}; {two}");
            assert_eq!(parse(two).excludes(&parse(one)), excludes, "{two}; {one}");
        }
    }
}
