//! Holds an expectation against a program: what was seen of it, and the calls it made.

use super::names::{is_one, named};
use super::stage::{Noted, Stage};
use crate::error::Error;
use crate::model::{Fact, FdEntry, Side, SocketView, Source, Task, World};
use crate::observe;
use crate::script::{Predicate, Seen, Traced, Vars, Verdict, verdict};
use crate::words::say;

/// What a program says to an expectation.
pub(super) struct Judgement {
    pub verdict: Verdict,
    /// Where it holds, what shows it.
    pub evidence: String,
}

impl Stage<'_> {
    /// Looks, and holds the expectation against what is seen.
    pub(super) fn judge(
        &mut self,
        predicate: &Predicate,
        side: Side,
        vars: Vars,
    ) -> Result<Judgement, Error> {
        // What was called is known without a look.
        if !matches!(predicate, Predicate::Called(_) | Predicate::Moved { .. }) {
            self.look_around()?;
        }
        let socket = predicate.socket().map(|(_, name)| self.socket(name, side));
        // Who waits does so at the program's own socket.
        let place = match predicate {
            Predicate::Waiting(..) => self.socket(side.word(), side),
            _ => socket.flatten(),
        };
        let calls: Vec<Traced> = self
            .calls
            .iter()
            .filter(|noted| socket.is_none_or(|socket| self.is_about(noted, socket)))
            .map(|noted| noted.made.clone())
            .collect();
        let name = predicate.socket().map_or("", |(_, name)| name);
        let world = self.world_of(place);
        let sockets: Vec<_> = self.view_of(name, place).into_iter().collect();
        let answer = self.answer(predicate, &vars);
        let crossed = match (predicate, sockets.first()) {
            (Predicate::Packets { .. }, Some((_, view))) => Some(self.log.crossed(view)?),
            _ => None,
        };
        let seen = Seen {
            world: &world,
            sockets: &sockets,
            made: self.tester.made.as_ref(),
            calls: &calls,
            answer,
            crossed,
            process: Fact::None,
            vars,
        };
        let found = verdict(predicate, &seen);
        let evidence = evidence(predicate, &seen, &self.tester.said).unwrap_or_default();
        let was_never = socket == Some(None);
        let verdict = match found {
            // What never was has no descriptor either.
            Verdict::Not(_) if was_never => Verdict::Not(self.no_socket(name, side)),
            Verdict::Held if was_never && matches!(predicate, Predicate::NoFd(_)) => {
                Verdict::Not(self.no_socket(name, side))
            }
            found => found,
        };
        Ok(Judgement { verdict, evidence })
    }

    /// The socket of that name.
    pub(super) fn socket(&self, name: &str, side: Side) -> Option<usize> {
        let tables = &self.review.tables;
        named(name, tables, (side, self.asked), &self.tester.seen)
    }

    fn is_about(&self, noted: &Noted, socket: Option<usize>) -> bool {
        let both = socket.zip(noted.socket);
        both.is_some_and(|(socket, other)| is_one(&self.review.tables, socket, other))
    }

    fn no_socket(&self, name: &str, side: Side) -> String {
        if name == side.word() {
            return say!("check-no-socket");
        }
        match side {
            Side::Server => say!("check-never-accepted", name = name),
            Side::Client => say!("check-not-its-own", name = name),
        }
    }

    /// The view of a socket, at a descriptor that refers to it now where one does.
    fn view_of(&self, name: &str, socket: Option<usize>) -> Option<(String, SocketView)> {
        let socket = socket?;
        let mut view = self.review.tables.sockets.get(socket)?.view.clone()?;
        if let Some((_, fd)) = self.review.tables.holders(socket).first() {
            view.fd = *fd;
        }
        Some((name.into(), view))
    }

    /// What is known of the process that holds a socket, or has held it; with the
    /// descriptors of all others.
    fn world_of(&self, socket: Option<usize>) -> World {
        let holder = socket.and_then(|socket| {
            let tables = &self.review.tables;
            let maker = tables.sockets.get(socket).map(|socket| socket.maker);
            let held = tables.holders(socket);
            held.first().map(|(pid, _)| *pid).or(maker)
        });
        let pid = holder.unwrap_or(self.root);
        let known = self.scene.of(&Task::process(pid, ""));
        let mut world = known.cloned().unwrap_or_default();
        let mut entries: Vec<FdEntry> = Vec::new();
        for pid in self.review.tables.processes() {
            let table = observe::fd_table(pid);
            entries.extend(table.value().into_iter().flatten().cloned());
        }
        world.fds = Fact::Seen(entries, Source::Proc);
        world
    }

    fn answer(&mut self, predicate: &Predicate, vars: &Vars) -> Option<bool> {
        match predicate {
            Predicate::Refuses(addr) => {
                let addr = vars.fill_word(addr).parse().ok()?;
                self.observer.refuses(addr).ok()
            }
            Predicate::Path { path, .. } => Some(observe::file_stands_at(&vars.fill_word(path))),
            _ => None,
        }
    }
}

/// What shows that it holds, in a line.
fn evidence(predicate: &Predicate, seen: &Seen<'_>, said: &str) -> Option<String> {
    match predicate {
        Predicate::Called(called) => seen.call(called).map(|it| it.call.returned(it.outcome)),
        Predicate::Returned(_) | Predicate::Failed(_) | Predicate::Told(_) => {
            Some(say!("check-tester", said = said))
        }
        Predicate::Socket { name, wants, .. } => {
            let (_, view) = seen.sockets.first()?;
            let value = |field: &str, fact: Fact<_>| match fact {
                Fact::Seen(value, _) => format!("{field} {value}"),
                _ => say!("check-no-field", field = field),
            };
            let all = wants.iter();
            let all = all.map(|want| value(want.field.name, (want.field.get)(view)));
            Some(format!("{name}: {}", all.collect::<Vec<_>>().join(", ")))
        }
        Predicate::Moved { does, name, .. } => {
            let count = seen.moved(does);
            Some(if *does == "recv" {
                say!("check-received", name = name, count = count)
            } else {
                say!("check-sent", name = name, count = count)
            })
        }
        Predicate::NoFd(name) => Some(say!("check-released", name = name)),
        _ => None,
    }
}
