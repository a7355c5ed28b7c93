//! The process that serves the page: one thread, which waits for browsers and for the end
//! of the run.

use std::fs::File;
use std::io::{self, PipeReader};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::setpriority_process;

use super::browser::Browser;
use super::name::name;
use super::request::Request;
use super::shown::Shown;
use crate::render::policy;
use crate::sys;

/// So many browsers at the most.
const MOST: usize = 256;
/// What changes is told so often.
const TICK: Duration = Duration::from_millis(100);
/// When they were told that the run has ended, browsers may take so long to take the rest.
const GRACE: Duration = Duration::from_millis(300);
/// As nice(1) does it: where the processor is short, the run goes first.
const NICE: i32 = 10;

/// What is served, and where.
pub(crate) struct Served<S> {
    pub listener: TcpListener,
    /// The lines of the run, which grow.
    pub lines: File,
    /// What every request begins with.
    pub token: String,
    /// The address of the page, as it is printed.
    pub url: String,
    /// Has this process speak the learner's language: called when somebody looks.
    pub speak: S,
}

/// Serves the page until the run has ended, which is when nobody holds the other end of
/// `run` any more. For a copy of socklab that does nothing else.
pub(crate) fn serve<S>(served: Served<S>, run: &PipeReader) -> io::Result<()>
where
    S: FnOnce() -> io::Result<()>,
{
    sys::cut_off(&[served.listener.as_fd(), served.lines.as_fd(), run.as_fd()]);
    put_standard_away()?;
    served.listener.set_nonblocking(true)?;
    if !is_looked_at(&served.listener, run)? {
        return Ok(());
    }
    // Only now: the end of a run that nobody looks at is not waited for behind others.
    // Without it the page only takes more of the processor.
    let _ = setpriority_process(None, NICE);
    (served.speak)()?;
    let mut server = Server {
        shown: Shown::new(served.lines),
        listener: served.listener,
        token: served.token,
        url: served.url,
        browsers: Vec::new(),
        is_short: false,
        told: Instant::now(),
        ended: None,
    };
    while !server.is_done() {
        server.turn(run)?;
    }
    Ok(())
}

/// Waits until somebody looks. False: the run has ended before.
fn is_looked_at(listener: &TcpListener, run: &PipeReader) -> io::Result<bool> {
    let mut polled = [
        PollFd::new(listener, PollFlags::IN),
        PollFd::new(run, PollFlags::IN),
    ];
    retry_on_intr(|| poll(&mut polled, None))?;
    Ok(!polled[0].revents().is_empty())
}

/// Whoever reads our output does not wait for the page.
fn put_standard_away() -> io::Result<()> {
    let nowhere = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nowhere)?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    rustix::stdio::dup2_stderr(&nowhere)?;
    Ok(())
}

struct Server {
    listener: TcpListener,
    token: String,
    url: String,
    shown: Shown,
    browsers: Vec<Browser>,
    /// Nobody more could be taken in: descriptors are short.
    is_short: bool,
    /// When browsers were told what had changed.
    told: Instant,
    /// When browsers were told that the run has ended.
    ended: Option<Instant>,
}

impl Server {
    /// Does what there is to do now, or waits for it.
    fn turn(&mut self, run: &PipeReader) -> io::Result<()> {
        let ends = self.wait(run)?;
        if ends {
            self.shown.end();
        }
        self.accept();
        let mut browsers = std::mem::take(&mut self.browsers);
        browsers.retain_mut(|browser| self.heed(browser).is_ok() && !browser.is_late());
        self.browsers = browsers;
        self.tell(ends || self.ended.is_some())?;
        if ends {
            // Only now: all this may have taken long where others have the processor.
            self.ended = Some(Instant::now());
        }
        Ok(())
    }

    /// Waits for something to do. True: the run has ended just now.
    fn wait(&self, run: &PipeReader) -> io::Result<bool> {
        let listens = if self.is_short {
            PollFlags::empty()
        } else {
            PollFlags::IN
        };
        let mut polled = vec![PollFd::new(&self.listener, listens)];
        let browsers = self.browsers.iter();
        polled.extend(browsers.map(|it| PollFd::new(it, it.interest())));
        if self.ended.is_none() {
            polled.push(PollFd::new(run, PollFlags::IN));
        }
        // Where nobody looks there is nothing to do.
        let limit = (self.is_short || !self.browsers.is_empty()).then_some(TICK);
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        match poll(&mut polled, limit.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let last = polled.last().map(PollFd::revents);
        Ok(self.ended.is_none() && last.is_some_and(|events| !events.is_empty()))
    }

    /// Takes in who wants to look. One that has asked for nothing makes room for others.
    fn accept(&mut self) {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) => {
                    self.is_short = error.kind() != io::ErrorKind::WouldBlock;
                    return;
                }
            };
            if self.browsers.len() >= MOST {
                match self.browsers.iter().position(Browser::asks) {
                    Some(at) => drop(self.browsers.remove(at)),
                    None => continue,
                }
            }
            self.browsers.extend(Browser::new(stream));
        }
    }

    /// Takes what a browser has sent, and sends what it takes. An error: it is to be
    /// dropped.
    fn heed(&mut self, browser: &mut Browser) -> io::Result<()> {
        if let Some(asked) = browser.read(&self.token)? {
            self.answer(browser, asked)?;
        }
        browser.write()
    }

    fn answer(&mut self, browser: &mut Browser, asked: Request) -> io::Result<()> {
        let answer = match asked {
            Request::Changes => {
                browser.look(answered("200 OK", "text/event-stream", "", None).as_bytes());
                return Ok(());
            }
            Request::Page { who } => {
                self.shown.read()?;
                self.shown.draw();
                let page = self.shown.page(&self.url);
                let kind = "text/html; charset=utf-8";
                answered("200 OK", kind, &self.cookie(who)?, Some(&page))
            }
            Request::Answer {
                who: Some(who),
                question,
                choice,
            } => {
                self.shown.read()?;
                self.shown.answer(&who, question, choice);
                elsewhere("./")
            }
            Request::Elsewhere => elsewhere(&format!("{}/", self.token)),
            Request::Answer { who: None, .. } => said(
                "403 Forbidden",
                "Answers are counted by browser: allow this page its cookie and load it again.",
            ),
            Request::Stranger => said(
                "403 Forbidden",
                "The address must be the whole one that socklab has printed.",
            ),
            Request::Unknown => said("404 Not Found", "There is nothing here."),
            Request::Rubbish => said("400 Bad Request", "That is no request."),
        };
        browser.answer(answer.as_bytes());
        Ok(())
    }

    /// A name for a browser that has none yet.
    fn cookie(&self, who: Option<String>) -> io::Result<String> {
        if who.is_some() {
            return Ok(String::new());
        }
        let (token, who) = (&self.token, name()?);
        Ok(format!(
            "Set-Cookie: who={who}; Path=/{token}/; HttpOnly; SameSite=Strict\r\n"
        ))
    }

    /// Tells everybody what has changed; with `is_end` for the last time.
    fn tell(&mut self, is_end: bool) -> io::Result<()> {
        let is_due = is_end || self.told.elapsed() >= TICK;
        if !is_due || !self.browsers.iter().any(Browser::looks) {
            return Ok(());
        }
        self.told = Instant::now();
        self.shown.read()?;
        let change = self.shown.draw();
        let shown = &self.shown;
        self.browsers.retain_mut(|browser| {
            browser.tell(change, is_end, |seen| shown.since(seen));
            browser.write().is_ok()
        });
        Ok(())
    }

    /// Was everybody told that the run has ended, and has everybody who looks all of it?
    fn is_done(&self) -> bool {
        let Some(ended) = self.ended else {
            return false;
        };
        let mut left = self.browsers.iter();
        let has_all = left.all(|it| it.has_all() && !it.looks());
        has_all || ended.elapsed() > GRACE
    }
}

/// An answer; without a body more follows.
fn answered(status: &str, kind: &str, more: &str, body: Option<&str>) -> String {
    let length = body.map_or(String::new(), |body| {
        format!("Content-Length: {}\r\n", body.len())
    });
    let policy = policy();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{length}{more}\
         Content-Security-Policy: {policy}\r\nX-Content-Type-Options: nosniff\r\n\
         Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{}",
        body.unwrap_or_default()
    )
}

fn said(status: &str, text: &str) -> String {
    answered(
        status,
        "text/plain; charset=utf-8",
        "",
        Some(&format!("{text}\n")),
    )
}

fn elsewhere(to: &str) -> String {
    let to = format!("Location: {to}\r\n");
    answered("303 See Other", "text/plain", &to, Some(""))
}
