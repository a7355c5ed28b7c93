//! A browser.

use super::{dir_of_test, output};

/// The document of a page after Chromium, with these words besides, has read it. Nothing of
/// Chromium's own goes out meanwhile.
pub fn dom(url: &str, more: &[&str]) -> String {
    let dir = dir_of_test();
    let profile = format!("--user-data-dir={}", dir.join("profile").display());
    let words = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--dump-dom",
        &profile,
    ];
    output("chromium", [&words, more, &[url]].concat())
}
