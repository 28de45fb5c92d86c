//! libpq's `key=value` strings.
//!
//! Grammar: PostgreSQL manual, "Connection Strings", "Keyword/Value Connection Strings": pairs between white
//! space, blanks around `=` allowed, values in single quotes where they are empty or hold blanks, `\` before a
//! quote or a backslash.

use super::draft::{Draft, is_secret_name};
use super::raw::{OPAQUE, Raw};
use super::{Database, FlawKind, Form, Host, Param, Part};
use crate::span::{Span, UNKNOWN};

/// Keywords that show a text to be a libpq string. From PostgreSQL 18's list; `pool_` settings of pgx and
/// PgBouncer's are read as further parameters but show nothing.
const KEYWORDS: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssencmode",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "options",
    "passfile",
    "password",
    "port",
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];
/// Further keywords that pgx, lib/pq and PgBouncer read. Nobody means one of libpq's who writes one of these.
const OTHERS: &[&str] = &[
    "auth_dbname",
    "auth_user",
    "binary_parameters",
    "connect_query",
    "database",
    "datestyle",
    "default_query_exec_mode",
    "description_cache_capacity",
    "max_db_connections",
    "min_pool_size",
    "pool_max_conn_idle_time",
    "pool_max_conn_lifetime",
    "pool_max_conns",
    "pool_min_conns",
    "pool_mode",
    "pool_size",
    "reserve_pool",
    "reserve_pool_size",
    "role",
    "search_path",
    "statement_cache_capacity",
    "statement_timeout",
    "timezone",
];
/// Keywords that no other format shares to the same degree: one of them must be there, or nothing but keywords.
const TELLING: &[&str] = &["dbname", "user", "sslmode", "hostaddr", "target_session_attrs"];

/// One pair.
pub(super) struct Pair {
    name: Span,
    /// The value's bytes, without quotes; `None` without `=`.
    value: Option<Part>,
    span: Span,
}

/// Reads the pairs, when the text is a libpq string.
pub(super) fn recognise(raw: &Raw<'_>, span: Span) -> Option<Vec<Pair>> {
    // A whole properties file is no connection string.
    if raw.text(span).contains(['\n', '\r']) {
        return None;
    }
    let first = keyword_end(raw, span.start);
    if !KEYWORDS.contains(&raw.text(Span::new(span.start, first))) {
        return None;
    }
    let pairs = pairs(raw, span);
    let names: Vec<&str> =
        pairs.iter().filter(|pair| pair.value.is_some()).map(|pair| raw.text(pair.name)).collect();
    let known = names.iter().filter(|name| KEYWORDS.contains(name)).count();
    let reaches = names.iter().any(|name| matches!(*name, "host" | "hostaddr" | "dbname" | "service"));
    let telling = names.iter().any(|name| TELLING.contains(name)) || known == pairs.len();
    (known >= 2 && reaches && telling).then_some(pairs)
}

/// The same for a text of which somebody says that it is a connection string: one right keyword is enough where all
/// others nearly are some.
pub(super) fn recognise_misspelt(raw: &Raw<'_>, span: Span) -> Option<Vec<Pair>> {
    if raw.text(span).contains(['\n', '\r']) {
        return None;
    }
    let pairs = pairs(raw, span);
    let keyword = |pair: &Pair| {
        let name = raw.text(pair.name);
        pair.value.as_ref()?;
        KEYWORDS.iter().copied().find(|known| *known == name).or_else(|| meant(name))
    };
    let keywords: Vec<&str> = pairs.iter().map(keyword).collect::<Option<_>>()?;
    let right = pairs.iter().filter(|pair| KEYWORDS.contains(&raw.text(pair.name))).count();
    let reaches = keywords.iter().any(|name| matches!(*name, "host" | "hostaddr" | "dbname" | "service"));
    (right > 0 && pairs.len() > 1 && reaches).then_some(pairs)
}

/// libpq's keyword that was probably meant by one that it does not have.
fn meant(name: &str) -> Option<&'static str> {
    if KEYWORDS.contains(&name) || OTHERS.contains(&name) || name.len() < 3 {
        return None;
    }
    KEYWORDS
        .iter()
        .map(|known| (strsim::osa_distance(name, known), *known))
        // Of four letters one may be wrong or two may have changed places, of eight two may be wrong.
        .filter(|(distance, known)| *distance <= if known.len() < 8 { 1 } else { 2 })
        .min()
        .map(|(_, known)| known)
}

fn keyword_end(raw: &Raw<'_>, from: usize) -> usize {
    raw.run_end(from, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn pairs(raw: &Raw<'_>, span: Span) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let blanks = |from: usize| raw.run_end(from, |byte| byte.is_ascii_whitespace()).min(span.end);
    let mut at = blanks(span.start);
    while at < span.end {
        let end = raw.run_end(at, |byte| byte != b'=' && !byte.is_ascii_whitespace()).min(span.end);
        let name = Span::new(at, end);
        let equals = blanks(end);
        if equals >= span.end || raw.byte(equals) != Some(b'=') {
            pairs.push(Pair { name, value: None, span: name });
            // A stray `=` would hold the reader up.
            at = equals.max(at.saturating_add(1));
            continue;
        }
        let start = blanks(equals.saturating_add(1));
        let (value, next) = value(raw, start, span.end);
        pairs.push(Pair { name, span: Span::new(name.start, next), value: Some(value) });
        at = blanks(next);
    }
    pairs
}

/// A value at `from`, unescaped, and where the text goes on.
fn value(raw: &Raw<'_>, from: usize, end: usize) -> (Part, usize) {
    let quoted = raw.byte(from) == Some(b'\'') && from < end;
    let start = if quoted { from.saturating_add(1) } else { from };
    let rest = raw.text(Span::new(start, end));
    let mut value = String::new();
    let mut escaped = false;
    let mut stop = end;
    for (offset, letter) in rest.char_indices() {
        let at = start.saturating_add(offset);
        if raw.byte(at) == Some(OPAQUE) {
            if !value.ends_with(UNKNOWN) {
                value.push(UNKNOWN);
            }
            escaped = false;
        } else if escaped {
            value.push(letter);
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if (quoted && letter == '\'') || (!quoted && letter.is_ascii_whitespace()) {
            stop = at;
            break;
        } else {
            value.push(letter);
        }
    }
    let next = if quoted { stop.saturating_add(1).min(end) } else { stop };
    (Part { span: Span::new(start, stop), value }, next)
}

/// Builds the connection string.
pub(super) fn read(raw: &Raw<'_>, pairs: Vec<Pair>) -> Draft {
    let mut draft = Draft::new(Form::KeyValue, Database::PostgreSql);
    let mut hosts = None;
    let mut address = None;
    let mut ports = None;
    let mut seen: Vec<(&str, Option<String>)> = Vec::new();
    for pair in pairs {
        let name = raw.text(pair.name);
        check(raw, &mut draft, &pair, &mut seen);
        let filled = pair.value.clone().filter(|part| !part.value.is_empty());
        match name {
            "user" => draft.out.user = filled,
            "password" => draft.out.password = filled,
            "dbname" => draft.out.database = filled,
            "host" => hosts = filled,
            "hostaddr" => address = filled,
            "port" => ports = filled,
            _ => draft.out.params.push(Param {
                name: Part { span: pair.name, value: name.to_owned() },
                value: pair.value,
                span: pair.span,
            }),
        }
    }
    if let Some(ports) = &ports
        && ports.value.split(',').any(|port| {
            !port.is_empty()
                && !port.contains(UNKNOWN)
                && !port.parse::<u16>().is_ok_and(|number| number != 0)
        })
        && !raw.is_open(ports.span)
    {
        draft.flaw(FlawKind::BadPort, ports.span, None);
        draft.secret(ports.span);
    }
    draft.out.hosts = host_list(hosts.or(address), ports);
    draft
}

fn check<'a>(raw: &Raw<'a>, draft: &mut Draft, pair: &Pair, seen: &mut Vec<(&'a str, Option<String>)>) {
    let name = raw.text(pair.name);
    let Some(value) = &pair.value else {
        if !raw.is_open(pair.name) {
            draft.flaw(FlawKind::MissingEquals, pair.name, None);
            // Usually the second half of a password with a blank in it.
            draft.secret(pair.name);
        }
        return;
    };
    if is_secret_name(name) {
        draft.secret(value.span);
    }
    if let Some(keyword) = meant(name) {
        draft.flaw(FlawKind::MisspeltKeyword, pair.name, Some(keyword));
    }
    // No libpq string has more keywords than libpq and its poolers know; what is longer is not compared.
    if seen.len() > 64 {
        return;
    }
    match seen.iter().find(|(other, _)| *other == name) {
        Some((_, first)) => {
            let unknown =
                first.as_ref().is_some_and(|first| first.contains(UNKNOWN)) || value.known().is_none();
            if !unknown && first.as_deref() != Some(value.value.as_str()) {
                draft.flaw(FlawKind::DuplicateParam, pair.span, None);
            }
        }
        None => seen.push((name, Some(value.value.clone()))),
    }
}

/// Hosts and ports go together by their place in the lists; one port serves all hosts.
fn host_list(hosts: Option<Part>, ports: Option<Part>) -> Vec<Host> {
    let port_at = |index: usize| {
        let ports = ports.as_ref()?;
        let mut list = ports.value.split(',');
        let single = ports.value.split(',').count() == 1;
        let value = if single { list.next() } else { list.nth(index) };
        value.filter(|port| !port.is_empty()).map(|port| Part { span: ports.span, value: port.to_owned() })
    };
    match hosts {
        Some(hosts) => hosts
            .value
            .split(',')
            .enumerate()
            .take(64)
            .map(|(index, name)| Host {
                name: Part { span: hosts.span, value: name.to_owned() },
                port: port_at(index),
            })
            .collect(),
        None => port_at(0)
            .map(|port| Host {
                name: Part { span: Span::new(port.span.start, port.span.start), value: String::new() },
                port: Some(port),
            })
            .into_iter()
            .collect(),
    }
}
