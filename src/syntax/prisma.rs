//! `schema.prisma`: the `datasource` and `generator` blocks, by text; models are passed over.

use super::quoted;
use crate::span::{Span, SpanText};

/// What a schema says about its database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// The `datasource` block.
    pub datasource: Option<Block>,
    /// The `generator` blocks.
    pub generators: Vec<Block>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Block {
    /// Its name (`db`, `client`).
    pub name: String,
    /// From the keyword to the closing brace.
    pub span: Span,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// `name = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Field name.
    pub name: String,
    /// The value.
    pub value: FieldValue,
    /// The value's bytes.
    pub span: Span,
}

/// The values poollint understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// `"text"`
    Text(SpanText),
    /// `env("NAME")`
    Env(String),
    /// Anything else.
    Other,
}

/// Parses a schema; never fails, because only two kinds of block matter. Of several `datasource` blocks, which
/// Prisma refuses, the first counts.
#[must_use]
pub fn parse(text: &str) -> Schema {
    let mut schema = Schema::default();
    let mut cursor = Cursor { text, at: 0 };
    loop {
        cursor.skip_blank();
        let start = cursor.at;
        let keyword = cursor.word();
        if keyword.is_empty() {
            match cursor.peek() {
                None => return schema,
                Some('{') => cursor.skip_block(),
                Some('"') => drop(cursor.string()),
                Some(_) => cursor.bump(),
            }
            continue;
        }
        let wanted = matches!(keyword, "datasource" | "generator");
        cursor.skip_blank();
        let name = cursor.word();
        cursor.skip_blank();
        if !wanted || name.is_empty() || cursor.peek() != Some('{') {
            continue;
        }
        cursor.bump();
        let fields = cursor.fields();
        let block = Block { name: name.to_owned(), span: Span::new(start, cursor.at), fields };
        if keyword == "generator" {
            schema.generators.push(block);
        } else {
            schema.datasource.get_or_insert(block);
        }
    }
}

impl Block {
    /// The field called `name`; the last one, should there be several.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().rev().find(|field| field.name == name)
    }
}

/// A place in the text. Every method moves forward only.
struct Cursor<'text> {
    text: &'text str,
    at: usize,
}

impl<'text> Cursor<'text> {
    fn rest(&self) -> &'text str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self, by: usize) {
        self.at = self.at.saturating_add(by).min(self.text.len());
    }

    fn bump(&mut self) {
        self.advance(self.peek().map_or(0, char::len_utf8));
    }

    /// Passes the rest of the line, but not its break.
    fn skip_line(&mut self) {
        let rest = self.rest();
        self.advance(rest.find('\n').unwrap_or(rest.len()));
    }

    /// Passes a comment, if one begins here.
    fn skip_comment(&mut self) -> bool {
        let rest = self.rest();
        if rest.starts_with("//") {
            self.skip_line();
        } else if let Some(inner) = rest.strip_prefix("/*") {
            self.advance(inner.find("*/").map_or(rest.len(), |end| end.saturating_add(4)));
        } else {
            return false;
        }
        true
    }

    /// Passes white space, line breaks and comments.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let content = rest.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
            self.advance(rest.len().saturating_sub(content.len()));
            if !self.skip_comment() {
                return;
            }
        }
    }

    /// Passes white space within the line.
    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.advance(rest.len().saturating_sub(rest.trim_start_matches([' ', '\t']).len()));
    }

    /// An identifier; empty when none begins here.
    fn word(&mut self) -> &'text str {
        let rest = self.rest();
        let len = rest.find(|char: char| !(char.is_alphanumeric() || matches!(char, '_' | '-')));
        let word = rest.get(..len.unwrap_or(rest.len())).unwrap_or_default();
        self.advance(word.len());
        word
    }

    /// A string, when one begins here; one that is not closed ends with its line.
    fn string(&mut self) -> Option<SpanText> {
        let rest = self.rest();
        let start = self.at.saturating_add(1);
        let mut chars =
            rest.strip_prefix('"')?.char_indices().map(|(at, char)| (at.saturating_add(start), char));
        let text = quoted::json_string(&mut chars);
        let next = chars.next().map_or(self.text.len(), |(at, _)| at);
        if text.is_some() {
            self.at = next;
        } else {
            self.skip_line();
        }
        text
    }

    /// Passes what stands between two brackets, strings and comments respected.
    fn skip_block(&mut self) {
        let mut depth = 0usize;
        while let Some(char) = self.peek() {
            match char {
                '"' => {
                    self.string();
                    continue;
                }
                '/' if self.skip_comment() => continue,
                '{' | '[' | '(' => depth = depth.saturating_add(1),
                '}' | ']' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.bump();
            if depth == 0 {
                return;
            }
        }
    }

    /// The fields of a block, up to and with its closing brace.
    fn fields(&mut self) -> Vec<Field> {
        let mut fields = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => return fields,
                Some('}') => {
                    self.bump();
                    return fields;
                }
                Some(_) => {}
            }
            let name = self.word();
            self.skip_spaces();
            if name.is_empty() || self.peek() != Some('=') {
                self.skip_line();
                continue;
            }
            self.bump();
            self.skip_spaces();
            let start = self.at;
            let value = self.value();
            let span = Span::new(start, self.at);
            fields.push(Field { name: name.to_owned(), value, span });
        }
    }

    fn value(&mut self) -> FieldValue {
        match self.peek() {
            Some('"') => self.string().map_or(FieldValue::Other, FieldValue::Text),
            Some('[') => {
                self.skip_block();
                FieldValue::Other
            }
            _ => {
                let word = self.word();
                self.skip_spaces();
                if self.peek() != Some('(') {
                    return FieldValue::Other;
                }
                let mut call = Cursor { text: self.text, at: self.at };
                self.skip_block();
                call.bump();
                call.skip_blank();
                match call.string() {
                    Some(name) if word == "env" => FieldValue::Env(name.as_str().to_owned()),
                    _ => FieldValue::Other,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::node::check;

    #[test]
    fn reads_datasource_and_generators() {
        let text = r#"// datasource no { url = "x" }
/* generator no { } */
model A {
  id Int @id @default(dbgenerated("}")) // }
}
datasource db {
  provider  = "postgresql" // "mysql"
  url       = env("DATABASE_URL")
  directUrl = env( "DIRECT_URL" )
  shadowDatabaseUrl = "postgres://ü:\"@h/db"
  // url = env("OLD")
  schemas = ["a",
    "b"] // c
  relationMode = prisma
}

generator client {
  provider = "prisma-client-js"
  previewFeatures = ["driverAdapters"]
  engineType = env("X") 
  flag
}
generator other { provider = "y" }
enum E { A B }
datasource second { url = "z" }
"#;
        let schema = parse(text);
        let db = schema.datasource.unwrap();
        assert_eq!(db.name, "db");
        let text_of = |field: &Field| match &field.value {
            FieldValue::Text(value) => value.as_str().to_owned(),
            FieldValue::Env(name) => format!("${name}"),
            FieldValue::Other => String::new(),
        };
        let rows: Vec<_> = db
            .fields
            .iter()
            .map(|field| (field.name.as_str(), text_of(field), text[field.span.range()].to_owned()))
            .collect();
        let row = |a, b: &str, c: &str| (a, b.to_owned(), c.to_owned());
        assert_eq!(
            rows,
            [
                row("provider", "postgresql", "\"postgresql\""),
                row("url", "$DATABASE_URL", "env(\"DATABASE_URL\")"),
                row("directUrl", "$DIRECT_URL", "env( \"DIRECT_URL\" )"),
                row("shadowDatabaseUrl", "postgres://ü:\"@h/db", "\"postgres://ü:\\\"@h/db\""),
                row("schemas", "", "[\"a\",\n    \"b\"]"),
                row("relationMode", "", "prisma"),
            ]
        );
        assert!(text[db.span.range()].starts_with("datasource db {") && text[db.span.range()].ends_with('}'));
        let names: Vec<_> = schema.generators.iter().map(|block| block.name.as_str()).collect();
        assert_eq!(names, ["client", "other"]);
        assert_eq!(text_of(schema.generators[1].field("provider").unwrap()), "y");
        assert_eq!(schema.generators[0].fields.len(), 3);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(datasource db \\{|generator|env\\(|[a={}\\[\\]()\"\\\\/*é \n]|//|/\\*){0,30}") {
            let schema = parse(&text);
            for block in schema.datasource.iter().chain(&schema.generators) {
                prop_assert!(text.get(block.span.range()).is_some());
                for field in &block.fields {
                    prop_assert!(text.get(field.span.range()).is_some());
                    if let FieldValue::Text(value) = &field.value {
                        check::text(&text, value);
                    }
                }
            }
        }
    }
}
