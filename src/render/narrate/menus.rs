//! What will stand below what is told: prompts and menus.

use crate::model::Call;
use crate::render::doc::{Block, paragraph};
use crate::render::prompt::{menu_line, pause_line};
use crate::words::say;

/// What the menu at the end of a chapter will take.
pub(super) fn end_menu() -> Vec<Block> {
    let letters = [
        ("b", say!("key-back")),
        ("h", say!("key-hints")),
        ("q", say!("key-leaves")),
    ];
    let mut menu = vec![Block::Blank; 5];
    menu.push(paragraph(menu_line(3, &letters)));
    menu
}

/// What will stand below a pause: the prompt, and where the call may sleep, what is
/// said of that.
pub(super) fn below_pause(next: &Call) -> Vec<Block> {
    let mut blocks = vec![paragraph(pause_line(false))];
    blocks.resize(if next.syscall.blocks { 3 } else { 1 }, Block::Blank);
    blocks
}
