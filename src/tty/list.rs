//! A menu as a numbered list, for screen readers and terminals without a cursor.

use super::menu::letters;
use crate::render::{Block, paragraph, plain, strong};
use crate::run::{Choice, Menu};

/// The question and its choices.
pub fn blocks(menu: &Menu) -> Vec<Block> {
    let mut blocks = vec![paragraph(strong(&menu.question))];
    for (number, (_, label)) in (1..).zip(&menu.choices) {
        blocks.push(paragraph(plain(format!("{number}. {label}"))));
    }
    blocks.push(hint(menu));
    blocks
}

/// What can be typed.
pub fn hint(menu: &Menu) -> Block {
    let (last, chosen) = (menu.choices.len(), menu.chosen + 1);
    let mut text = format!("Type a number from 1 to {last} and Enter; Enter alone is {chosen}");
    for (key, does) in letters(menu) {
        text.push_str(&format!("; {key} {does}"));
    }
    paragraph(plain(text + "."))
}

/// What was meant by a line; `None` where it means nothing here.
pub fn meant(menu: &Menu, typed: &str) -> Option<Choice> {
    let at = match typed.trim() {
        "q" => return Some(Choice::Quit),
        "s" if menu.offers(Choice::Skip) => return Some(Choice::Skip),
        "" => menu.chosen,
        word => match word.parse::<usize>() {
            Ok(number) => number.checked_sub(1)?,
            Err(_) => return menu.letter(word.parse().ok()?),
        },
    };
    menu.choices.get(at).map(|(choice, _)| *choice)
}
