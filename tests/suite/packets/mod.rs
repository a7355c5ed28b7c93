//! `--packets`, `--private`, `--pcap`: what crosses the wire, in its place.

mod courses;
mod files;
mod forbidden;
mod hosts;
mod private;

use serde_json::Value;

use crate::support::{ANY_PORT, Run, Socklab, TempDir, dir_of_test, is};

/// A script, in a network of its own, with more options.
fn script(lines: &str, options: &[&str]) -> (TempDir, Run) {
    let dir = dir_of_test();
    dir.write("a.socklab", lines);
    let path = dir.join("a.socklab").display().to_string();
    let run = Socklab::new(["play", &path, "--json", "--private", "--addr", ANY_PORT])
        .args(options)
        .run();
    (dir, run)
}

/// A client that is connected to a server, which has accepted it.
const CONNECTED: &str = "\
socket inet stream as s
bind s {addr}
listen s 5
client: socket inet stream as c
client: connect c {addr}
accept s as conn
";

/// What each packet is, and the calls under way when it crossed.
fn told(run: &Run) -> Vec<(String, Vec<String>)> {
    let mut under_way: Vec<(Value, String)> = Vec::new();
    let mut told = Vec::new();
    for event in run.events() {
        let tid = &event["tid"];
        if is(&event, "enter") || is(&event, "exit") {
            under_way.retain(|(other, _)| other != tid);
        }
        if is(&event, "enter") {
            let call = event["call"].as_str().unwrap().to_string();
            under_way.push((tid.clone(), call));
        }
        if is(&event, "packet") {
            let calls = under_way.iter().map(|(_, call)| call.clone());
            told.push((short(&event), calls.collect()));
        }
    }
    told
}

/// `in SYN ACK 6`: the direction, the flags, the length.
fn short(packet: &Value) -> String {
    let flags = packet["flags"].as_array();
    let flags = flags.into_iter().flatten().map(|it| it.as_str().unwrap());
    let mut words = vec![packet["direction"].as_str().unwrap()];
    match packet["protocol"].as_str().unwrap() {
        "tcp" => words.extend(flags),
        other => words.push(other),
    }
    let len = packet["len"].to_string();
    if len != "0" {
        words.push(&len);
    }
    words.join(" ")
}

/// Those that crossed during that call.
fn during(told: &[(String, Vec<String>)], call: &str) -> Vec<String> {
    let told = told
        .iter()
        .filter(|(_, calls)| calls.iter().any(|it| it == call));
    told.map(|(packet, _)| packet.clone()).collect()
}
