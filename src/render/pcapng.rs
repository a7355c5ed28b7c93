//! Packets as a file that tcpdump and Wireshark read: pcapng, draft-ietf-opsawg-pcapng.
//! What is said of each is which calls were under way.

use std::rc::Rc;

use super::clean::clean;
use crate::model::{Call, Event, MachineEvent, Outcome, Packet, RunEvent, Seeing, Task, What};

/// Types of blocks, and of their options.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const STATISTICS: u32 = 5;
const COMMENT: u16 = 1;
const NAME: u16 = 2;
const RESOLUTION: u16 = 9;
const DROPPED: u16 = 5;
const APPLICATION: u16 = 4;

/// LINKTYPE_RAW: a packet begins with its IP header.
const RAW_IP: u16 = 101;

/// Makes the bytes of such a file, event by event.
#[derive(Default)]
pub(crate) struct Pcapng {
    /// The interfaces that packets were seen on, by the numbers that the file gives them.
    interfaces: Vec<Rc<str>>,
    /// The calls under way.
    calls: Vec<(Task, Call)>,
    /// The last that has returned.
    last: Option<String>,
}

impl Pcapng {
    /// What stands before the first packet.
    pub(crate) fn head(&mut self) -> Vec<u8> {
        let mut section = Vec::new();
        section.extend(0x1a2b_3c4d_u32.to_ne_bytes());
        // The version of the format, and a length that is not said.
        section.extend(1u16.to_ne_bytes());
        section.extend(0u16.to_ne_bytes());
        section.extend(u64::MAX.to_ne_bytes());
        let name = concat!("socklab ", env!("CARGO_PKG_VERSION"));
        options(&mut section, &[(APPLICATION, name.as_bytes())]);
        // A file of no interface is none, and every host has this one.
        let (_, loopback) = self.interface(&"lo".into());
        [block(SECTION, &section), loopback].concat()
    }

    /// What an event adds.
    pub(crate) fn take(&mut self, event: &Event) -> Vec<u8> {
        let who = &event.who;
        match &event.what {
            What::Machine(MachineEvent::Enter(call)) => {
                self.calls.retain(|(task, _)| task.tid != who.tid);
                self.calls.push((who.clone(), call.clone()));
            }
            What::Machine(MachineEvent::Exit { call, outcome, .. }) => {
                self.returned(who, call, *outcome);
            }
            What::Machine(MachineEvent::Gone(_)) => {
                self.calls.retain(|(task, _)| task.tid != who.tid);
            }
            What::Machine(MachineEvent::Packet(packet)) => return self.packet(packet),
            What::Run(RunEvent::Packets(Seeing::Lost { count })) => return lost(*count),
            _ => {}
        }
        Vec::new()
    }

    fn returned(&mut self, who: &Task, call: &Call, outcome: Outcome) {
        self.calls.retain(|(task, _)| task.tid != who.tid);
        self.last = Some(format!("{}: {}", who.name, call.returned(outcome)));
    }

    fn packet(&mut self, packet: &Packet) -> Vec<u8> {
        let frame = &packet.frame;
        let (number, mut blocks) = self.interface(&frame.interface);
        let time = frame.time.as_nanos() as u64;
        let mut body = Vec::new();
        let numbers = [
            number,
            (time >> 32) as u32,
            time as u32,
            frame.bytes.len() as u32,
            frame.len as u32,
        ];
        body.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
        padded(&mut body, &frame.bytes);
        let comment = clean(&self.comment());
        options(&mut body, &[(COMMENT, comment.as_bytes())]);
        blocks.extend(block(PACKET, &body));
        blocks
    }

    /// The number of an interface, and what is to stand in the file before its first packet.
    fn interface(&mut self, name: &Rc<str>) -> (u32, Vec<u8>) {
        if let Some(number) = self.interfaces.iter().position(|known| known == name) {
            return (number as u32, Vec::new());
        }
        self.interfaces.push(Rc::clone(name));
        let mut body = Vec::new();
        body.extend(RAW_IP.to_ne_bytes());
        body.extend([0; 2]);
        // No packet is cut.
        body.extend(0u32.to_ne_bytes());
        // Times are in nanoseconds: 10 to the power of -9.
        options(&mut body, &[(NAME, name.as_bytes()), (RESOLUTION, &[9])]);
        let number = self.interfaces.len() as u32 - 1;
        (number, block(INTERFACE, &body))
    }

    /// `during client: connect(3, …)`, or `after server: close(4) = 0`.
    fn comment(&self) -> String {
        let under_way = self.calls.iter().map(|(who, call)| {
            // As it was made: what the kernel will fill in is not known yet.
            format!("{}: {}", who.name, call.strace())
        });
        let under_way: Vec<String> = under_way.collect();
        match (&self.last, under_way.is_empty()) {
            (_, false) => format!("during {}", under_way.join("; ")),
            (Some(last), true) => format!("after {last}"),
            (None, true) => "before the first call".into(),
        }
    }
}

/// So many packets are not in the file.
fn lost(count: u32) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend([0; 12]);
    options(&mut body, &[(DROPPED, &u64::from(count).to_ne_bytes())]);
    block(STATISTICS, &body)
}

fn options(body: &mut Vec<u8>, options: &[(u16, &[u8])]) {
    for (code, value) in options {
        let value = &value[..value.len().min(usize::from(u16::MAX))];
        body.extend(code.to_ne_bytes());
        body.extend((value.len() as u16).to_ne_bytes());
        padded(body, value);
    }
    // The end of the options.
    body.extend([0; 4]);
}

/// The bytes, and as many zeros as make them a multiple of four.
fn padded(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend(bytes);
    body.extend(vec![0; bytes.len().next_multiple_of(4) - bytes.len()]);
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u32 + 12).to_ne_bytes();
    [&kind.to_ne_bytes()[..], &len, body, &len].concat()
}
