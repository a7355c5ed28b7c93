//! A chapter in another language of people: a file of the folder `translations/LANGUAGE`,
//! which has its words alone. What is done and expected stands in the chapter itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::claim::Claim;
use super::front::split;
use super::parse;
use super::problem::{Problem, SourceFile};
use super::question::Question;
use super::types::{Body, Step};

/// The folder in a course that has a folder for each language.
pub(super) const FOLDER: &str = "translations";

/// What a translation says in place of a chapter's own words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Translation {
    pub title: Option<String>,
    pub summary: Option<String>,
    #[serde(skip)]
    file: String,
    #[serde(skip)]
    text: String,
    /// Where in it the front matter is over.
    #[serde(skip)]
    body_at: usize,
}

impl Translation {
    /// Reads the front matter; the rest waits until somebody asks.
    pub(super) fn outline(source: SourceFile) -> Result<Translation, Problem> {
        let (front, body_at): (Translation, usize) = split(&source.file, &source.text)?;
        let SourceFile { file, text } = source;
        Ok(Translation {
            file,
            text,
            body_at,
            ..front
        })
    }

    /// Puts its words into the body of its chapter. What stands there for nothing in the
    /// chapter is a problem.
    pub(super) fn apply(&self, own: &mut Body) -> Vec<Problem> {
        let (read, mut problems) = parse::translated(&self.file, &self.text, self.body_at);
        put(&mut own.prose, read.prose);
        let mut open: Vec<&mut Step> = own.steps.iter_mut().collect();
        for said in read.steps {
            match open.iter().position(|step| step.id == said.id) {
                Some(at) => problems.extend(self.step(open.remove(at), said)),
                None => {
                    let message = format!("the chapter has no step '{}'", said.id);
                    problems.push(Problem::on(&self.file, &said.at, message));
                }
            }
        }
        problems
    }

    fn step(&self, own: &mut Step, said: Step) -> Vec<Problem> {
        own.said_in = Some((self.file.clone(), said.at));
        put(&mut own.title, said.title);
        put(&mut own.prose, said.prose);
        put(&mut own.kernel, said.kernel);
        put(&mut own.why, said.why);
        put(&mut own.seen, said.seen);
        put(&mut own.tries, said.tries);
        let question = own.question.as_mut().map(Question::texts);
        let claim = own.claim.as_mut().map(Claim::texts);
        let blocks = [(said.said_question, question), (said.said_claim, claim)];
        let wrong = blocks
            .into_iter()
            .filter_map(|(said, own)| said?.replace(own));
        wrong
            .map(|(at, message)| Problem::on(&self.file, &at, message))
            .collect()
    }

    /// What of a chapter it does not say: the step, and which part of it.
    pub(super) fn lacks(&self, own: &Body) -> Vec<String> {
        let (read, _) = parse::translated(&self.file, &self.text, self.body_at);
        let mut lacking = Vec::new();
        let mut told = |what: &str, has: bool, says: bool| {
            if has && !says {
                lacking.push(what.to_string());
            }
        };
        told("title", true, self.title.is_some());
        told("summary", true, self.summary.is_some());
        told("prose", !own.prose.is_empty(), !read.prose.is_empty());
        if read.steps.is_empty() {
            lacking.push("its steps".into());
            return lacking;
        }
        let none = Step::default();
        for step in &own.steps {
            let said = read.steps.iter().find(|said| said.id == step.id);
            let said = said.unwrap_or(&none);
            let mut part = |section: &str, has: bool, says: bool| {
                told(&format!("{section} of '{}'", step.id), has, says);
            };
            for (section, own, said) in [
                ("prose", &step.prose, &said.prose),
                ("Kernel", &step.kernel, &said.kernel),
                ("Why", &step.why, &said.why),
                ("Seen", &step.seen, &said.seen),
                ("Try", &step.tries, &said.tries),
            ] {
                part(section, !own.is_empty(), !said.is_empty());
            }
            let (question, claim) = (&said.said_question, &said.said_claim);
            part("Predict", step.question.is_some(), question.is_some());
            part("Verdict", step.claim.is_some(), claim.is_some());
        }
        lacking
    }
}

/// What a course's own file says to learners.
pub(super) struct CourseWords<'c> {
    pub title: &'c mut String,
    /// The titles of tracks, by their ids.
    pub tracks: BTreeMap<&'c str, &'c mut String>,
    pub beliefs: &'c mut BTreeMap<String, String>,
}

/// The same in another language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CourseFile {
    title: Option<String>,
    #[serde(default)]
    tracks: BTreeMap<Spanned<String>, String>,
    #[serde(default)]
    beliefs: BTreeMap<Spanned<String>, String>,
}

/// Puts the words of a translation into those of a course.
pub(super) fn of_course(file: &SourceFile, own: &mut CourseWords<'_>) -> Result<(), Problem> {
    let said: CourseFile = file.parse()?;
    put(own.title, said.title.unwrap_or_default());
    let wrong = |what: &str, id: &Spanned<String>| {
        let message = format!("the course has no {what} '{}'", id.get_ref());
        Problem::at(&file.file, &file.text, id.span().start, message)
    };
    for (id, title) in said.tracks {
        let own = own.tracks.get_mut(id.get_ref().as_str());
        **own.ok_or_else(|| wrong("track", &id))? = title;
    }
    for (id, believed) in said.beliefs {
        let own = own.beliefs.get_mut(id.get_ref());
        *own.ok_or_else(|| wrong("belief", &id))? = believed;
    }
    Ok(())
}

/// What was said takes the place of what stood there.
fn put(own: &mut String, said: String) {
    if !said.is_empty() {
        *own = said;
    }
}
