//! Where the documents of a stream begin and end.

use std::ops::Range;

use memchr::memmem;

/// A `---` or `...` at the start of a line.
struct Mark {
    at: usize,
    opens: bool,
}

/// See [`super::split`].
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0usize;
    // Whether what lies between `start` and the next mark may still belong to the document after it.
    let mut prefix = true;
    for mark in marks(text) {
        let before = start..mark.at;
        if mark.opens {
            if !prefix || !is_prefix(text.get(before.clone()).unwrap_or_default()) {
                push(text, &mut ranges, before);
                start = mark.at;
            }
            prefix = false;
        } else {
            // `...` ends a document if there is one, and belongs to it with the rest of its line.
            let end = line_end(text, mark.at);
            push(text, &mut ranges, start..end);
            start = end;
            prefix = true;
        }
    }
    push(text, &mut ranges, start..text.len());
    ranges
}

/// Adds a range unless nothing is in it.
fn push(text: &str, ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    let content = text.get(range.clone()).unwrap_or_default();
    if !content.trim_start_matches('\u{feff}').trim().is_empty() {
        ranges.push(range);
    }
}

/// Every mark, in order. The two signs are searched for apart, because either search then runs at the speed of
/// memory, and merged by position.
fn marks(text: &str) -> impl Iterator<Item = Mark> {
    let bytes = text.as_bytes();
    let mut opening = find(bytes, b"---").peekable();
    let mut closing = find(bytes, b"...").peekable();
    std::iter::from_fn(move || {
        let opens = match (opening.peek(), closing.peek()) {
            (Some(open), Some(close)) => open < close,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return None,
        };
        let at = if opens { opening.next() } else { closing.next() }?;
        Some(Mark { at, opens })
    })
}

/// Where `sign` stands alone at the start of a line.
fn find<'text>(bytes: &'text [u8], sign: &'static [u8; 3]) -> impl Iterator<Item = usize> + 'text {
    memmem::find_iter(bytes, sign).filter(move |at| {
        let starts_line = match at.checked_sub(1) {
            None => true,
            Some(before) => match bytes.get(before) {
                Some(b'\n' | b'\r') => true,
                // A byte order mark before the first line.
                Some(0xbf) => before == 2 && bytes.starts_with(b"\xef\xbb\xbf"),
                _ => false,
            },
        };
        let after = bytes.get(at.saturating_add(sign.len()));
        starts_line && matches!(after, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    })
}

/// Whether a text before a `---` is only what may stand before a document: blank lines, comments, directives.
fn is_prefix(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').split(['\n', '\r']).all(|line| {
        let content = line.trim_start_matches([' ', '\t']);
        content.is_empty() || content.starts_with('#') || line.starts_with('%')
    })
}

/// One past the line break of the line that holds `at`.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let Some(found) = memchr::memchr2(b'\n', b'\r', rest) else { return text.len() };
    let found = at.saturating_add(found);
    let crlf = text.as_bytes().get(found..).is_some_and(|rest| rest.starts_with(b"\r\n"));
    found.saturating_add(if crlf { 2 } else { 1 })
}
