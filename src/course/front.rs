use std::cell::OnceCell;

use serde::Deserialize;

use super::Problem;
use super::types::Chapter;

/// The front matter: everything a list of chapters needs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    id: String,
    title: String,
    label: String,
    summary: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    fresh: bool,
    peer: Option<PeerKind>,
}

/// Who the peer of a chapter must be.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum PeerKind {
    Builtin,
}

/// Reads the front matter of a chapter file; the rest waits until somebody asks.
pub fn outline(file: &str, text: String) -> Result<Chapter, Problem> {
    let (front, body_at) = front_matter(file, &text)?;
    Ok(Chapter {
        file: file.into(),
        id: front.id,
        title: front.title,
        label: front.label,
        summary: front.summary,
        needs: front.needs,
        fresh: front.fresh,
        builtin_peer: front.peer == Some(PeerKind::Builtin),
        text,
        body_at,
        body: OnceCell::new(),
    })
}

/// Splits off the front matter; also says where the body begins.
fn front_matter(file: &str, text: &str) -> Result<(Front, usize), Problem> {
    const FENCE: &str = "+++\n";
    let Some(rest) = text.strip_prefix(FENCE) else {
        return Err(Problem::at(
            file,
            text,
            0,
            "the file must begin with front matter between two lines +++",
        ));
    };
    let Some(end) = rest.find("\n+++\n") else {
        return Err(Problem::at(
            file,
            text,
            0,
            "the front matter has no closing line +++",
        ));
    };
    let front = toml::from_str(&rest[..end + 1]).map_err(|error| {
        let offset = FENCE.len() + error.span().map_or(0, |span| span.start);
        Problem::at(file, text, offset, error.message())
    })?;
    Ok((front, FENCE.len() + end + "\n+++\n".len()))
}
