//! What a shell says when it is asked: the sockets, the calls, the words of the course.

use super::line::COMMANDS;
use super::state::State;
use crate::course::Step;
use crate::error::Error;
use crate::model::{Kind, Moment, SocketView, TcpState};
use crate::observe;
use crate::script::{Verb, known, verbs};
use crate::words::{name_of, say};

type Entries = Vec<(String, String)>;

impl State<'_> {
    /// Every socket of every actor, and both ends of each connection.
    pub(super) fn status(&mut self) -> Result<(), Error> {
        let mut names = Entries::new();
        for who in self.run.actors.names() {
            let sockets = self.run.actors.get(&who)?.actor.sockets();
            let named = sockets.iter().map(|(name, fd)| format!("`{name}` {fd}"));
            let named: Vec<String> = named.collect();
            let named = if named.is_empty() {
                say!("shell-no-socket")
            } else {
                named.join(" · ")
            };
            names.push((who.clone(), named));
            if self.run.seen_of(&who).is_err() {
                self.run.look_at(&who, Moment::Before)?;
            }
            self.run.look_now(&who, Moment::Asked)?;
        }
        self.told("status", names)
    }

    /// The calls that have not returned.
    pub(super) fn tell_jobs(&mut self) -> Result<(), Error> {
        let entry = |job: &crate::run::Job| {
            let pid = self.run.actors.get(job.who()).map(|it| it.actor.pid());
            let process = pid
                .ok()
                .and_then(|pid| observe::process(pid).value().cloned());
            let state = process.as_ref().map_or('?', |process| process.state);
            let place = process.and_then(|process| process.wchan);
            let place = place.map_or(String::new(), |place| say!("sleeps-in", place = place));
            let since = job.waited().as_secs_f64();
            let call = job.call().textbook();
            let state = say!("shell-state", state = state);
            let text = format!("`{call}` · {since:.1} s · {state}{place}");
            (job.who().to_string(), text)
        };
        let mut entries: Entries = self.jobs.iter().map(entry).collect();
        if entries.is_empty() {
            entries.push(("jobs".into(), say!("shell-no-job")));
        }
        self.told("jobs", entries)
    }

    /// Why nothing can be undone.
    pub(super) fn undo(&mut self) -> Result<(), Error> {
        let why = say!("shell-no-undo");
        self.told("undo", vec![("undo".into(), why)])
    }

    /// The lines there are, or a call in the words of the course.
    pub(super) fn help(&mut self, about: Option<&str>) -> Result<(), Error> {
        let Some(about) = about else {
            let mut entries = Entries::new();
            for verb in verbs() {
                entries.push((
                    verb.word.into(),
                    format!("`{} {}`", verb.word, verb.usage()),
                ));
            }
            let commands = COMMANDS.iter();
            entries.extend(commands.map(|word| ((*word).into(), name_of("command", word))));
            let line = "client: connect c {addr}";
            entries.push((say!("shell-actor"), say!("shell-actors", line = line)));
            return self.told("help", entries);
        };
        if let Some(word) = COMMANDS.iter().find(|word| **word == about) {
            return self.told("help", vec![((*word).into(), name_of("command", word))]);
        }
        let all: Vec<&Verb> = verbs().collect();
        let verb = match known("call", about, &all, |verb| verb.word) {
            Ok(verb) => *verb,
            Err(why) => return self.wrong(about, why),
        };
        let mut entries = vec![(
            say!("shell-line"),
            format!("`{} {}`", verb.word, verb.usage()),
        )];
        let vars = self.run.vars();
        let about = verb
            .syscall()
            .and_then(|call| self.track.explain.about(verb.word, call));
        if let Some((text, example)) = about {
            entries.push((say!("shell-such-as"), format!("`{}`", vars.fill(example))));
            entries.push((say!("shell-does"), vars.fill(text)));
        } else if let Some(step) = self.step_of(verb) {
            let example = step.action.as_ref().map(|action| action.at.text.clone());
            entries.push((
                say!("shell-such-as"),
                format!("`{}`", vars.fill(&example.unwrap_or_default())),
            ));
            entries.push((say!("label-kernel"), vars.fill(&step.kernel)));
            if !step.why.is_empty() {
                entries.push((say!("label-why"), vars.fill(&step.why)));
            }
        }
        let call = verb.syscall().map_or("", |call| call.name);
        entries.push((say!("shell-manual"), format!("`man 2 {call}`")));
        self.told("help", entries)
    }

    /// The step of the track that teaches a verb.
    pub(super) fn step_of(&self, verb: &Verb) -> Option<&Step> {
        let teaches = |step: &&Step| {
            let line = step.action.as_ref().map(|action| action.at.text.as_str());
            line.and_then(|line| line.split_whitespace().next()) == Some(verb.word)
        };
        let chapters = self.track.chapters.iter();
        chapters.flat_map(|chapter| chapter.steps()).find(teaches)
    }

    /// Which calls make sense now, and what each would do.
    pub(super) fn what(&mut self, who: &str) -> Result<(), Error> {
        self.run.enter(who)?;
        if self.run.seen_of(who).is_err() {
            self.run.look_at(who, Moment::Before)?;
        }
        self.run.look_now(who, Moment::Checked)?;
        let mut entries = Entries::new();
        if let Some(job) = self.job(who) {
            let text = say!("shell-asleep", call = job.call().textbook());
            entries.push((who.into(), text));
        }
        let world = self.run.seen_of(who)?;
        for (name, fd) in self.run.actors.get(who)?.actor.sockets() {
            if let Some(view) = world.socket(*fd) {
                let calls = calls(name, view);
                entries.extend(calls);
            }
        }
        entries.push(("socket inet stream as NAME".into(), say!("can-socket")));
        let entries = entries.into_iter();
        let entries = entries.map(|(line, does)| (say!("shell-can"), format!("`{line}`: {does}")));
        self.told("what", entries.collect())
    }
}

/// The calls that make sense on a socket in its state, and what each would do.
fn calls(name: &str, view: &SocketView) -> Entries {
    let mut found = if view.kind.value() == Some(&Kind::Stream) {
        of_stream(view)
    } else {
        of_datagrams(view)
    };
    let closes = match view.recv_q.value() {
        None | Some(0) => say!("can-close"),
        _ => say!("can-close-unread"),
    };
    found.push(("close _", closes));
    let named = |(line, does): (&str, String)| (line.replace('_', name), does);
    found.into_iter().map(named).collect()
}

type Can = Vec<(&'static str, String)>;

fn of_datagrams(view: &SocketView) -> Can {
    let mut found: Can = vec![
        ("sendto _ ADDRESS TEXT", say!("can-sendto")),
        ("recvfrom _ 2048", reads(view, say!("can-recvfrom"))),
    ];
    if !is_bound(view) {
        found.insert(0, ("bind _ {addr}", say!("can-bind-datagrams")));
    }
    found
}

fn of_stream(view: &SocketView) -> Can {
    let queued = view.accept_queue.value().map_or(0, |queue| queue.len);
    match view.state.value() {
        Some(TcpState::Listen) if queued == 0 => {
            vec![("accept _ as NAME", say!("can-accept"))]
        }
        Some(TcpState::Listen) => {
            let waits = say!("can-accept-now", count = queued);
            vec![("accept _ as NAME", waits)]
        }
        Some(TcpState::Established | TcpState::Connected) => vec![
            ("send _ TEXT", say!("can-send")),
            ("recv _ 4096", reads(view, say!("can-recv"))),
            ("shutdown _ write", say!("can-shutdown")),
        ],
        Some(TcpState::CloseWait) => vec![
            ("recv _ 4096", reads(view, say!("can-recv-end"))),
            ("send _ TEXT", say!("can-send-still")),
        ],
        Some(TcpState::FinWait1 | TcpState::FinWait2) => {
            vec![("recv _ 4096", reads(view, say!("can-recv")))]
        }
        _ => {
            let mut found: Can = vec![
                ("listen _ 5", say!("can-listen")),
                ("connect _ {addr}", say!("can-connect")),
            ];
            if !is_bound(view) {
                found.insert(0, ("bind _ {addr}", say!("can-bind")));
            }
            found
        }
    }
}

/// What a call that reads would do; `nothing` where no byte waits.
fn reads(view: &SocketView, nothing: String) -> String {
    match view.recv_q.value() {
        None | Some(0) => nothing,
        Some(1) => say!("can-recv-one"),
        Some(count) => say!("can-recv-now", count = count),
    }
}

fn is_bound(view: &SocketView) -> bool {
    view.local.value().is_some()
}
