//! Looks at the sockets of a traced program while a thread of it stands still.

use std::time::Duration;

use super::director::{Director, Ending};
use crate::course::Topic;
use crate::error::Error;
use crate::model::{
    Address, Ask, Blocked, Call, Errno, Fact, Focus, KernelRow, LessonEvent, Look, MachineEvent,
    Moment, Owner, Relation, Side, Source, Status, Syscall, Task, Traced, World,
};
use crate::observe;
use crate::review::Role;
use crate::run::{Next, Prompt, Until, Wake};
use crate::sys::Process;

impl Director<'_> {
    /// A process is traced from now on; one that has sockets from before is known by them.
    pub(super) fn meet(&mut self, process: &Task) {
        let pid = process.pid;
        let held = self
            .processes
            .entry(pid)
            .or_insert_with(|| Process::of(pid));
        let unseen = World::of(pid);
        let seen = self.observer.look_into(held, &unseen, None);
        self.scene.forget(pid);
        self.scene.apply(process, &seen);
        let mut known = self.traced.processes.iter_mut();
        match known.find(|(task, status)| task.pid == pid && status.is_none()) {
            Some((task, _)) => task.name = process.name.clone(),
            None => self.traced.processes.push((process.clone(), None)),
        }
    }

    /// Looks at the sockets of a call that has returned, and tells what was seen. The
    /// duplicates by which they are looked at are gone when this returns.
    pub(super) fn look(&mut self, who: &Task, process: &Task, fds: Vec<i32>) -> Result<(), Error> {
        let (Some(last), Some(held)) = (self.scene.of(process), self.processes.get(&process.pid))
        else {
            return Ok(());
        };
        let focus = Focus::on_sockets(fds, last);
        let mut seen = self.observer.look_into(held, last, Some(focus));
        // At a pause somebody reads whose the other end is, and time does not matter.
        if self.plan.pace.is_some() {
            self.name_owners(&mut seen);
        }
        self.name_sharers(process, &mut seen);
        self.saw(who, process, seen, Moment::After)
    }

    /// What a process has closed, another one of the program may hold: as after a fork.
    fn name_sharers(&self, closer: &Task, seen: &mut World) {
        let Fact::Seen(rows, _) = &mut seen.others else {
            return;
        };
        let closed = |row: &&mut KernelRow| row.relation == Relation::Left && row.inode != 0;
        for row in rows.iter_mut().filter(closed) {
            let others = self
                .scene
                .tasks()
                .filter(|(task, _)| task.pid != closer.pid);
            let mut holders = others.filter(|(_, it)| it.with_cookie(row.cookie).is_some());
            if let Some((task, _)) = holders.next() {
                let (pid, name) = (task.pid, task.name.to_string());
                row.owner = Fact::Seen(Owner { pid, name }, Source::Proc);
            }
        }
    }

    /// Looks at everything: because somebody asks, or before anything else.
    pub(super) fn look_at_all(
        &mut self,
        who: &Task,
        process: &Task,
        moment: Moment,
    ) -> Result<(), Error> {
        let (Some(last), Some(held)) = (self.scene.of(process), self.processes.get(&process.pid))
        else {
            return Ok(());
        };
        let mut seen = self.observer.look_into(held, last, None);
        self.name_owners(&mut seen);
        self.saw(who, process, seen, moment)
    }

    /// Looks up who holds the rows, the traced processes first.
    fn name_owners(&mut self, seen: &mut World) {
        let ours: Vec<u32> = self.processes.keys().copied().collect();
        self.observer.name_owners(seen, &ours);
    }

    fn saw(
        &mut self,
        who: &Task,
        process: &Task,
        seen: World,
        moment: Moment,
    ) -> Result<(), Error> {
        let changes = self.scene.apply(process, &seen);
        let look = Look {
            seen,
            moment,
            changes,
        };
        self.tell(who, MachineEvent::Look(Box::new(look)))
    }

    /// Why a call failed, or could not do all at once: looks for the cause while it is fresh,
    /// once for each errno of a call.
    pub(super) fn explain(
        &mut self,
        who: &Task,
        process: &Task,
        call: &Call,
        errno: Errno,
    ) -> Result<(), Error> {
        let taught = told_of(call, errno);
        let is_about_none = call.fd().is_none() && call.name() != "socket";
        if is_about_none || !self.explained.insert((taught.name(), errno.0)) {
            return Ok(());
        }
        let world = self.scene.of(process);
        let socket = world
            .zip(call.fd())
            .and_then(|(world, fd)| world.socket(fd));
        let ours: Vec<u32> = self.processes.keys().copied().collect();
        let found = self.observer.cause(&taught, errno, socket, &ours);
        let local = socket.and_then(|socket| socket.local.value().copied());
        let topic = Topic {
            call: Some(&taught),
            errno: Some(errno),
            socket,
            server: local.unwrap_or(Address::Inet(([127, 0, 0, 1], 0).into())),
            by: self.side(process, &taught),
            is_traced: true,
            found: None,
        };
        let mut failure = self.plan.explain.failure(&topic, &found);
        failure.call = Some(call.clone());
        self.tell(who, LessonEvent::Failed(Box::new(failure)))
    }

    /// Which end of a conversation the socket of a call is, by what it was used for.
    fn side(&self, process: &Task, call: &Call) -> Side {
        let tables = &self.review.tables;
        let known = call.fd().and_then(|fd| tables.at(process.pid, fd));
        let known = known.map(|at| &tables.sockets[at]);
        match known.map(|it| (it.role, it.bound)) {
            _ if call.name() == "connect" => Side::Client,
            Some((Role::Connecting, _) | (Role::New, None)) => Side::Client,
            _ => Side::Server,
        }
    }

    /// Tells which calls have slept for a while.
    pub(super) fn tell_sleepers(&mut self) -> Result<(), Error> {
        let since = |waited: Duration| waited >= super::director::ASLEEP;
        let mut asleep: Vec<u32> = self
            .entered
            .iter()
            .filter(|(_, (_, _, began))| since(began.elapsed()))
            .map(|(tid, _)| *tid)
            .collect();
        asleep.sort_unstable();
        for tid in asleep {
            let Some((who, call, began)) = self.entered.remove(&tid) else {
                continue;
            };
            let blocked = Blocked {
                call,
                process: observe::process(tid).value().cloned(),
                waited: began.elapsed(),
                first: true,
            };
            self.tell(&who, MachineEvent::Blocked(blocked))?;
        }
        Ok(())
    }

    /// Stops before a call, until somebody says to go on.
    pub(super) fn pause(
        &mut self,
        who: &Task,
        process: &Task,
        call: &Call,
    ) -> Result<Option<Ending>, Error> {
        let pause = LessonEvent::Pause {
            next: call.clone(),
            round: None,
            asked: false,
            rests: true,
        };
        self.tell(who, pause)?;
        loop {
            self.flush()?;
            let Some(pace) = &mut self.plan.pace else {
                return Ok(None);
            };
            let prompt = Prompt::Pause { again: false };
            let until = Until {
                fd: None,
                timeout: None,
            };
            let wake = pace.wait(&prompt, until);
            match wake.map_err(Error::output("waiting for a key"))? {
                Wake::Key(Next::Ask(Ask::Inspect)) => {
                    self.look_at_all(who, process, Moment::Asked)?
                }
                Wake::Key(Next::Ask(ask)) => self.tell(who, LessonEvent::Asked(ask))?,
                Wake::Key(Next::RunOn) => self.plan.pace = None,
                Wake::Key(Next::Quit) => return Ok(Some(Ending::Left { signal: None })),
                Wake::Key(Next::Run) => return Ok(None),
                Wake::Interrupted(signal) => {
                    let left = self.asked(signal);
                    return Ok(left);
                }
                Wake::Key(_) | Wake::Look | Wake::Back => {}
            }
        }
    }

    /// A process is gone: what was known of its connections is kept.
    pub(super) fn ended(&mut self, process: &Task, status: Option<Status>) {
        let pid = process.pid;
        let mut known = self.traced.processes.iter_mut();
        if let Some((_, ended)) = known.find(|(task, ended)| task.pid == pid && ended.is_none()) {
            *ended = status;
        }
        if let Some(world) = self.scene.of(process)
            && (!world.ends.is_empty() || !world.paths.is_empty())
        {
            self.gone.push(world.clone());
        }
        self.scene.forget(pid);
        self.processes.remove(&pid);
    }

    /// The whole in short, and what the kernel still has of it.
    pub(super) fn recap(&mut self) -> Traced {
        let mut traced = std::mem::take(&mut self.traced);
        for last in std::mem::take(&mut self.gone) {
            let mut seen = self.observer.look(Vec::new(), &last, None);
            // What another program has is no remains: it is said whose it is.
            if seen.rows().iter().any(|row| row.inode != 0) {
                self.observer.name_owners(&mut seen, &[]);
            }
            for row in seen.rows() {
                let ends = |row: &KernelRow| (row.local, row.remote);
                if traced.left.iter().all(|known| ends(known) != ends(row)) {
                    traced.left.push(row.clone());
                }
            }
            let stands = seen.paths.iter().filter(|path| path.file.value().is_some());
            for path in stands.map(|path| path.path.to_string()) {
                if !traced.paths.contains(&path) {
                    traced.paths.push(path);
                }
            }
        }
        traced
    }
}

/// The call that an errno tells of: what a getsockopt of SO_ERROR hands over is said of the
/// connect that went on by itself, or of the connection.
fn told_of(call: &Call, errno: Errno) -> Call {
    if call.waiting_error().is_none() {
        return call.as_taught();
    }
    let is_of_connect = matches!(
        errno.0,
        libc::ECONNREFUSED | libc::ETIMEDOUT | libc::EHOSTUNREACH | libc::ENETUNREACH
    );
    let name = if is_of_connect { "connect" } else { "recvfrom" };
    Call {
        syscall: Syscall::named(name).unwrap_or(call.syscall),
        ..call.clone()
    }
}
