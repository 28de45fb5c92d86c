//! TOML.

use toml_edit::{Document, Item, Key, Table, TableLike};

use super::node::{Entry, Mapping, Node, Scalar, Style, Value};
use super::yaml::MAX_DEPTH;
use super::{SyntaxError, quoted};
use crate::span::{Span, SpanText};

/// Parses a document; the root is a mapping. Dotted keys and table headers become nested mappings, arrays of
/// tables sequences.
///
/// # Errors
/// When it is no TOML or nests too deep.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    // The library reports positions behind a byte order mark, so it goes first.
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let base = text.len().saturating_sub(source.len());
    let document = Document::parse(source).map_err(|error| {
        let span = error.span().map(Span::from).unwrap_or_default();
        // Its messages say which sign was expected, but some quote a key.
        SyntaxError::new("not valid TOML here", snapped(source, span).shifted(base))
    })?;
    let mut node = Reader { source, base }.table(document.as_table(), 0)?;
    node.span = Span::new(0, text.len());
    Ok(node)
}

/// A range moved to the boundaries of characters.
fn snapped(source: &str, span: Span) -> Span {
    Span::new(source.floor_char_boundary(span.start), source.ceil_char_boundary(span.end))
}

struct Reader<'text> {
    source: &'text str,
    base: usize,
}

impl Reader<'_> {
    fn table(&self, table: &Table, depth: usize) -> Result<Node, SyntaxError> {
        self.mapping(table, table.span().map(Span::from), depth)
    }

    fn mapping(&self, table: &dyn TableLike, span: Option<Span>, depth: usize) -> Result<Node, SyntaxError> {
        let mut mapping = Mapping::default();
        let mut hull = span.map(|span| span.shifted(self.base));
        for (name, item) in table.iter() {
            let Some((key, _)) = table.get_key_value(name) else { continue };
            let key = self.key(key);
            let Some(value) = self.item(item, depth)? else { continue };
            let (key, key_span) = key.unwrap_or((SpanText::default(), value.span));
            let whole = key_span.to(value.span);
            hull = Some(hull.map_or(whole, |hull| hull.to(whole)));
            let key = if key.as_str().is_empty() && !name.is_empty() {
                let mut derived = SpanText::default();
                derived.push(name, key_span, false);
                derived
            } else {
                key
            };
            mapping.entries.push(Entry { key, key_span, value, merged: false });
        }
        let span = hull.unwrap_or_default();
        Ok(Node { span, value: Value::Mapping(mapping), tag: None, alias: None })
    }

    fn key(&self, key: &Key) -> Option<(SpanText, Span)> {
        let span = Span::from(key.span()?);
        Some((self.text(span, key.get()).0, span.shifted(self.base)))
    }

    fn item(&self, item: &Item, depth: usize) -> Result<Option<Node>, SyntaxError> {
        let depth = depth.saturating_add(1);
        let span = item.span().map(Span::from);
        if depth > MAX_DEPTH {
            let span = span.unwrap_or_default().shifted(self.base);
            return Err(SyntaxError::new("nests deeper than 100 levels", span));
        }
        match item {
            Item::None => Ok(None),
            Item::Value(value) => self.value(value, depth).map(Some),
            Item::Table(table) => self.table(table, depth).map(Some),
            Item::ArrayOfTables(tables) => {
                let items: Vec<Node> =
                    tables.iter().map(|table| self.table(table, depth)).collect::<Result<_, _>>()?;
                let span = items.iter().map(|item| item.span).reduce(Span::to).unwrap_or_default();
                Ok(Some(Node { span, value: Value::Sequence(items), tag: None, alias: None }))
            }
        }
    }

    fn value(&self, value: &toml_edit::Value, depth: usize) -> Result<Node, SyntaxError> {
        let span = value.span().map(Span::from);
        let written = span.unwrap_or_default();
        let shape = match value {
            toml_edit::Value::InlineTable(table) => return self.mapping(table, span, depth),
            toml_edit::Value::Array(array) => {
                let depth = depth.saturating_add(1);
                if depth > MAX_DEPTH {
                    let span = written.shifted(self.base);
                    return Err(SyntaxError::new("nests deeper than 100 levels", span));
                }
                Value::Sequence(array.iter().map(|item| self.value(item, depth)).collect::<Result<_, _>>()?)
            }
            toml_edit::Value::String(string) => {
                let (text, style) = self.text(written, string.value());
                Value::Scalar(Scalar { text, style })
            }
            _ => {
                let content = self.source.get(written.range()).unwrap_or_default();
                let text = SpanText::verbatim(content, written.start.saturating_add(self.base));
                Value::Scalar(Scalar { text, style: Style::Plain })
            }
        };
        Ok(Node { span: written.shifted(self.base), value: shape, tag: None, alias: None })
    }

    /// A string or key in any of its notations.
    fn text(&self, span: Span, value: &str) -> (SpanText, Style) {
        let content = self.source.get(span.range()).unwrap_or_default();
        let (open, quote, style) = if content.starts_with("\"\"\"") {
            (3, Some(b'"'), Style::DoubleQuoted)
        } else if content.starts_with("'''") {
            (3, None, Style::SingleQuoted)
        } else if content.starts_with('"') {
            (1, Some(b'"'), Style::DoubleQuoted)
        } else if content.starts_with('\'') {
            (1, None, Style::SingleQuoted)
        } else {
            (0, None, Style::Plain)
        };
        let inner = content.get(open..content.len().saturating_sub(open)).unwrap_or_default();
        // A line break directly behind three quotes is none of the text.
        let kept = match open {
            3 => inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner),
            _ => inner,
        };
        let dropped = inner.len().saturating_sub(kept.len());
        let start = span.start.saturating_add(open).saturating_add(dropped).saturating_add(self.base);
        (quoted::decoded(kept, start, quote, value), style)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::node::Typed;
    use crate::syntax::node::check::tree as check;

    #[test]
    fn reads_tables_dotted_keys_and_arrays_of_tables() {
        let text = "\u{feff}top = 1_000\n[a.b]\nc.d = \"ü\\tx\"\n'e f' = 'lit'\n[[list]]\nn = 1\n[[list]]\nn = 2\n[x]\ny = {z = [true, 1.5, 2024-01-01]}\nm = \"\"\"\nab\"\"\"\n";
        let root = parse(text).unwrap();
        check(text, &root);
        let at = |path: &[&str]| root.at(path).unwrap();
        let written = |path: &[&str]| &text[at(path).span.range()];
        assert_eq!(at(&["top"]).as_int(), Some(1000));
        assert_eq!(at(&["a", "b", "c", "d"]).as_str(), Some("ü\tx"));
        assert_eq!(written(&["a", "b", "c", "d"]), "\"ü\\tx\"");
        assert_eq!(at(&["a", "b", "e f"]).as_str(), Some("lit"));
        assert_eq!(&text[at(&["a", "b"]).entry("e f").unwrap().key_span.range()], "'e f'");
        let numbers: Vec<_> =
            at(&["list"]).items().iter().map(|item| item.get("n").unwrap().as_int()).collect();
        assert_eq!(numbers, [Some(1), Some(2)]);
        let typed: Vec<_> =
            at(&["x", "y", "z"]).items().iter().map(|item| item.as_scalar().unwrap().core()).collect();
        assert_eq!(typed, [Typed::Bool(true), Typed::Float(1.5), Typed::Text]);
        assert_eq!(at(&["x", "m"]).as_str(), Some("ab"));
    }

    #[test]
    fn refuses_what_is_no_toml() {
        for text in ["s3cret", "a = s3cret", "a = \"s3cret", "[a\n", "a = 1\na = 2", "é = [é"] {
            let error = parse(text).unwrap_err();
            assert!(!error.message.contains("s3cret"));
            assert!(text.get(error.span.range()).is_some(), "{text}");
        }
    }

    #[test]
    fn hostile_nesting_is_refused() {
        let dotted = vec!["a"; 79].join(".");
        let mut text = format!("[{dotted}]\n");
        text.push_str(&format!("{dotted} = "));
        text.push_str(&format!("{{{dotted} = ").repeat(78));
        text.push('1');
        text.push_str(&"}".repeat(78));
        assert!(parse(&text).is_err());
        assert!(parse(&format!("a = {}", "[".repeat(10_000))).is_err());
        assert!(parse(&format!("a = {}", "{a = ".repeat(10_000))).is_err());
        assert!(parse(&vec!["a"; 10_000].join(".")).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "([a=\\[\\]{},.1é \n\"'\\\\#-]|\"\"\"|'''|\\\\u00e9|a = |\\[a\\]|\r\n){0,40}") {
            match parse(&text) {
                Ok(root) => check(&text, &root),
                Err(error) => prop_assert!(text.get(error.span.range()).is_some()),
            }
        }
    }
}
