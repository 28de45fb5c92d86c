//! Where each line of a block scalar (`|`, `>`) stands in the source.

use crate::span::{Span, SpanText};

/// Finds the first byte of `wanted` in `text` between `from` and `to`, passing blanks, comments, the signs
/// `:`, `-`, `?`, anchors and tags: what may stand between a key and the header of its block.
pub(super) fn indicator(text: &str, from: usize, to: usize, wanted: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes().get(..to)?;
    let mut at = from;
    let skip = |from: usize, stops: &[u8]| {
        let rest = bytes.get(from..).unwrap_or_default();
        from.saturating_add(rest.iter().position(|byte| stops.contains(byte)).unwrap_or(rest.len()))
    };
    loop {
        let byte = bytes.get(at)?;
        if wanted.contains(byte) {
            return Some(at);
        }
        at = match byte {
            b'#' => skip(at, b"\n\r"),
            b'&' | b'!' => skip(at, b" \t\n\r"),
            b' ' | b'\t' | b'\n' | b'\r' | b':' | b'-' | b'?' => at.checked_add(1)?,
            _ => return None,
        };
    }
}

/// The text of a block scalar whose header starts at `header`, and the end of its last line of content. Exact
/// but for folded and dropped line breaks; `None` when source and value do not line up.
pub(super) fn text(source: &str, header: usize, end: usize, value: &str) -> Option<(SpanText, usize)> {
    let literal = source.as_bytes().get(header) == Some(&b'|');
    let mut lines = Lines { source: source.get(..end)?, at: header };
    lines.next()?;
    let mut last = lines.at;
    let indent = indent(lines.clone(), value)?;
    let mut out = SpanText::default();
    let mut rest = value;
    for (start, stop) in lines {
        let line = source.get(start..stop)?;
        let spaces = line.len().checked_sub(line.trim_start_matches(' ').len())?;
        let start = start.checked_add(spaces.min(indent))?;
        let content = source.get(start..stop)?;
        if content.is_empty() {
            continue;
        }
        if rest.trim_start_matches('\n').is_empty() {
            break;
        }
        let between = match rest.as_bytes().first()? {
            b'\n' => rest.len().checked_sub(rest.trim_start_matches('\n').len())?,
            // A folded break. Before the first line there is none, so a space there is content.
            b' ' if !literal && !out.as_str().is_empty() => 1,
            _ => 0,
        };
        breaks(&mut out, source, rest.get(..between)?, Span::new(last, start), literal);
        rest = rest.get(between..)?.strip_prefix(content)?;
        out.push(content, Span::new(start, stop), true);
        last = stop;
    }
    if !rest.trim_start_matches('\n').is_empty() {
        return None;
    }
    breaks(&mut out, source, rest, Span::new(last, end.max(last)), literal);
    (out.as_str() == value).then_some((out, last))
}

/// Appends line breaks (or the space of a folded one) that came from `span`. Those of a literal block that
/// stand there byte for byte are exact, so that a line and its break are one piece.
fn breaks(out: &mut SpanText, source: &str, piece: &str, span: Span, literal: bool) {
    let raw = source.get(span.range()).unwrap_or_default();
    let same = piece.bytes().zip(raw.bytes()).take_while(|(a, b)| literal && *a == b'\n' && a == b).count();
    let middle = span.start.saturating_add(same);
    out.push(piece.get(..same).unwrap_or_default(), Span::new(span.start, middle), true);
    out.push(piece.get(same..).unwrap_or_default(), Span::new(middle, span.end), false);
}

/// How far the block is indented: what the source's first line with content has in front of the value's.
fn indent(mut lines: Lines<'_>, value: &str) -> Option<usize> {
    let leading = |line: &str| line.len().saturating_sub(line.trim_start_matches(' ').len());
    let filled = |line: &&str| !line.trim_start_matches(' ').is_empty();
    let first = value.split('\n').find(filled)?;
    let source = lines.source;
    let written = lines.find_map(|(start, stop)| source.get(start..stop).filter(filled))?;
    leading(written).checked_sub(leading(first))
}

/// The lines of a text from a position on, each as its start and the end without its break.
#[derive(Clone)]
struct Lines<'text> {
    source: &'text str,
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.source.as_bytes().get(self.at..)?;
        if rest.is_empty() {
            return None;
        }
        let start = self.at;
        let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let stop = start.checked_add(len)?;
        let broken = rest.get(len..)?;
        let width = if broken.starts_with(b"\r\n") { 2 } else { broken.len().min(1) };
        self.at = stop.checked_add(width)?;
        Some((start, stop))
    }
}
