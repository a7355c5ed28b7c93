//! A browser, which does what it is told by the DevTools protocol.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::{Value, json};

use super::{DEADLINE, TempDir, dir_of_test, until};

/// Nothing of Chromium's own goes out.
const WORDS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];
/// It reads the protocol from descriptor 3 and writes it to 4.
const START: &str = "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// What axe-core finds, a line for each kind, with the first element that has it.
/// tests/all.sh puts it there.
const AXE: &str = concat!(
    env!("CARGO_TARGET_TMPDIR"),
    "/node_modules/axe-core/axe.min.js"
);
const FAULTS: &str = "axe.run().then(found => found.violations.map(it =>
    `${it.id}: ${it.nodes.length}: ${it.nodes[0].html}: ${it.nodes[0].failureSummary}`))";

/// Of a projector and of a phone, in pixels.
pub const SIZES: [(u32, u32); 2] = [(1280, 720), (390, 844)];

/// Chromium with one page.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    told: Receiver<Value>,
    /// How often it was asked.
    asked: u64,
    /// The session of the page.
    page: Value,
    _profile: TempDir,
}

impl Browser {
    pub fn start() -> Browser {
        let profile = dir_of_test();
        let mut child = Command::new("sh")
            .args(["-c", START, "sh"])
            .args(WORDS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (tell, told) = channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let _ = tell.send(serde_json::from_slice(&message).unwrap());
            }
        });
        let mut browser = Browser {
            child,
            input,
            told,
            asked: 0,
            page: Value::Null,
            _profile: profile,
        };
        let page = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let page = json!({ "targetId": page["targetId"], "flatten": true });
        browser.page = browser.ask("Target.attachToTarget", page)["sessionId"].take();
        browser
    }

    /// What it answers.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut asked = json!({ "id": self.asked, "method": method, "params": params });
        if !self.page.is_null() {
            asked["sessionId"] = self.page.clone();
        }
        self.input
            .write_all(format!("{asked}\0").as_bytes())
            .unwrap();
        loop {
            let mut told = self.told.recv_timeout(DEADLINE).expect(method);
            if told["id"] == self.asked {
                assert!(told["error"].is_null(), "{method}: {told}");
                return told["result"].take();
            }
        }
    }

    /// Loads a page.
    pub fn open(&mut self, url: &str) {
        self.ask("Page.navigate", json!({ "url": url }));
        until("the page is loaded", || {
            self.value("document.readyState == 'complete' && location.href != 'about:blank'")
                == true
        });
    }

    /// What an expression of JavaScript gives in the page; no policy of the page forbids it.
    pub fn value(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut told = self.ask("Runtime.evaluate", params);
        assert!(told["exceptionDetails"].is_null(), "{told}");
        told["result"]["value"].take()
    }

    /// The document as the browser has it.
    pub fn dom(&mut self) -> String {
        self.value("document.documentElement.outerHTML")
            .as_str()
            .unwrap()
            .into()
    }

    /// Shows the page in a window of that size, in light or dark.
    pub fn show(&mut self, (width, height): (u32, u32), scheme: &str) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.ask(
            "Emulation.setEmulatedMedia",
            json!({ "features": [scheme] }),
        );
    }

    /// The page has nothing that keeps anybody out, at any width, in light and dark.
    #[track_caller]
    pub fn assert_open_to_all(&mut self, what: &str) {
        let axe = fs::read_to_string(AXE).expect("tests/all.sh brings axe-core");
        self.value(&axe);
        for size in SIZES {
            for scheme in ["light", "dark"] {
                self.show(size, scheme);
                let faults = self.value(FAULTS);
                assert_eq!(faults, json!([]), "{what}, {size:?}, {scheme}: {faults:#}");
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
