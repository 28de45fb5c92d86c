//! Values in places where a database URL is expected.

use super::draft::Draft;
use super::raw::Raw;
use super::{ConnectionString, Database, FlawKind, Form, dsn, placeholder, read, scheme, url};
use crate::span::Span;

/// Words that switch something off instead of naming a database.
const OFF: &[&str] =
    &["true", "false", "null", "none", "nil", "undefined", "disabled", "enabled", "yes", "no", "off", "on"];
/// How values begin that another tool fills in or that name something else: references to secret stores,
/// sealed values, paths, JSON.
const OTHER_STARTS: &[&str] = &[
    "@",
    "{",
    "[",
    "ENC[",
    "AgA",
    "!",
    "-",
    "./",
    "../",
    "~",
    ":memory:",
    "\\",
    "projects/",
    "secret/",
    "secrets/",
];
/// Endings of SQLite's files.
const FILES: &[&str] = &[".db", ".db3", ".sqlite", ".sqlite3", ".duckdb", ".json", ".yaml", ".yml", ".txt"];

/// Reads the value of a variable whose name says that it holds a database URL. What is no connection string
/// gives one with [`FlawKind::MissingScheme`], of [`Database::Unknown`] where nothing tells which. `None` for an
/// empty or unknown value, for URLs of other things (`sqlite:`, `redis://`, `https://`) and for references.
#[must_use]
pub fn parse_as_url_value(text: &str) -> Option<ConnectionString> {
    let raw = Raw::new(text);
    let span = raw.trimmed(raw.whole());
    if let Some(found) = read(&raw) {
        return Some(found);
    }
    let value = raw.text(span);
    if value.is_empty() || raw.byte(span.start).is_some_and(|byte| byte == super::raw::OPAQUE) {
        return None;
    }
    let mut draft = if let Some(inner) = quoted(&raw, span) {
        inner
    } else if let Some(pairs) = dsn::recognise_misspelt(&raw, span) {
        dsn::read(&raw, pairs)
    } else {
        let (kind, rest) = without_scheme(&raw, span)?;
        let mut draft = Draft::new(Form::Url, kind);
        draft.flaw(FlawKind::MissingScheme, Span::new(span.start, rest.start), None);
        url::read_rest(&raw, &mut draft, rest, true);
        // A word alone may be the password itself.
        if !raw.text(rest).contains(['@', '/', ':', '.']) {
            draft.out.secrets.push(rest);
            draft.out.hosts.clear();
            if placeholder::is_one(raw.text(rest)) {
                draft.flaw(FlawKind::Placeholder, rest, None);
            }
        }
        draft
    };
    draft.out.flaws.retain(|flaw| !matches!(flaw.kind, FlawKind::MissingHost | FlawKind::MissingAuthority));
    draft.check_edges(&raw, span);
    placeholder::check(&raw, &mut draft);
    Some(draft.finish())
}

/// A connection string that kept its quotes, as `docker run --env-file` leaves them.
fn quoted(raw: &Raw<'_>, span: Span) -> Option<Draft> {
    let quote = raw.byte(span.start).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let inner = Span::new(span.start.saturating_add(1), span.end);
    let end = raw.find_last(inner, |byte| byte == quote).unwrap_or(inner.end);
    let inner = Span::new(inner.start, end);
    let mut draft = match scheme::length(raw.text(inner)) {
        Some(length) => url::read(raw, inner, scheme::of_url(raw.text(inner).get(..length)?)?),
        None => dsn::read(raw, dsn::recognise(raw, inner)?),
    };
    draft.flaw(FlawKind::Quoted, span, None);
    Some(draft)
}

/// Where the authority begins in a value without `scheme://`, and the database that the rest tells.
fn without_scheme(raw: &Raw<'_>, span: Span) -> Option<(Database, Span)> {
    let text = raw.text(span);
    if OFF.contains(&text.to_ascii_lowercase().as_str())
        || OTHER_STARTS.iter().any(|start| text.starts_with(start))
    {
        return None;
    }
    if FILES.iter().any(|ending| text.ends_with(ending)) {
        return None;
    }
    if let Some(rest) = text.strip_prefix("//") {
        return Some((Database::Unknown, Span::new(span.end.saturating_sub(rest.len()), span.end)));
    }
    if text.starts_with('/') {
        return None;
    }
    if let Some(length) = scheme::length(text) {
        let name = text.get(..length)?;
        let rest = text.get(length.saturating_add(1)..)?;
        if scheme::is_other(name) || scheme::is_other(name.split('+').next().unwrap_or_default()) {
            return None;
        }
        if rest.starts_with("//") || matches!(name.to_ascii_lowercase().as_str(), "jdbc" | "r2dbc") {
            // A scheme of something else.
            return None;
        }
        if let Some(meaning) = scheme::of_url(name).filter(|meaning| meaning.instead.is_none())
            && !rest.bytes().all(|byte| byte.is_ascii_digit())
        {
            let start = raw.run_end(span.start.saturating_add(length).saturating_add(1), |byte| byte == b'/');
            return Some((meaning.database, Span::new(start.min(span.end), span.end)));
        }
        if name.len() == 1 {
            // A Windows path.
            return None;
        }
    }
    let sealed = text.len() > 40 && !text.contains(['@', ':', '.']);
    let spoken = text.contains(char::is_whitespace) && !text.contains('@');
    let assignment = text.contains('=') && !text.contains('@');
    (!sealed && !spoken && !assignment).then_some((Database::Unknown, span))
}
