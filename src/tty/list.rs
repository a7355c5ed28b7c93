//! A menu as a numbered list, for screen readers and terminals without a cursor.

use crate::render::{Block, paragraph, plain, strong};
use crate::run::{Choice, Menu};
use crate::words::say;

/// The question and its choices.
pub(super) fn blocks(menu: &Menu) -> Vec<Block> {
    let mut blocks = vec![paragraph(strong(&menu.question))];
    for (number, (_, label)) in (1..).zip(&menu.choices) {
        blocks.push(paragraph(plain(format!("{number}. {label}"))));
    }
    blocks.push(hint(menu));
    blocks
}

/// What can be typed.
pub(super) fn hint(menu: &Menu) -> Block {
    let (last, chosen) = (menu.choices.len(), menu.chosen + 1);
    let mut text = say!("list-hint", last = last, chosen = chosen);
    for (letter, _, does) in &menu.letters {
        text.push_str(&format!("; {letter} {does}"));
    }
    paragraph(plain(text + "."))
}

/// What was meant by a line; `None` where it means nothing here.
pub(super) fn meant(menu: &Menu, typed: &str) -> Option<Choice> {
    let typed = typed.trim();
    menu.letter(typed).or_else(|| {
        let at = match typed {
            "" => menu.chosen,
            number => number.parse::<usize>().ok()?.checked_sub(1)?,
        };
        menu.choices.get(at).map(|(choice, _)| *choice)
    })
}
