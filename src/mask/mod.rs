//! Takes credentials out of text that is about to be shown: error messages, paths, excerpts of files.

mod forms;
mod options;
mod pairs;
mod params;
mod scan;
mod secret_data;
mod tokens;
mod urls;

pub use forms::{is_address_name, may_be_secret};
pub use params::{is_plain, params};

use crate::span::Span;

/// What stands in place of a credential.
pub const MASK: &str = "***";

/// `text` without the credentials of the URLs in it: everything between `://` and the last `@` before
/// the next `://` is replaced. A password may hold any character, a raw `@`, `/` or blank among them, so
/// this rather hides too much than too little.
#[must_use]
pub fn line(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0usize;
    for region in urls::regions(text) {
        let Some(at) = text.get(region.range()).and_then(|part| part.rfind('@')) else { continue };
        masked.push_str(text.get(from..region.start).unwrap_or_default());
        masked.push_str(MASK);
        from = region.start.saturating_add(at);
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    masked
}

/// A name, a path or a message fit for output: the credentials of URLs in it replaced, whatever else a scan takes for
/// one, and what stands before an `@` unless that is an address.
#[must_use]
pub fn shown(shown: &str) -> String {
    let scanned = text(&line(shown), &[]);
    let words = scanned.split_inclusive(char::is_whitespace).map(|word| match word.rsplit_once('@') {
        Some((before, rest))
            if urls::is_doubtful(word.trim_end().trim_end_matches(':')) && !before.ends_with('/') =>
        {
            let inner = before.trim_start_matches(['"', '\'', '`', '(', '<']);
            let opening = before.strip_suffix(inner).unwrap_or_default();
            format!("{opening}{MASK}@{rest}")
        }
        _ => word.to_owned(),
    });
    words.collect()
}

/// `text` with every credential in it replaced by `*`, byte for byte, so that spans still fit: the places that are
/// `known`, and whatever a scan takes for one (comments hold them too). Line breaks stay.
#[must_use]
pub fn text(text: &str, known: &[Span]) -> String {
    let mut spans = scan::spans(text);
    spans.extend_from_slice(known);
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        // A range that cuts a character would leave half of it: it is widened to whole ones.
        let start = floor(text, span.start);
        let end = ceil(text, span.end);
        for byte in
            bytes.get_mut(start..end).into_iter().flatten().filter(|byte| !matches!(byte, b'\n' | b'\r'))
        {
            *byte = b'*';
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(text.len()))
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    at
}

fn ceil(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_add(1);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{line, shown, text};
    use crate::span::Span;

    #[test]
    fn messages_lose_what_stands_before_a_host() {
        for (message, masked) in [
            ("hunter2@db:5432: no such file", "***@db:5432: no such file"),
            ("no rule \"a:hunter2@db\"", "no rule \"***@db\""),
            ("node_modules/@scope/x: no such file", "node_modules/@scope/x: no such file"),
            ("ask a@example.com", "ask a@example.com"),
            ("compose.yaml:12: no such file", "compose.yaml:12: no such file"),
        ] {
            assert_eq!(shown(message), masked);
        }
    }

    #[test]
    fn known_places_lose_their_characters_and_keep_their_width() {
        assert_eq!(text("a: b\u{e9}c\nd", &[Span::new(4, 5)]), "a: b**c\nd");
        assert_eq!(text("a\nb", &[Span::new(0, 9)]), "*\n*");
    }

    #[test]
    fn credentials_of_urls_are_replaced() {
        for (text, masked) in [
            ("postgres://app:hunter2@db/app", "postgres://***@db/app"),
            ("postgres://app:hun@t/er 2@db/app", "postgres://***@db/app"),
            ("a://u:p@h and b://v:q@i", "a://***@h and b://***@i"),
            ("https://example.com/x", "https://example.com/x"),
            ("compose.yaml", "compose.yaml"),
            ("me@example.com", "me@example.com"),
            ("postgres://app:hun://ter@db/app", "postgres://***@db/app"),
            ("http://h:1/x b://v:q@i", "http://h:1/x b://***@i"),
            ("", ""),
        ] {
            assert_eq!(line(text), masked);
        }
    }
}
