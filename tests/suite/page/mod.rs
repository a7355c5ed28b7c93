//! `--page`: what browsers are shown, and that nobody waits for them.

mod crowd;
mod ends;
mod served;
mod windows;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::support::DEADLINE;
use crate::terminal::Terminal;

/// The address of the page that a run in a terminal has said.
fn url_on(terminal: &mut Terminal) -> String {
    let url = |raw: &str| {
        let mut words = raw.split_whitespace();
        words.find(|it| it.starts_with("http://")).map(String::from)
    };
    terminal.wait("the address", |view| url(&view.rows.join("\n")).is_some());
    url(&terminal.raw()).unwrap()
}

/// Where a page is.
#[derive(Clone)]
pub struct At {
    /// `127.0.0.1:8080`
    pub host: String,
    /// `/TOKEN/`
    pub path: String,
}

impl At {
    pub fn of(url: &str) -> At {
        let (host, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        At {
            host: host.into(),
            path: format!("/{path}"),
        }
    }

    /// Sends that, and gives the connection.
    pub fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// The whole answer to a request.
    pub fn ask(&self, request: &str) -> String {
        let mut answer = String::new();
        self.send(request).read_to_string(&mut answer).unwrap();
        answer
    }

    /// The answer to a GET below the page.
    pub fn get(&self, name: &str) -> String {
        self.ask(&format!("GET {}{name} HTTP/1.1\r\n\r\n", self.path))
    }

    /// Another browser: it has its own name.
    pub fn browser(&self) -> String {
        let page = self.get("");
        let (_, cookie) = page.split_once("Set-Cookie: ").unwrap();
        cookie.split(';').next().unwrap().into()
    }

    /// The browser of that name answers a question.
    pub fn answer(&self, who: &str, question: usize, choice: usize) {
        let body = format!("question={question}&choice={choice}");
        let answer = self.ask(&format!(
            "POST {}answer HTTP/1.1\r\nCookie: {who}\r\nContent-Length: {}\r\n\r\n{body}",
            self.path,
            body.len()
        ));
        assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    }

    /// Somebody who looks on.
    pub fn look(&self) -> Looker {
        let request = format!("GET {}events HTTP/1.1\r\n\r\n", self.path);
        Looker(BufReader::new(self.send(&request)))
    }
}

/// Somebody who looks on.
pub struct Looker(pub BufReader<TcpStream>);

impl Looker {
    /// The next parts that have changed; `None` at the end.
    pub fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "cut off");
            if line.starts_with("event: end") {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    /// What it was told until the end.
    pub fn rest(&mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.next()).collect()
    }
}
