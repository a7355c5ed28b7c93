//! The page in a browser, at the width of a projector and of a phone.

use super::At;
use crate::support::{ANY_PORT, Socklab, dir_of_test, output, until};

/// The document after the browser has taken what changed.
fn dom(url: &str, size: &str) -> String {
    let dir = dir_of_test();
    let profile = format!("--user-data-dir={}", dir.join("profile").display());
    let size = format!("--window-size={size}");
    let words = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--timeout=3000",
        &profile,
        &size,
        "--dump-dom",
        url,
    ];
    output("chromium", words)
}

#[test]
#[ignore = "needs chromium"]
fn it_shows_what_is_served() {
    let words = [
        "step",
        "listen",
        "--auto=60",
        "--json",
        "--page",
        "--addr",
        ANY_PORT,
    ];
    let mut running = Socklab::new(words).start();
    let url = running.wait_page();
    let at = At::of(&url);
    running.wait_pause("listen");
    until("the page has it", || at.get("").contains("<dt>next</dt>"));
    let served = at.get("");
    for size in ["1280,720", "390,844"] {
        let shown = dom(&url, size);
        for id in ["place", "now", "ends", "facts"] {
            let part = |page: &str| {
                let (_, part) = page.split_once(&format!(" id=\"{id}\"")).unwrap();
                let part = part.split_once('>').unwrap().1;
                let texts = part.split("</").next().unwrap();
                texts.replace("&quot;", "\"")
            };
            assert_eq!(part(&shown), part(&served), "{id}");
        }
        assert!(
            shown.contains("<p id=\"lost\" role=\"status\"></p>"),
            "it is not told: {shown}"
        );
    }
}
