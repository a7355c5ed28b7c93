//! The words of a line that were not read yet, and how each kind is read.

use std::ops::RangeInclusive;

use super::action::{Place, Words};
use super::constants::{Constant, EVENTS, Flag};
use super::known::known;
use super::sockopt::{SockOpt, readable, settable};

/// The most sockets of one poll: more than that strace does not print.
const MAX_POLLED: usize = 32;

/// The words of a line that were not read yet.
pub(super) struct Left<'l>(pub &'l [String]);

impl<'l> Left<'l> {
    /// The next one, which is to be there.
    pub(super) fn word(&mut self, what: &str) -> Result<&'l str, String> {
        let (next, rest) = self.0.split_first().ok_or(format!("{what} is missing"))?;
        self.0 = rest;
        Ok(next)
    }

    /// Is that word the next one? Then it is read.
    pub(super) fn option(&mut self, word: &str) -> bool {
        let found = self.0.split_first().filter(|(next, _)| *next == word);
        found.map(|(_, rest)| self.0 = rest).is_some()
    }

    pub(super) fn one_of<T>(
        &mut self,
        what: &str,
        list: &'static [T],
        name: fn(&T) -> &str,
    ) -> Result<&'static T, String> {
        known(what, self.word(what)?, list, name)
    }

    pub(super) fn number(&mut self, what: &str, fits: RangeInclusive<i64>) -> Result<i64, String> {
        let word = self.word(what)?;
        let number = word
            .parse()
            .map_err(|_| format!("{what} is a number, not '{word}'"))?;
        let fitting = Some(number).filter(|number| fits.contains(number));
        fitting.ok_or_else(|| format!("{what}: {number} is not in {fits:?}"))
    }

    /// The names of sockets, up to an option or the end.
    pub(super) fn names(&mut self) -> Result<Vec<String>, String> {
        let names = self.names_up_to_option();
        self.fits(names.len())?;
        Ok(names)
    }

    /// The same, where there may be none.
    pub(super) fn names_up_to_option(&mut self) -> Vec<String> {
        let is_option = |word: &String| word.starts_with("--");
        let count = self.0.iter().position(is_option).unwrap_or(self.0.len());
        let (names, rest) = self.0.split_at(count);
        self.0 = rest;
        names.to_vec()
    }

    /// Can a call wait for so many?
    pub(super) fn fits(&self, count: usize) -> Result<(), String> {
        let fits = (1..=MAX_POLLED).contains(&count);
        fits.then_some(())
            .ok_or_else(|| format!("{count} sockets; it takes 1 to {MAX_POLLED}"))
    }

    /// Is there no word left but options?
    pub(super) fn is_at_end(&self) -> bool {
        self.0.first().is_none_or(|word| word.starts_with("--"))
    }

    /// What goes with a message: whom it is for, descriptors, and who sends it.
    pub(super) fn passed(&mut self, words: &mut Words) -> Result<(), String> {
        loop {
            if self.option("--to") {
                words.address = Some(Place::parse(self.word("ADDRESS")?)?);
            } else if self.option("--fd") {
                words.sockets.push(self.word("NAME")?.into());
            } else if self.option("--creds") {
                words.credentials = true;
            } else {
                return Ok(());
            }
        }
    }

    /// What there is room for beside the bytes of a message.
    pub(super) fn room(&mut self, words: &mut Words) {
        loop {
            if self.option("--creds") {
                words.credentials = true;
            } else if self.option("--from") {
                words.asks_sender = true;
            } else {
                return;
            }
        }
    }

    /// An option that can be set.
    pub(super) fn setting(&mut self) -> Result<&'static SockOpt, String> {
        let all: Vec<&'static SockOpt> = settable().collect();
        known("option", self.word("OPTION")?, &all, |it| it.word).copied()
    }

    /// An option that can be read.
    pub(super) fn reading(&mut self) -> Result<&'static SockOpt, String> {
        let all: Vec<&'static SockOpt> = readable().collect();
        known("option", self.word("OPTION")?, &all, |it| it.word).copied()
    }

    /// The flags that come next, in the order of their list.
    pub(super) fn flags(&mut self, list: &'static [Flag]) -> Vec<Constant> {
        let mut given = Vec::new();
        while let Some((next, rest)) = self.0.split_first()
            && let Some((word, _)) = list.iter().find(|(word, _)| word == next)
        {
            given.push(*word);
            self.0 = rest;
        }
        let is_given = |flag: &&Flag| given.contains(&flag.0);
        list.iter().filter(is_given).map(|flag| flag.1).collect()
    }

    pub(super) fn constant(
        &mut self,
        what: &str,
        list: &'static [Flag],
    ) -> Result<(i64, &'static str), String> {
        let (_, (raw, name)) = self.one_of(what, list, |it| it.0)?;
        Ok(((*raw).into(), name))
    }

    /// `in,out,et`
    pub(super) fn events(&mut self) -> Result<Vec<Constant>, String> {
        let (next, rest) = self
            .0
            .split_first()
            .map_or(("", self.0), |(it, rest)| (it, rest));
        self.0 = rest;
        let words: Vec<&str> = next.split(',').filter(|word| !word.is_empty()).collect();
        for word in &words {
            known("event", word, EVENTS, |it| it.0)?;
        }
        let is_given = |flag: &&Flag| words.contains(&flag.0);
        Ok(EVENTS.iter().filter(is_given).map(|flag| flag.1).collect())
    }

    /// What stands before a new name.
    pub(super) fn before_name(&mut self) -> Result<(), String> {
        if self.word("as NAME")? != "as" {
            return Err("before a new NAME stands `as`".into());
        }
        Ok(())
    }

    pub(super) fn new_name(&mut self) -> Result<String, String> {
        let name = self.word("NAME")?;
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fine) {
            Ok(name.into())
        } else {
            Err(format!(
                "'{name}': a name is lower-case letters, digits and hyphens"
            ))
        }
    }
}
