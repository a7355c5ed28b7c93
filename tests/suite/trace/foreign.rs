//! Languages whose threads take turns as they like, and programs that nobody here has
//! written: their calls as strace tells them, in any order.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use super::compared::assert_same_in_any_order;
use super::fixtures::{compiled, script};
use crate::support::{dir_of_test, eventually, python_itself};

#[test]
#[ignore = "needs strace, rustc"]
fn rust_is_told_as_strace_tells_it() {
    assert_same_in_any_order(&[&compiled(&["rustc", "--edition=2024", "-o"], "life.rs")]);
}

#[test]
#[ignore = "needs strace, node"]
fn node_is_told_as_strace_tells_it() {
    assert_same_in_any_order(&["node", &script("life.js")]);
}

#[test]
#[ignore = "needs strace, go"]
fn go_is_told_as_strace_tells_it() {
    assert_same_in_any_order(&[&compiled(&["go", "build", "-o"], "life.go")]);
}

#[test]
#[ignore = "needs strace, javac"]
fn java_is_told_as_strace_tells_it() {
    let dir = dir_of_test();
    let classes = dir.path().display().to_string();
    let javac = Command::new("javac")
        .args(["-d", &classes, &script("Life.java")])
        .status();
    assert!(javac.unwrap().success());
    assert_same_in_any_order(&["java", "-Xint", "-XX:+UseSerialGC", "-cp", &classes, "Life"]);
}

/// The library's servers, one of threads and one of HTTP.
#[test]
#[ignore = "needs strace, python3"]
fn the_servers_of_python_are_told_as_strace_tells_them() {
    assert_same_in_any_order(&[&python_itself(), &script("servers.py")]);
}

/// Answers every client in HTTP, for as long as the test runs.
fn http() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = Vec::new();
            let mut some = [0; 1024];
            while !asked.ends_with(b"\r\n\r\n") {
                let count = stream.read(&mut some).unwrap();
                asked.extend_from_slice(&some[..count]);
                if count == 0 {
                    break;
                }
            }
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[test]
#[ignore = "needs strace, curl"]
fn curl_is_told_as_strace_tells_it() {
    assert_same_in_any_order(&["curl", "-s", &format!("http://127.0.0.1:{}/", http())]);
}

#[test]
#[ignore = "needs strace, ncat, socat"]
fn netcats_are_told_as_strace_tells_them() {
    let port = http().to_string();
    assert_same_in_any_order(&["ncat", "127.0.0.1", &port]);
    // Here nobody accepts, and so nobody closes before socat does.
    let quiet = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("TCP:{}", quiet.local_addr().unwrap());
    assert_same_in_any_order(&["socat", "-u", "/dev/null", &to]);
}

/// Sends that to whoever comes to listen there, and reads to the end.
fn sends(port: u16, text: &'static str) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut stream = eventually("somebody listens", || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        stream.write_all(text.as_bytes()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    })
}

#[test]
#[ignore = "needs strace, redis"]
fn redis_is_told_as_strace_tells_it() {
    let dir = dir_of_test();
    let dir = dir.path().display().to_string();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let program = [
        "redis-server",
        "--port",
        &port.to_string(),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        &dir,
    ];
    let client = thread::spawn(move || {
        for _ in 0..2 {
            sends(port, "PING\r\nSHUTDOWN NOSAVE\r\n").join().unwrap();
        }
    });
    assert_same_in_any_order(&program);
    client.join().unwrap();
}
