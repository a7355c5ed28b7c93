//! What a browser asks for. Anybody may have sent it.

use httparse::{EMPTY_HEADER, Header, Request as Head, Status};

/// A head is no longer, in bytes.
const HEAD: usize = 8 << 10;
/// Nor has it more lines.
const LINES: usize = 64;
/// An answer is no longer.
const BODY: usize = 256;

/// What a browser asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// The whole page.
    Page { who: Option<String> },
    /// Each change of it from now on.
    Changes,
    /// A choice of a question.
    Answer {
        who: Option<String>,
        question: usize,
        choice: usize,
    },
    /// The address without the slash at its end.
    Elsewhere,
    /// It does not know the token.
    Stranger,
    /// There is no such thing, or it may not be done to it.
    Unknown,
    /// It is no request.
    Rubbish,
}

/// Reads what was sent so far; `None`: there is more to come.
pub(super) fn request(sent: &[u8], token: &str) -> Option<Request> {
    let mut lines = [EMPTY_HEADER; LINES];
    let mut head = Head::new(&mut lines);
    let length = match head.parse(sent) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if sent.len() < HEAD => return None,
        _ => return Some(Request::Rubbish),
    };
    let path = head.path.unwrap_or_default().strip_prefix('/');
    let path = path.and_then(|path| path.strip_prefix(token));
    let Some(path) = path.filter(|path| path.is_empty() || path.starts_with('/')) else {
        return Some(Request::Stranger);
    };
    let path = path.split('?').next().unwrap_or_default();
    let who = who(head.headers);
    Some(match (head.method.unwrap_or_default(), path) {
        ("GET", "") => Request::Elsewhere,
        ("GET", "/") => Request::Page { who },
        ("GET", "/events") => Request::Changes,
        ("POST", "/answer") => {
            let size = value(head.headers, "content-length");
            let size = size.and_then(|size| size.parse::<usize>().ok());
            let Some(size) = size.filter(|size| *size <= BODY) else {
                return Some(Request::Rubbish);
            };
            let body = sent.get(length..length + size)?;
            answer(body, who).unwrap_or(Request::Rubbish)
        }
        _ => Request::Unknown,
    })
}

/// `question=1&choice=2`
fn answer(body: &[u8], who: Option<String>) -> Option<Request> {
    let body = str::from_utf8(body).ok()?;
    let number = |name: &str| {
        let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(known, _)| *known == name)?;
        value.parse().ok()
    };
    Some(Request::Answer {
        who,
        question: number("question")?,
        choice: number("choice")?,
    })
}

fn value<'a>(lines: &[Header<'a>], name: &str) -> Option<&'a str> {
    let line = lines.iter().find(|it| it.name.eq_ignore_ascii_case(name))?;
    str::from_utf8(line.value).ok()
}

/// The name that the browser was given, by which its answers are told from others'.
fn who(lines: &[Header<'_>]) -> Option<String> {
    let cookies = value(lines, "cookie")?;
    let mut pairs = cookies
        .split(';')
        .filter_map(|it| it.trim().split_once('='));
    let (_, who) = pairs.find(|(name, _)| *name == "who")?;
    let is_ours =
        who.len() == super::name::LENGTH && who.bytes().all(|c| c.is_ascii_alphanumeric());
    is_ours.then(|| who.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fuzz::{config, edited};

    const TOKEN: &str = "abc234";
    const ANSWER: &str = "POST /abc234/answer HTTP/1.1\r\nCookie: a=b; who=abcdefgh23\r\n\
        content-length: 19\r\n\r\nquestion=1&choice=2";

    fn of(sent: &str) -> Option<Request> {
        request(sent.as_bytes(), TOKEN)
    }

    #[test]
    fn what_is_asked_for_is_known() {
        let who = || Some("abcdefgh23".to_string());
        let answer = Request::Answer {
            who: who(),
            question: 1,
            choice: 2,
        };
        assert_eq!(of(ANSWER), Some(answer));
        for cut in 1..ANSWER.len() {
            assert_eq!(of(&ANSWER[..cut]), None, "{cut}");
        }
        for (line, wanted) in [
            ("GET /abc234/ HTTP/1.1", Request::Page { who: None }),
            ("GET /abc234/?x HTTP/1.1", Request::Page { who: None }),
            ("GET /abc234 HTTP/1.1", Request::Elsewhere),
            ("GET /abc234/events HTTP/1.1", Request::Changes),
            ("GET /abc234/x HTTP/1.1", Request::Unknown),
            ("POST /abc234/ HTTP/1.1", Request::Unknown),
            ("POST /abc234/answer HTTP/1.1", Request::Rubbish),
            ("GET / HTTP/1.1", Request::Stranger),
            ("GET /abc2345/ HTTP/1.1", Request::Stranger),
            ("POST /answer HTTP/1.1", Request::Stranger),
            ("nonsense", Request::Rubbish),
        ] {
            assert_eq!(of(&format!("{line}\r\n\r\n")), Some(wanted), "{line}");
        }
        let endless = format!("GET /abc234/ HTTP/1.1\r\nx: {}", "y".repeat(HEAD));
        assert_eq!(of(&endless), Some(Request::Rubbish));
    }

    proptest! {
        #![proptest_config(config(2_000))]
        #[test]
        fn fuzzed_requests_are_read_or_refused(sent in edited(
            vec![ANSWER.as_bytes().to_vec()],
            &["\r\n", " ", "=", "&", ";", ":", "/", "%", "\0", "99999999999999999999", "who="],
        )) {
            if let Some(Request::Answer { who, .. }) = request(&sent, TOKEN) {
                prop_assert!(who.is_none_or(|who| who.len() == 10));
            }
        }
    }
}
