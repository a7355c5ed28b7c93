//! Tells what a traced program does, in the words of the lesson.

mod repeats;
mod roles;
mod stops;

use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::time::Duration;

use self::repeats::Repeats;
use self::roles::Roles;
use super::Told;
use super::about::{About, LOOPBACK, who};
use super::ended::{how, is_common, recap};
use super::processes::Processes;
use crate::course::{Course, Step, Topic};
use crate::model::{
    Blocked, Call, Detail, Errno, Event, Look, MachineEvent, Makes, Moment, Outcome, Remark,
    RunEvent, Scene, Side, SocketView, Task, What, signal_name,
};
use crate::picture::Story;
use crate::render::calls;
use crate::render::changes::{effect, lines_after};
use crate::render::check;
use crate::render::doc::{Block, Line, Role, bad, field, fields, label, muted, plain, span};
use crate::render::facts::{everything, sockets};
use crate::render::listing::seen as listed;
use crate::render::markdown::field_body;
use crate::render::wire::{self, Wire};
use crate::script::Vars;
use crate::words::{name_of, say};

/// Tells what a traced program does. The first time of a topic (a call, on a socket of a
/// family, that comes out so) with the prose of the course, later in a line.
pub(crate) struct ProgramNarrator<'a> {
    course: &'a Course,
    detail: Detail,
    /// The time of day when the run began.
    began: Duration,
    /// The topics that were told.
    told: HashSet<String>,
    roles: Roles,
    wire: Wire,
    /// What each thread's last call works on, as it was before the call: by thread.
    before: HashMap<u32, SocketView>,
    /// The thread whose last call a signal has cut short.
    interrupted: Option<u32>,
    /// A call that has returned, and whose sockets are looked at next.
    returned: Option<(Call, Outcome, Duration)>,
    /// The call that it stops before.
    next: Option<Call>,
    /// There is more than one thread: each is told by its number.
    is_several: bool,
    processes: Processes,
    repeats: Repeats,
    /// What the run was so far, where somebody may ask for pictures of it.
    story: Option<Story>,
}

impl<'a> ProgramNarrator<'a> {
    /// Nothing has been told yet. `began` is the time of day; `stops`: somebody may ask for
    /// pictures where it stops.
    pub(crate) fn new(
        course: &'a Course,
        detail: Detail,
        began: Duration,
        stops: bool,
    ) -> ProgramNarrator<'a> {
        ProgramNarrator {
            course,
            detail,
            began,
            told: HashSet::new(),
            roles: Roles::default(),
            wire: Wire::default(),
            before: HashMap::new(),
            interrupted: None,
            returned: None,
            next: None,
            is_several: false,
            processes: Processes::default(),
            repeats: Repeats::default(),
            story: stops.then(Story::default),
        }
    }

    /// Tells one event. The scene is as it is after it.
    pub(crate) fn tell(&mut self, event: &Event, scene: &Scene) -> Told {
        self.story.iter_mut().for_each(|story| story.take(event));
        match &event.what {
            What::Machine(machine) => {
                if let MachineEvent::Enter(call) = machine {
                    self.enters(event, call, scene);
                }
                let told = self.machine(event, machine);
                self.folded(event, machine, told)
            }
            What::Lesson(lesson) => self.lesson(event, lesson, scene).into(),
            What::Run(RunEvent::Traced(traced)) => recap(traced, |pid| self.is_told(pid)).into(),
            What::Run(RunEvent::Packets(seeing)) => wire::seeing(seeing).into(),
            What::Run(RunEvent::Private { enter }) => wire::private(enter).into(),
            What::Run(RunEvent::Fault(fault)) => self.fault(fault).into(),
            What::Run(RunEvent::Begin(_)) => {
                self.processes.begin(event.who.pid);
                Told::default()
            }
            What::Run(_) | What::Shell(_) => Told::default(),
        }
    }

    /// What a reviewer would say.
    fn fault(&mut self, fault: &Remark) -> Vec<Block> {
        let is_first = self.told.insert("faults".into());
        let mut blocks = if is_first {
            check::review()
        } else {
            Vec::new()
        };
        blocks.extend(check::fault(fault));
        blocks
    }

    /// A call begins.
    fn enters(&mut self, event: &Event, call: &Call, scene: &Scene) {
        let Some(fd) = call.fd() else {
            return;
        };
        let world = scene.of(&Task::process(event.who.pid, ""));
        let Some(socket) = world.and_then(|world| world.socket(fd)) else {
            return;
        };
        if call.name() == "connect" {
            self.roles.connects(socket);
        }
        self.before.insert(event.who.tid, socket.clone());
    }

    /// Leaves out what repeats itself, but for who sees each call, or asked for all.
    fn folded(&mut self, event: &Event, machine: &MachineEvent, told: Told) -> Told {
        if self.story.is_some() || self.detail == Detail::Full {
            return told;
        }
        let mut repeats = take(&mut self.repeats);
        let blocks = repeats.fold(event, machine, told.blocks, |line| self.row(event, line));
        self.repeats = repeats;
        Told { blocks, ..told }
    }

    fn machine(&mut self, event: &Event, machine: &MachineEvent) -> Told {
        let said = |text: String| vec![span(Role::Plain, text)];
        let line = match machine {
            MachineEvent::Born { by } => {
                self.is_several = true;
                self.processes.born(event.who.pid, *by);
                return Told::default();
            }
            // What a shell does on its way to the program is not the story.
            MachineEvent::Signal(_) | MachineEvent::Gone(_) if !self.is_told(event.who.pid) => {
                return Told::default();
            }
            MachineEvent::Exec { program, notes } => {
                let row = self.row(event, said(say!("runs", program = program)));
                if !notes.is_empty() {
                    self.processes.concern(event.who.pid);
                }
                if !self.is_told(event.who.pid) {
                    self.processes.keep(event.who.pid, row);
                    return Told::default();
                }
                let mut blocks = vec![row];
                let notes = notes
                    .iter()
                    .map(|note| field(say!("label-note"), bad(name_of("note", note))));
                blocks.extend(notes);
                return blocks.into();
            }
            // One that has cut a call short says why that is over.
            MachineEvent::Signal(signal)
                if self.detail != Detail::Full
                    && self.interrupted != Some(event.who.tid)
                    && is_common(*signal) =>
            {
                return Told::default();
            }
            MachineEvent::Signal(signal) => said(say!("gets", signal = signal_name(*signal))),
            MachineEvent::Enter(_) => return Told::default(),
            MachineEvent::Blocked(blocked) => return self.blocked(event, blocked),
            MachineEvent::Exit {
                call,
                outcome,
                took,
            } => {
                return self.exit(event, call, *outcome, *took).into();
            }
            MachineEvent::Look(look) => return self.look(event, look).into(),
            MachineEvent::Packet(packet) => return self.wire.told(packet).into(),
            MachineEvent::Gone(_) if event.who.pid != event.who.tid => return Told::default(),
            MachineEvent::Gone(status) => said(say!("ends", how = how(*status))),
        };
        vec![self.row(event, line)].into()
    }

    /// A call that no look follows is told now.
    fn exit(&mut self, event: &Event, call: &Call, outcome: Outcome, took: Duration) -> Vec<Block> {
        let is_cut_short =
            matches!(outcome, Outcome::Again(_)) || outcome.errno() == Some(Errno(libc::EINTR));
        self.interrupted = is_cut_short.then_some(event.who.tid);
        let is_told_by_other = matches!(call.name(), "execve" | "execveat" | "exit_group")
            && outcome.errno().is_none();
        if is_told_by_other {
            return Vec::new();
        }
        if call.touched(outcome).is_empty() {
            let is_concerned = self.processes.has_called(event.who.pid);
            let process = call.syscall.makes == Makes::Process
                || matches!(call.name(), "execve" | "execveat" | "wait4");
            if process && !is_concerned && self.detail != Detail::Full {
                return Vec::new();
            }
            let mut blocks = vec![self.row(event, calls::returned(call, outcome))];
            if matches!(call.name(), "seccomp" | "prctl") {
                let note = span(Role::Bad, say!("own-filter"));
                blocks.push(field(say!("label-note"), vec![note]));
            }
            return blocks;
        }
        self.returned = Some((call.clone(), outcome, took));
        Vec::new()
    }

    /// Is that process told of, even where it has nothing to do with sockets?
    fn is_told(&self, pid: u32) -> bool {
        self.detail == Detail::Full || self.processes.are_told(pid)
    }

    fn look(&mut self, event: &Event, look: &Look) -> Vec<Block> {
        let runs = self.processes.concern(event.who.pid);
        let mut blocks: Vec<Block> = runs.into_iter().collect();
        blocks.extend(self.looked(event, look));
        blocks
    }

    fn looked(&mut self, event: &Event, look: &Look) -> Vec<Block> {
        self.roles.take(&look.seen);
        let whose = who(&event.who);
        match look.moment {
            Moment::Asked => return everything(whose, &look.seen, false),
            Moment::Before => return sockets(&say!("label-now"), whose, &look.seen, Some(-1)),
            _ => {}
        }
        let Some((call, outcome, took)) = self.returned.take() else {
            return Vec::new();
        };
        let socket = [call.made(outcome), call.fd()].into_iter().flatten();
        let socket = socket.filter_map(|fd| look.seen.socket(fd)).next();
        let before = self.before.remove(&event.who.tid);
        let known = socket.or(before.as_ref());
        let about = self.about(&call, outcome.errno(), known);
        let is_first = self.is_first(&about, outcome);
        let changes = lines_after(&call, &look.changes, &look.seen);
        if is_first {
            let step = about.step(self.course, event.who.pid);
            // A call that a signal has cut short has done nothing that a step teaches.
            let step = step.filter(|_| !matches!(outcome, Outcome::Again(_)));
            // Where there is no more to say than fits a line, that does.
            let is_known = socket.is_none_or(|it| !calls::condition(it).is_empty());
            let is_much = step.is_some() || is_known && !changes.is_empty();
            if is_much || self.detail == Detail::Full {
                return self.whole(event, &call, (outcome, took), look, &about, step);
            }
        }
        let mut line = calls::returned(&call, outcome);
        let state = match socket {
            Some(socket) => calls::condition(socket),
            // It is closed: what that has left.
            None => changes.into_iter().next().unwrap_or_default(),
        };
        if !state.is_empty() {
            line.push(span(Role::Muted, " · "));
            line.extend(state);
        }
        vec![self.row(event, line)]
    }

    /// Everything that can be said of a call that has returned.
    fn whole(
        &self,
        event: &Event,
        call: &Call,
        (outcome, took): (Outcome, Duration),
        look: &Look,
        about: &About<'_>,
        step: Option<(&Step, Vars)>,
    ) -> Vec<Block> {
        let mut blocks = vec![Block::Blank, self.row(event, Line::new())];
        blocks.push(calls::did(calls::returned(call, outcome), took));
        blocks.extend(calls::moved(call, outcome, about.socket));
        if let Some((step, vars)) = step
            && !step.kernel.is_empty()
        {
            blocks.push(fields(
                say!("label-kernel"),
                field_body(&vars.fill(&step.kernel)),
            ));
        }
        blocks.extend(effect(call, &look.changes, &look.seen));
        let is_there = |socket: &&SocketView| look.seen.socket(socket.fd).is_some();
        let socket = about.socket.filter(is_there);
        blocks.extend(socket.map(|socket| field(say!("label-seen"), listed(socket, &look.seen))));
        blocks
    }

    /// A call sleeps: what it waits for.
    fn blocked(&mut self, event: &Event, blocked: &Blocked) -> Told {
        let line = vec![
            span(Role::Call, blocked.call.textbook()),
            span(Role::Muted, say!("is-asleep")),
        ];
        let mut blocks = vec![self.row(event, line)];
        let taught = blocked.call.as_taught();
        let is_new = self.told.insert(format!("asleep {}", taught.name()));
        if is_new && self.detail != Detail::Brief {
            let about = self.about(&blocked.call, None, self.before.get(&event.who.tid));
            let local = about.socket.and_then(|it| it.local.value().copied());
            let topic = Topic {
                call: Some(&taught),
                errno: None,
                socket: about.socket,
                server: local.unwrap_or(LOOPBACK),
                by: about.side,
                is_traced: true,
                found: None,
            };
            let hint = self.course.tracks[0].explain.hint(&topic);
            blocks.push(fields(say!("label-asleep"), field_body(&hint)));
        }
        blocks.into()
    }

    fn about<'t>(
        &self,
        call: &Call,
        errno: Option<Errno>,
        socket: Option<&'t SocketView>,
    ) -> About<'t> {
        let side = match (socket, call.name()) {
            (Some(socket), _) => self.roles.of(socket),
            (None, "connect") => Side::Client,
            (None, _) => Side::Server,
        };
        About {
            call: call.as_taught(),
            errno,
            socket,
            side,
        }
    }

    /// Is everything to be said of it: for the first time, or always?
    fn is_first(&mut self, about: &About<'_>, outcome: Outcome) -> bool {
        let is_new = self.told.insert(about.topic(outcome));
        match self.detail {
            Detail::FirstTime => is_new,
            Detail::Brief => false,
            Detail::Full => true,
        }
    }

    /// `12:03:04.120 server listen(3, 5) = 0`
    fn row(&self, event: &Event, line: Line) -> Block {
        let time = calls::time_of_day(self.began + event.at);
        let who = if self.is_several {
            format!("{} {}", event.who.name, event.who.tid)
        } else {
            event.who.name.to_string()
        };
        let mut all = vec![muted(time), plain(" "), label(who), plain(" ")];
        all.extend(line);
        Block::Row(all)
    }
}
