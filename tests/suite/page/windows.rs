//! The page in a browser, at the width of a projector and of a phone.

use super::At;
use crate::support::{ANY_PORT, Socklab, dom, until};

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
        let size = format!("--window-size={size}");
        let shown = dom(&url, &["--timeout=3000", &size]);
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
