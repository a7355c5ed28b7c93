//! Packets of a saved run. Their frames are in no line.

use std::net::SocketAddr;
use std::time::Duration;

use super::call::bytes;
use super::fields::Fields;
use crate::model::{Bytes, Flags, Frame, Packet, Seeing, Segment, Transport};

pub(super) fn packet(of: Fields<'_>) -> Result<Packet, String> {
    let address = |name| of.read(name, |text| text.parse::<SocketAddr>().ok());
    Ok(Packet {
        leaves: of.read("direction", |word| Some(word == "out"))?,
        from: address("from")?,
        to: address("to")?,
        flow: of.get("flow")?,
        header: match of.get("protocol")? {
            "tcp" => Transport::Tcp(segment(of)?),
            "udp" => Transport::Udp,
            "icmp" => of.read("message", Transport::named)?,
            other => return Err(format!("no protocol '{other}'")),
        },
        payload: Bytes {
            head: of.read_if("data", bytes)?.map_or(Vec::new(), |it| it.head),
            len: of.get("len")?,
        },
        frame: Frame {
            time: Duration::ZERO,
            interface: of
                .get::<Option<&str>>("interface")?
                .unwrap_or_default()
                .into(),
            bytes: Vec::new(),
            len: 0,
        },
    })
}

fn segment(of: Fields<'_>) -> Result<Segment, String> {
    let words: Vec<String> = of.get("flags")?;
    let flags = words.iter().filter_map(|word| Flags::named(word));
    let again: Option<u64> = of.get("again_us")?;
    Ok(Segment {
        flags: Flags(flags.fold(0, |all, flag| all | flag.0)),
        seq: of.get("sequence")?,
        ack: of.get("acknowledges")?,
        window: of.get("window")?,
        mss: of.get("mss")?,
        again: again.map(Duration::from_micros),
        probe: of.get("probe")?,
    })
}

pub(super) fn seeing(of: Fields<'_>) -> Result<Seeing, String> {
    let why: Option<String> = of.get("why")?;
    Ok(match (why, of.get("lost")?) {
        (Some(why), _) => Seeing::No { why },
        (None, 0) => Seeing::Yes,
        (None, count) => Seeing::Lost { count },
    })
}
