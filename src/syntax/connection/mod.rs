//! Connection strings: database URLs, libpq `key=value` DSNs and JDBC URLs, with the span of every part
//! down to a single query parameter.
//!
//! The parser survives what strict ones reject and names each [`Flaw`] precisely. Spans are byte ranges
//! of the given text; [`crate::span::Text`] maps them to files. [`crate::span::UNKNOWN`] in the text
//! makes the part that holds it unknown and leaves the others known.

mod types;

pub use types::{ConnectionString, Database, Flaw, FlawKind, Form, Host, Param, Part};

/// Whether a value looks like a database connection string at all, without parsing it: a known database
/// scheme, `jdbc:`, or a libpq DSN. Redis, AMQP and HTTP URLs are not.
#[must_use]
pub fn looks_like(_text: &str) -> bool {
    false
}

/// Reads a connection string. `None` when `text` is none ([`looks_like`]).
#[must_use]
pub fn parse(_text: &str) -> Option<ConnectionString> {
    None
}

/// Reads a value of a variable that is named for a database URL: what is no connection string gives flaws.
#[must_use]
pub fn parse_as_url_value(_text: &str) -> Option<ConnectionString> {
    None
}
