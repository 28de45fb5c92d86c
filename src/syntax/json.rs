//! JSON, with the comments and trailing commas that tools tolerate (JSONC).

use std::collections::HashMap;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions};

use super::node::{Entry, Mapping, Node, Scalar, Style, Value};
use super::yaml::MAX_DEPTH;
use super::{SyntaxError, quoted};
use crate::span::{Span, SpanText};

const TOO_DEEP: &str = "nests deeper than 100 levels";

/// Parses a document.
///
/// # Errors
/// When it is no JSON or nests too deep.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    // The library does not skip a byte order mark, which Windows editors leave in front of JSON.
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let base = text.len().saturating_sub(source.len());
    bound_depth(source).map_err(|at| SyntaxError::new(TOO_DEEP, Span::new(at, at).shifted(base)))?;
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = jsonc_parser::parse_to_ast(source, &CollectOptions::default(), &options)
        .map_err(|error| SyntaxError::new(phrase(&error), span_of(&error.range(), base)))?;
    let Some(value) = parsed.value else {
        return Err(SyntaxError::new("the file holds no JSON value", Span::new(base, base)));
    };
    Ok(Reader { source, base }.node(&value))
}

/// Refuses what nests too deep before the recursive parser sees it: the place of the bracket that goes too far.
fn bound_depth(source: &str) -> Result<(), usize> {
    let mut depth = 0usize;
    let mut bytes = source.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth = depth.saturating_add(1);
                if depth > MAX_DEPTH {
                    return Err(at);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        // A string ends with its line at the latest, as it does for the parser.
                        b'"' | b'\n' => break,
                        _ => {}
                    }
                }
            }
            b'/' if bytes.peek().is_some_and(|(_, next)| *next == b'/') => {
                bytes.by_ref().take_while(|(_, byte)| *byte != b'\n').for_each(drop);
            }
            b'/' if bytes.next_if(|(_, next)| *next == b'*').is_some() => {
                let mut last = b' ';
                for (_, byte) in bytes.by_ref() {
                    if last == b'*' && byte == b'/' {
                        break;
                    }
                    last = byte;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn span_of(ranged: &impl Ranged, base: usize) -> Span {
    let range = ranged.range();
    Span::new(range.start, range.end).shifted(base)
}

struct Reader<'text> {
    source: &'text str,
    base: usize,
}

impl Reader<'_> {
    /// Recursion is bounded: [`bound_depth`] let the source pass.
    fn node(&self, value: &ast::Value<'_>) -> Node {
        let span = span_of(value, self.base);
        let shape = match value {
            ast::Value::StringLit(literal) => {
                let text = self.string(&literal.value, span);
                Value::Scalar(Scalar { text, style: Style::DoubleQuoted })
            }
            ast::Value::NumberLit(_) | ast::Value::BooleanLit(_) | ast::Value::NullKeyword(_) => {
                let text = SpanText::verbatim(self.written(span), span.start);
                Value::Scalar(Scalar { text, style: Style::Plain })
            }
            ast::Value::Array(array) => {
                Value::Sequence(array.elements.iter().map(|item| self.node(item)).collect())
            }
            ast::Value::Object(object) => Value::Mapping(self.mapping(object)),
        };
        Node { span, value: shape, tag: None, alias: None }
    }

    fn mapping(&self, object: &ast::Object<'_>) -> Mapping {
        let mut mapping = Mapping::default();
        let mut positions = HashMap::new();
        for property in &object.properties {
            let key_span = span_of(&property.name, self.base);
            let key = self.string(property.name.as_str(), key_span);
            let position = *positions.entry(property.name.as_str()).or_insert(mapping.entries.len());
            let entry = Entry { key, key_span, value: self.node(&property.value), merged: false };
            match mapping.entries.get_mut(position) {
                Some(former) => {
                    mapping.duplicates.push(key_span);
                    *former = entry;
                }
                None => mapping.entries.push(entry),
            }
        }
        mapping
    }

    fn written(&self, span: Span) -> &str {
        let start = span.start.saturating_sub(self.base);
        self.source.get(start..start.saturating_add(span.len())).unwrap_or_default()
    }

    fn string(&self, value: &str, span: Span) -> SpanText {
        let content = self.written(span);
        let inner = content.get(1..content.len().saturating_sub(1)).unwrap_or_default();
        quoted::decoded(inner, span.start.saturating_add(1), Some(b'"'), value)
    }
}

/// What to tell the user; quotes nothing of the input.
fn phrase(error: &ParseError) -> &'static str {
    use ParseErrorKind as E;
    match error.kind() {
        E::ExpectedComma => "expected a comma or a closing bracket here",
        E::ExpectedColonAfterObjectKey => "expected a colon behind this key",
        E::ExpectedObjectValue => "expected a value behind the colon",
        E::ExpectedStringObjectProperty | E::UnexpectedTokenInObject => {
            "expected a key in double quotes here"
        }
        E::MultipleRootJsonValues => "nothing may follow the first value",
        E::SingleQuotedStringsNotAllowed => "JSON takes double quotes only",
        E::String(_) => "this text is not closed or has an unknown escape",
        E::UnexpectedCloseBrace | E::UnexpectedCloseBracket => "this bracket closes none that is open",
        E::UnterminatedArray | E::UnterminatedObject => "a bracket that was opened here is never closed",
        E::UnterminatedCommentBlock => "this comment is never closed",
        E::NestingDepthExceeded => TOO_DEEP,
        _ => "not valid JSON here",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::node::Typed;
    use crate::syntax::node::check::tree as check;

    #[test]
    fn reads_json_with_comments_and_trailing_commas() {
        let text =
            "\u{feff}// head\n{\"ä\": [1, 2.5e1, true, null,], /* c */ \"s\": \"a\\nß\\ud83d\\ude00\",}\n";
        let root = parse(text).unwrap();
        check(text, &root);
        let items = root.get("ä").unwrap().items();
        let typed: Vec<_> = items.iter().map(|item| item.as_scalar().unwrap().core()).collect();
        assert_eq!(typed, [Typed::Int(1), Typed::Float(25.0), Typed::Bool(true), Typed::Null]);
        assert_eq!(root.get("s").unwrap().as_str(), Some("a\nß😀"));
        assert_eq!(&text[root.get("s").unwrap().span.range()], "\"a\\nß\\ud83d\\ude00\"");
        assert_eq!(&text[root.entry("ä").unwrap().key_span.range()], "\"ä\"");
    }

    #[test]
    fn the_last_of_repeated_keys_wins_and_is_noted() {
        let root = parse("{\"a\": 1, \"b\": 2, \"a\": 3}").unwrap();
        assert_eq!(root.get("a").unwrap().as_int(), Some(3));
        let Value::Mapping(mapping) = root.value else { panic!("a mapping") };
        assert_eq!(mapping.duplicates, [Span::new(17, 20)]);
    }

    #[test]
    fn refuses_what_is_no_json() {
        for text in
            ["", "// c", "{'a': 1}", "{a: 1}", "[1 2]", "{\"s3cret", "[1] 2", "s3cret", "{\"a\" 1}", "/* "]
        {
            let error = parse(text).unwrap_err();
            assert!(!error.message.contains("s3cret") && !error.message.is_empty());
            assert!(text.get(error.span.range()).is_some(), "{text}");
        }
        for text in ["[".repeat(10_000), "{\"a\":".repeat(10_000)] {
            assert_eq!(parse(&text).unwrap_err().message, TOO_DEEP);
        }
        let fits = format!("{}\"[[[[\"{}", "[".repeat(100), "]".repeat(100));
        check(&fits, &parse(&fits).unwrap());
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "([\\[\\]{},:a1é \n\"\\\\/*]|\"|\\\\u00e9|//|null){0,40}") {
            match parse(&text) {
                Ok(root) => check(&text, &root),
                Err(error) => prop_assert!(text.get(error.span.range()).is_some()),
            }
        }

        #[test]
        fn strings_come_back(value in "\\PC{0,20}") {
            let text = serde_json::to_string(&[&value]).unwrap();
            let root = parse(&text).unwrap();
            prop_assert_eq!(root.items()[0].as_str(), Some(value.as_str()));
            check(&text, &root);
        }
    }
}
