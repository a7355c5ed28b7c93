//! Tells what a traced program does, in the words of the lesson.

use std::collections::HashSet;
use std::time::Duration;

use super::Told;
use crate::course::{Course, Step};
use crate::model::{
    Address, Ask, Blocked, Call, Detail, Domain, Errno, Event, Kind, LessonEvent, Look,
    MachineEvent, Moment, Outcome, RunEvent, Scene, Side, SocketView, Status, Task, Traced, What,
    World, signal_name,
};
use crate::render::calls;
use crate::render::changes::{effect, lines};
use crate::render::doc::{Block, Line, Role, field, fields, span};
use crate::render::fact::Who;
use crate::render::facts::{everything, sockets};
use crate::render::listing::seen as listed;
use crate::render::markdown::{field_body, markdown};
use crate::render::trouble::failure;
use crate::script::Vars;

/// Tells what a traced program does. The first time of a topic (a call, on a socket of a
/// family, that comes out so) with the prose of the course, later in a line.
pub struct ProgramNarrator<'a> {
    course: &'a Course,
    detail: Detail,
    /// The time of day when the run began.
    began: Duration,
    /// The topics that were told.
    told: HashSet<String>,
    /// The sockets that have connected: process and descriptor.
    clients: HashSet<(u32, i32)>,
    /// A call that has returned, and whose sockets are looked at next.
    returned: Option<(Call, Outcome, Duration)>,
    /// The call that it stops before.
    next: Option<Call>,
    /// There is more than one thread: each is told by its number.
    is_several: bool,
}

/// What a call is about.
struct About<'t> {
    call: Call,
    errno: Option<Errno>,
    socket: Option<&'t SocketView>,
    side: Side,
}

impl<'a> ProgramNarrator<'a> {
    /// Nothing has been told yet. `began` is the time of day.
    pub fn new(course: &'a Course, detail: Detail, began: Duration) -> ProgramNarrator<'a> {
        ProgramNarrator {
            course,
            detail,
            began,
            told: HashSet::new(),
            clients: HashSet::new(),
            returned: None,
            next: None,
            is_several: false,
        }
    }

    /// Tells one event. The scene is as it is after it.
    pub fn tell(&mut self, event: &Event, scene: &Scene) -> Told {
        match &event.what {
            What::Machine(machine) => self.machine(event, machine),
            What::Lesson(lesson) => self.lesson(event, lesson, scene).into(),
            What::Run(RunEvent::Traced(traced)) => recap(traced).into(),
            What::Run(_) | What::Shell(_) => Told::default(),
        }
    }

    fn machine(&mut self, event: &Event, machine: &MachineEvent) -> Told {
        let said = |text: String| vec![span(Role::Plain, text)];
        let line = match machine {
            MachineEvent::Born { .. } => {
                self.is_several = true;
                return Told::default();
            }
            MachineEvent::Exec { program, notes } => {
                let mut blocks = vec![self.row(event, said(format!("runs {program}")))];
                blocks.extend(
                    notes
                        .iter()
                        .map(|note| field("note", vec![span(Role::Bad, note.clone())])),
                );
                return blocks.into();
            }
            MachineEvent::Signal(signal) if !self.matters(*signal) => return Told::default(),
            MachineEvent::Signal(signal) => said(format!("gets {}", signal_name(*signal))),
            MachineEvent::Enter(call) => {
                if let ("connect", Some(fd)) = (call.name(), call.fd()) {
                    self.clients.insert((event.who.pid, fd));
                }
                return Told::default();
            }
            MachineEvent::Blocked(blocked) => return self.blocked(event, blocked),
            MachineEvent::Exit {
                call,
                outcome,
                took,
            } => {
                return self.exit(event, call, *outcome, *took).into();
            }
            MachineEvent::Look(look) => return self.look(event, look).into(),
            MachineEvent::Gone(_) if event.who.pid != event.who.tid => return Told::default(),
            MachineEvent::Gone(status) => said(format!("ends{}", how(*status))),
        };
        vec![self.row(event, line)].into()
    }

    /// A call that no look follows is told now.
    fn exit(&mut self, event: &Event, call: &Call, outcome: Outcome, took: Duration) -> Vec<Block> {
        let is_told_by_other = matches!(call.name(), "execve" | "execveat" | "exit_group")
            && outcome.errno().is_none();
        if is_told_by_other {
            return Vec::new();
        }
        if call.touched(outcome).is_empty() {
            return vec![self.row(event, calls::returned(call, outcome))];
        }
        self.returned = Some((call.clone(), outcome, took));
        Vec::new()
    }

    fn look(&mut self, event: &Event, look: &Look) -> Vec<Block> {
        if look.moment == Moment::Asked {
            return everything(who(&event.who, Side::Server), &look.seen);
        }
        let Some((call, outcome, took)) = self.returned.take() else {
            return Vec::new();
        };
        let socket = [call.made(outcome), call.fd()].into_iter().flatten();
        let socket = socket.filter_map(|fd| look.seen.socket(fd)).next();
        let about = self.about(&event.who, &call, outcome.errno(), socket);
        let is_first = self.is_first(&about, outcome);
        if call.name() == "close" {
            self.clients
                .remove(&(event.who.pid, call.fd().unwrap_or(-1)));
        }
        let changes = lines(&look.changes, &look.seen);
        let is_taught = self.step(&event.who, &about).is_some();
        // Where there is no more to say than fits a line, that does.
        if is_first && (is_taught || !changes.is_empty() || self.detail == Detail::Full) {
            return self.whole(event, &call, (outcome, took), look, &about);
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
    ) -> Vec<Block> {
        let mut blocks = vec![Block::Blank, self.row(event, Line::new())];
        blocks.push(calls::did(calls::returned(call, outcome), took));
        let taught = about.call.name();
        if let ("recvfrom" | "sendto", Some(bytes), Outcome::Value(count)) =
            (taught, call.bytes(), outcome)
        {
            blocks.push(calls::data(taught, &bytes.head, count, about.socket));
        }
        if let Some((step, vars)) = self.step(&event.who, about)
            && !step.kernel.is_empty()
        {
            blocks.push(fields("kernel", field_body(&vars.fill(&step.kernel))));
        }
        blocks.extend(effect(call, &look.changes, &look.seen));
        blocks.extend(about.socket.map(|socket| field("seen", listed(socket))));
        blocks
    }

    /// A call sleeps: what it waits for.
    fn blocked(&mut self, event: &Event, blocked: &Blocked) -> Told {
        let line = vec![
            span(Role::Call, blocked.call.textbook()),
            span(Role::Muted, " sleeps"),
        ];
        vec![self.row(event, line)].into()
    }

    fn lesson(&mut self, event: &Event, lesson: &LessonEvent, scene: &Scene) -> Vec<Block> {
        let world = scene.of(&Task::process(event.who.pid, ""));
        match lesson {
            LessonEvent::Failed(what) if self.detail != Detail::Brief => failure(what),
            LessonEvent::Pause { next, .. } => self.pause(event, next, world),
            LessonEvent::Asked(Ask::Why) => self.of_step(event, world, |step| &step.why),
            LessonEvent::Asked(Ask::Hints) => self.of_step(event, world, |step| &step.tries),
            _ => Vec::new(),
        }
    }

    /// What is there, and which call comes.
    fn pause(&mut self, event: &Event, next: &Call, world: Option<&World>) -> Vec<Block> {
        let mut blocks = vec![Block::Blank, self.row(event, Line::new())];
        let socket = next.fd().and_then(|fd| world?.socket(fd));
        let about = self.about(&event.who, next, None, socket);
        if let Some(world) = world {
            blocks.extend(sockets(
                "now",
                who(&event.who, about.side),
                world,
                next.fd(),
            ));
        }
        blocks.push(field("next", vec![span(Role::Call, next.textbook())]));
        self.next = Some(next.clone());
        blocks
    }

    fn of_step(
        &self,
        event: &Event,
        world: Option<&World>,
        text: impl Fn(&Step) -> &String,
    ) -> Vec<Block> {
        let Some(call) = &self.next else {
            return Vec::new();
        };
        let socket = call.fd().and_then(|fd| world?.socket(fd));
        let about = self.about(&event.who, call, None, socket);
        let step = self.step(&event.who, &about);
        step.map_or(Vec::new(), |(step, vars)| markdown(&vars.fill(text(step))))
    }

    fn about<'t>(
        &self,
        who: &Task,
        call: &Call,
        errno: Option<Errno>,
        socket: Option<&'t SocketView>,
    ) -> About<'t> {
        let is_client = call
            .fd()
            .is_some_and(|fd| self.clients.contains(&(who.pid, fd)));
        About {
            call: call.as_taught(),
            errno,
            socket,
            side: if is_client {
                Side::Client
            } else {
                Side::Server
            },
        }
    }

    /// Is everything to be said of it: for the first time, or always?
    fn is_first(&mut self, about: &About<'_>, outcome: Outcome) -> bool {
        let (domain, kind) = family(about.socket);
        let end = outcome == Outcome::Value(0) && about.call.name() == "recvfrom";
        let topic = format!(
            "{} {domain:?} {kind:?} {:?} {:?} {end}",
            about.call.name(),
            about.side,
            about.errno
        );
        let is_new = self.told.insert(topic);
        match self.detail {
            Detail::FirstTime => is_new,
            Detail::Brief => false,
            Detail::Full => true,
        }
    }

    /// What the course says of it, and what its placeholders stand for.
    fn step(&self, who: &Task, about: &About<'_>) -> Option<(&'a Step, Vars)> {
        let (Some(domain), Some(kind)) = family(about.socket) else {
            return None;
        };
        let of = (about.side, domain, kind);
        let (_, step) = self.course.step_about(&about.call, about.errno, of)?;
        let local = about
            .socket
            .and_then(|socket| socket.local.value().copied());
        let addr = about.call.address().or(local);
        let vars = Vars {
            addr: addr.unwrap_or(Address::Inet(([127, 0, 0, 1], 0).into())),
            pid: Some(who.pid),
        };
        Some((step, vars))
    }

    /// `12:03:04.120 server listen(3, 5) = 0`
    fn row(&self, event: &Event, line: Line) -> Block {
        let millis = (self.began + event.at).as_millis();
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let (hours, minutes) = (minutes / 60 % 24, minutes % 60);
        let who = match self.is_several {
            true => format!("{} {}", event.who.name, event.who.tid),
            false => event.who.name.to_string(),
        };
        let mut all = vec![
            span(
                Role::Muted,
                format!("{hours:02}:{minutes:02}:{seconds:02}.{millis:03} "),
            ),
            span(Role::Label, who),
            span(Role::Plain, " "),
        ];
        all.extend(line);
        Block::Row(all)
    }

    /// Is a signal worth telling? Some come all the time and mean nothing here.
    fn matters(&self, signal: i32) -> bool {
        let common = [libc::SIGCHLD, libc::SIGURG, libc::SIGWINCH, libc::SIGCONT];
        self.detail == Detail::Full || !common.contains(&signal)
    }
}

fn family(socket: Option<&SocketView>) -> (Option<Domain>, Option<Kind>) {
    let domain = socket.and_then(|socket| socket.domain.value().copied());
    let kind = socket.and_then(|socket| socket.kind.value().copied());
    (domain, kind)
}

fn who(task: &Task, side: Side) -> Who<'_> {
    Who {
        actor: &task.name,
        side: side.word(),
        peer: None,
    }
}

/// `: exit code 3`, `: killed by SIGPIPE`
fn how(status: Option<Status>) -> String {
    let Some(status) = status else {
        return String::new();
    };
    match (status.code(), status.signal()) {
        (Some(code), _) => format!(": exit code {code}"),
        (None, Some(signal)) => format!(": killed by {}", signal_name(signal)),
        (None, None) => String::new(),
    }
}

/// The trace in short: the processes, the sockets, and what stays in the kernel.
fn recap(traced: &Traced) -> Vec<Block> {
    let process = |(task, status): &(Task, Option<Status>)| {
        let text = format!("{}, pid {}{}", task.name, task.pid, how(*status));
        vec![span(Role::Fact, text)]
    };
    let mut processes: Vec<Line> = traced.processes.iter().take(8).map(process).collect();
    if traced.processes.len() > processes.len() {
        let more = format!("and {} more", traced.processes.len() - processes.len());
        processes.push(vec![span(Role::Muted, more)]);
    }
    let count = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let made = format!(
        "{}, {}",
        count(traced.sockets, "socket"),
        count(traced.calls, "call")
    );
    let mut blocks = vec![Block::Blank, fields("recap", processes)];
    blocks.push(field("made", vec![span(Role::Fact, made)]));
    blocks.push(calls::left(&traced.left));
    if !traced.paths.is_empty() {
        let text = format!("still there: {}", traced.paths.join(" "));
        blocks.push(field("files", vec![span(Role::Fact, text)]));
    }
    blocks
}
