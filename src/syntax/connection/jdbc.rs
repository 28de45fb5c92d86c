//! `jdbc:…` and `r2dbc:…`
//!
//! Facts: pgjdbc `org/postgresql/Driver.java` (`jdbc:postgresql:db`, host lists, parameters over the
//! authority), MySQL Connector/J and MariaDB Connector/J manuals (`loadbalance:`, `replication:` …), Microsoft's
//! JDBC driver ("Building the connection URL": parameters behind `;`), R2DBC specification (credentials in the
//! authority).

use super::ado;
use super::draft::{Draft, filled};
use super::query;
use super::raw::{Decoding, Raw};
use super::scheme::{self, Meaning};
use super::{Database, FlawKind, Form, Part, url};
use crate::catalog::catalog;
use crate::span::Span;

/// Words between the sub-protocol and `//` that choose how several hosts are used.
const MODES: &[&str] = &[
    "loadbalance",
    "replication",
    "sequential",
    "aurora",
    "failover",
    "load-balance",
    "load-balance-read",
    "aws",
];

/// How a JDBC URL begins.
pub(super) struct Prefix {
    meaning: Meaning,
    reactive: bool,
    /// The sub-protocol: `postgresql`.
    name: Span,
    /// What follows its `:`.
    rest: Span,
}

/// Reads the beginning; `None` when it is another database's or no JDBC URL.
pub(super) fn prefix(raw: &Raw<'_>, span: Span) -> Option<Prefix> {
    let first = word(raw, span)?;
    let reactive = match raw.text(first).to_ascii_lowercase().as_str() {
        "jdbc" => false,
        "r2dbc" | "r2dbcs" => true,
        other if catalog().ambient.jdbc_schemes.iter().any(|known| known == other) => false,
        _ => return None,
    };
    let mut name = word(raw, Span::new(first.end.saturating_add(1), span.end))?;
    if catalog().ambient.jdbc_wrappers.iter().any(|known| known == raw.text(name)) {
        name = word(raw, Span::new(name.end.saturating_add(1), span.end))?;
    }
    let meaning = scheme::of_jdbc(raw.text(name), reactive)?;
    let mut rest = Span::new(name.end.saturating_add(1), span.end);
    if let Some(mode) = word(raw, rest)
        && MODES.contains(&raw.text(mode))
    {
        rest.start = mode.end.saturating_add(1);
    }
    Some(Prefix { meaning, reactive, name, rest })
}

/// The bytes before the next `:`.
fn word(raw: &Raw<'_>, span: Span) -> Option<Span> {
    let end = raw.run_end(span.start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (end > span.start && end < span.end && raw.byte(end) == Some(b':')).then(|| Span::new(span.start, end))
}

/// Reads the whole.
pub(super) fn read(raw: &Raw<'_>, span: Span, prefix: Prefix) -> Draft {
    let form = if prefix.reactive { Form::Url } else { Form::Jdbc };
    let mut draft = Draft::new(form, prefix.meaning.database);
    let whole = Span::new(span.start, prefix.name.end);
    let first = raw.text(span).split(':').next().unwrap_or_default();
    draft.out.scheme = Some(Part { span: whole, value: format!("{first}:{}", raw.text(prefix.name)) });
    if let Some(instead) = prefix.meaning.instead {
        draft.flaw(FlawKind::MisspeltScheme, prefix.name, Some(instead));
    }
    let rest = prefix.rest;
    if raw.starts_with(rest, b"//") {
        let rest = Span::new(rest.start.saturating_add(2), rest.end);
        if prefix.meaning.database == Database::SqlServer {
            ado::read_sqlserver(raw, &mut draft, rest);
        } else {
            let judge = prefix.reactive || prefix.meaning.database != Database::PostgreSql;
            url::read_rest(raw, &mut draft, rest, judge);
        }
    } else if prefix.reactive || prefix.meaning.database != Database::PostgreSql {
        draft.flaw(FlawKind::MissingScheme, Span::new(rest.start, rest.start), None);
        url::read_rest(raw, &mut draft, rest, false);
    } else {
        short(raw, &mut draft, rest);
    }
    draft
}

/// `jdbc:postgresql:database?parameters`: a database on localhost.
fn short(raw: &Raw<'_>, draft: &mut Draft, rest: Span) {
    let tail = query::tail(raw, rest, false);
    draft.check_text(raw, tail.path, false);
    draft.out.database = filled(raw, tail.path, Decoding::Percent);
    if let Some(query) = tail.query {
        query::read(raw, draft, query);
    }
    url::apply_params(draft);
    if let Some(at) = raw.find_last(rest, |byte| byte == b'@') {
        // A mistyped URL may still hold credentials.
        draft.secret(Span::new(rest.start, at));
    }
}
