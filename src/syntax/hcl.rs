//! HCL, the language of Terraform and Nomad, as the tree of the other formats.
//!
//! - A block is an item of the sequence that its type names; labels are mappings in between:
//!   `resource "a" "b" { c = 1 }` is `{resource: {a: {b: [{c: 1}]}}}`.
//! - A template is a sequence of its parts, tagged [`TEMPLATE`].
//! - The arguments of `merge` are a sequence tagged [`MERGE`].
//! - Any other expression is its source, tagged [`EXPRESSION`].

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;

use super::node::{Entry, Mapping, Node, Scalar, Style, Value};
use super::{SyntaxError, quoted};
use crate::span::{Span, SpanText};

/// The tag of a text with interpolations in it.
pub const TEMPLATE: &str = "!template";

/// The tag of an expression's source.
pub const EXPRESSION: &str = "!expression";

/// The tag of mappings that are laid over each other.
pub const MERGE: &str = "!merge";

/// Functions that hand on what they are given.
const TRANSPARENT: [&str; 8] =
    ["jsonencode", "tostring", "tonumber", "tolist", "toset", "tomap", "sensitive", "nonsensitive"];

/// Parses one file. The parser bounds how deep it nests.
///
/// # Errors
/// When it is no HCL.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let source = text.strip_prefix('\u{feff}').unwrap_or(text);
    let base = text.len().saturating_sub(source.len());
    let body = hcl_edit::parser::parse_body(source).map_err(|error| {
        // Its messages quote the line.
        let at = source.floor_char_boundary(error.location().offset().min(source.len()));
        SyntaxError::new("not valid HCL here", Span::new(at, at).shifted(base))
    })?;
    let reader = Reader { source, base };
    Ok(reader.body(&body, Span::new(0, source.len())))
}

struct Reader<'text> {
    source: &'text str,
    base: usize,
}

impl Reader<'_> {
    fn node(&self, span: Span, value: Value) -> Node {
        Node { span: span.shifted(self.base), value, tag: None, alias: None }
    }

    fn tagged(&self, span: Span, value: Value, tag: &str) -> Node {
        Node { tag: Some(tag.into()), ..self.node(span, value) }
    }

    /// A part of the source as it stands.
    fn verbatim(&self, span: Span) -> SpanText {
        let content = self.source.get(span.range()).unwrap_or_default();
        SpanText::verbatim(content, span.start.saturating_add(self.base))
    }

    fn body(&self, body: &Body, span: Span) -> Node {
        let mut mapping = Mapping::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let key = span_of(&attribute.key);
                    let value = self.expression(&attribute.value);
                    self.put(&mut mapping, attribute.key.as_str(), key, value);
                }
                Structure::Block(block) => {
                    let span = span_of(block);
                    let inner = self.body(&block.body, span);
                    let mut path = vec![(block.ident.as_str(), span_of(&block.ident))];
                    path.extend(block.labels.iter().map(|label| (label.as_str(), span_of(label))));
                    self.block(&mut mapping, &path, inner);
                }
            }
        }
        self.node(span, Value::Mapping(mapping))
    }

    /// Puts a block where its type and labels say.
    fn block(&self, mapping: &mut Mapping, path: &[(&str, Span)], inner: Node) {
        let Some(((name, key), rest)) = path.split_first() else { return };
        let empty =
            if rest.is_empty() { Value::Sequence(Vec::new()) } else { Value::Mapping(Mapping::default()) };
        if !mapping.entries.iter().any(|entry| entry.key.as_str() == *name) {
            let span = inner.span;
            let value = Node { span, value: empty, tag: None, alias: None };
            self.put(mapping, name, *key, value);
        }
        let found = mapping.entries.iter_mut().find(|entry| entry.key.as_str() == *name);
        match found.map(|entry| &mut entry.value.value) {
            Some(Value::Sequence(items)) if rest.is_empty() => items.push(inner),
            Some(Value::Mapping(deeper)) if !rest.is_empty() => self.block(deeper, rest, inner),
            // A block and an attribute, or blocks with and without labels, of one name: neither program takes that.
            _ => mapping.duplicates.push(key.shifted(self.base)),
        }
    }

    fn put(&self, mapping: &mut Mapping, name: &str, key: Span, value: Node) {
        let key_span = key.shifted(self.base);
        if mapping.entries.iter().any(|entry| entry.key.as_str() == name) {
            mapping.duplicates.push(key_span);
            return;
        }
        let mut text = SpanText::default();
        match self.source.get(key.range()) == Some(name) {
            true => text = self.verbatim(key),
            false => text.push(name, key_span, false),
        }
        mapping.entries.push(Entry { key: text, key_span, value, merged: false });
    }

    fn expression(&self, expression: &Expression) -> Node {
        let span = span_of(expression);
        match expression {
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Null(_) | Expression::Bool(_) | Expression::Number(_) => {
                self.node(span, Value::Scalar(Scalar { text: self.verbatim(span), style: Style::Plain }))
            }
            Expression::String(string) => self.string(span, string.value()),
            Expression::Array(array) => {
                let items = array.iter().map(|item| self.expression(item)).collect();
                self.node(span, Value::Sequence(items))
            }
            Expression::Object(object) => {
                let mut mapping = Mapping::default();
                for (key, value) in object {
                    let (name, key) = match key {
                        ObjectKey::Ident(ident) => (ident.as_str(), span_of(ident)),
                        ObjectKey::Expression(Expression::String(string)) => {
                            (string.value().as_str(), span_of(string))
                        }
                        ObjectKey::Expression(_) => continue,
                    };
                    self.put(&mut mapping, name, key, self.expression(value.expr()));
                }
                self.node(span, Value::Mapping(mapping))
            }
            Expression::StringTemplate(template) => self.template(span, template.iter()),
            Expression::HeredocTemplate(heredoc) => self.template(span, heredoc.template.iter()),
            Expression::FuncCall(call) => self.call(span, call),
            _ => self.source_of(span),
        }
    }

    fn source_of(&self, span: Span) -> Node {
        let scalar = Scalar { text: self.verbatim(span), style: Style::Plain };
        self.tagged(span, Value::Scalar(scalar), EXPRESSION)
    }

    fn call(&self, span: Span, call: &FuncCall) -> Node {
        let name = call.name.name.as_str();
        let mut arguments = call.args.iter();
        match (arguments.next(), arguments.next()) {
            (Some(only), None) if TRANSPARENT.contains(&name) => self.expression(only),
            (Some(_), _) if name == "merge" => {
                let items = call.args.iter().map(|argument| self.expression(argument)).collect();
                self.tagged(span, Value::Sequence(items), MERGE)
            }
            _ => self.source_of(span),
        }
    }

    /// A text in quotes.
    fn string(&self, span: Span, value: &str) -> Node {
        let content = self.source.get(span.range()).unwrap_or_default();
        let inner = content.strip_prefix('"').and_then(|content| content.strip_suffix('"'));
        let start = span.start.saturating_add(self.base);
        let text = match inner {
            Some(inner) => quoted::decoded(inner, start.saturating_add(1), Some(b'"'), value),
            None => quoted::decoded(content, start, None, value),
        };
        self.node(span, Value::Scalar(Scalar { text, style: Style::DoubleQuoted }))
    }

    fn template<'a>(&self, span: Span, elements: impl Iterator<Item = &'a Element>) -> Node {
        let parts = elements
            .map(|element| match element {
                Element::Literal(literal) => {
                    let span = literal.span().map(Span::from).unwrap_or(span);
                    let content = self.source.get(span.range()).unwrap_or_default();
                    let at = span.start.saturating_add(self.base);
                    let text = quoted::decoded(content, at, Some(b'"'), literal);
                    self.node(span, Value::Scalar(Scalar { text, style: Style::DoubleQuoted }))
                }
                Element::Interpolation(interpolation) => self.expression(&interpolation.expr),
                Element::Directive(directive) => self.source_of(directive.span().map_or(span, Span::from)),
            })
            .collect();
        self.tagged(span, Value::Sequence(parts), TEMPLATE)
    }
}

fn span_of(spanned: &impl hcl_edit::Span) -> Span {
    spanned.span().map(Span::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::node::check::tree as check;

    #[test]
    fn reads_blocks_templates_and_expressions() {
        let text = "\u{feff}# c\nvariable \"n\" {\n  default = 5\n}\nresource \"a\" \"b\" {\n  s = \"x\\ty\"\n  t = \"p://${var.h}:${1}/d\"\n  e = var.x[0].y\n  l = [1, true]\n  o = merge({ A = \"1\", \"B\" : 2 }, local.o)\n  j = jsonencode([{ k = \"v\" }])\n  h = <<-EOT\n    doc ${var.z}\n  EOT\n  d {\n    n = 1\n  }\n  d {\n    n = 2\n  }\n}\n";
        let root = parse(text).unwrap();
        check(text, &root);
        let block = &root.at(&["resource", "a", "b"]).unwrap().items()[0];
        let at = |key: &str| block.get(key).unwrap();
        assert_eq!(root.at(&["variable", "n"]).unwrap().items()[0].get("default").unwrap().as_int(), Some(5));
        assert_eq!(at("s").as_str(), Some("x\ty"));
        assert_eq!(at("t").tag.as_deref(), Some(TEMPLATE));
        let parts: Vec<_> = at("t").items().iter().map(|part| part.as_str().unwrap()).collect();
        assert_eq!(parts, ["p://", "var.h", ":", "1", "/d"]);
        assert_eq!((at("e").as_str(), at("e").tag.as_deref()), (Some("var.x[0].y"), Some(EXPRESSION)));
        assert_eq!(at("l").items().len(), 2);
        assert_eq!(at("o").tag.as_deref(), Some(MERGE));
        assert_eq!(at("o").items()[0].get("B").unwrap().as_int(), Some(2));
        assert_eq!(at("j").items()[0].get("k").unwrap().as_str(), Some("v"));
        assert_eq!(at("h").items()[1].as_str(), Some("var.z"));
        let numbers: Vec<_> = at("d").items().iter().map(|one| one.get("n").unwrap().as_int()).collect();
        assert_eq!(numbers, [Some(1), Some(2)]);
    }

    #[test]
    fn refuses_what_is_no_hcl() {
        for text in ["a = ", "a {", "s3cret s3cret s3cret", "a = \"s3cret", "é"] {
            let error = parse(text).unwrap_err();
            assert!(!error.message.contains("s3cret"));
            assert!(text.get(error.span.range()).is_some(), "{text}");
        }
        for open in ["[", "{a=", "(", "\"${", "!", "-", "a ? b : "] {
            let _ = parse(&format!("a = {}", open.repeat(20_000)));
        }
        let _ = parse(&"a {\n".repeat(20_000));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(a = |[a{}\\[\\](),.=1é \n\"$%?:!-]|\\$\\{|%\\{|<<E\n|E\n|a \"b\" \\{\n){0,30}") {
            match parse(&text) {
                Ok(root) => check(&text, &root),
                Err(error) => prop_assert!(text.get(error.span.range()).is_some()),
            }
        }
    }
}
