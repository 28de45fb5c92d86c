//! The part of a URL between `//` and the path: credentials and hosts.
//!
//! Clients disagree about credentials with raw delimiters: libpq cuts at the first `@`, WHATWG parsers, Go and
//! Python at the last one before `/`, `?` or `#`. Here the intended split is looked for: the last `@` that a
//! plausible host follows, wherever it stands, so that what is wrong can be named.

use super::draft::{Draft, filled};
use super::raw::{Decoding, OPAQUE, PLACEHOLDER, Raw};
use super::{FlawKind, Host, Part};
use crate::span::{Span, UNKNOWN};

/// How many `@` behind the authority are tried, from the last one.
const MOST_TRIED: usize = 16;

/// Where the pieces of an authority stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    /// Credentials, without the `@`.
    pub(super) credentials: Option<Span>,
    /// The list of hosts.
    pub(super) hosts: Span,
    /// What may belong to the credentials although they were not split there.
    pub(super) doubtful: Option<Span>,
}

/// Splits what follows `//`.
pub(super) fn split(raw: &Raw<'_>, rest: Span) -> Split {
    let end = authority_end(raw, rest);
    let standard = Span::new(rest.start, end);
    let at = raw.find_last(standard, |byte| byte == b'@');
    let host_start = at.map_or(rest.start, |at| at.saturating_add(1));
    let valid = match plausible(raw, host_start, rest.end) {
        Some(hosts) => hosts.end == end,
        None => host_start == end,
    };
    let behind = Span::new(end, rest.end);
    let mut doubtful = None;
    let later: Vec<usize> = raw
        .bytes(behind)
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'@')
        .map(|(offset, _)| end.saturating_add(offset))
        .take(MOST_TRIED)
        .collect();
    for candidate in later {
        let of_param = is_in_param(raw, behind, candidate);
        let hosts = plausible(raw, candidate.saturating_add(1), rest.end);
        let structured = hosts.as_ref().is_some_and(|hosts| hosts.structured);
        let accepted = hosts.is_some_and(|hosts| match (at, valid) {
            // Without a host before it, what looks like one behind it is meant.
            (Some(_), _) => !of_param || (host_start == end && hosts.structured),
            (None, true) => hosts.structured,
            (None, false) => true,
        });
        if accepted {
            let hosts = candidate.saturating_add(1);
            return Split {
                credentials: Some(Span::new(rest.start, candidate)),
                hosts: Span::new(hosts, authority_end(raw, Span::new(hosts, rest.end))),
                doubtful: None,
            };
        }
        if doubtful.is_none() && (!of_param || structured || (at.is_none() && !valid)) {
            doubtful = Some(Span::new(rest.start, candidate));
        }
    }
    Split { credentials: at.map(|at| Span::new(rest.start, at)), hosts: Span::new(host_start, end), doubtful }
}

fn authority_end(raw: &Raw<'_>, rest: Span) -> usize {
    raw.find(rest, |byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.end)
}

/// Whether the byte at `at` stands in the value of a query parameter (`?user=me@corp`).
fn is_in_param(raw: &Raw<'_>, behind: Span, at: usize) -> bool {
    let before = Span::new(behind.start, at);
    if raw.find(before, |byte| byte == b'#').is_some() {
        return false;
    }
    let Some(start) = raw.find_last(before, |byte| matches!(byte, b'?' | b'&' | b';')) else { return false };
    if raw.find(before, |byte| byte == b'?').is_none() {
        return false;
    }
    let name = start.saturating_add(1);
    let end =
        raw.run_end(name, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%'));
    end > name && end < at && raw.byte(end) == Some(b'=')
}

/// A list of hosts as it could stand in a URL.
struct Plausible {
    end: usize,
    /// A port or a path follows, which a value that merely holds an `@` seldom shows.
    structured: bool,
}

/// Reads `host[:port][,host[:port]]…` up to `/`, `?`, `#` or the end; `None` when something else is there.
fn plausible(raw: &Raw<'_>, from: usize, end: usize) -> Option<Plausible> {
    let mut at = from;
    let mut named = false;
    let mut ports = false;
    loop {
        let start = at;
        if raw.byte(at) == Some(b'[') {
            let close = raw.find(Span::new(at, end), |byte| matches!(byte, b']' | b'@' | b'/'))?;
            if raw.byte(close) != Some(b']') {
                return None;
            }
            at = close.saturating_add(1);
        } else {
            at = raw.run_end(at, is_host_byte).min(end);
        }
        named |= at > start;
        if at < end && raw.byte(at) == Some(b':') {
            let port = at.saturating_add(1);
            at = raw
                .run_end(port, |byte| byte.is_ascii_digit() || matches!(byte, OPAQUE | PLACEHOLDER))
                .min(end);
            let text = raw.text(Span::new(port, at));
            let bad =
                text.parse::<u16>().map_or(text.bytes().all(|byte| byte.is_ascii_digit()), |port| port == 0);
            if bad && !text.is_empty() {
                return None;
            }
            ports = true;
        }
        match raw.byte(at).filter(|_| at < end) {
            Some(b',') => at = at.saturating_add(1),
            None => break,
            Some(b'/' | b'?' | b'#') => break,
            Some(_) => return None,
        }
    }
    let path = at < end && raw.byte(at) == Some(b'/');
    named.then_some(Plausible { end: at, structured: ports || path })
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'-' | b'_' | b'%' | b'\\')
}

/// Reads the credentials and says what is wrong with them. `judge` is off where the client takes them as they
/// are.
pub(super) fn credentials(raw: &Raw<'_>, draft: &mut Draft, span: Span, hosts: Span, judge: bool) {
    let colon = raw.find(span, |byte| byte == b':');
    let user = Span::new(span.start, colon.unwrap_or(span.end));
    draft.out.user = filled(raw, user, Decoding::Percent);
    if let Some(encoded) = raw.text(user).to_ascii_lowercase().find("%3a") {
        // An encoder that was handed all of the credentials leaves the password in the user's name.
        draft.secret(Span::new(user.start.saturating_add(encoded), user.end));
        draft.out.user = Some(Part { span: user, value: UNKNOWN.to_string() });
    }
    let password = Span::new(colon.map_or(span.end, |colon| colon.saturating_add(1)), span.end);
    if let Some(part) = filled(raw, password, Decoding::Percent) {
        draft.password(part);
    } else if raw.is_opaque(span) {
        // One reference for all of it may well hold the password too.
        draft.password(Part { span, value: UNKNOWN.to_string() });
    }
    if !judge {
        return;
    }
    let fixable = plausible(raw, hosts.start, hosts.end).is_some();
    let mut torn = false;
    for (offset, byte) in raw.bytes(span).iter().enumerate() {
        let (kind, replacement) = match byte {
            b'/' => (FlawKind::SlashInCredentials, "%2F"),
            b'?' => (FlawKind::QuestionInCredentials, "%3F"),
            b'#' => (FlawKind::HashInCredentials, "%23"),
            b'@' => (FlawKind::AtInCredentials, "%40"),
            _ => continue,
        };
        torn = true;
        let at = span.start.saturating_add(offset);
        draft.flaw(kind, Span::new(at, at.saturating_add(1)), fixable.then_some(replacement));
    }
    draft.check_text(raw, span, true);
    if torn {
        draft.secret(span);
    }
}

/// Reads the hosts and their ports.
pub(super) fn hosts(raw: &Raw<'_>, draft: &mut Draft, span: Span) {
    if raw.bytes(span).contains(&b'(') {
        // MySQL's `(host=…,port=…)` form: not read.
        let name = Part { span, value: UNKNOWN.to_string() };
        draft.out.hosts.push(Host { port: Some(name.clone()), name });
        return;
    }
    for piece in raw.split(span, |byte| byte == b',') {
        let (name, port) = if raw.byte(piece.start) == Some(b'[') && !piece.is_empty() {
            bracketed(raw, draft, piece)
        } else {
            let colon = raw.find(piece, |byte| byte == b':');
            let name = Span::new(piece.start, colon.unwrap_or(piece.end));
            (name, colon.map(|colon| Span::new(colon.saturating_add(1), piece.end)))
        };
        draft.check_text(raw, name, false);
        let mut port = port.filter(|port| !port.is_empty()).map(|port| {
            draft.check_port(raw, port);
            raw.part(port, Decoding::Plain)
        });
        let hides_port =
            name.end.checked_sub(1).filter(|last| *last >= name.start).and_then(|last| raw.byte(last));
        if port.is_none() && hides_port == Some(OPAQUE) {
            // `${DB_ADDRESS}` may end in a port.
            port = Some(Part { span: Span::new(name.end, name.end), value: UNKNOWN.to_string() });
        }
        if name.is_empty() && port.is_none() {
            continue;
        }
        draft.out.hosts.push(Host { name: raw.part(name, Decoding::Percent), port });
    }
    if draft.out.user.is_none() && draft.out.password.is_none() && raw.is_opaque(span) {
        // One reference for the whole authority may hold the credentials too.
        draft.out.user = Some(Part { span, value: UNKNOWN.to_string() });
    }
}

/// An address in brackets: its name without them, and its port.
fn bracketed(raw: &Raw<'_>, draft: &mut Draft, piece: Span) -> (Span, Option<Span>) {
    let inside = piece.start.saturating_add(1);
    let Some(close) = raw.find(piece, |byte| byte == b']') else {
        draft.flaw(FlawKind::BadHost, piece, None);
        return (Span::new(inside, piece.end), None);
    };
    if close == inside {
        draft.flaw(FlawKind::BadHost, piece, None);
    }
    let rest = Span::new(close.saturating_add(1), piece.end);
    let name = Span::new(inside, close);
    match raw.byte(rest.start).filter(|_| !rest.is_empty()) {
        None => (name, None),
        Some(b':') => (name, Some(Span::new(rest.start.saturating_add(1), rest.end))),
        Some(OPAQUE | PLACEHOLDER) => (name, Some(rest)),
        Some(_) => {
            draft.flaw(FlawKind::BadHost, rest, None);
            draft.secret(rest);
            (name, None)
        }
    }
}
