use super::doc::{Block, Role, field, fields, span};
use super::languages::languages;
use super::markdown::{field_body, markdown};
use crate::course::{Chapter, Course};
use crate::script::Vars;

/// The chapters, a line each.
pub fn chapter_list(course: &Course) -> Vec<Block> {
    course
        .chapters
        .iter()
        .enumerate()
        .map(|(at, chapter)| {
            field(
                format!("{} {:<9}", at + 1, chapter.id),
                vec![
                    span(Role::Plain, chapter.title.clone()),
                    span(Role::Muted, format!(" ({})", chapter.label)),
                ],
            )
        })
        .collect()
}

/// Where to begin.
pub fn guide(course: &Course) -> Vec<Block> {
    let mut blocks = vec![
        Block::Paragraph(vec![
            span(Role::Strong, "socklab"),
            span(
                Role::Plain,
                " walks the life of a socket, one real system call at a time.",
            ),
        ]),
        Block::Blank,
    ];
    blocks.extend(chapter_list(course));
    blocks.push(Block::Blank);
    for (command, what) in [
        ("socklab walk", "every chapter in order"),
        (
            "socklab step bind",
            "one chapter; the earlier ones are run for you",
        ),
        ("socklab read bind", "its text alone"),
        (
            "socklab walk --auto",
            "without keys, with a built-in client",
        ),
        ("socklab --help", "everything else"),
    ] {
        blocks.push(field(
            format!("{command:<20}"),
            vec![span(Role::Muted, what)],
        ));
    }
    blocks
}

/// A chapter to read: all its text, nothing of the machine.
pub fn chapter_text(course: &Course, chapter: &Chapter, vars: Vars) -> Vec<Block> {
    let number = course.number(&chapter.id).unwrap_or(0);
    let mut blocks = vec![
        Block::Rule {
            title: format!("{number} {}", chapter.id),
            right: format!("{}: {}", chapter.label, chapter.title),
        },
        Block::Blank,
    ];
    blocks.extend(markdown(&vars.fill(&chapter.prose)));
    for step in &chapter.steps {
        blocks.push(Block::Blank);
        blocks.push(Block::Paragraph(vec![span(Role::Heading, &*step.title)]));
        blocks.push(Block::Blank);
        blocks.extend(markdown(&vars.fill(&step.prose)));
        blocks.push(Block::Blank);
        blocks.push(field(
            "action",
            vec![span(Role::Call, vars.fill(&step.action.text))],
        ));
        for (label, text) in [
            ("kernel", &step.kernel),
            ("seen", &step.seen),
            ("try", &step.tries),
        ] {
            if !text.is_empty() {
                blocks.push(fields(label, field_body(&vars.fill(text))));
            }
        }
        if !step.why.is_empty() {
            blocks.push(Block::Blank);
            blocks.extend(markdown(&vars.fill(&step.why)));
        }
    }
    blocks.push(Block::Blank);
    blocks.extend(languages(course, &chapter.id));
    blocks
}
