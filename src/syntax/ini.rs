//! INI in PgBouncer's dialect and `postgresql.conf`: sections, `key = value`, comments.

use crate::span::{Span, SpanText};

#[cfg(test)]
mod tests;
mod value;

/// A file, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ini {
    /// Its sections; what stands before the first header is a section without a name.
    pub sections: Vec<Section>,
    /// Comments, those behind a value included.
    pub comments: Vec<Span>,
    /// Lines that are neither header, comment nor `key = value`.
    pub strays: Vec<Span>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Name between the brackets; empty before the first header.
    pub name: String,
    /// The header's bytes.
    pub span: Span,
    /// Its settings, repeats included.
    pub settings: Vec<Setting>,
}

/// `key = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Key.
    pub key: String,
    /// Its bytes.
    pub key_span: Span,
    /// Value as the dialect reads it.
    pub value: SpanText,
    /// The value's bytes, quotes included.
    pub value_span: Span,
}

/// Which program reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `;` and `#` start comments only at the beginning of a line; values are kept whole.
    PgBouncer,
    /// No sections; `#` starts a comment anywhere outside quotes; `key value` and `key = value`; `'…'` quotes.
    Postgres,
    /// `[mysqld]` sections; `#` comments anywhere, `;` at the start; keys with `-` or `_`.
    MySql,
}

/// Parses a file. Keys of PostgreSQL and MySQL come in lower case, MySQL's with `_` for `-`, because their
/// servers compare them so. Include directives (`%include`, `!include`, PostgreSQL's `include`) are settings
/// under their own name.
#[must_use]
pub fn parse(text: &str, dialect: Dialect) -> Ini {
    let mut ini = Ini { sections: vec![Section::default()], ..Ini::default() };
    let mut start = 0usize;
    for raw in text.split_inclusive('\n') {
        let skipped = raw.len().saturating_sub(raw.trim_start_matches(BLANKS).len());
        line(&mut ini, raw.trim_matches(BLANKS), start.saturating_add(skipped), dialect);
        start = start.saturating_add(raw.len());
    }
    ini
}

/// White space in a line; the byte order mark counts too.
const BLANKS: [char; 7] = [' ', '\t', '\r', '\n', '\u{b}', '\u{c}', '\u{feff}'];

/// Reads one line without the white space around it.
fn line(ini: &mut Ini, line: &str, at: usize, dialect: Dialect) {
    let whole = Span::new(at, at.saturating_add(line.len()));
    let comment: &[char] = match dialect {
        Dialect::PgBouncer | Dialect::MySql => &['#', ';'],
        Dialect::Postgres => &['#'],
    };
    if line.is_empty() {
        return;
    }
    if line.starts_with(comment) {
        ini.comments.push(whole);
        return;
    }
    if dialect != Dialect::Postgres && line.starts_with('[') {
        match header(line, at, dialect) {
            Some((section, comment)) => {
                ini.sections.push(section);
                ini.comments.extend(comment);
            }
            None => ini.strays.push(whole),
        }
        return;
    }
    let found = key(line, at, dialect).and_then(|(name, key_span, rest)| {
        let skipped = rest.len().saturating_sub(rest.trim_start_matches(BLANKS).len());
        let start = at.saturating_add(line.len()).saturating_sub(rest.len()).saturating_add(skipped);
        let (value, value_span, comment) = value::read(rest.trim_start_matches(BLANKS), start, dialect)?;
        Some((Setting { key: name, key_span, value, value_span }, comment))
    });
    match (found, ini.sections.last_mut()) {
        (Some((setting, comment)), Some(section)) => {
            section.settings.push(setting);
            ini.comments.extend(comment);
        }
        _ => ini.strays.push(whole),
    }
}

/// `[name]`, behind which MySQL takes a comment.
fn header(line: &str, at: usize, dialect: Dialect) -> Option<(Section, Option<Span>)> {
    let (name, rest) = line.strip_prefix('[')?.split_once(']')?;
    let end = at.saturating_add(line.len());
    let behind = rest.trim_start_matches(BLANKS);
    let comment = match behind {
        "" => None,
        _ if dialect == Dialect::MySql && behind.starts_with('#') => {
            Some(Span::new(end.saturating_sub(behind.len()), end))
        }
        _ => return None,
    };
    let span = Span::new(at, end.saturating_sub(rest.len()));
    Some((Section { name: name.trim_matches(BLANKS).to_owned(), span, settings: Vec::new() }, comment))
}

/// The key of a line, its bytes, and what follows it and its `=`.
fn key(line: &str, at: usize, dialect: Dialect) -> Option<(String, Span, &str)> {
    if let Some(rest) = line.strip_prefix('"').filter(|_| dialect == Dialect::PgBouncer) {
        // A database name quoted as an SQL identifier.
        let mut name = String::new();
        let mut rest = rest;
        loop {
            let (part, behind) = rest.split_once('"')?;
            name.push_str(part);
            rest = behind;
            let Some(more) = rest.strip_prefix('"') else { break };
            name.push('"');
            rest = more;
        }
        let len = line.len().saturating_sub(rest.len());
        let value = rest.trim_start_matches(BLANKS).strip_prefix('=')?;
        return Some((name, Span::new(at, at.saturating_add(len)), value));
    }
    let len =
        line.find(|char: char| char == '=' || char == '#' || BLANKS.contains(&char)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(len).filter(|(name, _)| !name.is_empty())?;
    let rest = rest.trim_start_matches(BLANKS);
    let value = match (rest.strip_prefix('='), dialect) {
        (Some(value), _) => value,
        (None, Dialect::PgBouncer) => return name.eq("%include").then(|| pair(name, at, rest)),
        (None, Dialect::Postgres) if rest.is_empty() || rest.starts_with('#') => return None,
        (None, Dialect::MySql) if !rest.is_empty() && !rest.starts_with('#') && !name.starts_with('!') => {
            return None;
        }
        (None, Dialect::Postgres | Dialect::MySql) => rest,
    };
    let folded = match dialect {
        Dialect::PgBouncer => name.to_owned(),
        Dialect::Postgres => name.to_ascii_lowercase(),
        Dialect::MySql => name.to_ascii_lowercase().replace('-', "_"),
    };
    Some((folded, Span::new(at, at.saturating_add(len)), value))
}

/// A name that stays as it is, with its place.
fn pair<'line>(name: &str, at: usize, rest: &'line str) -> (String, Span, &'line str) {
    (name.to_owned(), Span::new(at, at.saturating_add(name.len())), rest)
}
