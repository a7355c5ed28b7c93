//! What is done with progress: it is shown, forgotten, and told of where it fails.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use super::pick::pick;
use super::print::{complain, print, print_json, print_lines};
use crate::cli::Options;
use crate::course::Course;
use crate::error::Error;
use crate::model::Answer;
use crate::progress::{Grade, Loaded, Progress, Store, seconds};
use crate::render::{self, clean};
use crate::words::say;

/// What is known of progress, for ticks; `None` where none are wanted.
pub(super) fn kept(options: &Options) -> Option<Progress> {
    if !options.keeps_progress() {
        return None;
    }
    let loaded = Store::of_user()
        .map(|store| store.load())
        .unwrap_or_default();
    say(&loaded.notices);
    Some(loaded.progress)
}

/// Where there is something to say of it that is not asked for.
pub(super) fn say<'a>(notices: impl IntoIterator<Item = &'a String>) {
    for notice in notices {
        complain(clean(notice));
    }
}

fn store() -> Result<(Store, Loaded), Error> {
    let store = Store::of_user().map_err(Error::Progress)?;
    let loaded = store.load();
    say(&loaded.notices);
    Ok((store, loaded))
}

/// `socklab progress`
pub(super) fn show(course: &Course, options: &Options) -> Result<ExitCode, Error> {
    let (store, loaded) = store()?;
    if options.json_only() {
        print_json(&[loaded.progress.to_json(store.path())])?;
    } else {
        let path = store.path().display().to_string();
        let shown = render::progress(&loaded.progress, course, seconds(), &path);
        print(options, &shown)?;
    }
    // Not to know is not the same as to know that nothing was done.
    Ok(ExitCode::from(u8::from(loaded.unreadable)))
}

/// `socklab progress reset`
pub(super) fn forget(options: &Options) -> Result<ExitCode, Error> {
    let (store, loaded) = store()?;
    if loaded == Loaded::default() {
        print_lines(&say!("forget-nothing"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !options.force {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Err(Error::Usage(
                "progress reset asks first, and there is no terminal to ask at: \
                 add --force to forget without asking"
                    .into(),
            ));
        }
        let question = say!(
            "forget-what",
            chapters = loaded.progress.chapters.len(),
            beliefs = loaded.progress.beliefs.len()
        );
        let choices = [say!("forget-no"), say!("forget-yes")];
        if pick(options, &question, choices)? != Some(1) {
            print_lines(&say!("forget-kept"))?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    for path in store.reset().map_err(|why| Error::Progress(clean(&why)))? {
        let path = clean(&path.display().to_string());
        print_lines(&say!("forget-done", path = path))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What an answer tells of the beliefs among the choices.
pub(super) fn judged(answer: &Answer) -> BTreeMap<String, Grade> {
    let right = answer.chosen.is_some() && answer.chosen == answer.right;
    let grade = |belief| {
        if answer.missed.as_ref() == Some(belief) {
            Grade::Missed
        } else if right {
            Grade::Right
        } else {
            Grade::Other
        }
    };
    let beliefs = answer.beliefs.iter().chain(&answer.missed);
    beliefs
        .map(|belief| (belief.clone(), grade(belief)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_of_each_belief_among_the_choices() {
        let told = |chosen, right, missed: Option<&str>| {
            let answer = Answer {
                evidence: Vec::new(),
                chosen,
                right,
                beliefs: vec!["a".into(), "b".into()],
                missed: missed.map(Into::into),
            };
            judged(&answer).into_values().collect::<Vec<_>>()
        };
        assert_eq!(told(Some(2), Some(2), None), [Grade::Right, Grade::Right]);
        let missed = told(Some(1), Some(2), Some("b"));
        assert_eq!(missed, [Grade::Other, Grade::Missed]);
        // A wrong choice that is no belief, none at all, and one that the kernel did
        // not show to be right or wrong.
        for nothing in [
            (Some(0), Some(2)),
            (None, Some(2)),
            (None, None),
            (Some(0), None),
        ] {
            let told = told(nothing.0, nothing.1, None);
            assert_eq!(told, [Grade::Other, Grade::Other]);
        }
    }
}
