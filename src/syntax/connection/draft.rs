//! A connection string while it is being read.

use super::raw::{Decoding, Raw};
use super::{ConnectionString, Database, Flaw, FlawKind, Form, Part};
use crate::span::Span;

/// Names of parameters whose value is a credential, compared without case, `_`, `-`, `.` and blanks.
const SECRET_NAMES: &[&str] =
    &["pwd", "pass", "sslkey", "sslkeydata", "key", "credentials", "authmechanismproperties", "userinfo"];
/// What the names of further such parameters contain.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "accountkey",
];

/// Whether a parameter of this name holds a credential.
pub(super) fn is_secret_name(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    SECRET_NAMES.contains(&plain.as_str())
        || SECRET_WORDS.iter().any(|word| plain.contains(word))
        || is_misspelt(&plain)
}

/// Whether a name is a typing error or two away from one that marks a credential.
fn is_misspelt(name: &str) -> bool {
    const NEAR: [(&str, usize); 4] = [("password", 2), ("passwd", 2), ("secret", 1), ("token", 1)];
    let near = |(known, allowed): &(&str, usize)| strsim::damerau_levenshtein(name, known) <= *allowed;
    (4..=10).contains(&name.len()) && NEAR.iter().any(near)
}

/// The value under construction.
pub(super) struct Draft {
    pub(super) out: ConnectionString,
}

impl Draft {
    pub(super) fn new(form: Form, database_kind: Database) -> Self {
        Self {
            out: ConnectionString {
                form,
                database_kind,
                scheme: None,
                driver: None,
                user: None,
                password: None,
                hosts: Vec::new(),
                database: None,
                params: Vec::new(),
                fragment: None,
                flaws: Vec::new(),
                secrets: Vec::new(),
            },
        }
    }

    pub(super) fn flaw(&mut self, kind: FlawKind, span: Span, replacement: Option<&str>) {
        self.out.flaws.push(Flaw { kind, span, replacement: replacement.map(str::to_owned) });
    }

    pub(super) fn secret(&mut self, span: Span) {
        if !span.is_empty() {
            self.out.secrets.push(span);
        }
    }

    pub(super) fn password(&mut self, part: Part) {
        self.secret(part.span);
        self.out.password = Some(part);
    }

    /// Notes a port that no client can connect to. Its text is a secret from then on: usually it is a piece of
    /// a password that was cut at the wrong place.
    pub(super) fn check_port(&mut self, raw: &Raw<'_>, span: Span) {
        if span.is_empty() || raw.is_open(span) {
            return;
        }
        let text = raw.text(span);
        let number =
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
        if number.is_none_or(|port| port == 0) {
            self.flaw(FlawKind::BadPort, span, None);
            self.secret(span);
        }
    }

    /// Notes stray `%`, white space and control characters.
    pub(super) fn check_text(&mut self, raw: &Raw<'_>, span: Span, credentials: bool) {
        let (percent, space) = if credentials {
            (FlawKind::BadPercentInCredentials, FlawKind::SpaceInCredentials)
        } else {
            (FlawKind::BadPercent, FlawKind::Space)
        };
        for (offset, letter) in raw.text(span).char_indices() {
            let at = span.start.saturating_add(offset);
            let hidden = raw.byte(at).is_some_and(|byte| byte >= 0xFE);
            let here = Span::new(at, at.saturating_add(letter.len_utf8()));
            if hidden {
                continue;
            }
            if letter == '%' {
                match escape(raw, at, span.end) {
                    None => self.flaw(percent, here, Some("%25")),
                    Some(0) => {
                        self.flaw(FlawKind::ControlCharacter, Span::new(at, at.saturating_add(3)), None)
                    }
                    Some(_) => {}
                }
            } else if letter.is_control() {
                self.flaw(FlawKind::ControlCharacter, here, None);
            } else if letter.is_whitespace() {
                let encoded = encode(letter);
                self.flaw(space, here, Some(&encoded));
            }
        }
    }

    /// White space around the whole: clients that do not trim it take it for a part of the value.
    pub(super) fn check_edges(&mut self, raw: &Raw<'_>, inner: Span) {
        let whole = raw.whole();
        for edge in [Span::new(whole.start, inner.start), Span::new(inner.end, whole.end)] {
            if !edge.is_empty() {
                let control = raw.text(edge).contains(char::is_control);
                let kind = if control { FlawKind::ControlCharacter } else { FlawKind::Space };
                self.flaw(kind, edge, Some(""));
            }
        }
    }

    /// Orders what was found.
    pub(super) fn finish(mut self) -> ConnectionString {
        self.out.flaws.sort_by_key(|flaw| (flaw.span, flaw.kind));
        self.out.flaws.dedup();
        self.out.secrets.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(self.out.secrets.len());
        for span in self.out.secrets {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => *last = last.to(span),
                _ => merged.push(span),
            }
        }
        self.out.secrets = merged;
        self.out
    }
}

/// The byte that the percent escape at `at` stands for; an unknown digit counts as a good one.
fn escape(raw: &Raw<'_>, at: usize, end: usize) -> Option<u8> {
    let digits = Span::new(at.saturating_add(1), at.saturating_add(3).min(end));
    let bytes = raw.bytes(digits);
    if bytes.iter().any(|byte| *byte >= 0xFE) {
        return Some(1);
    }
    let good = bytes.len() == 2 && bytes.iter().all(u8::is_ascii_hexdigit);
    if !good {
        return None;
    }
    u8::from_str_radix(raw.text(digits), 16).ok()
}

fn encode(letter: char) -> String {
    let mut buffer = [0; 4];
    let text = letter.encode_utf8(&mut buffer);
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A part, unless it is empty.
pub(super) fn filled(raw: &Raw<'_>, span: Span, decoding: Decoding) -> Option<Part> {
    (!span.is_empty()).then(|| raw.part(span, decoding))
}
