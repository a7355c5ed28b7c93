//! The escapes of a text that is sent.

/// Reads the C escapes of a `send` argument: `\n \r \t \0 \\ \xHH`.
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next() {
            Some('n') => out.push(b'\n'),
            Some('r') => out.push(b'\r'),
            Some('t') => out.push(b'\t'),
            Some('0') => out.push(0),
            Some('\\') => out.push(b'\\'),
            Some('x') => {
                let hex: String = chars.by_ref().take(2).collect();
                let byte = Some(&hex)
                    .filter(|hex| hex.len() == 2)
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                    .ok_or_else(|| format!("\\x{hex} is not two hexadecimal digits"))?;
                out.push(byte);
            }
            Some(other) => {
                return Err(format!(
                    "\\{other} is no escape (\\n \\r \\t \\0 \\\\ \\xHH)"
                ));
            }
            None => return Err("a lone \\ at the end".into()),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_become_bytes() {
        assert_eq!(unescape(r"OK\n\x1b\0\\").unwrap(), b"OK\n\x1b\0\\");
        assert!(unescape(r"\q").is_err());
        assert!(unescape(r"\x1").is_err());
        assert!(unescape("\\").is_err());
    }
}
