//! A menu: what stands on the screen, and what its keys do.

use super::input::{CTRL_D, Key};
use crate::render::{Block, Line, Page, label, layout, menu_line, paragraph, plain, strong};
use crate::run::{Choice, Menu};

/// What a key does: it makes another choice the chosen one, or answers.
pub(super) fn press(menu: &mut Menu, key: Key) -> Option<Choice> {
    let count = menu.choices.len();
    match key {
        Key::Up => menu.chosen = (menu.chosen + count - 1) % count,
        Key::Down => menu.chosen = (menu.chosen + 1) % count,
        Key::Char(digit @ '1'..='9') => {
            let at = digit as usize - '1' as usize;
            menu.chosen = if at < count { at } else { menu.chosen };
        }
        Key::Enter => return Some(menu.choices[menu.chosen].0),
        Key::Escape | CTRL_D => return Some(Choice::Quit),
        Key::Char(letter) => return menu.letter(letter.encode_utf8(&mut [0; 4])),
        _ => {}
    }
    None
}

/// The menu in at most that many lines.
pub(super) fn lines(menu: &Menu, page: Page, rows: usize) -> Vec<Line> {
    let question = paragraph(strong(&menu.question));
    let items = menu.choices.iter().enumerate();
    let items = items.map(|(at, (_, label))| item(at, label, at == menu.chosen));
    let items: Vec<Vec<Line>> = items.map(|item| layout(&[item], page)).collect();
    let letters = menu.letters.iter();
    let letters: Vec<_> = letters
        .map(|(letter, _, does)| (*letter, does.clone()))
        .collect();
    let keys = layout(&[paragraph(menu_line(items.len(), &letters))], page);
    fitting(&layout(&[question], page), &items, &keys, menu.chosen, rows)
}

fn item(at: usize, text: &str, is_chosen: bool) -> Block {
    // A tenth has no key of its own.
    let number = if at < 9 {
        (at + 1).to_string()
    } else {
        " ".into()
    };
    let (sign, text) = if is_chosen {
        ("▸", strong(text))
    } else {
        (" ", plain(text))
    };
    Block::Item {
        mark: label(format!("{sign} {number}  ")),
        text: text.into(),
    }
}

/// What fits in `rows`, and the chosen item in any case: then the keys, the question,
/// and of the other items those next to it.
fn fitting(
    question: &[Line],
    items: &[Vec<Line>],
    keys: &[Line],
    chosen: usize,
    rows: usize,
) -> Vec<Line> {
    let mut room = rows.saturating_sub(items[chosen].len());
    let mut take = |lines: &[Line]| {
        let fits = lines.len() <= room;
        room -= if fits { lines.len() } else { 0 };
        fits
    };
    let with_keys = take(keys);
    let with_question = take(question);
    let mut end = chosen + 1;
    while end < items.len() && take(&items[end]) {
        end += 1;
    }
    let mut start = chosen;
    while start > 0 && take(&items[start - 1]) {
        start -= 1;
    }
    let mut lines = Vec::new();
    lines.extend(question.iter().filter(|_| with_question).cloned());
    lines.extend(items[start..end].iter().flatten().cloned());
    lines.extend(keys.iter().filter(|_| with_keys).cloned());
    lines.truncate(rows);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(count: usize) -> Menu {
        let choices = (0..count).map(|at| (Choice::Answer(at), format!("item {at}")));
        Menu::new("What?", choices.collect())
    }

    fn text(menu: &Menu, width: usize, rows: usize) -> Vec<String> {
        let page = Page {
            width,
            ascii: true,
            plain: false,
        };
        let lines = lines(menu, page, rows).into_iter();
        let text = |line: Line| line.into_iter().map(|piece| piece.text).collect();
        lines.map(text).collect()
    }

    #[test]
    fn keys_choose_confirm_skip_and_leave() {
        let mut three = menu(3);
        for (key, chosen) in [
            (Key::Up, 2),
            (Key::Down, 0),
            (Key::Down, 1),
            (Key::Char('3'), 2),
            (Key::Char('4'), 2),
            (Key::Char('0'), 2),
            (Key::Char('s'), 2),
            (Key::Other, 2),
        ] {
            assert_eq!(press(&mut three, key), None, "{key:?}");
            assert_eq!(three.chosen, chosen, "{key:?}");
        }
        assert_eq!(press(&mut three, Key::Enter), Some(Choice::Answer(2)));
        for key in [Key::Char('q'), Key::Escape, CTRL_D] {
            assert_eq!(press(&mut three, key), Some(Choice::Quit), "{key:?}");
        }
    }

    #[test]
    fn who_only_presses_enter_skips() {
        let mut choices = menu(2).choices;
        choices.push((Choice::Skip, "skip".into()));
        let mut question = Menu::new("What?", choices);
        assert_eq!(press(&mut question, Key::Enter), Some(Choice::Skip));
        assert_eq!(press(&mut question, Key::Char('1')), None);
        assert_eq!(press(&mut question, Key::Enter), Some(Choice::Answer(0)));
        assert_eq!(press(&mut question, Key::Char('s')), Some(Choice::Skip));
    }

    #[test]
    fn a_menu_fits_any_screen_with_its_chosen_item() {
        let mut many = menu(20);
        many.chosen = 12;
        assert_eq!(text(&many, 60, 50).len(), 22);
        for width in [1, 5, 20, 60, 200] {
            for rows in 1..30 {
                let lines = text(&many, width, rows);
                assert!(lines.len() <= rows, "{width}x{rows}: {lines:?}");
                assert!(
                    lines.iter().any(|line| line.starts_with("  > ")),
                    "{lines:?}"
                );
            }
        }
        let keys = "  1-9, arrows choose | Enter confirms | q leaves";
        assert_eq!(text(&many, 60, 1), ["  >    item 12"]);
        assert_eq!(text(&many, 60, 2), ["  >    item 12", keys]);
        assert_eq!(text(&many, 60, 3), ["  What?", "  >    item 12", keys]);
    }

    #[test]
    fn the_keys_are_broken_between_two_of_them() {
        let lines = text(&menu(2), 40, 9);
        let keys = ["  1-2, arrows choose | Enter confirms |", "  q leaves"];
        assert_eq!(lines[3..], keys);
    }
}
