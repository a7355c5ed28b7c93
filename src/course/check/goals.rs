//! Goals and faults: each must be playable, and teach what there is.

use std::collections::BTreeSet;

use crate::course::faults::{self, Faults};
use crate::course::goals::{Goal, GoalFile, Goals, Played};
use crate::course::problem::Problem;
use crate::course::track::Course;
use crate::model::Side;
use crate::script::{Line, Predicate, Vars};

/// What is wrong with the goals of a course, and with what it says of faults.
pub(super) fn goals(course: &Course) -> Vec<Problem> {
    let mut problems = of_faults(course, &course.faults);
    for from in &course.goals {
        problems.extend(from.file.problems());
        match Goals::read(from) {
            Err(wrong) => problems.extend(wrong),
            Ok(goals) => of_file(course, from, &goals, &mut problems),
        }
    }
    problems
}

fn of_file(course: &Course, from: &GoalFile, read: &Goals, problems: &mut Vec<Problem>) {
    let mut tell = |at: &Line, message: String| {
        problems.push(Problem::on(&from.file.own.file, at, message));
    };
    let mut earlier: Vec<&str> = Vec::new();
    for goal in &read.goals {
        if earlier.contains(&goal.id.as_str()) {
            tell(&goal.at, format!("a second goal with the id '{}'", goal.id));
        }
        let missing = |need: &&String| !earlier.contains(&need.as_str());
        if let Some(need) = goal.needs.iter().find(missing) {
            tell(
                &goal.at,
                format!("needs '{need}', which is no earlier goal"),
            );
        }
        // The built-in goals stand behind other courses, too.
        if from.own && !is_chapter(course, &goal.read) {
            tell(
                &goal.at,
                format!("read = '{}': there is no such chapter", goal.read),
            );
        }
        for (at, message) in of_play(goal) {
            tell(at, message);
        }
        earlier.push(&goal.id);
    }
}

/// What is wrong with the script of a goal.
fn of_play(goal: &Goal) -> Vec<(&Line, String)> {
    let mut wrong = Vec::new();
    let mut made: BTreeSet<&str> = BTreeSet::new();
    let (mut acts, mut expects) = (false, false);
    let addr = ([127, 0, 0, 1], 6789).into();
    let vars = Vars {
        addr: crate::model::Address::Inet(addr),
        pid: None,
    };
    for line in &goal.play {
        match line {
            Played::Done(line) | Played::Repeated(line) => {
                acts = true;
                if let Err(message) = line.action.address(&vars) {
                    wrong.push((&line.at, message));
                }
                if line.action.creates_actor().is_some() || line.action.actor().is_some() {
                    wrong.push((&line.at, "the tester is one process".into()));
                }
                let strange = line
                    .action
                    .uses()
                    .iter()
                    .find(|it| !made.contains(it.as_str()));
                if let Some(name) = strange {
                    wrong.push((&line.at, format!("no earlier line makes a socket '{name}'")));
                }
                made.extend(line.action.creates().iter().map(String::as_str));
            }
            Played::Expected(expectation) => {
                expects = true;
                let at = &expectation.at;
                match &expectation.predicate {
                    Predicate::Returned(_) | Predicate::Failed(_) | Predicate::Told(_) if !acts => {
                        wrong.push((at, "the tester has called nothing yet".into()));
                    }
                    Predicate::Slept | Predicate::Burned | Predicate::Process { .. } => {
                        wrong.push((at, "not seen of a program that is checked".into()));
                    }
                    predicate => {
                        let own = [goal.side.word()];
                        let known = |name: &str| own.contains(&name) || made.contains(name);
                        if let Some((_, name)) = predicate.socket()
                            && !known(name)
                        {
                            wrong.push((at, no_socket(goal.side, name)));
                        }
                    }
                }
            }
        }
    }
    if !expects {
        wrong.push((&goal.at, format!("the goal '{}' expects nothing", goal.id)));
    }
    wrong
}

fn no_socket(side: Side, name: &str) -> String {
    format!(
        "no socket '{name}': the program's own is '{}', its connections have the names that the \
         tester gives them",
        side.word()
    )
}

fn is_chapter(course: &Course, read: &str) -> bool {
    course
        .every_chapter()
        .iter()
        .any(|chapter| chapter.id == read)
}

fn of_faults(course: &Course, read: &Faults) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, read) in read.files.iter().enumerate() {
        problems.extend(read.problems());
        let file = &read.own;
        let entries: faults::Entries = match read.parse() {
            Ok(entries) => entries,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        for (id, texts) in &entries {
            let offset = file.text.find(&format!("[{id}]")).unwrap_or(0);
            let mut tell = |message: String| {
                problems.push(Problem::at(&file.file, &file.text, offset, message));
            };
            if !faults::is_fault(id) {
                tell(format!("no fault '{id}' is recognised"));
            }
            // The built-in file stands behind other courses, too.
            if at > 0 && !is_chapter(course, &texts.read) {
                tell(format!("read = '{}': there is no such chapter", texts.read));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FAULTS;

    #[test]
    fn goals_and_faults_name_chapters_that_there_are() {
        let course = crate::course::embedded(None).unwrap();
        for goal in course.goals().unwrap().iter().flat_map(|it| &it.goals) {
            assert!(is_chapter(&course, &goal.read), "{}", goal.read);
        }
        let texts: faults::Entries = course.faults.files[0].parse().unwrap();
        for texts in texts.values() {
            assert!(is_chapter(&course, &texts.read), "{}", texts.read);
        }
        let ids: Vec<&str> = texts.keys().map(String::as_str).collect();
        let mut all = FAULTS.to_vec();
        all.sort_unstable();
        assert_eq!(ids, all);
    }
}
