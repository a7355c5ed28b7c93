//! Sockets, rows, processes and paths, field by field.

use serde::Deserialize;
use serde_json::Value as Json;

use super::address::shown;
use super::fields::Fields;
use crate::model::{
    AcceptQueue, Address, Fact, KernelRow, Listing, Owner, PathFact, PathFile, Process, Relation,
    SocketView, TcpState, Timer,
};

pub(super) fn socket(of: Fields<'_>) -> Result<SocketView, String> {
    let state = of.word("state", TcpState::of_name)?;
    Ok(SocketView {
        fd: of.get("fd")?,
        inode: of.number("inode")?,
        cookie: of.number("cookie")?,
        domain: of.word("domain", family)?,
        kind: of.word("type", family)?,
        protocol: of.word("protocol", family)?,
        local: of.word("local", shown)?,
        peer: of.word("peer", shown)?,
        recv_q: of.number("recv_q")?,
        send_q: of.number("send_q")?,
        accept_queue: of.fact("accept_queue", |it| AcceptQueue::deserialize(it).ok())?,
        rcvbuf: of.number("rcvbuf")?,
        sndbuf: of.number("sndbuf")?,
        rcvbuf_set: of.flag("rcvbuf_set")?,
        sndbuf_set: of.flag("sndbuf_set")?,
        rtt_us: of.number("rtt_us")?,
        segs_out: of.number("segs_out")?,
        segs_in: of.number("segs_in")?,
        quiet_ms: of.number("quiet_ms")?,
        nonblocking: of.flag("nonblocking")?,
        nodelay: of.flag("nodelay")?,
        keepalive: of.flag("keepalive")?,
        reuseaddr: of.flag("reuseaddr")?,
        drops: of.number("drops")?,
        v6only: of.flag("v6only")?,
        cred: of.fact("cred", |it| serde::Deserialize::deserialize(it).ok())?,
        peer_inode: of.number("peer_inode")?,
        listing: of.fact("listing", |it| listing(it, &state))?,
        state,
    })
}

/// A domain, a type or a protocol by its word, or by its number where it has none.
fn family<T: std::str::FromStr + From<i32>>(word: &str) -> Option<T> {
    let number = || word.parse().ok().map(|number: i32| T::from(number));
    word.parse().ok().or_else(number)
}

/// Where it is listed. What `ss` calls its state several states are called.
fn listing(json: &Json, state: &Fact<TcpState>) -> Option<Listing> {
    if let Some(word) = json.as_str() {
        let mut all = [Listing::Nowhere, Listing::BoundOnly].into_iter();
        return all.find(|it| it.word() == word);
    }
    let of = Fields::of(json).ok()?;
    let name: &str = of.get("state").ok()?;
    let is_named = |it: &TcpState| it.ss_name() == name;
    let own = state.value().copied().filter(is_named);
    Some(Listing::Row {
        state: own.or(TcpState::ALL.into_iter().find(is_named))?,
        recv_q: of.get("recv_q").ok()?,
        send_q: of.get("send_q").ok()?,
    })
}

pub(super) fn row(of: Fields<'_>) -> Result<KernelRow, String> {
    Ok(KernelRow {
        relation: of.read("relation", Relation::of_word)?,
        state: of.read("state", TcpState::of_name)?,
        local: of.read("local", shown)?,
        remote: of.read("peer", shown)?,
        inode: of.get::<Option<u64>>("inode")?.unwrap_or(0),
        cookie: of.get("cookie")?,
        recv_q: of.get("recv_q")?,
        send_q: of.get("send_q")?,
        timer: timer(of)?,
        owner: of.fact("owner", |it| Owner::deserialize(it).ok())?,
        peer_inode: of.get("peer_inode")?,
        client: of.fact("client", |it| Owner::deserialize(it).ok())?,
    })
}

fn timer(of: Fields<'_>) -> Result<Option<Timer>, String> {
    let json = of.json("timer");
    if json.is_null() {
        return Ok(None);
    }
    let of = Fields::of(json)?;
    Ok(Some(Timer {
        kind: of.read("kind", timer_kind)?,
        expires_ms: of.get("expires_ms")?,
        retries: of.get("retries")?,
    }))
}

/// A kind of timer by its name.
pub(super) fn timer_kind(name: &str) -> Option<&'static str> {
    Timer::KINDS.into_iter().find(|kind| *kind == name)
}

pub(super) fn process(json: &Json) -> Option<Process> {
    let of = Fields::of(json).ok()?;
    Some(Process {
        state: of.read("state", |word| word.chars().next()).ok()?,
        wchan: of.get("wchan").ok()?,
        syscall: of.get("syscall").ok()?,
        first: None,
        cpu_ms: of.get("cpu_ms").ok()?,
    })
}

pub(super) fn path(of: Fields<'_>) -> Result<PathFact, String> {
    Ok(PathFact {
        path: of.read("path", |text| shown(text).and_then(Address::unix))?,
        file: of.fact("file", file)?,
        bound: of.flag("bound")?,
        sockets: Vec::new(),
    })
}

fn file(json: &Json) -> Option<PathFile> {
    let of = Fields::of(json).ok()?;
    Some(PathFile {
        mode: of.read("mode", PathFile::mode_of).ok()?,
        uid: of.get("uid").ok()?,
        inode: of.get("inode").ok()?,
    })
}
