//! Query parameters.

use std::collections::HashMap;

use super::draft::{Draft, is_secret_name};
use super::raw::{Decoding, Raw};
use super::{FlawKind, Param};
use crate::span::{Span, UNKNOWN};

/// Parameters whose values have a grammar of their own, in which `?`, `;` and `=` mean something.
const FREE_VALUES: &[&str] =
    &["options", "sessionVariables", "init_command", "initSql", "connectionInitSql", "application_name"];
/// Parameters that may rightly stand several times: SQLAlchemy's list of hosts, MongoDB's tags, libpq's options.
const REPEATABLE: &[&str] = &["options", "host", "port", "readPreferenceTags", "readpreferencetags"];

/// Reads `name=value&name=value` at `span`. What follows a second `?` stays a piece of the value it stands in,
/// as every client reads it.
pub(super) fn read(raw: &Raw<'_>, draft: &mut Draft, span: Span) {
    for segment in raw.split(span, |byte| byte == b'&') {
        if segment.is_empty() {
            continue;
        }
        let param = param(raw, segment);
        entity(raw, draft, segment);
        if param.value.is_none() && !raw.is_open(segment) {
            draft.flaw(FlawKind::MissingEquals, segment, None);
        }
        let free = FREE_VALUES.contains(&param.name.value.as_str()) || is_secret_name(&param.name.value);
        if !free {
            separators(raw, draft, segment);
        }
        draft.check_text(raw, segment, false);
        draft.out.params.push(param);
    }
    secrets(raw, draft, span);
    duplicates(draft);
}

fn param(raw: &Raw<'_>, segment: Span) -> Param {
    let equals = raw.find(segment, |byte| byte == b'=');
    let name = Span::new(segment.start, equals.unwrap_or(segment.end));
    let value = equals.map(|at| raw.part(Span::new(at.saturating_add(1), segment.end), Decoding::Form));
    Param { name: raw.part(name, Decoding::Form), value, span: segment }
}

/// `&amp;`: the ampersand was split off, so the segment begins with `amp;`.
fn entity(raw: &Raw<'_>, draft: &mut Draft, segment: Span) {
    let ampersand = segment.start.checked_sub(1).filter(|at| raw.byte(*at) == Some(b'&'));
    if let Some(start) = ampersand
        && raw.starts_with(segment, b"amp;")
    {
        draft.flaw(FlawKind::AmpersandEntity, Span::new(start, start.saturating_add(5)), Some("&"));
    }
}

/// A second `?`, and `;` between parameters.
fn separators(raw: &Raw<'_>, draft: &mut Draft, segment: Span) {
    for (offset, byte) in raw.bytes(segment).iter().enumerate() {
        let at = segment.start.saturating_add(offset);
        let here = Span::new(at, at.saturating_add(1));
        let next = Span::new(here.end, segment.end);
        match byte {
            b'?' if offset == 0 => draft.flaw(FlawKind::SecondQuestionMark, here, Some("")),
            b'?' if begins_param(raw, next) => draft.flaw(FlawKind::SecondQuestionMark, here, Some("&")),
            b'?' => draft.flaw(FlawKind::SecondQuestionMark, here, None),
            b';' if begins_param(raw, next) && !is_entity(raw, segment, at) => {
                draft.flaw(FlawKind::SemicolonSeparator, here, Some("&"));
            }
            _ => {}
        }
    }
}

fn is_entity(raw: &Raw<'_>, segment: Span, semicolon: usize) -> bool {
    raw.text(Span::new(segment.start, semicolon)) == "amp"
}

/// Whether `name=` stands at the beginning of `span`.
fn begins_param(raw: &Raw<'_>, span: Span) -> bool {
    let end = raw.run_end(span.start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    end > span.start && end < span.end && raw.byte(end) == Some(b'=')
}

/// Marks credentials, also where a wrong separator glued them to another parameter's value. A value reaches to
/// the next `&` or the end of the text: a raw `#` in a password does not end the secret. Whether there was one.
pub(super) fn secrets(raw: &Raw<'_>, draft: &mut Draft, span: Span) -> bool {
    let mut until = span.start;
    let mut any = false;
    // What follows a password without a name of its own is a part of it, behind an unencoded "&".
    let mut glued = false;
    for piece in raw.split(span, |byte| matches!(byte, b'&' | b'?' | b';')) {
        if piece.start < until {
            continue;
        }
        let Some(equals) = raw.find(piece, |byte| byte == b'=') else {
            if glued && !piece.is_empty() {
                draft.secret(piece);
            }
            continue;
        };
        glued = false;
        let name = raw.part(Span::new(piece.start, equals), Decoding::Form);
        if is_secret_name(&name.value) {
            let rest = Span::new(equals.saturating_add(1), raw.whole().end);
            until = raw.find(rest, |byte| byte == b'&').unwrap_or(rest.end);
            draft.secret(Span::new(rest.start, until));
            any = true;
            glued = true;
        }
    }
    any
}

/// The same name twice with different values.
fn duplicates(draft: &mut Draft) {
    let mut seen: HashMap<&str, &Param> = HashMap::new();
    let mut found = Vec::new();
    for param in &draft.out.params {
        let name = param.name.value.as_str();
        if REPEATABLE.contains(&name) || name.contains(UNKNOWN) {
            continue;
        }
        match seen.get(name) {
            Some(first) => {
                let known = |param: &Param| param.value.as_ref().is_none_or(|value| value.known().is_some());
                let values = (
                    first.value.as_ref().map(|part| &part.value),
                    param.value.as_ref().map(|part| &part.value),
                );
                if known(first) && known(param) && values.0 != values.1 {
                    found.push(param.span);
                }
            }
            None => {
                seen.insert(name, param);
            }
        }
    }
    for span in found {
        draft.flaw(FlawKind::DuplicateParam, span, None);
    }
}

/// Where the query begins and ends in what follows the authority: the path, the query behind `?` and the
/// fragment behind `#`.
pub(super) struct Tail {
    pub(super) path: Span,
    pub(super) query: Option<Span>,
    pub(super) fragment: Option<Span>,
}

/// Cuts the tail of a URL. Clients of JDBC know no fragment.
pub(super) fn tail(raw: &Raw<'_>, span: Span, fragments: bool) -> Tail {
    let hash = raw.find(span, |byte| byte == b'#').filter(|_| fragments);
    let end = hash.unwrap_or(span.end);
    let question = raw.find(Span::new(span.start, end), |byte| byte == b'?');
    Tail {
        path: Span::new(span.start, question.unwrap_or(end)),
        query: question.map(|at| Span::new(at.saturating_add(1), end)),
        fragment: hash.map(|at| Span::new(at.saturating_add(1), span.end)),
    }
}
