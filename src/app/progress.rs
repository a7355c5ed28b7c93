use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{print, print_line};
use crate::cli::Options;
use crate::course::Course;
use crate::error::{Error, exit_code};
use crate::model::Ended;
use crate::progress::{self, Loaded, NoPlace, Progress, Store};
use crate::render;
use crate::session::Wake;
use crate::tty::pick;

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
pub(super) fn say(notices: &[String]) {
    for notice in notices {
        // Nobody is left to tell that stderr is closed.
        let _ = writeln!(io::stderr(), "socklab: {notice}");
    }
}

fn store() -> Result<(Store, Loaded), Error> {
    let store = Store::of_user().map_err(|NoPlace| Error::Progress(NoPlace.to_string()))?;
    let loaded = store.load();
    say(&loaded.notices);
    Ok((store, loaded))
}

fn code(loaded: &Loaded) -> ExitCode {
    // Nothing is known then, which is not the same as nothing done.
    ExitCode::from(u8::from(loaded.unreadable))
}

/// `socklab progress`
pub(super) fn show(course: &Course, options: &Options) -> Result<ExitCode, Error> {
    let (store, loaded) = store()?;
    if options.json {
        print_line(&loaded.progress.to_json(store.path()))?;
        return Ok(code(&loaded));
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let path = store.path().display().to_string();
    let shown = render::progress(&loaded.progress, course, now.as_secs(), &path);
    print(options, &shown)?;
    Ok(code(&loaded))
}

/// `socklab progress reset`
pub(super) fn forget(options: &Options) -> Result<ExitCode, Error> {
    let (store, loaded) = store()?;
    if loaded.unreadable {
        return Ok(code(&loaded));
    }
    if loaded.progress.is_empty() {
        print_line("There is no progress to forget.")?;
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
        let question = format!(
            "Forget {} chapters and {} beliefs?",
            loaded.progress.chapters().len(),
            loaded.progress.beliefs().len()
        );
        let choices = ["no, keep them", "yes, forget them"];
        let picked = pick(&question, &choices, options.wants_plain())
            .map_err(Error::output("asking at the terminal"))?;
        match picked {
            Wake::Key(Some(1)) => {}
            Wake::Interrupted(signal) => return Ok(exit_code(Ended::Interrupted { signal })),
            Wake::Key(_) | Wake::Look => {
                print_line("Kept.")?;
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    let mut notices = Vec::new();
    let forgotten = store.reset(&mut notices);
    say(&notices);
    forgotten.map_err(|trouble| Error::Progress(trouble.to_string()))?;
    print_line(&format!("Forgotten: {} is gone.", store.path().display()))?;
    Ok(ExitCode::SUCCESS)
}

/// How a prediction came out, as progress counts it.
pub(super) fn judged(answer: &crate::model::Answer) -> progress::Answer {
    match (answer.chosen, &answer.missed) {
        (None, _) => progress::Answer::Unjudged,
        (chosen, _) if chosen == answer.right => progress::Answer::Right,
        (_, Some(belief)) => progress::Answer::Belief(belief.clone()),
        _ if answer.right.is_none() => progress::Answer::Unjudged,
        _ => progress::Answer::Wrong,
    }
}
