//! What a shell says when it is asked: the sockets, the calls, the words of the course.

use super::line::COMMANDS;
use super::state::State;
use crate::course::Step;
use crate::error::Error;
use crate::model::{Kind, Moment, SocketView, TcpState};
use crate::observe;
use crate::script::{Verb, known, verbs};

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
                "no socket".into()
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
            let place = place.map_or(String::new(), |place| format!(" in {place}"));
            let since = job.waited().as_secs_f64();
            let text = format!(
                "`{}` · {since:.1} s · state {state}{place}",
                job.call().textbook()
            );
            (job.who().to_string(), text)
        };
        let mut entries: Entries = self.jobs.iter().map(entry).collect();
        if entries.is_empty() {
            entries.push(("jobs".into(), "every call has returned".into()));
        }
        self.told("jobs", entries)
    }

    /// Why nothing can be undone.
    pub(super) fn undo(&mut self) -> Result<(), Error> {
        let why = "The kernel keeps no earlier state of a socket, and the other end may have \
                   seen what was done: no call takes another one back. `close` ends a socket; \
                   a bound port, a sent byte and a FIN are out in the world.";
        self.told("undo", vec![("undo".into(), why.into())])
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
            entries.extend(commands.map(|(word, text)| ((*word).into(), (*text).into())));
            let actors = "`client: connect c {addr}`: an actor's line; `client:` alone makes the \
                          prompt its own";
            entries.push(("ACTOR:".into(), actors.into()));
            return self.told("help", entries);
        };
        if let Some((word, text)) = COMMANDS.iter().find(|(word, _)| *word == about) {
            return self.told("help", vec![((*word).into(), (*text).into())]);
        }
        let all: Vec<&Verb> = verbs().collect();
        let verb = match known("call", about, &all, |verb| verb.word) {
            Ok(verb) => *verb,
            Err(why) => return self.wrong(about, why),
        };
        let mut entries = vec![("line".into(), format!("`{} {}`", verb.word, verb.usage()))];
        let vars = self.run.vars();
        let about = verb
            .syscall()
            .and_then(|call| self.track.explain.about(verb.word, call));
        if let Some((text, example)) = about {
            entries.push(("such as".into(), format!("`{}`", vars.fill(example))));
            entries.push(("does".into(), vars.fill(text)));
        } else if let Some(step) = self.step_of(verb) {
            let example = step.action.as_ref().map(|action| action.at.text.clone());
            entries.push((
                "such as".into(),
                format!("`{}`", vars.fill(&example.unwrap_or_default())),
            ));
            entries.push(("kernel".into(), vars.fill(&step.kernel)));
            if !step.why.is_empty() {
                entries.push(("why".into(), vars.fill(&step.why)));
            }
        }
        let call = verb.syscall().map_or("", |call| call.name);
        entries.push(("manual".into(), format!("`man 2 {call}`")));
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
            let text = format!(
                "`{}` has not returned: Ctrl-C interrupts it",
                job.call().textbook()
            );
            entries.push((who.into(), text));
        }
        let world = self.run.seen_of(who)?;
        for (name, fd) in self.run.actors.get(who)?.actor.sockets() {
            if let Some(view) = world.socket(*fd) {
                let calls = calls(name, view);
                entries.extend(calls);
            }
        }
        let make = "makes another socket, which has no name and no peer yet";
        entries.push(("socket inet stream as NAME".into(), make.into()));
        let entries = entries.into_iter();
        let entries = entries.map(|(line, does)| ("can".into(), format!("`{line}`: {does}")));
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
        None | Some(0) => "frees the descriptor; of a connection it sends a FIN",
        _ => "frees the descriptor; with bytes unread TCP sends a reset",
    };
    found.push(("close _", closes.into()));
    let named = |(line, does): (&str, String)| (line.replace('_', name), does);
    found.into_iter().map(named).collect()
}

type Can = Vec<(&'static str, String)>;

fn of_datagrams(view: &SocketView) -> Can {
    let bind = "gives it an address, so that others can send to it";
    let mut found: Can = vec![
        (
            "sendto _ ADDRESS TEXT",
            "sends one datagram, whoever is there".into(),
        ),
        (
            "recvfrom _ 2048",
            reads(view, "sleeps until a datagram comes"),
        ),
    ];
    if !is_bound(view) {
        found.insert(0, ("bind _ {addr}", bind.into()));
    }
    found
}

fn of_stream(view: &SocketView) -> Can {
    let until = "sleeps until the peer sends something, or closes";
    let shut = "sends a FIN: the peer reads 0; this end can still read";
    let queued = view.accept_queue.value().map_or(0, |queue| queue.len);
    match view.state.value() {
        Some(TcpState::Listen) if queued == 0 => {
            vec![("accept _ as NAME", "sleeps until a client connects".into())]
        }
        Some(TcpState::Listen) => {
            let waits = format!("returns at once: of those that have connected, {queued} wait");
            vec![("accept _ as NAME", waits)]
        }
        Some(TcpState::Established | TcpState::Connected) => vec![
            (
                "send _ TEXT",
                "puts bytes in the send buffer; it sleeps if that is full".into(),
            ),
            ("recv _ 4096", reads(view, until)),
            ("shutdown _ write", shut.into()),
        ],
        Some(TcpState::CloseWait) => vec![
            (
                "recv _ 4096",
                reads(view, "returns 0: the peer has closed its side"),
            ),
            (
                "send _ TEXT",
                "still works: only the peer's side is closed".into(),
            ),
        ],
        Some(TcpState::FinWait1 | TcpState::FinWait2) => {
            vec![("recv _ 4096", reads(view, until))]
        }
        _ => {
            let bind = "gives it an address; without, the kernel chooses a port";
            let mut found: Can = vec![
                (
                    "listen _ 5",
                    "makes it passive: clients can connect from then on".into(),
                ),
                (
                    "connect _ {addr}",
                    "connects; refused if nobody listens there".into(),
                ),
            ];
            if !is_bound(view) {
                found.insert(0, ("bind _ {addr}", bind.into()));
            }
            found
        }
    }
}

/// What a call that reads would do; `nothing` where no byte waits.
fn reads(view: &SocketView, nothing: &str) -> String {
    match view.recv_q.value() {
        None | Some(0) => nothing.into(),
        Some(1) => "returns at once: 1 byte waits".into(),
        Some(count) => format!("returns at once: {count} bytes wait"),
    }
}

fn is_bound(view: &SocketView) -> bool {
    view.local.value().is_some()
}
