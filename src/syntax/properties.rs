//! Java's `.properties`: each document is a mapping of whole keys to scalars
//! (<https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader->). Documents are Spring's:
//! a line `#---` or `!---` begins the next
//! (<https://docs.spring.io/spring-boot/reference/features/external-config.html>, "Working With Multi-Document Files").

use super::last_wins::LastWins;
use super::node::Node;
use crate::span::{Span, SpanText};

/// A file of properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    /// Its documents, each a mapping; at least one.
    pub documents: Vec<Node>,
    /// Its comments.
    pub comments: Vec<Span>,
}

/// Reads a file. Any text is one: a line without a separator is a key without a value.
#[must_use]
pub fn parse(text: &str) -> Properties {
    let mut documents = Vec::new();
    let mut comments = Vec::new();
    let mut document = LastWins::default();
    let mut begin = 0;
    let mut open: Option<Open> = None;
    for (line, start) in lines(text) {
        let body = line.trim_start_matches([' ', '\t', '\u{c}']);
        let at = start.saturating_add(line.len().saturating_sub(body.len()));
        let mut entry = match open.take() {
            Some(mut entry) => {
                entry.add_value(body, at);
                entry
            }
            None if body.is_empty() => continue,
            None if body.starts_with(['#', '!']) => {
                comments.push(Span::new(at, at.saturating_add(body.len())));
                if matches!(line.trim_end(), "#---" | "!---") {
                    documents.push(std::mem::take(&mut document).finish(Span::new(begin, start)));
                    begin = start;
                }
                continue;
            }
            None => Open::begin(body, at),
        };
        if entry.goes_on {
            entry.goes_on = false;
            open = Some(entry);
        } else {
            entry.end(&mut document);
        }
    }
    if let Some(entry) = open {
        entry.end(&mut document);
    }
    documents.push(document.finish(Span::new(begin, text.len())));
    Properties { documents, comments }
}

/// An entry whose value may go on.
struct Open {
    key: SpanText,
    key_span: Span,
    value: SpanText,
    value_start: usize,
    goes_on: bool,
}

impl Open {
    fn end(self, document: &mut LastWins) {
        document.add(self.key, self.key_span, self.value, self.value_start);
    }

    fn begin(body: &str, at: usize) -> Self {
        let (key, rest) = unescaped(body, at, true);
        let key_len = body.len().saturating_sub(rest.len());
        let value = rest.trim_start_matches([' ', '\t', '\u{c}']);
        let value = value.strip_prefix(['=', ':']).unwrap_or(value);
        let value = value.trim_start_matches([' ', '\t', '\u{c}']);
        let value_start = at.saturating_add(body.len().saturating_sub(value.len()));
        let mut entry = Self {
            key,
            key_span: Span::new(at, at.saturating_add(key_len)),
            value: SpanText::default(),
            value_start,
            goes_on: false,
        };
        entry.add_value(value, value_start);
        entry
    }

    /// A further line of the value: an odd number of backslashes at its end joins the next to it.
    fn add_value(&mut self, body: &str, at: usize) {
        let slashes = body.len().saturating_sub(body.trim_end_matches('\\').len());
        self.goes_on = slashes % 2 == 1;
        let kept = if self.goes_on { body.get(..body.len().saturating_sub(1)).unwrap_or(body) } else { body };
        let (value, _) = unescaped(kept, at, false);
        self.value.push_slice(&value, 0..value.as_str().len());
    }
}

/// A text with its escapes undone, up to the separator that ends a key, and what follows.
fn unescaped(text: &str, at: usize, key: bool) -> (SpanText, &str) {
    let mut out = SpanText::default();
    let mut letters = text.char_indices().peekable();
    let piece = |from: usize, to: usize| Span::new(at.saturating_add(from), at.saturating_add(to));
    while let Some((from, letter)) = letters.next() {
        if key && matches!(letter, '=' | ':' | ' ' | '\t' | '\u{c}') {
            return (out, text.get(from..).unwrap_or_default());
        }
        let mut buffer = [0; 4];
        if letter != '\\' {
            let to = from.saturating_add(letter.len_utf8());
            out.push(letter.encode_utf8(&mut buffer), piece(from, to), true);
            continue;
        }
        let Some((next, escaped)) = letters.next() else { break };
        let mut to = next.saturating_add(escaped.len_utf8());
        let meant = match escaped {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'u' => {
                let end = to.saturating_add(4);
                let code = text.get(to..end).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                match code.and_then(char::from_u32) {
                    Some(meant) => {
                        to = end;
                        while letters.peek().is_some_and(|(index, _)| *index < end) {
                            letters.next();
                        }
                        meant
                    }
                    None => 'u',
                }
            }
            other => other,
        };
        out.push(meant.encode_utf8(&mut buffer), piece(from, to), false);
    }
    (out, "")
}

/// Lines without their ends, and where each begins.
fn lines(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut start = text.len().saturating_sub(source.len());
    source.split_inclusive(['\n', '\r']).map(move |raw| {
        let at = start;
        start = start.saturating_add(raw.len());
        (raw.trim_end_matches(['\n', '\r']), at)
    })
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
        let text = "\u{feff}# c\n! c\na=1\n  b.c : two words\nd e\nf\n\na=3\nlong=x\\\n   y\\\\\n\u{e4}=\u{e4}\r\ng\\:h=\\u0041\\tb\\:\\uzz\n";
        let read = parse(text);
        let [root] = read.documents.as_slice() else { panic!("one document") };
        check(text, root);
        assert_eq!(
            pairs(root),
            [
                ("a", "3"),
                ("b.c", "two words"),
                ("d", "e"),
                ("f", ""),
                ("long", "xy\\"),
                ("\u{e4}", "\u{e4}"),
                ("g:h", "A\tb:uzz"),
            ]
        );
        assert_eq!(&text[root.get("b.c").unwrap().span.range()], "two words");
        assert_eq!(read.comments.iter().map(|span| &text[span.range()]).collect::<Vec<_>>(), ["# c", "! c"]);
    }

    #[test]
    fn reads_documents() {
        let read = parse("a=1\n#---\nb=2\n!---\n# --- no mark\nc=3");
        let all: Vec<_> = read.documents.iter().map(pairs).collect();
        assert_eq!(all, [vec![("a", "1")], vec![("b", "2")], vec![("c", "3")]]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "([=: #!au0\u{e9}\\\\\n\r-]|\r\n){0,40}") {
            for root in parse(&text).documents {
                check(&text, &root);
            }
        }
    }
}
