//! Many at once: nothing is lost, and nobody sees half a file.

use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use super::process::process;
use super::{home, load, names, times};
use crate::support::DEADLINE;

const WRITERS: u64 = 4;
const EACH: u64 = 50;

#[test]
fn runs_at_the_same_time_lose_nothing() {
    let (home, store) = home();
    let store = store.with_patience(DEADLINE);
    // From no folder at all: making it is a race as well.
    let processes: Vec<Child> = (0..WRITERS)
        .map(|number| {
            let does = format!("count process-{number} {EACH}");
            let mut command = process(home.path(), &does);
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let over = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut before, mut looks) = (0, 0_u64);
            while !over.load(Ordering::Relaxed) {
                let now = times(&load(&store), "shared");
                assert!(now >= before, "{now} after {before}");
                (before, looks) = (now, looks + 1);
            }
            looks
        });
        let threads: Vec<_> = (0..WRITERS)
            .map(|number| {
                let store = &store;
                scope.spawn(move || {
                    for _ in 0..EACH {
                        let change = store.update(&mut Vec::new(), |progress| {
                            progress.finish("server", &format!("thread-{number}"), 1);
                            progress.finish("server", "shared", 1);
                        });
                        change.unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        for mut process in processes {
            assert!(process.wait().unwrap().success());
        }
        over.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(looks > 10, "{looks}");
    let loaded = load(&store);
    for number in 0..WRITERS {
        assert_eq!(times(&loaded, &format!("process-{number}")), EACH);
        assert_eq!(times(&loaded, &format!("thread-{number}")), EACH);
    }
    assert_eq!(times(&loaded, "shared"), 2 * WRITERS * EACH);
    let folder = store.path().parent().unwrap();
    assert_eq!(names(folder), ["progress.json", "progress.lock"]);
}

#[test]
fn a_damaged_file_is_set_aside_by_one_of_many() {
    let (home, store) = home();
    let folder = super::folder(&store);
    std::fs::write(store.path(), "damaged").unwrap();
    let processes: Vec<Child> = (0..WRITERS)
        .map(|number| {
            let does = match number % 2 {
                0 => format!("count process-{number} 5"),
                _ => "read".to_string(),
            };
            let mut command = process(home.path(), &does);
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let aside = "progress.json.damaged-1";
    assert_eq!(names(folder), ["progress.json", aside, "progress.lock"]);
    let kept = std::fs::read(folder.join(aside)).unwrap();
    assert_eq!(kept, b"damaged");
    assert_eq!(times(&load(&store), "shared"), 10);
}
