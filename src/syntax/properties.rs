//! Java's `.properties`, as far as people write them by hand, and other files of one `key: value` per line: a mapping
//! of whole keys to scalars (<https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader->).

use std::collections::HashMap;

use super::node::{Entry, Mapping, Node, Scalar, Style, Value};
use crate::span::{Span, SpanText};

/// Reads Java properties. A value that goes on over several lines is put together; escapes of letters stay as they
/// are written.
#[must_use]
pub fn parse(text: &str) -> Node {
    let mut builder = Builder::default();
    let mut open: Option<(SpanText, Span, SpanText)> = None;
    for (line, start) in lines(text) {
        let trimmed = line.trim_start();
        let at = start.saturating_add(line.len().saturating_sub(trimmed.len()));
        let (key, key_span, mut value, body, body_at) = match open.take() {
            Some((key, span, value)) => (key, span, value, trimmed, at),
            None => {
                if trimmed.is_empty() || trimmed.starts_with(['#', '!']) {
                    continue;
                }
                let end = trimmed.find(['=', ':', ' ', '\t']).unwrap_or(trimmed.len());
                let key = trimmed.get(..end).unwrap_or_default();
                let rest = trimmed.get(end..).unwrap_or_default().trim_start();
                let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
                let rest_at = at.saturating_add(trimmed.len().saturating_sub(rest.len()));
                let span = Span::new(at, at.saturating_add(key.len()));
                (SpanText::verbatim(key, at), span, SpanText::default(), rest, rest_at)
            }
        };
        let slashes = body.len().saturating_sub(body.trim_end_matches('\\').len());
        let goes_on = slashes % 2 == 1;
        let kept = if goes_on { body.get(..body.len().saturating_sub(1)).unwrap_or_default() } else { body };
        value.push(kept, Span::new(body_at, body_at.saturating_add(kept.len())), true);
        if goes_on {
            open = Some((key, key_span, value));
        } else {
            builder.add(key, key_span, value, body_at);
        }
    }
    if let Some((key, span, value)) = open {
        builder.add(key, span, value, text.len());
    }
    builder.finish(text.len())
}

/// Reads a file of processes: `web: command` on each line.
#[must_use]
pub fn parse_processes(text: &str) -> Node {
    let mut builder = Builder::default();
    for (line, start) in lines(text) {
        let Some((name, command)) = line.split_once(':') else { continue };
        let named = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let trimmed = command.trim();
        if name.is_empty() || !name.chars().all(named) || trimmed.is_empty() {
            continue;
        }
        let skipped = command.len().saturating_sub(command.trim_start().len());
        let at = start.saturating_add(name.len()).saturating_add(1).saturating_add(skipped);
        let span = Span::new(start, start.saturating_add(name.len()));
        builder.add(SpanText::verbatim(name, start), span, SpanText::verbatim(trimmed, at), at);
    }
    builder.finish(text.len())
}

/// Lines without their ends, and where each begins.
fn lines(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut start = text.len().saturating_sub(source.len());
    source.split_inclusive('\n').map(move |raw| {
        let at = start;
        start = start.saturating_add(raw.len());
        (raw.trim_end_matches(['\n', '\r']), at)
    })
}

#[derive(Default)]
struct Builder {
    mapping: Mapping,
    positions: HashMap<String, usize>,
}

impl Builder {
    /// The last of repeated keys counts.
    fn add(&mut self, key: SpanText, key_span: Span, text: SpanText, at: usize) {
        let span = text.span_of(0..text.as_str().len()).unwrap_or(Span::new(at, at));
        let value = Value::Scalar(Scalar { text, style: Style::Plain });
        let value = Node { span, value, tag: None, alias: None };
        let next = self.mapping.entries.len();
        let position = *self.positions.entry(key.as_str().to_owned()).or_insert(next);
        let entry = Entry { key, key_span, value, merged: false };
        match self.mapping.entries.get_mut(position) {
            Some(former) => {
                self.mapping.duplicates.push(key_span);
                *former = entry;
            }
            None => self.mapping.entries.push(entry),
        }
    }

    fn finish(self, length: usize) -> Node {
        let value = Value::Mapping(self.mapping);
        Node { span: Span::new(0, length), value, tag: None, alias: None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::node::check::tree as check;

    fn pairs(root: &Node) -> Vec<(&str, &str)> {
        root.entries().iter().map(|entry| (entry.key.as_str(), entry.value.as_str().unwrap())).collect()
    }

    #[test]
    fn reads_properties() {
        let text =
            "\u{feff}# c\n! c\na=1\n  b.c : two words\nd e\nf\n\na=3\nlong=x\\\n   y\\\\\n\u{e4}=\u{e4}\r\n";
        let root = parse(text);
        check(text, &root);
        assert_eq!(
            pairs(&root),
            [
                ("a", "3"),
                ("b.c", "two words"),
                ("d", "e"),
                ("f", ""),
                ("long", "xy\\\\"),
                ("\u{e4}", "\u{e4}")
            ]
        );
        assert_eq!(&text[root.get("b.c").unwrap().span.range()], "two words");
    }

    #[test]
    fn reads_processes() {
        let text =
            "# c: d\nweb: bundle exec puma -p $PORT\nrelease:   rake db:migrate  \nempty:\nno process\n";
        let root = parse_processes(text);
        check(text, &root);
        assert_eq!(pairs(&root), [("web", "bundle exec puma -p $PORT"), ("release", "rake db:migrate")]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "([=: #!a\u{e9}\\\\\n\r]|\r\n){0,40}") {
            check(&text, &parse(&text));
            check(&text, &parse_processes(&text));
        }
    }
}
