//! The page in a browser, at the width of a projector and of a phone.

use super::ends::server;
use super::{At, url_on};
use crate::support::{ANY_PORT, Browser, SIZES, Socklab, kill, until};

#[test]
#[ignore = "needs chromium"]
fn it_shows_what_is_served() {
    let words = [
        "step",
        "listen",
        "--auto=60",
        "--json",
        "--page",
        "--lang",
        "de",
        "--addr",
        ANY_PORT,
    ];
    let mut running = Socklab::new(words).start();
    let url = running.wait_page();
    let at = At::of(&url);
    running.wait_pause("listen");
    until("the page has it", || at.get("").contains("<dt>gleich</dt>"));
    let served = at.get("");
    let mut browser = Browser::start();
    for size in SIZES {
        browser.show(size, "light");
        browser.open(&url);
        let shown = browser.dom();
        for id in ["place", "now", "ends", "facts"] {
            let part = |page: &str| {
                let (_, part) = page.split_once(&format!(" id=\"{id}\"")).unwrap();
                let part = part.split_once('>').unwrap().1;
                let texts = part.split("</").next().unwrap();
                texts.replace("&quot;", "\"")
            };
            assert_eq!(part(&shown), part(&served), "{id}");
        }
        let lost = browser.value("document.getElementById('lost').textContent");
        assert_eq!(lost, "", "it is not told: {shown}");
    }
    kill(server(&running, &at).1, libc::SIGKILL);
    until("it says that it is told nothing more", || {
        browser.value("document.getElementById('lost').textContent")
            == "Keine Verbindung zu socklab."
    });
}

/// Whatever the page shows, axe-core has nothing against it.
#[test]
#[ignore = "needs chromium, axe-core"]
fn nobody_is_kept_out() {
    let mut browser = Browser::start();
    let words = [
        "step", "listen", "--peer", "builtin", "--page", "--addr", ANY_PORT,
    ];
    let mut terminal = Socklab::new(words).in_terminal(80);
    browser.open(&url_on(&mut terminal));
    let mut made = 0;
    while terminal.wait_stop(made).at_pause() {
        terminal.send("\r");
        made += 1;
    }
    until("the question is shown", || {
        browser.value("document.querySelector('button') != null") == true
    });
    browser.assert_open_to_all("a question");

    let words = ["walk", "--auto=0.1", "--json", "--page", "--addr", ANY_PORT];
    let mut running = Socklab::new(words).start();
    browser.open(&running.wait_page());
    running.finish().assert_done();
    until("the end is shown", || {
        browser.value("document.getElementById('place').textContent") == "The run has ended: done"
    });
    browser.assert_open_to_all("after the end");
}
