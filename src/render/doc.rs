//! A document: blocks of text, each piece of a role.

/// What a piece of text is, for whoever paints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// A chapter's or a step's title.
    Heading,
    /// The word in the left column: now, next, did …
    Label,
    /// A system call.
    Call,
    /// A fact read from the kernel.
    Fact,
    /// A fact that has just changed.
    Changed,
    /// Of less importance.
    Muted,
    /// Something to type.
    Code,
    Emphasis,
    Strong,
    /// Bytes of a peer.
    Data,
    /// Something went wrong.
    Bad,
}

/// A space at which no line is broken; it is printed as a space.
pub(crate) const NO_BREAK: &str = "\u{a0}";

/// A piece of text of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub role: Role,
    pub text: String,
}

/// A line of pieces.
pub(crate) type Line = Vec<Span>;

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// An empty line.
    Blank,
    /// A title drawn across the page, with a word on the right.
    Rule { title: String, right: String },
    /// Running text, indented.
    Paragraph(Line),
    /// A line of a list of what happened, from the first column on; as wide as the page.
    Row(Line),
    /// An item of a list, behind its mark.
    Item { mark: Span, text: Line },
    /// A word in the left column and what belongs to it; `right` stands at the
    /// right edge of the first line.
    Field {
        label: String,
        body: Vec<Line>,
        right: Option<String>,
    },
    /// Lines that are not to be broken.
    Verbatim(Vec<String>),
    /// A picture: drawn as each of these, the widest first, and in words for where none has
    /// room or nobody sees it.
    Picture {
        drawn: Vec<Vec<Line>>,
        words: Vec<Line>,
    },
}

/// A piece of text.
pub(super) fn span(role: Role, text: impl Into<String>) -> Span {
    Span {
        role,
        text: text.into(),
    }
}

/// Functions that make a piece of one role.
macro_rules! pieces {
    ($($name:ident: $role:ident,)*) => {
        $(pub(crate) fn $name(text: impl Into<String>) -> Span {
            span(Role::$role, text)
        })*
    };
}

pieces! {
    plain: Plain,
    heading: Heading,
    label: Label,
    call: Call,
    fact: Fact,
    changed: Changed,
    muted: Muted,
    code: Code,
    strong: Strong,
    bad: Bad,
}

impl From<Span> for Line {
    fn from(piece: Span) -> Line {
        vec![piece]
    }
}

/// Lines as one, a dot between them.
pub(super) fn joined(lines: impl IntoIterator<Item = Line>) -> Line {
    let mut all = Line::new();
    for line in lines {
        if !all.is_empty() {
            all.push(muted(" · "));
        }
        all.extend(line);
    }
    all
}

/// A paragraph.
pub(crate) fn paragraph(line: impl Into<Line>) -> Block {
    Block::Paragraph(line.into())
}

/// A field of one line.
pub(super) fn field(label: impl Into<String>, line: impl Into<Line>) -> Block {
    fields(label, vec![line.into()])
}

/// A field of several lines.
pub(super) fn fields(label: impl Into<String>, body: Vec<Line>) -> Block {
    Block::Field {
        label: label.into(),
        body,
        right: None,
    }
}
