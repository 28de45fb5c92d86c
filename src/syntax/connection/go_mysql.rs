//! Go's MySQL DSN: `user:password@tcp(host:3306)/database?parameters`.
//!
//! Grammar: README of go-sql-driver/mysql, "DSN (Data Source Name)". Credentials stand as they are, without
//! escapes; the last `@` before the network's name ends them.

use super::draft::{Draft, filled};
use super::raw::{Decoding, Raw};
use super::{Database, FlawKind, Form, Host, query};
use crate::span::Span;

/// Networks that the driver or Google's connector registers.
const NETWORKS: &[&str] = &["tcp", "tcp4", "tcp6", "unix", "cloudsql", "cloudsql-mysql"];

/// Where the pieces stand.
pub(super) struct Pieces {
    credentials: Option<Span>,
    network: Span,
    address: Span,
    tail: Span,
}

/// Finds the pieces; `None` when `span` is no such DSN.
pub(super) fn pieces(raw: &Raw<'_>, span: Span) -> Option<Pieces> {
    let open = raw.find_last(span, |byte| byte == b'(')?;
    let close = raw.find(Span::new(open, span.end), |byte| byte == b')')?;
    let start = raw
        .find_last(Span::new(span.start, open), |byte| !(byte.is_ascii_alphanumeric() || byte == b'-'))
        .map_or(span.start, |at| at.saturating_add(1));
    let network = Span::new(start, open);
    let after = close.saturating_add(1);
    let credentials = if start == span.start {
        None
    } else {
        let at = start.saturating_sub(1);
        if raw.byte(at) != Some(b'@') {
            return None;
        }
        Some(Span::new(span.start, at))
    };
    (NETWORKS.contains(&raw.text(network)) && raw.byte(after) == Some(b'/')).then(|| Pieces {
        credentials,
        network,
        address: Span::new(open.saturating_add(1), close),
        tail: Span::new(after.saturating_add(1), span.end),
    })
}

/// Reads the pieces.
pub(super) fn read(raw: &Raw<'_>, pieces: Pieces) -> Draft {
    let mut draft = Draft::new(Form::Url, Database::MySql);
    fill(raw, &mut draft, pieces);
    draft
}

/// Reads the pieces behind `mysql://`, which the driver itself does not take: golang-migrate's form
/// (<https://github.com/golang-migrate/migrate/tree/master/database/mysql>).
pub(super) fn read_with_scheme(raw: &Raw<'_>, draft: &mut Draft, pieces: Pieces) {
    let address = Span::new(pieces.network.start, pieces.address.end.saturating_add(1));
    draft.flaw(FlawKind::GoAddress, address, None);
    fill(raw, draft, pieces);
}

fn fill(raw: &Raw<'_>, draft: &mut Draft, pieces: Pieces) {
    if let Some(credentials) = pieces.credentials {
        let colon = raw.find(credentials, |byte| byte == b':').unwrap_or(credentials.end);
        draft.out.user = filled(raw, Span::new(credentials.start, colon), Decoding::Plain);
        let password = Span::new(colon.saturating_add(1).min(credentials.end), credentials.end);
        if let Some(part) = filled(raw, password, Decoding::Plain) {
            draft.password(part);
        }
    }
    host(raw, draft, &pieces);
    let tail = query::tail(raw, pieces.tail, false);
    draft.out.database = filled(raw, tail.path, Decoding::Percent);
    if let Some(query) = tail.query {
        query::read(raw, draft, query);
    }
}

fn host(raw: &Raw<'_>, draft: &mut Draft, pieces: &Pieces) {
    let address = pieces.address;
    if !raw.text(pieces.network).starts_with("tcp") {
        draft.out.hosts.push(Host { name: raw.part(address, Decoding::Plain), port: None });
        return;
    }
    let bracket = raw.find_last(address, |byte| byte == b']');
    let from = bracket.unwrap_or(address.start);
    let colon = raw.find(Span::new(from, address.end), |byte| byte == b':');
    let mut name = Span::new(address.start, colon.unwrap_or(address.end));
    if raw.byte(name.start) == Some(b'[') && bracket.is_some() {
        name = Span::new(name.start.saturating_add(1), bracket.unwrap_or(name.end));
    }
    let port =
        colon.map(|colon| Span::new(colon.saturating_add(1), address.end)).filter(|port| !port.is_empty());
    if let Some(port) = port {
        draft.check_port(raw, port);
    }
    if name.is_empty() {
        draft.flaw(FlawKind::MissingHost, Span::new(address.start, address.start), None);
    }
    draft.out.hosts.push(Host {
        name: raw.part(name, Decoding::Plain),
        port: port.map(|port| raw.part(port, Decoding::Plain)),
    });
}
