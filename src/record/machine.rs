//! What happened on the machine.

use std::time::Duration;

use super::call::{call, returned};
use super::fields::Fields;
use super::packet::packet;
use super::view::look;
use crate::model::{Blocked, MachineEvent, Process, Status, signal_number};

/// An event of the machine, if it is one.
pub(super) fn machine(
    kind: &str,
    of: Fields<'_>,
    pid: u32,
) -> Result<Option<MachineEvent>, String> {
    Ok(Some(match kind {
        "born" => MachineEvent::Born { by: of.get("by")? },
        "exec" => MachineEvent::Exec {
            program: of.get("program")?,
            notes: of.get("notes")?,
        },
        "signal" => MachineEvent::Signal(of.read("signal", signal_number)?),
        "enter" => MachineEvent::Enter(call(of)?),
        "blocked" => MachineEvent::Blocked(blocked(of)?),
        "exit" => {
            let (call, outcome) = returned(of)?;
            let took = Duration::from_micros(of.get("took_us")?);
            MachineEvent::Exit {
                call,
                outcome,
                took,
            }
        }
        "view" => MachineEvent::Look(Box::new(look(of, pid)?)),
        "gone" => MachineEvent::Gone(status(of)?),
        "packet" => MachineEvent::Packet(Box::new(packet(of)?)),
        _ => return Ok(None),
    }))
}

fn blocked(of: Fields<'_>) -> Result<Blocked, String> {
    let state = of.read_if("state", |word| word.chars().next())?;
    let wchan = of.get("wchan")?;
    let cpu_ms: Option<u64> = of.get("cpu_ms")?;
    let process = state.map(|state| Process {
        state,
        wchan,
        syscall: None,
        first: None,
        cpu_ms: cpu_ms.unwrap_or(0),
    });
    Ok(Blocked {
        call: call(of)?,
        process,
        waited: Duration::from_micros(of.get("waited_us")?),
        first: of.get("first")?,
    })
}

/// How a process has ended, where that was seen.
pub(super) fn status(of: Fields<'_>) -> Result<Option<Status>, String> {
    // As wait(2) packs it.
    let code = of.get::<Option<u8>>("code")?.map(|it| i32::from(it) << 8);
    let signal = of.read_if("signal", signal_number)?;
    Ok(code.or(signal.map(|it| it & 0x7f)).map(Status))
}
