//! Connection strings: database URLs, libpq `key=value` DSNs, JDBC URLs, ADO.NET strings and Go's MySQL DSNs,
//! with the span of every part down to a single query parameter.
//!
//! The parser survives what strict ones reject and names each [`Flaw`] precisely. Spans are byte ranges
//! of the given text; [`crate::span::Text`] maps them to files. [`crate::span::UNKNOWN`] in the text
//! makes the part that holds it unknown and leaves the others known, and so does a reference that nobody
//! resolved (`${NAME}`, `$(NAME)`, `{{ name }}`).

mod ado;
mod authority;
mod draft;
mod dsn;
mod go_mysql;
mod jdbc;
mod mask;
mod placeholder;
mod query;
mod raw;
mod scheme;
#[cfg(test)]
mod tests;
mod types;
mod url;
mod value;

pub use mask::{mask_credentials, mask_spans};
pub use placeholder::is_placeholder_password;
pub use types::{ConnectionString, Database, Flaw, FlawKind, Form, Host, Param, Part};
pub use value::parse_as_url_value;

use raw::Raw;

/// The ways in which a text can be a connection string, cheapest test first.
enum Shape {
    Url(scheme::Meaning),
    Jdbc(jdbc::Prefix),
    GoMySql(go_mysql::Pieces),
    KeyValue(Vec<dsn::Pair>),
    AdoNet(Vec<ado::Pair>),
}

fn shape(raw: &Raw<'_>) -> Option<Shape> {
    let span = raw.trimmed(raw.whole());
    let text = raw.text(span);
    if let Some(prefix) = jdbc::prefix(raw, span) {
        return Some(Shape::Jdbc(prefix));
    }
    if let Some(length) = scheme::length(text)
        && text.get(length..).is_some_and(|rest| rest.starts_with("://"))
    {
        return scheme::of_url(text.get(..length)?).map(Shape::Url);
    }
    if let Some(pieces) = go_mysql::pieces(raw, span) {
        return Some(Shape::GoMySql(pieces));
    }
    if !text.contains('=') {
        return None;
    }
    if let Some(pairs) = dsn::recognise(raw, span) {
        return Some(Shape::KeyValue(pairs));
    }
    ado::recognise(raw, span).map(Shape::AdoNet)
}

/// Whether a value looks like a database connection string at all: a database scheme (also a misspelt one),
/// `jdbc:`, a libpq DSN, an ADO.NET string or a Go MySQL DSN. Redis, AMQP, HTTP and SQLite URLs are not.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    shape(&Raw::new(text)).is_some()
}

/// Reads a connection string. `None` when `text` is none ([`looks_like`]).
#[must_use]
pub fn parse(text: &str) -> Option<ConnectionString> {
    let raw = Raw::new(text);
    read(&raw)
}

fn read(raw: &Raw<'_>) -> Option<ConnectionString> {
    let span = raw.trimmed(raw.whole());
    let mut draft = match shape(raw)? {
        Shape::Url(meaning) => url::read(raw, span, meaning),
        Shape::Jdbc(prefix) => jdbc::read(raw, span, prefix),
        Shape::GoMySql(pieces) => go_mysql::read(raw, pieces),
        Shape::KeyValue(pairs) => dsn::read(raw, pairs),
        Shape::AdoNet(pairs) => ado::read(raw, &pairs),
    };
    draft.check_edges(raw, span);
    placeholder::check(raw, &mut draft);
    Some(draft.finish())
}
