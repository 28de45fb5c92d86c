//! `prisma.config.ts`, as far as it tells its database by text: the fields of `datasource: { … }`. The file is a program,
//! of which nothing is run and no more is read.
//!
//! - A plain text is a scalar.
//! - `env("NAME")` and `process.env.NAME` are the name, tagged [`ENV`].
//! - Anything else is an empty scalar, tagged [`OTHER`].

use super::node::{Entry, Mapping, Node, Scalar, Style, Value};
use crate::span::{Span, SpanText};

/// The tag of a variable's name.
pub const ENV: &str = "!env";

/// The tag of what is worked out when the program runs.
pub const OTHER: &str = "!other";

/// Reads the fields of the first `datasource`; without one the mapping is empty.
#[must_use]
pub fn parse(text: &str) -> Node {
    let mut scanner = Scanner { text, at: 0 };
    let mut mapping = Mapping::default();
    while let Some(token) = scanner.next() {
        if scanner.says(token, "datasource") && scanner.passes(":") && scanner.passes("{") {
            scanner.fields(&mut mapping);
            break;
        }
    }
    Node { span: Span::new(0, text.len()), value: Value::Mapping(mapping), tag: None, alias: None }
}

/// What stands between quotes in the program, but for the names of modules and of variables: anything may be a password.
#[must_use]
pub fn texts(text: &str) -> Vec<Span> {
    let mut scanner = Scanner { text, at: 0 };
    let (mut found, mut before) = (Vec::new(), ["", ""]);
    while let Some(token) = scanner.next() {
        let says = text.get(token.span().range()).unwrap_or_default();
        let named = matches!(before, [_, "from" | "import"] | ["env", "(" | "["]);
        if let Token::Text(span) = token
            && !named
        {
            let inner = between(text, span);
            found.extend((inner.start < inner.end).then_some(inner));
        }
        let [_, last] = before;
        before = [last, says];
    }
    found
}

/// A piece of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// A name or a number.
    Word(Span),
    /// A text in quotes, which are in the span.
    Text(Span),
    /// Any other sign.
    Sign(Span),
}

impl Token {
    fn span(self) -> Span {
        match self {
            Self::Word(span) | Self::Text(span) | Self::Sign(span) => span,
        }
    }
}

struct Scanner<'text> {
    text: &'text str,
    at: usize,
}

impl Scanner<'_> {
    fn of(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Whether a token is this name, in quotes or not.
    fn says(&self, token: Token, name: &str) -> bool {
        match token {
            Token::Word(span) => self.of(span) == name,
            Token::Text(span) => self.of(span).trim_matches(['"', '\'']) == name,
            Token::Sign(_) => false,
        }
    }

    /// Passes the next token if it is this sign.
    fn passes(&mut self, sign: &str) -> bool {
        let before = self.at;
        let found =
            self.next().is_some_and(|token| matches!(token, Token::Sign(span) if self.of(span) == sign));
        if !found {
            self.at = before;
        }
        found
    }

    /// The next token; comments and white space are passed over.
    fn next(&mut self) -> Option<Token> {
        loop {
            let rest = self.text.get(self.at..)?;
            let first = rest.chars().next()?;
            let passed = if first.is_whitespace() || first == '\u{feff}' {
                first.len_utf8()
            } else if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end.saturating_add(2))
            } else {
                let start = self.at;
                let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
                let length = match first {
                    '"' | '\'' | '`' => quoted(rest, first),
                    _ if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
                    _ => first.len_utf8(),
                };
                self.at = start.saturating_add(length);
                let span = Span::new(start, self.at);
                return Some(match first {
                    '"' | '\'' | '`' => Token::Text(span),
                    _ if is_word(first) => Token::Word(span),
                    _ => Token::Sign(span),
                });
            };
            self.at = self.at.saturating_add(passed);
        }
    }

    /// `name: expression, …` up to the closing brace.
    fn fields(&mut self, mapping: &mut Mapping) {
        while let Some(token) = self.next() {
            let key = match token {
                Token::Word(span) => span,
                Token::Text(span) => between(self.text, span),
                Token::Sign(span) if self.of(span) == "}" => return,
                Token::Sign(_) => continue,
            };
            // A shorthand, a spread or a method tells nothing.
            if !self.passes(":") {
                continue;
            }
            let (tokens, last) = self.expression();
            let name = self.of(key).to_owned();
            let known = mapping.entries.iter().any(|entry| entry.key.as_str() == name);
            if let (false, Some(value)) = (known, self.value(&tokens)) {
                let key_text = SpanText::verbatim(name, key.start);
                mapping.entries.push(Entry { key: key_text, key_span: key, value, merged: false });
            }
            if last {
                return;
            }
        }
    }

    /// The tokens up to the comma behind them, and whether the closing brace came instead.
    fn expression(&mut self) -> (Vec<Token>, bool) {
        let (mut tokens, mut depth) = (Vec::new(), 0_usize);
        while let Some(token) = self.next() {
            if let Token::Sign(span) = token {
                match self.of(span) {
                    "," if depth == 0 => return (tokens, false),
                    "}" if depth == 0 => return (tokens, true),
                    "{" | "(" | "[" => depth = depth.saturating_add(1),
                    "}" | ")" | "]" => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            tokens.push(token);
        }
        (tokens, true)
    }

    fn value(&self, tokens: &[Token]) -> Option<Node> {
        let span = tokens.first()?.span().to(tokens.last()?.span());
        // TypeScript's words to itself.
        let mut tokens = tokens;
        if let [rest @ .., as_, type_] = tokens
            && self.says(*as_, "as")
            && self.says(*type_, "string")
        {
            tokens = rest;
        }
        if let [rest @ .., Token::Sign(sign)] = tokens
            && self.of(*sign) == "!"
        {
            tokens = rest;
        }
        let signs: Vec<&str> = tokens.iter().map(|token| self.of(token.span())).collect();
        let inner = |token: Token| self.inner(token.span());
        let found = match (signs.as_slice(), tokens) {
            ([_], [Token::Text(_)]) => inner(*tokens.first()?).map(|text| (text, None)),
            (["env", "(", _, ")"], [_, _, Token::Text(name), _]) => {
                self.inner(*name).map(|text| (text, Some(ENV)))
            }
            (["process", ".", "env", ".", name], [.., Token::Word(span)]) => {
                Some((SpanText::verbatim(*name, span.start), Some(ENV)))
            }
            (["process", ".", "env", "[", _, "]"], [.., Token::Text(name), _]) => {
                self.inner(*name).map(|text| (text, Some(ENV)))
            }
            _ => None,
        };
        let (text, tag) = found.unwrap_or((SpanText::default(), Some(OTHER)));
        let span = text.span_of(0..text.as_str().len()).unwrap_or(span);
        let scalar = Scalar { text, style: Style::DoubleQuoted };
        Some(Node { span, value: Value::Scalar(scalar), tag: tag.map(Into::into), alias: None })
    }

    /// What stands between quotes, where that is what it says.
    fn inner(&self, span: Span) -> Option<SpanText> {
        let text = self.of(span);
        let quote = text.chars().next()?;
        let inner = text.get(1..)?.strip_suffix(quote)?;
        let filled = quote == '`' && inner.contains("${");
        let plain = !filled && !inner.contains(['\\', '\n']);
        plain.then(|| SpanText::verbatim(inner, span.start.saturating_add(1)))
    }
}

/// What stands between the quotes of a text; one that is not closed goes to its end.
fn between(text: &str, span: Span) -> Span {
    let start = span.start.saturating_add(1);
    let inner = text.get(start..span.end).unwrap_or_default();
    let quote = text.get(span.start..start).unwrap_or_default();
    Span::new(start, start.saturating_add(inner.strip_suffix(quote).unwrap_or(inner).len()))
}

/// The length of a text in quotes; one that is not closed ends with its line.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return at,
            _ if letter == quote => return at.saturating_add(letter.len_utf8()),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::node::check::tree as check;

    fn shown(text: &str) -> String {
        let root = parse(text);
        check(text, &root);
        let one = |entry: &Entry| {
            let tag = entry.value.tag.as_deref().unwrap_or_default();
            format!("{}={tag}{}", entry.key.as_str(), entry.value.as_str().unwrap())
        };
        root.entries().iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_plain_is_told() {
        for (fields, expected) in [
            ("url: env(\"A\"), directUrl: env('B'),", "url=!envA directUrl=!envB"),
            (
                "url: process.env.A!, shadowDatabaseUrl: process.env['B'] as string",
                "url=!envA shadowDatabaseUrl=!envB",
            ),
            ("url: 'postgres://a/b', // url: 'x'\n", "url=postgres://a/b"),
            ("'url': `a`, directUrl: `a${b}`", "url=a directUrl=!other"),
            ("url: process.env.A ?? 'x'", "url=!other"),
            ("url: f({ url: 'x' }, [1]), directUrl: 'y'", "url=!other directUrl=y"),
            ("url, ...rest, /* url: 'x', */ directUrl: env(\"B\")", "directUrl=!envB"),
            ("url: 'open\n, directUrl: 'y'", "url=!other directUrl=y"),
        ] {
            let text = format!(
                "import a from 'b';\n// datasource: {{ url: 'no' }}\nexport default defineConfig({{\n  schema: 'x',\n  datasource: {{ {fields} }},\n  x: {{ url: 'no' }},\n}});\n"
            );
            assert_eq!(shown(&text), expected, "{fields}");
        }
        for text in [
            "",
            "datasource",
            "url: 'x'",
            "datasource: url",
            "datasource: {",
            "const s = \"datasource: { url: 'x' }\"",
        ] {
            assert_eq!(shown(text), "", "{text}");
        }
    }

    #[test]
    fn texts_are_told_but_for_names() {
        let text = "import { a } from 'm';\nimport 'n';\nx({ url: env('A'), b: process.env['B'] ?? 'c', d: `e`, f: '' });";
        let texts: Vec<&str> = texts(text).into_iter().map(|span| &text[span.range()]).collect();
        assert_eq!(texts, ["c", "e"]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(datasource|url|[:{}(),.'\"`\\\\/*!\n é]|env){0,40}") {
            check(&text, &parse(&text));
            assert!(texts(&text).iter().all(|span| text.get(span.range()).is_some()));
        }
    }
}
