//! A saved run, line by line.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value as Json;

use super::address::shown;
use super::event::{is_builtin, run};
use super::fields::Fields;
use super::lesson::{lesson, shell};
use super::machine::machine;
use crate::model::{
    ChapterMode, Event, LessonEvent, MachineEvent, RunEvent, RunInfo, Scene, Scope, StepId, Task,
    What,
};

/// How many lines of which kinds were none that this socklab knows.
pub(crate) type Skipped = BTreeMap<String, usize>;

/// A saved run, as far as it was read.
#[derive(Default)]
pub(crate) struct Saved {
    /// What is known of every process after the last line.
    pub scene: Scene,
    pub skipped: Skipped,
    /// What goes with the events, once the run has begun.
    scope: Option<Scope>,
    /// It is no lesson and no shell.
    is_program: bool,
    /// The place of the step in its chapter.
    index: usize,
    /// The names that were seen: few, and each of many events.
    names: Vec<Rc<str>>,
}

impl Saved {
    /// Reads the next line. What is of a kind that is not known is skipped.
    pub(crate) fn take(&mut self, line: &[u8]) -> Result<Option<Event>, String> {
        let json: Json = serde_json::from_slice(line).map_err(|error| {
            // There is only one line.
            let text = error.to_string();
            let end = text.find(" at line").unwrap_or(text.len());
            format!("no JSON: {} in column {}", &text[..end], error.column())
        })?;
        let of = Fields::of(&json)?;
        let kind: &str = of.get("event")?;
        if self.scope.is_none() && kind != "run" {
            return Err("the first line of a run tells the event \"run\"; \
                 this is no run that --json has saved"
                .into());
        }
        let who = self.who(of)?;
        let Some(what) = what(kind, of, who.pid).map_err(|error| format!("{kind}: {error}"))?
        else {
            *self.skipped.entry(kind.into()).or_default() += 1;
            return Ok(None);
        };
        self.learn(&what, of)?;
        let scope = self
            .scope_of(of)
            .map_err(|error| format!("{kind}: {error}"))?;
        let process = Task {
            tid: who.pid,
            ..who.clone()
        };
        match &what {
            What::Machine(MachineEvent::Look(look)) => drop(self.scene.apply(&process, &look.seen)),
            What::Machine(MachineEvent::Gone(_)) if who.pid == who.tid => {
                self.scene.forget(who.pid);
            }
            _ => {}
        }
        Ok(Some(Event {
            seq: of.get("seq")?,
            at: Duration::from_micros(of.get("t_us")?),
            who,
            scope,
            what,
        }))
    }

    /// Was the first line of a run read?
    pub(crate) fn has_begun(&self) -> bool {
        self.scope.is_some()
    }

    fn who(&mut self, of: Fields<'_>) -> Result<Task, String> {
        let name: &str = of.get("task")?;
        let known = self.names.iter().find(|known| &***known == name).cloned();
        let name = known.unwrap_or_else(|| {
            let name: Rc<str> = name.into();
            self.names.push(name.clone());
            name
        });
        Ok(Task {
            pid: of.get("pid")?,
            tid: of.get("tid")?,
            name,
        })
    }

    /// Keeps what an event says of those behind it.
    fn learn(&mut self, what: &What, of: Fields<'_>) -> Result<(), String> {
        match what {
            What::Run(RunEvent::Begin(info)) => {
                self.scope = Some(scope_of_run(info));
                self.is_program = info.walk.is_none();
            }
            What::Lesson(LessonEvent::Chapter { .. }) => {
                let taught: bool = of.get("taught")?;
                if let Some(scope) = &mut self.scope {
                    scope.builtin_peer = is_builtin(of)?;
                    scope.mode = if taught {
                        ChapterMode::Taught
                    } else {
                        ChapterMode::DoneForYou
                    };
                }
            }
            What::Lesson(LessonEvent::Step { .. }) => self.index = of.get("index")?,
            _ => {}
        }
        Ok(())
    }

    /// What goes with this event.
    fn scope_of(&mut self, of: Fields<'_>) -> Result<Scope, String> {
        let scope = self.scope.get_or_insert_with(Scope::of_program);
        if !of.json("server").is_null() {
            let server = Fields::of(of.json("server"))?;
            scope.addr = server.read("addr", shown)?;
            scope.server = server.get("pid")?;
        }
        // All that a program does is its own.
        if !self.is_program {
            scope.own = of.is("own");
        }
        scope.aside = of.is("aside");
        scope.first_time = !of.is("again");
        let names: (Option<String>, Option<String>) = (of.get("chapter")?, of.get("step")?);
        scope.step = match names {
            (Some(chapter), Some(step)) => Some(StepId {
                chapter,
                step,
                index: self.index,
            }),
            _ => None,
        };
        Ok(scope.clone())
    }
}

/// What an event tells; nothing, if its kind is not known.
fn what(kind: &str, of: Fields<'_>, pid: u32) -> Result<Option<What>, String> {
    if let Some(machine) = machine(kind, of, pid)? {
        return Ok(Some(machine.into()));
    }
    if let Some(lesson) = lesson(kind, of)? {
        return Ok(Some(lesson.into()));
    }
    if let Some(shell) = shell(kind, of)? {
        return Ok(Some(shell.into()));
    }
    Ok(run(kind, of)?.map(What::from))
}

fn scope_of_run(info: &RunInfo) -> Scope {
    let program = Scope::of_program();
    match info.walk {
        None => program,
        Some(walk) => Scope {
            mode: ChapterMode::Taught,
            lead: walk.lead,
            builtin_peer: walk.builtin_peer,
            own: false,
            addr: walk.addr,
            ..program
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited};

    const LINES: [&str; 5] = [
        r#"{"event":"run","version":2,"socklab":"0","kernel":"6","argv":["x"],"kind":"lesson","track":"t","detail":null,"began_us":1,"role":"server","addr":"127.0.0.1:0","peer":"builtin","seq":0,"t_us":0,"task":"server","pid":7,"tid":7,"chapter":null,"step":null}"#,
        r#"{"event":"exit","call":"bind","args":["3","{sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}","16"],"ret":-1,"errno":"EACCES","note":null,"took_us":9,"seq":1,"t_us":1,"task":"server","pid":7,"tid":7,"chapter":"bind","step":"x"}"#,
        r#"{"event":"exit","call":"recvfrom","args":["4","\"one\\ntwo\\33\"...","100","0","NULL","NULL"],"ret":40,"errno":null,"note":"x","took_us":9,"data":"\"one\\n\"","seq":1,"t_us":1,"task":"server","pid":7,"tid":7,"chapter":null,"step":null}"#,
        r#"{"event":"view","moment":"after","scope":"focus","focus":{"fds":[3],"cookies":[9]},"process":null,"fds":[{"fd":3,"target":"socket:[8]"}],"sockets":[{"fd":3,"inode":8,"cookie":9,"domain":"inet","type":"stream","protocol":"tcp","state":"LISTEN","local":"127.0.0.1:1","peer":null,"accept_queue":{"len":0,"max":1},"listing":{"state":"LISTEN","recv_q":0,"send_q":1},"unknown":{"peer":"getpeername: EPERM: no"}}],"ends":[{"local":"127.0.0.1:1","peer":"127.0.0.1:2","ours":"gone","theirs":"LISTEN","cookie":9}],"others":[],"paths":[{"path":"@x","file":{"type":"socket","mode":"srwxr-xr-x","uid":0,"inode":1},"bound":true}],"changes":[{"socket":3,"field":"accept_queue","from":"0/1","to":null,"unknown":{"to":"sock_diag: refused"}}],"seq":2,"t_us":1,"task":"server","pid":7,"tid":7,"chapter":null,"step":null}"#,
        r#"{"event":"failure","call":null,"args":null,"errno":"errno 999","meaning":"m","found":[],"holders":[{"state":"TIME-WAIT","local":"[::1]:1","uid":0,"owner":null,"expires_ms":1,"timer":"keepalive","text":""}],"advice":[],"seq":3,"t_us":1,"task":"server","pid":7,"tid":7,"chapter":null,"step":null}"#,
    ];

    #[test]
    fn every_line_is_read() {
        let mut saved = Saved::default();
        for line in LINES {
            let event = saved.take(line.as_bytes());
            assert!(matches!(event, Ok(Some(_))), "{line}: {event:?}");
        }
        let (_, world) = saved.scene.tasks().next().unwrap();
        assert_eq!(world.socket(3).unwrap().cookie.value(), Some(&9));
    }

    proptest! {
        #![proptest_config(config(2_000))]
        #[test]
        fn fuzzed_lines_are_refused_or_read(line in edited(
            LINES.iter().map(|line| line.as_bytes().to_vec()).collect(),
            &["null", "-1", "{", "}", "\"", "\\", "\\\\x", "[", "]", ",", "18446744073709551615"],
        )) {
            let mut saved = Saved::default();
            // It need not be the first of a run.
            let begun = saved.take(LINES[0].as_bytes());
            prop_assert!(begun.is_ok());
            if let Err(why) = saved.take(&line) {
                prop_assert!(!why.is_empty());
            }
        }
    }
}
