//! Many runs at once: nothing is lost, and nobody waits for anybody.

use std::sync::atomic::{AtomicBool, Ordering};

use super::keys::Lesson;
use super::learner::{Learner, line, names};

const RUNS: u64 = 4;
const EACH: u64 = 4;

#[test]
fn runs_at_the_same_time_lose_nothing() {
    // From no folder at all: making it is a race as well.
    let learner = Learner::new();
    let over = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut before, mut looks) = (0, 0);
            while !over.load(Ordering::Relaxed) {
                let now = learner.times("create");
                assert!(now >= before, "{now} after {before}");
                (before, looks) = (now, looks + 1);
            }
            looks
        });
        let run = || {
            for _ in 0..EACH {
                assert_eq!(learner.create(), Vec::<String>::new());
            }
        };
        let runs: Vec<_> = (0..RUNS).map(|_| scope.spawn(run)).collect();
        for run in runs {
            run.join().unwrap();
        }
        over.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(looks > 5, "{looks}");
    assert_eq!(learner.times("create"), RUNS * EACH);
    assert_eq!(names(&learner.folder()), ["progress.jsonl"]);
}

/// What makes that so: O_APPEND, and all of an event in one write.
#[test]
#[ignore = "needs strace"]
fn an_event_is_one_appending_write() {
    let learner = Learner::with_lines(line("bind"));
    let trace = learner.home.join("trace");
    let words = [
        "strace",
        "-f",
        "-y",
        "-s",
        "200",
        "-e",
        "openat,write,flock,rename,unlink",
    ];
    let trace_name = trace.to_str().unwrap();
    let socklab = learner.step().under(words).under(["-o", trace_name]);
    Lesson::whole(socklab);
    let trace = std::fs::read_to_string(trace).unwrap();
    let of_it: Vec<&str> = trace
        .lines()
        .filter(|line| line.contains("socklab/progress"))
        .collect();
    let [created, opened, written] = of_it[..] else {
        panic!("{of_it:#?}");
    };
    for part in ["O_CREAT|O_EXCL|O_APPEND", "EEXIST"] {
        assert!(created.contains(part), "{created}");
    }
    for part in ["O_APPEND", "O_NOFOLLOW"] {
        assert!(opened.contains(part), "{opened}");
    }
    assert!(
        written.contains("\\\"chapter\\\":\\\"create\\\""),
        "{written}"
    );
}
