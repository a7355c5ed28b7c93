//! Goals: what a program of the learner's is to do, and what the tester does meanwhile.

use serde::Deserialize;
use toml::Spanned;

use super::problem::{Places, Problem, SourceFile, bad_id, is_id};
use super::texts::TextFile;
use crate::model::Side;
use crate::script::{Expectation, Line, Scripted};

/// The goals of one file, which can be asked for together.
#[derive(Debug)]
pub(crate) struct Goals {
    /// The name of the file, and the word for all of them.
    pub group: String,
    pub title: String,
    pub side: Side,
    pub goals: Vec<Goal>,
}

/// What a program is to do.
#[derive(Debug)]
pub(crate) struct Goal {
    pub id: String,
    pub title: String,
    /// Which end the program is.
    pub side: Side,
    pub points: u32,
    /// What it is about, and what to do where it is missed: Markdown.
    pub about: String,
    pub hint: String,
    /// The chapter that teaches it.
    pub read: String,
    /// Goals of the same file without which this one cannot be met.
    pub needs: Vec<String>,
    pub play: Vec<Played>,
    /// Where it stands.
    pub at: Line,
}

/// A line of a goal.
#[derive(Debug)]
pub(crate) enum Played {
    /// The tester does it.
    Done(Box<Scripted>),
    /// The tester does it until it returns 0 or fails.
    Repeated(Box<Scripted>),
    /// It must come true.
    Expected(Expectation),
}

/// A file of goals.
#[derive(Debug)]
pub(crate) struct GoalFile {
    pub group: String,
    pub file: TextFile,
    /// It is the course's own, and not there for want of another.
    pub own: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    side: Side,
    goal: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    title: String,
    points: u32,
    about: String,
    hint: String,
    read: String,
    #[serde(default)]
    needs: Vec<String>,
    play: Spanned<String>,
}

/// What stands before an expectation.
const EXPECT: &str = "expect ";

/// What stands before an action that is done again and again.
const REPEAT: &str = "repeat ";

impl Goals {
    /// The goals of a file. What is wrong with it is all of its problems.
    pub(crate) fn read(from: &GoalFile) -> Result<Goals, Vec<Problem>> {
        let GoalFile { group, file, .. } = from;
        let file = &*file.merged();
        let read: File = file.parse().map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        let goals = read.goal.into_iter();
        let goals = goals.map(|entry| goal(file, read.side, entry, &mut problems));
        let goals: Vec<Goal> = goals.collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Goals {
            group: group.clone(),
            title: read.title,
            side: read.side,
            goals,
        })
    }
}

fn goal(file: &SourceFile, side: Side, entry: Entry, problems: &mut Vec<Problem>) -> Goal {
    let at = Places::of(&file.text).line(entry.id.span().start, "");
    let id = entry.id.into_inner();
    if !is_id(&id) {
        problems.push(Problem::on(&file.file, &at, bad_id(&id)));
    }
    let play = lines(file, &entry.play).into_iter().filter_map(|line| {
        let behind = |prefix: &str| {
            let text = line.text.strip_prefix(prefix)?.into();
            let column = line.column + prefix.len();
            Some(Line {
                text,
                column,
                ..line
            })
        };
        let read = if let Some(line) = behind(EXPECT) {
            Expectation::parse(line).map(Played::Expected)
        } else if let Some(line) = behind(REPEAT) {
            Scripted::parse(line).map(|it| Played::Repeated(Box::new(it)))
        } else {
            Scripted::parse(line).map(|it| Played::Done(Box::new(it)))
        };
        let wrong = |(at, message)| problems.push(Problem::on(&file.file, &at, message));
        read.map_err(wrong).ok()
    });
    let play = play.collect();
    Goal {
        id,
        title: entry.title,
        side,
        points: entry.points,
        about: entry.about,
        hint: entry.hint,
        read: entry.read,
        needs: entry.needs,
        play,
        at,
    }
}

/// The lines of a script that stands in quotes of three, each with its place.
fn lines(file: &SourceFile, script: &Spanned<String>) -> Vec<Line> {
    let places = Places::of(&file.text);
    let span = script.span();
    let mut at = span.start;
    let raw = file.text.get(span).unwrap_or_default();
    let mut lines = Vec::new();
    for line in raw.split_inclusive('\n') {
        let text = line.trim_matches(|c: char| c.is_whitespace() || c == '\'');
        let begins = line.len() - line.trim_start().len();
        if !text.is_empty() && !text.starts_with('#') {
            lines.push(places.line(at + begins, text));
        }
        at += line.len();
    }
    lines
}
