//! Was everything that a chapter expects held against the kernel?

use serde_json::Value;

use super::{Chapter, Run};

/// Every expectation of these chapters was judged, each as often as its step
/// ran, and held; and no other chapter was played.
#[track_caller]
pub fn all_held(run: &Run, chapters: &[Chapter]) {
    run.assert_done();
    let of_chapter = |kind: &str, id: &str| -> Vec<Value> {
        let mut events = run.all(kind);
        events.retain(|event| event["chapter"] == id);
        events
    };
    let mut total = 0;
    for chapter in chapters {
        let id = &chapter.id;
        let begun = of_chapter("step", id);
        let mut ids: Vec<&Value> = Vec::new();
        for event in &begun {
            if !ids.contains(&&event["step"]) {
                ids.push(&event["step"]);
            }
        }
        assert_eq!(ids.len(), chapter.steps.len(), "{id}: {ids:?}");
        let judged = of_chapter("expect", id);
        for (step, name) in chapter.steps.iter().zip(ids) {
            let rounds = begun.iter().filter(|event| event["step"] == *name).count();
            let mine = judged.iter().filter(|event| event["step"] == *name);
            let expects = !step.expects.is_empty() || step.verdict;
            assert!(expects, "{id} {name} expects nothing");
            // `fails=` is an expectation as well, where no verdict is to come.
            let fails = step.attributes.contains("fails=") && !step.verdict;
            let lines = step.expects.len() + usize::from(fails);
            assert_eq!(mine.count(), lines * rounds, "{id} {name}");
        }
        let verdicts = of_chapter("verdict", id);
        let claims = chapter.steps.iter().filter(|step| step.verdict);
        assert_eq!(verdicts.len(), claims.count(), "{id}");
        assert!(verdicts.iter().all(|verdict| verdict["holds"].is_boolean()));
        for event in judged {
            assert_eq!(event["held"], true, "{event}");
            total += 1;
        }
    }
    assert_eq!(total, run.all("expect").len());
    assert!(total > 0);
}
